internal import Incidents
internal import Kubernetes
internal import KubernetesClient
internal import Observer
internal import OrchestratorClient
internal import Redaction
internal import ServiceLifecycle
internal import Simulation
internal import Telemetry
internal import Time

@testable internal import kube_mind

/// The whole program over a recorded watch, until everything in it has come to its end.
struct RecordedRun {
  /// What the orchestrator has.
  let received: [ReceivedIncident]
  /// What the pipeline said.
  let counts: RunTally.Counts

  /// `watches`: the watch that has nothing more to show, counted from 1. What goes wrong on the way there is planned in `trouble`.
  init(
    _ traffic: RecordedTraffic, watches: Int = 2, grouping: Bool = true, trouble: (SimulatedCluster) -> Void = { _ in }
  ) async throws {
    let time = SystemTime()
    let cluster = SimulatedCluster(time: time)
    cluster.serve(traffic)
    trouble(cluster)
    let port = try await cluster.start()
    let orchestrator = try MockOrchestrator(time: time)
    let tally = RunTally()
    var configuration = WholeProgram.configuration
    // The recording grows older with every day: age must not decide about what it shows.
    configuration.storms.isGrouping = grouping
    configuration.detection.maximumAge = .seconds(1_000 * 365 * 86_400)

    try await orchestrator.serving { [configuration] url in
      let client = try APIClient(
        access: ClusterAccess(
          server: ServerURL(isTLS: false, host: "127.0.0.1", port: port), clusterName: "recorded", source: "test"),
        logger: WholeProgram.logger, time: time)
      defer { client.shutdown() }
      let metrics = WatchMetrics(version: "test", time: time)
      let services = WatchServices(
        configuration: configuration, client: client, endpoint: try OrchestratorEndpoint(url: url),
        cluster: ClusterIdentity(name: "recorded", uid: "recorded"), redactor: RedactorBox(try Redactor()),
        toolVersion: "test",
        logger: WholeProgram.logger, time: time, metrics: metrics, report: { tally.take($0) })
      let end = End(watches: watches, cluster: cluster, tally: tally, orchestrator: orchestrator)
      let group = ServiceGroupConfiguration(
        services: services.all.map { .init(service: $0) }
          + [.init(service: end, successTerminationBehavior: .gracefullyShutdownGroup)],
        logger: WholeProgram.logger)
      try await ServiceGroup(configuration: group).run()
    }
    await cluster.stop()
    received = orchestrator.receiver.incidents
    counts = tally.counts
  }

  /// Ends once the stream was read to its end and all that was found in it is done with.
  private struct End: Service {
    let watches: Int
    let cluster: SimulatedCluster
    let tally: RunTally
    let orchestrator: MockOrchestrator

    func run() async throws {
      try await cancelWhenGracefulShutdown {
        // Who opens the next watch has read all of the one before.
        while cluster.requestCount(.watch) < watches || tally.counts.open > 0 {
          try await Task.sleep(for: .milliseconds(5))
        }
        let counts = tally.counts
        try await orchestrator.receiver.waitForAccepted(counts.acknowledged - counts.duplicates)
      }
    }
  }
}
