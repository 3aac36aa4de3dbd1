internal import Incidents
internal import Kubernetes
internal import KubernetesClient
internal import Logging
internal import Observer
internal import OrchestratorClient
internal import Redaction
internal import ServiceLifecycle
internal import Simulation
internal import Telemetry
internal import Time
internal import UnixSignals

/// The whole program against a simulated cluster and a mock orchestrator in this process, over real sockets: what
/// `watch --simulate` shows, `bench pipeline` measures and the end-to-end tests check.
struct SimulatedRun {
  /// What came of it.
  struct Outcome: Sendable {
    /// Counts and latencies.
    let counts: RunTally.Counts
    /// Failures that the scenario says must be found.
    let expected: Int
    /// Of these, the pods in which nothing was detected.
    let missed: [String]
    /// Secrets that the scenario planted.
    let planted: Int
    /// Places of planted secrets whose value reached the orchestrator: must be empty.
    let leaked: [String]
    /// What the orchestrator has.
    let received: [ReceivedIncident]
    /// From the start of the watch to the last acknowledgement.
    let took: Duration

    /// Every failure was found and has arrived, and no secret with it.
    var isGood: Bool {
      missed.isEmpty && leaked.isEmpty && counts.withheld == 0 && counts.notDelivered == 0 && counts.open == 0
    }
  }

  let scenario: Scenario
  let configuration: ObserverConfiguration
  let speed: Double
  let logger: Logger
  /// What the mock orchestrator does.
  var behaviour = OrchestratorBehaviour.willing
  /// What the program may do; nil: everything.
  var rights: [AccessPolicy.Rule]?
  /// Called once everything is in place, before the scenario plays: faults are injected here.
  var whenReady: @Sendable (SimulatedCluster) -> Void = { _ in }
  let report: @Sendable (PipelineEvent) -> Void

  /// Says who asks where the rights are limited; nothing that is worth hiding.
  private static let token = "observer"
  /// How long after the last step the run waits for what is still under way.
  var patience: Duration = .seconds(20)
  /// Between two looks at it: short beside an incident's some milliseconds, and no load.
  private static let pause: Duration = .milliseconds(5)

  func run() async throws -> Outcome {
    let time = SystemTime()
    let cluster = SimulatedCluster(time: time)
    let port = try await cluster.start()
    let player = ScenarioPlayer(scenario, in: cluster, time: time, speed: speed)
    try player.prepare()
    cluster.setAccess(
      rights.map { AccessPolicy(identities: [Self.token: .init(user: "observer", rules: $0)]) })
    let orchestrator = try MockOrchestrator(time: time, behaviour: behaviour)
    let tally = RunTally()
    let begun = time.monotonic

    do {
      try await orchestrator.serving { url in
        let server = ServerURL(isTLS: false, host: "127.0.0.1", port: port)
        let metrics = WatchMetrics(version: Version.number, parts: Version.parts, time: time)
        let client = try APIClient(
          access: ClusterAccess(
            server: server, credential: .token(Self.token), clusterName: "simulated", source: "simulation"),
          logger: logger,
          time: time, onExchange: { metrics.exchanged($0) })
        defer { client.shutdown() }
        let services = WatchServices(
          configuration: configuration, client: client, endpoint: try OrchestratorEndpoint(url: url),
          cluster: ClusterIdentity(name: "simulated", uid: "simulated"), redactor: RedactorBox(try Redactor()),
          toolVersion: Version.number, logger: logger, time: time, metrics: metrics
        ) { event in
          tally.take(event)
          report(event)
        }
        let play = PlayService(player: player, services: services, tally: tally, time: time, patience: patience) {
          whenReady(cluster)
        }
        let probes = try WatchProbes(services: services, metrics: metrics)
          .server(address: configuration.httpAddress, metrics: metrics)
        let group = ServiceGroupConfiguration(
          services: (probes.map { [.init(service: $0)] } ?? []) + services.all.map { .init(service: $0) }
            + [.init(service: play, successTerminationBehavior: .gracefullyShutdownGroup)],
          gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        try await ServiceGroup(configuration: group).run()
      }
    } catch {
      await cluster.stop()
      throw error
    }
    await cluster.stop()

    let received = orchestrator.receiver.incidents
    let counts = tally.counts
    let leaked = scenario.plantedSecrets.filter { secret in
      received.contains { $0.encoded.holds(Array(secret.value.utf8)) }
    }
    return Outcome(
      counts: counts, expected: player.expectations.count,
      missed: player.expectations.filter { !counts.pods.contains($0.podUID) }.map(\.pod),
      planted: scenario.plantedSecrets.count, leaked: leaked.map(\.place), received: received,
      took: begun.duration(to: time.monotonic))
  }

  /// Plays the scenario once the watch is synced, and ends once everything has come to its end.
  private struct PlayService: Service {
    let player: ScenarioPlayer
    let services: WatchServices
    let tally: RunTally
    let time: SystemTime
    let patience: Duration
    let whenReady: @Sendable () -> Void

    func run() async throws {
      try await cancelWhenGracefulShutdown {
        while !services.readiness.isSynced { try await time.sleep(for: SimulatedRun.pause) }
        whenReady()
        try await player.play()
        let end = time.monotonic.advanced(by: patience)
        while time.monotonic < end {
          let counts = tally.counts
          let isFound = player.expectations.allSatisfy { counts.pods.contains($0.podUID) }
          if isFound, counts.open <= 0 { return }
          try await time.sleep(for: SimulatedRun.pause)
        }
      }
    }
  }
}

extension [UInt8] {
  /// True if the bytes stand somewhere in these.
  func holds(_ needle: [UInt8]) -> Bool {
    guard let first = needle.first, needle.count <= count else { return false }
    var position = startIndex
    while let found = self[position...].firstIndex(of: first), found + needle.count <= endIndex {
      if self[found..<(found + needle.count)].elementsEqual(needle) { return true }
      position = found + 1
    }
    return false
  }
}
