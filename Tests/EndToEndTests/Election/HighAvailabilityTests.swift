internal import Contract
internal import FoundationEssentials
internal import Simulation
internal import Telemetry
internal import Testing
internal import Time

#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// Real processes against one API server: who leads, who takes over, and that nothing is lost on the way.
@Suite(.enabled(if: BuiltProgram.path != nil, "kube-mind was not built"), .serialized)
struct HighAvailabilityTests {
  private static let namespace = "kube-mind"
  private static let name = "kube-mind-observer"

  private let time = SystemTime()
  private let cluster: SimulatedCluster
  private let player: ScenarioPlayer
  private let folder: URL

  init() throws {
    cluster = SimulatedCluster(time: time)
    player = ScenarioPlayer(
      .bench(pods: 24, failures: 24, interval: .milliseconds(500)), in: cluster, time: time, speed: 1)
    try player.prepare()
    try cluster.create(
      .lease, ["metadata": ["name": .string(Self.name), "namespace": .string(Self.namespace), "labels": ["a": "b"]]])
    folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func kubeconfig(port: Int) throws -> String {
    let path = folder.appending(path: "kubeconfig").path
    let text = """
      apiVersion: v1
      kind: Config
      current-context: simulated
      clusters: [{name: simulated, cluster: {server: "http://127.0.0.1:\(port)"}}]
      users: [{name: simulated, user: {}}]
      contexts: [{name: simulated, context: {cluster: simulated, user: simulated}}]

      """
    try Data(text.utf8).write(to: URL(filePath: path))
    return path
  }

  /// Shorter times than the default, in the same relation, so that the test takes seconds.
  private func arguments(_ identity: String) -> [String] {
    [
      "watch", "--leader-elect", "true", "--set", "leaderElection.namespace=\(Self.namespace)", "--set",
      "leaderElection.identity=\(identity)", "--set", "leaderElection.leaseDuration=6s", "--set",
      "leaderElection.renewDeadline=4s", "--set", "leaderElection.retryPeriod=500ms",
    ]
  }

  private var holder: String {
    cluster.object(.lease, Self.namespace, Self.name)?.value.at("spec", "holderIdentity")?.text ?? ""
  }

  private func waits(until condition: () -> Bool) async throws {
    while !condition() { try await Task.sleep(for: .milliseconds(5)) }
  }

  @Test(
    "kill -9, SIGSTOP and SIGTERM of a leader: another leads, every failure arrives, repeats carry the same id",
    .timeLimit(.minutes(15)))
  func leadersCome() async throws {
    let port = try await cluster.start()
    let environment = [
      "KUBECONFIG": try kubeconfig(port: port), "PATH": "/usr/bin:/bin", "KUBE_MIND_LOG_FORMAT": "json",
    ]
    let orchestrator = try MockOrchestrator(time: time)
    defer { try? FileManager.default.removeItem(at: folder) }

    try await orchestrator.serving { url in
      let program = ProgramUnderTest(
        path: try #require(BuiltProgram.path),
        environment: environment.merging(["KUBE_MIND_ORCHESTRATOR_URL": url]) { $1 })
      var outcomes: [String: ProgramUnderTest.Outcome] = [:]

      outcomes["a"] = try await program.run(arguments("a")) { first in
        // Whatever fails in here must not leave the others waiting.
        defer { kill(first, SIGKILL) }
        try await waits { holder == "a" }
        outcomes["b"] = try await program.run(arguments("b")) { second in
          defer { kill(second, SIGTERM) }
          // It stands by with a warm cache: its watch is open.
          try await waits { cluster.openWatches == 2 }
          async let play: Void = player.play()
          try await orchestrator.receiver.waitForAccepted(6)
          #expect(holder == "a")

          // The leader dies in the middle of it.
          kill(first, SIGKILL)
          try await waits { holder == "b" }
          try await play
          try await orchestrator.receiver.waitForAccepted(player.expectations.count)
          try check(orchestrator.receiver.incidents)

          outcomes["c"] = try await program.run(arguments("c")) { third in
            defer { kill(third, SIGTERM) }
            try await waits { cluster.openWatches == 2 }
            // A leader that stands still loses the lease, and notices when it goes on.
            kill(second, SIGSTOP)
            defer { kill(second, SIGCONT) }
            try await waits { holder == "c" }
            kill(second, SIGCONT)
            // One that was asked to end gives the lease back (its log says so below), and the other takes it. That this does not
            // wait for the lease's end is the elector's decision, which its own tests hold to.
            kill(third, SIGTERM)
            try await waits { holder == "b" }
          }
        }
      }
      #expect(outcomes["a"]?.status == -9)
      #expect(outcomes["b"]?.status == 0, "\(outcomes["b"]?.errors.suffix(2_000) ?? "")")
      #expect(outcomes["c"]?.status == 0, "\(outcomes["c"]?.errors.suffix(2_000) ?? "")")
      #expect(outcomes["b"]?.errors.contains("leadership lost") == true)
      #expect(outcomes["c"]?.errors.contains("lease released") == true)
    }
    await cluster.stop()

    let received = orchestrator.receiver.incidents
    let accepted = received.filter { $0.outcome == .accepted }
    // What came again is known by its id.
    #expect(
      received.filter { $0.outcome == .duplicate }.allSatisfy { repeated in accepted.contains { $0.id == repeated.id } }
    )
    // The record that client-go reads, with what the chart wrote on the object.
    let lease = try #require(cluster.object(.lease, Self.namespace, Self.name)).value
    #expect(lease.at("metadata", "labels", "a")?.text == "b")
    #expect(lease.at("spec", "holderIdentity")?.text == "")
    #expect(lease.at("spec", "leaseDurationSeconds")?.int == 1)
    #expect((lease.at("spec", "leaseTransitions")?.int ?? 0) >= 4)
    for field in ["acquireTime", "renewTime"] {
      #expect(lease.at("spec", field)?.text.flatMap { Timestamp(rfc3339: $0) } != nil)
    }
  }

  /// Both replicas saw every failure, so their windows agree: one incident of each pod, whoever told it. (A replica that starts later
  /// knows no windows, and tells what still shows.)
  private func check(_ received: [ReceivedIncident]) throws {
    for expectation in player.expectations {
      let own = received.filter { $0.outcome == .accepted && $0.context.workload.podUid == expectation.podUID }
      #expect(own.count == 1, "\(expectation.pod) arrived \(own.count) times")
    }
  }
}
