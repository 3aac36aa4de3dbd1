internal import Contract
internal import FoundationEssentials
internal import Telemetry
internal import Testing

@testable internal import Simulation

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

extension ClusterTests {
  /// The files of a ServiceAccount as the kubelet mounts them, changed while the program runs in a cluster: token and authorities.
  @Suite(
    .serialized,
    .enabled(
      if: Isolation.isPossible && TestCluster.prepared?.hasNodes == true,
      "needs containers, and unshare of Linux to put the files where a pod finds them"))
  struct RotationTests {
    let cluster: TestCluster

    init() throws {
      cluster = try #require(TestCluster.prepared)
    }

    /// Puts a folder where a pod's ServiceAccount is.
    private static let script = """
      mount -t tmpfs none /run && mkdir -p /run/secrets/kubernetes.io/serviceaccount \
        && mount --bind "$1" /run/secrets/kubernetes.io/serviceaccount || exit 99
      shift
      exec "$@"
      """

    @Test(
      "an expired token and authorities that changed are read anew, and no failure is missed", .timeLimit(.minutes(2)))
    func rotation() async throws {
      let folder = FileManager.default.temporaryDirectory.appending(path: "account-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      @Sendable func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"), options: .atomic)
      }
      let config = try JSONValue(
        parsing: Array(
          try await cluster.kubectl.run([
            "kubectl", "--kubeconfig", cluster.kubeconfig, "config", "view", "--raw", "--flatten", "-o", "json",
          ]).output.utf8))
      let entry = try #require(config["clusters"]?.elements.first?["cluster"])
      let token = try #require(config["users"]?.elements.first?.at("user", "token")?.text)
      let encoded = try #require(entry["certificate-authority-data"]?.text)
      let authority = String(decoding: try #require(Data(base64Encoded: encoded)), as: UTF8.self)
      let server = try #require(entry["server"]?.text?.split(separator: "/").last?.split(separator: ":"))
      let upstream = try #require(server.last.flatMap { Int($0) })
      try #require(server.first == "127.0.0.1", "the proxy is on loopback")
      // An authority that signed nothing here: a certificate of another cluster's, as after a rotation that went wrong.
      let stranger = try await cluster.kubectl.run([
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj",
        "/CN=stranger", "-keyout", "/dev/null",
      ]).output
      try #require(stranger.contains("BEGIN CERTIFICATE"))
      for (text, name) in [(token, "token"), (authority, "ca.crt"), (cluster.namespace, "namespace")] {
        try write(text, to: name)
      }

      let orchestrator = try MockOrchestrator(time: SystemTime())
      let lines = LogFile()
      defer { lines.remove() }
      let outcome = try await ToxicProxy.running(to: upstream) { proxy in
        try await orchestrator.serving { url in
          var environment = cluster.watching(deliveringTo: url).environment
          environment["KUBECONFIG"] = nil
          environment["KUBERNETES_SERVICE_HOST"] = "127.0.0.1"
          environment["KUBERNETES_SERVICE_PORT"] = "\(proxy.port)"
          let program = ProgramUnderTest(path: "/usr/bin/unshare", environment: environment)
          let arguments = [
            "-r", "-m", "sh", "-c", Self.script, "sh", folder, cluster.program.path, "watch", "--leader-elect", "false",
          ]
          return try await program.run(arguments, errors: lines.path) { process in
            defer { kill(process, SIGTERM) }
            try await orchestrator.receiver.waitForAccepted(ClusterTests.failures.count)
            try write("expired", to: "token")
            await proxy.cut()
            // The old one is good until it is read anew: by the clock, or after a 401.
            try write(token, to: "token")

            try write(stranger, to: "ca.crt")
            await proxy.cut()
            try await lines.wait(for: "is not trusted")
            // Both, as while authorities are exchanged.
            try write(stranger + authority, to: "ca.crt")
            let known = Set(orchestrator.receiver.incidents.map(\.context.workload.podUid))
            _ = try await cluster.kubectl("delete", "pods", "--selector", "app=checkout", "--wait=false")
            while !orchestrator.receiver.incidents.contains(where: { !known.contains($0.context.workload.podUid) }) {
              try await Task.sleep(for: .milliseconds(50))
            }
          }
        }
      }
      #expect(outcome.status == 0, "\(outcome.errors.suffix(2_000))")
      let ids = orchestrator.receiver.incidents.map(\.id)
      #expect(Set(ids).count == ids.count)
    }
  }
}
