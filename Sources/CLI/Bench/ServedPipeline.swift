internal import Contract
internal import FoundationEssentials
internal import Observer
internal import Simulation
internal import Synchronization
internal import Telemetry
internal import Time

/// `bench pipeline --serve FOLDER`: the suite's cluster and orchestrator for a sensor in a process of its own, so that limits can be set
/// for the sensor alone. Latency is from the failed status being written to the incident's arrival, as the two ends of the sensor see
/// it: what waits in a socket counts.
struct ServedPipeline {
  let scenario: Scenario
  /// Gets `kubeconfig` and `orchestrator`, a URL, once both answer.
  let folder: String

  /// From the last failure until everything has to be there.
  private static let patience: Duration = .seconds(60)
  private static let pause: Duration = .milliseconds(20)

  /// Milliseconds of each failure. Throws where one did not arrive.
  func latencies() async throws(CommandFailure) -> [Double] {
    let time = SystemTime()
    let cluster = SimulatedCluster(time: time)
    do {
      let port = try await cluster.start()
      let player = ScenarioPlayer(scenario, in: cluster, time: time)
      try player.prepare()
      let orchestrator = try MockOrchestrator(time: time)
      let arrivals = Mutex<[String: MonotonicInstant]>([:])
      orchestrator.receiver.onReceived { incident in
        let now = time.monotonic
        arrivals.withLock {
          if $0[incident.context.workload.podUid] == nil { $0[incident.context.workload.podUid] = now }
        }
      }
      let latencies = try await orchestrator.serving { url in
        try announce(port: port, orchestrator: url)
        while cluster.openWatches == 0 { try await time.sleep(for: Self.pause) }
        let written = try await play(player, time: time)
        let expected = player.expectations
        let end = time.monotonic.advanced(by: Self.patience)
        while time.monotonic < end, !expected.allSatisfy({ one in arrivals.withLock { $0[one.podUID] != nil } }) {
          try await time.sleep(for: Self.pause)
        }
        return expected.compactMap { one -> Double? in
          guard let begun = written[one.failure.pod] else { return nil }
          return arrivals.withLock { $0[one.podUID] }.map { begun.duration(to: $0).milliseconds }
        }
      }
      await cluster.stop()
      guard latencies.count == scenario.expectedFailures.count else {
        throw CommandFailure(
          "bench pipeline: \(latencies.count) of \(scenario.expectedFailures.count) failures arrived")
      }
      return latencies
    } catch let failure as CommandFailure { throw failure } catch { throw CommandFailure("bench pipeline: \(error)") }
  }

  /// Plays the scenario, and notes when the status of each failure began to be written: a step may be late on a loaded machine.
  private func play(
    _ player: ScenarioPlayer, time: SystemTime
  ) async throws -> [Scenario.PodReference: MonotonicInstant] {
    let shows = Dictionary(scenario.expectedFailures.map { ($0.pod, $0.offset) }, uniquingKeysWith: min)
    let begun = time.monotonic
    var written: [Scenario.PodReference: MonotonicInstant] = [:]
    for step in scenario.steps {
      let left = time.monotonic.duration(to: begun.advanced(by: step.offset))
      if left > .zero { try await time.sleep(for: left) }
      if case .pod(let pod, _) = step.action, shows[pod] == step.offset { written[pod] = time.monotonic }
      try player.perform(step.action)
    }
    return written
  }

  private func announce(port: Int, orchestrator: String) throws {
    let kubeconfig = """
      apiVersion: v1
      kind: Config
      clusters: [{name: bench, cluster: {server: "http://127.0.0.1:\(port)"}}]
      users: [{name: bench, user: {token: bench}}]
      contexts: [{name: bench, context: {cluster: bench, user: bench}}]
      current-context: bench

      """
    try Data(kubeconfig.utf8).write(to: URL(filePath: folder + "/kubeconfig"))
    // The last one, and whole at once: who waits for it has both.
    try Data(orchestrator.utf8).write(to: URL(filePath: folder + "/orchestrator"), options: .atomic)
  }
}
