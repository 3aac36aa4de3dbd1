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
  /// What `/readyz` says while something that it needs is missing.
  @Suite(.timeLimit(.minutes(15)))
  struct ReadinessTests {
    private static let failures = 6

    /// Ready for as long as the outbox has room; not ready once it is full; ready again, with nothing lost, once the orchestrator
    /// takes what waits. Alive all the time: a restart would help nobody.
    @Test(arguments: [100, 3])
    func readyMeansRoomInTheOutbox(room: Int) async throws {
      var refusing = OrchestratorBehaviour()
      refusing.refusedStreams = .max
      var configuration = ObserverConfiguration()
      configuration.outboxIncidents = room
      try await run(configuration, behaviour: refusing) { stage in
        if room < Self.failures {
          while stage.ready.map(\.name) != ["outbox"] { try await Task.sleep(for: .milliseconds(5)) }
        } else {
          // All of them are held, and there is room for more.
          while stage.tally.counts.open < Self.failures { try await Task.sleep(for: .milliseconds(5)) }
          #expect(stage.ready == [])
        }
        #expect(stage.live == [])
        stage.orchestrator.receiver.behave(.willing)
      }
    }

    /// Without the one right that nothing goes without: not ready, with the server's own words, and alive. Once it is granted
    /// everything is found.
    @Test func withoutTheRightToPodsItSaysSoAndGoesOnOnceItIsGranted() async throws {
      let rules = AccessPolicy.observerRules(lease: "kube-mind-observer", in: "kube-mind")
      let withoutPods = rules.map { rule in
        var rule = rule
        rule.resources.remove("pods")
        return rule
      }
      try await run(ObserverConfiguration(), rights: withoutPods) { stage in
        while !stage.ready.contains(where: { $0.name == "synced" && $0.reason.contains("pods is forbidden") }) {
          try await Task.sleep(for: .milliseconds(5))
        }
        #expect(stage.live == [])
        #expect(stage.orchestrator.receiver.incidents.isEmpty)
        stage.cluster.setAccess(Self.access(rules))
      }
    }

    /// A check that does not pass.
    private struct Complaint: Equatable {
      let name: String
      let reason: String

      init?(_ check: HealthCheck) {
        guard case .failed(let reason) = check.result() else { return nil }
        (name, self.reason) = (check.name, reason)
      }
    }

    /// The program at work, and both its ends.
    private struct Stage {
      let checks: HealthChecks
      let cluster: SimulatedCluster
      let orchestrator: MockOrchestrator
      let tally: RunTally

      var ready: [Complaint] { checks.ready.compactMap { Complaint($0) } }
      var live: [Complaint] { checks.live.compactMap { Complaint($0) } }
    }

    private static let token = "observer"

    private static func access(_ rules: [AccessPolicy.Rule]) -> AccessPolicy {
      AccessPolicy(identities: [token: .init(user: "observer", rules: rules)])
    }

    /// Runs `scene`, after which every failure must arrive and every check pass.
    private func run(
      _ configuration: ObserverConfiguration, behaviour: OrchestratorBehaviour = .willing,
      rights: [AccessPolicy.Rule]? = nil, _ scene: @escaping @Sendable (Stage) async throws -> Void
    ) async throws {
      let time = SystemTime()
      let cluster = SimulatedCluster(time: time)
      let player = ScenarioPlayer(
        .bench(pods: Self.failures, failures: Self.failures), in: cluster, time: time, speed: 1)
      try player.prepare()
      try player.playAtOnce()
      let port = try await cluster.start()
      cluster.setAccess(rights.map(Self.access))
      let orchestrator = try MockOrchestrator(time: time, behaviour: behaviour)
      let tally = RunTally()
      try await orchestrator.serving { url in
        let client = try APIClient(
          access: ClusterAccess(
            server: ServerURL(isTLS: false, host: "127.0.0.1", port: port), credential: .token(Self.token),
            clusterName: "ready", source: "test"),
          logger: WholeProgram.logger, time: time)
        defer { client.shutdown() }
        let metrics = WatchMetrics(version: "test", time: time)
        let services = WatchServices(
          configuration: configuration, client: client, endpoint: try OrchestratorEndpoint(url: url),
          cluster: ClusterIdentity(name: "ready", uid: "ready"), redactor: RedactorBox(try Redactor()),
          toolVersion: "test", logger: WholeProgram.logger, time: time, metrics: metrics, report: { tally.take($0) })
        let stage = Stage(
          checks: WatchProbes(services: services, metrics: metrics).checks, cluster: cluster,
          orchestrator: orchestrator, tally: tally)
        let group = ServiceGroupConfiguration(
          services: services.all.map { .init(service: $0) }
            + [
              .init(
                service: Director(stage: stage, scene: scene), successTerminationBehavior: .gracefullyShutdownGroup)
            ],
          logger: WholeProgram.logger)
        try await ServiceGroup(configuration: group).run()
      }
      await cluster.stop()
      #expect(Set(orchestrator.receiver.incidents.map(\.context.workload.podUid)).count == Self.failures)
    }

    /// Plays the scene while the rest runs.
    private struct Director: Service {
      let stage: Stage
      let scene: @Sendable (Stage) async throws -> Void

      func run() async throws {
        try await cancelWhenGracefulShutdown {
          try await scene(stage)
          try await stage.orchestrator.receiver.waitForAccepted(ReadinessTests.failures)
          while stage.ready != [] { try await Task.sleep(for: .milliseconds(5)) }
        }
      }
    }
  }
}
