import FoundationEssentials
import Incidents
import Kubernetes
import Redaction
import Testing
import Time

@testable import Observer

/// What a customer sends, in the layouts of the tools that make it.
private enum Sent: String, CaseIterable {
  case clusterInfoDump, dumpOnStandardOutput, mustGather, supportBundle, podList

  private static let pods = #"""
    {"kind":"PodList","apiVersion":"v1","items":[{"metadata":{"name":"api-1","namespace":"shop","uid":"u-1","ownerReferences":
    [{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"api","uid":"rs-1","controller":true}]},"spec":{"containers":[{"name":"api","image":"api:1",
    "env":[{"name":"DB_PASSWORD","value":"hunter2-of-shop"}]}]},"status":{"phase":"Running","containerStatuses":[{"name":"api","restartCount":3,
    "state":{"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"exitCode":1,"reason":"Error","finishedAt":"2026-11-23T02:05:35Z",
    "containerID":"containerd://1"}}}]}},{"metadata":{"name":"ok","namespace":"shop","uid":"u-2"},"status":{"phase":"Running"}}]}
    """#
  private static let events = #"""
    {"kind":"EventList","items":[{"metadata":{"name":"e"},"involvedObject":{"uid":"u-1"},"type":"Warning","reason":"BackOff","message":"m",
    "lastTimestamp":"2026-11-23T02:05:40Z"}]}
    """#
  private static let sets =
    #"{"kind":"ReplicaSetList","items":[{"metadata":{"name":"api","namespace":"shop","uid":"rs-1"}}]}"#
  private static let log = "connecting to postgres://shop:hunter2-of-shop@db:5432\nconnection refused by db:5432\n"
  private static let marked = """
    ==== START logs for container api of pod shop/api-1 ====
    \(log)==== END logs for container api of pod shop/api-1 ====

    """

  /// Files by their paths.
  var files: [(path: String, text: String)] {
    switch self {
    case .clusterInfoDump:
      [
        ("shop/pods.json", Self.pods), ("shop/events.json", Self.events), ("shop/replicasets.json", Self.sets),
        ("shop/api-1/logs.txt", Self.marked), ("shop/ok/logs.txt", "not read"),
      ]
    case .dumpOnStandardOutput: [("dump.txt", Self.pods + "\n" + Self.events + "\n" + Self.sets + "\n" + Self.marked)]
    case .mustGather:
      [
        // JSON is YAML, and read by the same reader there.
        ("img/namespaces/shop/core/pods.yaml", Self.pods), ("img/namespaces/shop/core/events.yaml", Self.events),
        ("img/namespaces/shop/apps/replicasets.yaml", Self.sets),
        ("img/namespaces/shop/pods/api-1/api/api/logs/current.log", Self.log),
      ]
    case .supportBundle:
      [
        ("b/cluster-resources/pods/logs/shop/api-1/api.log", Self.log),
        ("b/cluster-resources/pods/shop.json", Self.pods),
        ("b/cluster-resources/events/shop.json", Self.events), ("b/cluster-resources/replicasets/shop.json", Self.sets),
      ]
    case .podList: [("failing.json", Self.pods)]
    }
  }
}

private func tar(_ files: [(path: String, text: String)]) -> [UInt8] {
  var archive: [UInt8] = []
  for (path, text) in files {
    var block = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at offset: Int) {
      for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte }
    }
    put(path, at: 0)
    put(String(text.utf8.count, radix: 8), at: 124)
    put("ustar\u{0}00        ", at: 257)
    put("        ", at: 148)
    put(String(block.reduce(0) { $0 + Int($1) }, radix: 8) + "\u{0}", at: 148)
    archive += block + Array(text.utf8) + Array(repeating: 0, count: (512 - text.utf8.count % 512) % 512)
  }
  return archive + Array(repeating: 0, count: 1_024)
}

/// A gzip file of stored blocks.
private func gzip(_ bytes: [UInt8]) -> [UInt8] {
  var file: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
  for start in stride(from: 0, to: bytes.count, by: 50_000) {
    let block = bytes[start..<min(start + 50_000, bytes.count)]
    let count = UInt16(block.count)
    file += [
      start + 50_000 >= bytes.count ? 1 : 0, UInt8(count & 0xFF), UInt8(count >> 8), UInt8(~count & 0xFF),
      UInt8(~count >> 8),
    ]
    file += block
  }
  let sum = ~bytes.reduce(UInt32.max) { sum, byte in
    (0..<8).reduce(sum ^ UInt32(byte)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
  }
  for value in [sum, UInt32(bytes.count)] { file += (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
  return file
}

@Suite("Harvest of what was sent")
struct OfflineHarvestTests {
  private func with<T>(_ body: (String) async throws -> T) async throws -> T {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("bundle-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    let parent = path.split(separator: "/").dropLast().joined(separator: "/")
    try FileManager.default.createDirectory(atPath: "/" + parent, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(filePath: path))
  }

  private func open(_ path: String) throws -> OnDemandHarvest {
    try OnDemandHarvest(
      bundle: path, options: HarvestOptions(), redactor: Redactor(), toolVersion: "1", time: ManualTime())
  }

  private func check(_ harvest: OnDemandHarvest, sent: Sent) async throws -> String {
    let failing = try await harvest.failing(in: PodScope())
    #expect(failing.map(\.pod.name) == ["api-1"])
    let incident = try await harvest.incident(of: try #require(failing.first))
    let text = String(decoding: try incident.json(), as: UTF8.self)
    #expect(!text.contains("hunter2-of-shop"))
    if sent != .podList {
      #expect(text.contains("connection refused by db:5432"))
      #expect(text.contains(#""rule":"connection-refused""#))
      #expect(text.contains(#""reason":"BackOff""#))
      #expect(text.contains(#""verified":true"#))
    }
    return try incident.sealed().id
  }

  @Test("a folder, a tar archive and a pipe's content give the same incident", arguments: Sent.allCases)
  fileprivate func layouts(sent: Sent) async throws {
    try await with { folder in
      for file in sent.files { try write(Array(file.text.utf8), to: "\(folder)/in/\(file.path)") }
      // A link out of the folder is not followed.
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/in/pods.json", withDestinationPath: "/etc/passwd")
      try write(tar(sent.files), to: "\(folder)/sent.tar")
      let isSingle = sent.files.count == 1
      let fromFolder = try await check(
        try open(isSingle ? "\(folder)/in/\(sent.files[0].path)" : "\(folder)/in"), sent: sent)
      // A file that is no archive is known by its content, within one by its name.
      if !isSingle {
        #expect(try await check(try open("\(folder)/sent.tar"), sent: sent) == fromFolder)
        try write(gzip(tar(sent.files)), to: "\(folder)/sent.tgz")
        #expect(try await check(try open("\(folder)/sent.tgz"), sent: sent) == fromFolder)
      } else {
        try write(gzip(Array(sent.files[0].text.utf8)), to: "\(folder)/sent.gz")
        #expect(try await check(try open("\(folder)/sent.gz"), sent: sent) == fromFolder)
      }
    }
  }

  @Test("what is no bundle is one clear line, and names the path")
  func mistakes() async throws {
    try await with { folder in
      try write(Array("hello".utf8), to: "\(folder)/text")
      try write(Array(tar([("shop/pods.json", "{")]).dropLast(1_500)), to: "\(folder)/cut.tar")
      try FileManager.default.createDirectory(atPath: "\(folder)/empty", withIntermediateDirectories: true)
      for name in ["text", "cut.tar", "empty", "missing"] {
        do {
          _ = try open("\(folder)/\(name)")
          Issue.record("\(name) was read")
        } catch {
          let line = "\(error)"
          #expect(line.contains(name))
          #expect(!line.contains("\n"))
        }
      }
    }
  }

  @Test("a pod by name, one that is not there, and a namespace without pods")
  func byName() async throws {
    try await with { folder in
      for file in Sent.supportBundle.files { try write(Array(file.text.utf8), to: "\(folder)/\(file.path)") }
      let harvest = try open(folder)
      let incident = try await harvest.pod("api-1", in: "shop", container: nil)
      #expect(try incident.sealed().headline.failureClass == "CrashLoopBackOff")
      await #expect(throws: OnDemandHarvest.Failure.self) { try await harvest.pod("other", in: "shop", container: nil) }
      await #expect(throws: OnDemandHarvest.Failure.self) { try await harvest.failing(in: PodScope(namespace: "x")) }
      #expect(harvest.now == Timestamp(rfc3339: "2026-11-23T02:05:40Z"))
    }
  }
}
