internal import FoundationEssentials
internal import Testing

@testable internal import Simulation

// In the suite of the cluster, for one of its tests kills the API server.
extension ClusterTests {
  /// Our client and kubectl on the same kubeconfigs, against a real API server: both get in, or both do not.
  @Suite(
    .enabled(
      if: TestCluster.prepared?.restart != nil,
      "wants a cluster whose administrator has a certificate: run it with scripts/test-cluster.sh and no KUBECONFIG"),
    .serialized)
  struct CredentialTests {
    /// One kubeconfig, by its parts in JSON, which is YAML, too.
    struct Case: Sendable, CustomTestStringConvertible {
      let testDescription: String
      let isAllowed: Bool
      /// What the user's and the cluster's entries are made of.
      let user: @Sendable (Material) -> [String: JSONValue]
      var cluster: @Sendable (Material) -> [String: JSONValue] = { $0.cluster }
    }

    /// What a working kubeconfig is made of, and a folder for files.
    struct Material: Sendable {
      let folder: String
      let cluster: [String: JSONValue]
      let certificate: String
      let key: String
      let token: String

      /// A plugin that prints a credential of a version.
      func plugin(_ version: String, printing printed: String? = nil, _ status: String) -> [String: JSONValue] {
        let credential =
          #"{"apiVersion":"client.authentication.k8s.io/\#(printed ?? version)","kind":"ExecCredential","status":{\#(status)}}"#
        return [
          "exec": [
            "apiVersion": .string("client.authentication.k8s.io/\(version)"), "command": "/bin/echo",
            "args": [.string(credential)], "interactiveMode": "Never",
          ]
        ]
      }

      /// The PEM of base64, on one line of JSON.
      func pem(_ base64: String) -> String {
        let bytes = Data(base64Encoded: base64) ?? Data()
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").joined(separator: #"\n"#) + #"\n"#
      }

      var certificateUser: [String: JSONValue] {
        ["client-certificate-data": .string(certificate), "client-key-data": .string(key)]
      }
    }

