// swift-tools-version:6.2
// The package of kube-mind. ARCHITECTURE.md says what each target is for and who may depend on whom.

import PackageDescription

/// Settings of every Swift target of ours: Swift 6 language mode comes with the tools version.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let grpcCore = Target.Dependency.product(name: "GRPCCore", package: "grpc-swift-2")
let grpcInProcess = Target.Dependency.product(name: "GRPCInProcessTransport", package: "grpc-swift-2")
let grpcProtobuf = Target.Dependency.product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

/// Under a sanitizer, which scripts/sanitize.sh says, the scanning core is optimized: without that its tests take hours.
let isSanitized = Context.environment["KUBE_MIND_SANITIZER"] != nil
let scanSettings: [SwiftSetting] = isSanitized ? [.unsafeFlags(["-O"])] : []
let scanCSettings: [CSetting] = isSanitized ? [.unsafeFlags(["-O2"])] : []

/// A library target in one of the layers of the house.
func room(_ name: String, in layer: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(
    name: name, dependencies: dependencies,
    path: (["Sources", layer, name].filter { !$0.isEmpty }).joined(separator: "/"),
    swiftSettings: settings)
}

/// The tests of a target, in the same place of the tree below Tests.
func tests(
  _ name: String, in layer: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies,
    path: (["Tests", layer, name + "Tests"].filter { !$0.isEmpty }).joined(separator: "/"),
    resources: resources, swiftSettings: settings)
}

/// A C library of the system, with its header shims and module map.
func system(_ name: String, package: String?, apt: String) -> Target {
  .systemLibrary(name: name, path: "Sources/System/\(name)", pkgConfig: package, providers: [.apt([apt])])
}

/// What `--version` says of the build. The scripts that make a release set these; a build without them does not know.
let buildFacts: [CSetting] = ["KUBE_MIND_COMMIT", "KUBE_MIND_SWIFT"].map { name in
  .define(name, to: "\"\(Context.environment[name] ?? "unknown")\"")
}

// Debian's re2.pc has flags that the package manager warns of, and its headers and library are where they are looked for anyway.
#if os(Linux)
  let re2Package: String? = nil
#else
  let re2Package: String? = "re2"
#endif

