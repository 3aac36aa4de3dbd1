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
  /// The program as in a pod: token and authorities are files that the kubelet exchanges. Here the token is revoked, and the API server
  /// goes over to a certificate of another authority, while the program runs. What it has then is what the files say now.
  @Suite(
    .serialized,
    .enabled(
      if: Isolation.isPossible && TestCluster.prepared?.rotation != nil,
      "needs an API server of our own, and unshare of Linux to put the files where a pod finds them"))
  struct RotationTests {
    let cluster: TestCluster
    private let rotation: TestCluster.Rotation
    private let folder = FileManager.default.temporaryDirectory.appending(path: "account-\(UUID().uuidString)").path

    init() throws {
      cluster = try #require(TestCluster.prepared)
      rotation = try #require(cluster.rotation)
    }

    /// Puts a folder where a pod's ServiceAccount is, and a file where names are looked up.
    private static let script = """
      mount -t tmpfs none /run && mkdir -p /run/secrets/kubernetes.io/serviceaccount \
        && mount --bind "$1" /run/secrets/kubernetes.io/serviceaccount && mount --bind "$1/hosts" /etc/hosts || exit 99
      shift
      exec "$@"
      """

    @Test(
      "a revoked token and an exchanged authority are read anew, and no failure is missed", .timeLimit(.minutes(15)))
    func rotates() async throws {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let upstream = try await port()
      try write(try await token(boundTo: "first"), to: "token")
      try write(try read("ca-1.crt"), to: "ca.crt")
      try write(cluster.namespace, to: "namespace")
      try write("127.0.0.1 localhost \(rotation.name)\n", to: "hosts")

      let orchestrator = try MockOrchestrator(time: SystemTime())
      let lines = LogFile()
      defer { lines.remove() }
      let outcome = try await ToxicProxy.running(to: upstream) { proxy in
        try await orchestrator.serving { url in
          var environment = cluster.watching(deliveringTo: url).environment
          environment["KUBECONFIG"] = nil
          environment["KUBERNETES_SERVICE_HOST"] = rotation.name
          environment["KUBERNETES_SERVICE_PORT"] = "\(proxy.port)"
          let arguments = [
            "-r", "-m", "sh", "-c", Self.script, "sh", folder, cluster.program.path, "watch", "--leader-elect", "false",
          ]
          let program = ProgramUnderTest(path: "/usr/bin/unshare", environment: environment)
          return try await program.run(arguments, errors: lines.path) { process in
            defer { kill(process, SIGTERM) }
            try await orchestrator.receiver.waitForAccepted(ClusterTests.failures.count)

            try await revoke("first", upstream)
            await proxy.cut()
            try await lines.wait(for: "does not accept the credentials")
            try write(try await token(boundTo: "second"), to: "token")
            try await tells(of: "after-token", orchestrator)

            try await exchangeCertificate(upstream)
            await proxy.cut()
            try await lines.wait(for: "is not trusted")
            // The old authority goes in the same moment: it signed nothing that is in use.
            try write(try read("ca-2.crt"), to: "ca.crt")
            try await tells(of: "after-authority", orchestrator)
          }
        }
      }
      _ = try await cluster.kubectl("delete", "pods", "after-token", "after-authority", "--wait=false")
      #expect(outcome.status == 0, "\(outcome.errors.suffix(2_000))")
      let ids = orchestrator.receiver.incidents.map(\.id)
      #expect(Set(ids).count == ids.count, "an incident was sent twice")
    }

    /// A pod that fails now is told of.
    private func tells(of pod: String, _ orchestrator: MockOrchestrator) async throws {
      try await cluster.failPod(pod)
      while !orchestrator.receiver.incidents.contains(where: { $0.context.workload.pod == pod }) {
        try await orchestrator.receiver.waitForAccepted(orchestrator.receiver.acceptedCount + 1)
      }
    }

    private func read(_ name: String) throws -> String {
      String(decoding: try Data(contentsOf: URL(filePath: "\(rotation.folder)/\(name)")), as: UTF8.self)
    }

    private func write(_ text: String, to name: String) throws {
      try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"), options: .atomic)
    }

    /// The API server's on loopback.
    private func port() async throws -> Int {
      let url = try await cluster.kubectl(
        "config", "view", "--minify", "--raw", "-o", "jsonpath={.clusters[0].cluster.server}")
      try #require(url.hasPrefix("https://127.0.0.1:"))
      return try #require(url.split(separator: ":").last.flatMap { Int($0) })
    }

    /// A token of the program's ServiceAccount that is good for as long as a Secret of this name is there, which is made.
    private func token(boundTo secret: String) async throws -> String {
      _ = try await cluster.kubectl("create", "secret", "generic", secret)
      let uid = try await cluster.kubectl("get", "secret", secret, "-o", "jsonpath={.metadata.uid}")
      let request = """
        {"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":3600,
        "boundObjectRef":{"apiVersion":"v1","kind":"Secret","name":"\(secret)","uid":"\(uid)"}}}
        """
      let path = "\(folder)/request"
      try Data(request.utf8).write(to: URL(filePath: path))
      let answer = try await cluster.kubectl(
        "create", "-f", path, "--raw",
        "/api/v1/namespaces/\(cluster.namespace)/serviceaccounts/mind-kube-mind-observer/token")
      return try #require(JSONValue(parsing: Array(answer.utf8)).at("status", "token")?.text)
    }

    /// Takes a token's Secret away, and waits until the API server, which remembers for some seconds what it found good, refuses it.
    private func revoke(_ secret: String, _ port: Int) async throws {
      _ = try await cluster.kubectl("delete", "secret", secret)
      let script = """
        for _ in $(seq 300); do
          kubectl --kubeconfig /dev/null --server https://127.0.0.1:\(port) --insecure-skip-tls-verify \
            --token "$(cat \(folder)/token)" get --raw /version 2>&1 | grep -q Unauthorized && exit 0
          sleep 0.2
        done
        exit 1
        """
      let outcome = try await cluster.kubectl.run(["bash", "-c", script])
      try #require(outcome.status == 0, "the token is still good")
    }

    /// Gives the API server its second certificate, and waits until it shows that.
    private func exchangeCertificate(_ port: Int) async throws {
      let script = """
        cd \(rotation.folder)
        for kind in key crt; do cp server-2.$kind new && mv new server.$kind; done
        for _ in $(seq 200); do
          openssl s_client -connect 127.0.0.1:\(port) -servername \(rotation.name) -CAfile ca-2.crt -verify_return_error \
            </dev/null >/dev/null 2>&1 && exit 0
          sleep 0.5
        done
        exit 1
        """
      let outcome = try await cluster.kubectl.run(["bash", "-c", script])
      try #require(outcome.status == 0, "the API server still shows its first certificate")
    }
  }
}
