internal import Contract
internal import Incidents
internal import Kubernetes
internal import KubernetesClient
internal import Observer
internal import OrchestratorClient
internal import Redaction
internal import ServiceLifecycle
internal import Telemetry
internal import Testing
internal import Time

@testable internal import Simulation
@testable internal import kube_mind

extension WholeProgram {
  /// What `/readyz` says while no orchestrator takes anything.
  @Suite(.timeLimit(.minutes(2)))
  struct ReadinessTests {
    private static let failures = 6

    /// Ready for as long as the outbox has room; not ready once it is full; ready again, with nothing lost, once the orchestrator
    /// takes what waits. Alive all the time: a restart would help nobody.
    @Test(arguments: [100, 3])
    func readyMeansRoomInTheOutbox(room: Int) async throws {
      let time = SystemTime()
      let cluster = SimulatedCluster(time: time)
      let player = ScenarioPlayer(
        .bench(pods: Self.failures, failures: Self.failures), in: cluster, time: time, speed: 1)
      try player.prepare()
      try player.playAtOnce()
      let port = try await cluster.start()
      var refusing = OrchestratorBehaviour()
      refusing.refusedStreams = .max
      let orchestrator = try MockOrchestrator(time: time, behaviour: refusing)
      var configuration = ObserverConfiguration()
      configuration.outboxIncidents = room
      let tally = RunTally()
      try await orchestrator.serving { [configuration] url in
        let client = try APIClient(
          access: ClusterAccess(
            server: ServerURL(isTLS: false, host: "127.0.0.1", port: port), clusterName: "ready", source: "test"),
          logger: WholeProgram.logger, time: time)
        defer { client.shutdown() }
        let metrics = WatchMetrics(version: "test", time: time)
        let services = WatchServices(
          configuration: configuration, client: client, endpoint: try OrchestratorEndpoint(url: url),
          cluster: ClusterIdentity(name: "ready", uid: "ready"), redactor: RedactorBox(try Redactor()),
          toolVersion: "test", logger: WholeProgram.logger, time: time, metrics: metrics, report: { tally.take($0) })
        let checks = WatchProbes(services: services, metrics: metrics).checks
        let end = Judge(checks: checks, room: room, orchestrator: orchestrator, tally: tally)
        let group = ServiceGroupConfiguration(
          services: services.all.map { .init(service: $0) }
            + [.init(service: end, successTerminationBehavior: .gracefullyShutdownGroup)],
          logger: WholeProgram.logger)
        try await ServiceGroup(configuration: group).run()
      }
      await cluster.stop()
      #expect(Set(orchestrator.receiver.incidents.map(\.context.workload.podUid)).count == Self.failures)
    }

    /// Looks at the probes while the rest runs.
    private struct Judge: Service {
      let checks: HealthChecks
      let room: Int
      let orchestrator: MockOrchestrator
      let tally: RunTally

      private var complaints: [String] { Self.complaints(checks.ready) }

      private static func complaints(_ checks: [HealthCheck]) -> [String] {
        checks.compactMap { if case .failed = $0.result() { $0.name } else { nil } }
      }

      func run() async throws {
        try await cancelWhenGracefulShutdown {
          if room < ReadinessTests.failures {
            while complaints != ["outbox"] { try await Task.sleep(for: .milliseconds(5)) }
          } else {
            // All of them are held, and there is room for more.
            while tally.counts.open < ReadinessTests.failures { try await Task.sleep(for: .milliseconds(5)) }
            #expect(complaints == [])
          }
          #expect(Self.complaints(checks.live) == [])
          orchestrator.receiver.behave(.willing)
          try await orchestrator.receiver.waitForAccepted(ReadinessTests.failures)
          while complaints != [] { try await Task.sleep(for: .milliseconds(5)) }
        }
      }
    }
  }
}