let package = Package(
  name: "kube-mind",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "kube-mind", targets: ["kube-mind"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // System: C libraries.
    system("CCurl", package: "libcurl", apt: "libcurl4-openssl-dev"),
    system("CNGHTTP2", package: "libnghttp2", apt: "libnghttp2-dev"),
    system("COpenSSL", package: "openssl", apt: "libssl-dev"),
    system("CRE2Library", package: re2Package, apt: "libre2-dev"),
    system("CYAML", package: "yaml-0.1", apt: "libyaml-dev"),
    // RE2 speaks C++ alone: what Swift sees of it is a C header.
    .target(
      name: "CRE2", dependencies: ["CRE2Library"], path: "Sources/System/CRE2", linkerSettings: [.linkedLibrary("re2")]),
    .target(name: "CScan", path: "Sources/System/CScan", cSettings: scanCSettings),
    .target(name: "CSpawn", path: "Sources/System/CSpawn"),
    system("CZlib", package: "zlib", apt: "zlib1g-dev"),
    .target(name: "CBuild", path: "Sources/System/CBuild", cSettings: buildFacts),

    // Core: no I/O, no clock.
    room("Time", in: "Core"),
    room("Randomness", in: "Core"),
    room("Archives", in: "Core", ["CZlib"]),
    room("Documents", in: "Core", ["CYAML"]),
    room("Contract", in: "Core", [protobuf, grpcCore, grpcProtobuf]),
    room("Kubernetes", in: "Core", ["Documents", "Time"]),
    .target(
      name: "Redaction", dependencies: ["Archives", "CRE2", "CScan", "Documents"], path: "Sources/Core/Redaction",
      // The data; EmbeddedRules.swift is made from it.
      exclude: ["Rules/rules.yaml"], swiftSettings: settings + scanSettings),
    room("Incidents", in: "Core", ["Contract", "Documents", "Kubernetes", "Redaction", "Time", protobuf]),
    room("Delivery", in: "Core", ["Contract", "Incidents", "Time"]),

    // Adapters: one outside thing each.
    room("BundleFiles", in: "Adapters", ["Archives", "Kubernetes"]),
    room("KubernetesClient", in: "Adapters", ["CCurl", "CSpawn", "Documents", "Kubernetes", "Time", logging]),
    room(
      "OrchestratorClient", in: "Adapters",
      [
        "Archives", "CNGHTTP2", "COpenSSL", "Contract", "Delivery", "Incidents", "Redaction", "Time", grpcCore,
        grpcProtobuf,
        logging, nioCore, nioPosix, protobuf,
      ]),
    room("Storage", in: "Adapters", ["Contract", "Delivery", "Incidents", "Time", logging, protobuf]),
    room("Telemetry", in: "Adapters", ["Time", logging, metrics, nioCore, nioHTTP1, nioPosix, serviceLifecycle]),

    // App.
    room(
      "Observer", in: "",
      [
        "BundleFiles", "Contract", "Delivery", "Documents", "Incidents", "Kubernetes", "KubernetesClient",
        "OrchestratorClient", "Redaction", "Storage", "Telemetry", "Time", logging, metrics, serviceLifecycle,
      ]),
    room(
      "Simulation", in: "",
      [
        "Contract", "Documents", "Incidents", "Kubernetes", "OrchestratorClient", "Randomness", "Time", grpcCore,
        grpcProtobuf, logging, nioCore, nioHTTP1, nioPosix, protobuf,
      ]),
    .executableTarget(
      name: "kube-mind",
      dependencies: [
        "CBuild", "CSpawn", "Contract", "Delivery", "Documents", "Incidents", "Kubernetes", "KubernetesClient",
        "Observer",
        "OrchestratorClient", "Randomness", "Redaction", "Simulation", "Storage", "Telemetry", "Time", argumentParser,
        logging, nioCore, serviceLifecycle, unixSignals,
      ], path: "Sources/CLI", swiftSettings: settings),

    // Not a product: `make fuzz` runs it.
    .executableTarget(
      name: "redaction-fuzz", dependencies: ["Documents", "Randomness", "Redaction", argumentParser],
      path: "Tests/Fuzz",
      swiftSettings: settings),

    // Runs outbox and delivery while everything around them breaks; not a part of the program.
    .executableTarget(
      name: "kube-mind-chaos",
      dependencies: [
        "CSpawn", "Delivery", "Incidents", "Observer", "OrchestratorClient", "Randomness", "Redaction", "Simulation",
        "Storage", "Telemetry", "Time", argumentParser, logging,
      ], path: "Sources/Chaos", swiftSettings: settings),

    // Tests: the same tree.
    tests("Time", in: "Core"),
    tests("Archives", in: "Core"),
    tests("Documents", in: "Core", ["Randomness"]),
    tests("Kubernetes", in: "Core", ["Documents", "Randomness", "Time"], resources: [.copy("Fixtures")]),
    tests("Redaction", in: "Core", ["CScan", "Documents", "Randomness"]),
    tests(
      "Incidents", in: "Core", ["Contract", "Documents", "Kubernetes", "Randomness", "Redaction", "Time", protobuf]),
    tests("Delivery", in: "Core", ["Contract", "Incidents", "Randomness", "Time"]),
    tests("KubernetesClient", in: "Adapters", ["Kubernetes", "Time", logging, nioCore, nioHTTP1, nioPosix]),
    tests(
      "OrchestratorClient", in: "Adapters",
      [
        "Contract", "Delivery", "Incidents", "Randomness", "Redaction", "Time", grpcCore, grpcProtobuf, logging,
        nioCore, nioPosix,
        protobuf,
      ]),
    tests(
      "Storage", in: "Adapters",
      ["Contract", "Delivery", "Incidents", "Randomness", "Time", logging, protobuf]),
    tests("Telemetry", in: "Adapters", ["Time", logging, metrics, nioCore, nioHTTP1, nioPosix]),
    tests(
      "Observer", in: "",
      ["Contract", "Delivery", "Incidents", "Kubernetes", "KubernetesClient", "Redaction", "Time", logging, protobuf]),
    tests(
      "Simulation", in: "",
      [
        "Contract", "Incidents", "Kubernetes", "KubernetesClient", "OrchestratorClient", "Telemetry", "Randomness",
        "Time", grpcCore,
        grpcInProcess, logging, nioCore, nioPosix, protobuf,
      ], resources: [.copy("Fixtures")]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "CSpawn", "Contract", "Delivery", "Incidents", "Kubernetes", "KubernetesClient", "Observer",
        "OrchestratorClient", "Redaction", "Simulation", "Storage", "Telemetry", "Time", "kube-mind", argumentParser,
        logging, protobuf, serviceLifecycle,
      ], path: "Tests/EndToEndTests", swiftSettings: settings),
  ],
  cxxLanguageStandard: .cxx17
)