    static let cases: [Case] = [
      Case(testDescription: "certificate and key as data", isAllowed: true) { $0.certificateUser },
      Case(testDescription: "certificate and key in files beside the kubeconfig", isAllowed: true) { _ in
        ["client-certificate": "client.crt", "client-key": "client.key"]
      },
      Case(testDescription: "a certificate without its key", isAllowed: false) {
        ["client-certificate-data": .string($0.certificate)]
      },
      Case(testDescription: "a token", isAllowed: true) { ["token": .string($0.token)] },
      Case(testDescription: "a wrong token", isAllowed: false) { _ in ["token": "wrong"] },
      Case(testDescription: "a token file", isAllowed: true) { ["tokenFile": .string($0.folder + "/token")] },
      Case(testDescription: "a token file beats a token", isAllowed: true) {
        ["token": "wrong", "tokenFile": .string($0.folder + "/token")]
      },
      Case(testDescription: "a plugin's token, v1", isAllowed: true) { $0.plugin("v1", #""token":"\#($0.token)""#) },
      Case(testDescription: "a plugin's token, v1beta1", isAllowed: true) {
        $0.plugin("v1beta1", #""token":"\#($0.token)","expirationTimestamp":"2100-01-01T00:00:00Z""#)
      },
      Case(testDescription: "a plugin's certificate", isAllowed: true) {
        $0.plugin(
          "v1", #""clientCertificateData":"\#($0.pem($0.certificate))","clientKeyData":"\#($0.pem($0.key))""#)
      },
      Case(testDescription: "a plugin that prints another version", isAllowed: false) {
        $0.plugin("v1", printing: "v1beta1", #""token":"\#($0.token)""#)
      },
      Case(testDescription: "a plugin that prints no credential", isAllowed: false) { $0.plugin("v1", "") },
      Case(testDescription: "a plugin that is not there", isAllowed: false) { _ in
        ["exec": ["apiVersion": "client.authentication.k8s.io/v1", "command": "/nowhere", "interactiveMode": "Never"]]
      },
      Case(testDescription: "impersonation of somebody with no rights", isAllowed: false) {
        $0.certificateUser.merging(["as": "nobody"]) { old, _ in old }
      },
      Case(testDescription: "impersonation of an administrator's group", isAllowed: true) {
        $0.certificateUser.merging(["as": "somebody", "as-groups": ["system:masters"]]) { old, _ in old }
      },
      Case(testDescription: "no credentials", isAllowed: false) { _ in [:] },
      Case(
        testDescription: "tls-server-name", isAllowed: true, user: { $0.certificateUser },
        cluster: { material in
          material.cluster.merging([
            "server": .string(material.server(at: "localhost")), "tls-server-name": "127.0.0.1",
          ]) { $1 }
        }),
      Case(
        testDescription: "another tls-server-name", isAllowed: false, user: { $0.certificateUser },
        cluster: { $0.cluster.merging(["tls-server-name": "elsewhere.example"]) { $1 } }),
      Case(
        testDescription: "authorities that did not sign", isAllowed: false, user: { $0.certificateUser },
        cluster: { $0.cluster.merging(["certificate-authority-data": .string($0.certificate)]) { $1 } }),
      Case(
        testDescription: "no check of the certificate", isAllowed: true, user: { $0.certificateUser },
        cluster: { ["server": $0.cluster["server"] ?? "", "insecure-skip-tls-verify": true] }),
      Case(
        testDescription: "a proxy that is not there", isAllowed: false, user: { $0.certificateUser },
        cluster: { $0.cluster.merging(["proxy-url": "http://127.0.0.1:9"]) { $1 } }),
    ]

    let cluster: TestCluster

    init() throws {
      cluster = try #require(TestCluster.prepared)
    }

    @Test(.timeLimit(.minutes(15)), arguments: cases)
    func weAndKubectlAgree(_ tried: Case) async throws {
      try await withMaterial { material in
        let path = material.folder + "/config"
        try write(kubeconfig(user: tried.user(material), cluster: tried.cluster(material)), to: path)
        try await check(path, isAllowed: tried.isAllowed)
      }
    }

    @Test("user and cluster in files of their own; the first file to name a thing wins", .timeLimit(.minutes(15)))
    func mergedFiles() async throws {
      try await withMaterial { material in
        let (first, second, third) = (material.folder + "/1", material.folder + "/2", material.folder + "/3")
        let config = kubeconfig(user: material.certificateUser, cluster: material.cluster)
        var parts: [JSONValue] = [config, config, config]
        for key in ["clusters", "users"] { parts[0][key] = nil }
        for key in ["users", "contexts", "current-context"] { parts[1][key] = nil }
        parts[2]["current-context"] = "of-the-last-file"
        for (part, path) in zip(parts, [first, second, third]) { try write(part, to: path) }
        try await check("\(first):\(second):\(third)", isAllowed: true)
        try await check("\(third):\(second):\(first)", isAllowed: false)
        try await check("/nowhere:\(first):\(second):\(third)", isAllowed: true)
      }
    }

    /// Runs both with the same KUBECONFIG.
    private func check(_ kubeconfig: String, isAllowed: Bool) async throws {
      let variables = ["KUBECONFIG": kubeconfig]
      let ours = try await ProgramUnderTest(
        path: cluster.program.path, environment: cluster.program.environment.merging(variables) { $1 }
      ).run(["harvest", "pods", "-n", cluster.namespace, "--failing", "-o", "json"])
      let theirs = try await ProgramUnderTest(
        path: cluster.kubectl.path, environment: cluster.kubectl.environment.merging(variables) { $1 }
      ).run(["kubectl", "get", "pods", "--namespace", cluster.namespace, "--request-timeout=20s", "-o", "name"])
      #expect((theirs.status == 0) == isAllowed, "kubectl: \(theirs.errors)")
      #expect((ours.status == 0) == isAllowed, "\(ours.errors)")
      if !isAllowed {
        #expect(ours.errors.split(separator: "\n").last?.hasPrefix("kube-mind: ") == true, "\(ours.errors)")
      }
    }

    private func kubeconfig(user: [String: JSONValue], cluster: [String: JSONValue]) -> JSONValue {
      func object(_ members: [String: JSONValue]) -> JSONValue {
        .object(members.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) })
      }
      return [
        "apiVersion": "v1", "kind": "Config", "current-context": "c",
        "clusters": [["name": "c", "cluster": object(cluster)]], "users": [["name": "u", "user": object(user)]],
        "contexts": [["name": "c", "context": ["cluster": "c", "user": "u"]]],
      ]
    }

    private func write(_ value: JSONValue, to path: String) throws {
      try Data(value.encoded).write(to: URL(filePath: path))
    }

    private func withMaterial(_ body: (Material) async throws -> Void) async throws {
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      func view(_ path: String) async throws -> JSONValue {
        let outcome = try await cluster.kubectl.run([
          "kubectl", "--kubeconfig", path, "config", "view", "--raw", "--minify", "--flatten", "-o", "json",
        ])
        return try JSONValue(parsing: Array(outcome.output.utf8))
      }
      let administrator = try await view(cluster.administrator)
      let observer = try await view(cluster.kubeconfig)
      let user = try #require(administrator["users"]?.elements.first?["user"])
      let token = try #require(observer["users"]?.elements.first?.at("user", "token")?.text)
      let members = administrator["clusters"]?.elements.first?["cluster"]?.members ?? []
      let material = Material(
        folder: folder, cluster: Dictionary(members.map { ($0.key, $0.value) }) { $1 },
        certificate: try #require(user["client-certificate-data"]?.text, "the administrator has no certificate"),
        key: try #require(user["client-key-data"]?.text), token: token)
      try Data(token.utf8).write(to: URL(filePath: folder + "/token"))
      for (name, base64) in [("client.crt", material.certificate), ("client.key", material.key)] {
        try (Data(base64Encoded: base64) ?? Data()).write(to: URL(filePath: "\(folder)/\(name)"))
      }
      try await body(material)
    }
  }
}

extension ClusterTests.CredentialTests.Material {
  /// The server's URL with another host.
  func server(at host: String) -> String {
    let port = cluster["server"]?.text?.split(separator: ":").last ?? ""
    return "https://\(host):\(port)"
  }
}
