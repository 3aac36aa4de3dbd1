internal import Logging
internal import Observer
internal import Simulation
internal import Telemetry

/// Measures the way from a watch event to the acknowledgement, with everything on it that a real one has but the network: HTTP,
/// harvest, redaction, gRPC.
struct PipelineBench {
  let pods: Int
  let failures: Int
  /// Between two failures.
  let interval: Duration
  /// Updates of healthy pods a second.
  let updates: Int
  let runs: Int
  /// Where a sensor in another process finds the cluster and the orchestrator; nil: it is in this one.
  let served: String?

  /// Pods and failures of the run before those that are measured: enough to page the program in.
  private static let (warmUpPods, warmUpFailures) = (200, 20)

  func run() async throws(CommandFailure) -> [BenchResult] {
    var p50: [Double] = []
    var p95: [Double] = []
    var p99: [Double] = []
    var maximum: [Double] = []
    let scenario = Scenario.bench(pods: pods, failures: failures, interval: interval, updates: updates)
    if served == nil {
      _ = try await once(
        .bench(pods: min(pods, Self.warmUpPods), failures: min(failures, Self.warmUpFailures)))
    }
    for _ in 0..<runs {
      let order: Percentiles
      if let served {
        order = Percentiles(try await ServedPipeline(scenario: scenario, folder: served).latencies())
      } else {
        order = Percentiles(try await once(scenario).counts.latencies)
      }
      p50.append(order.value(0.5) ?? 0)
      p95.append(order.value(0.95) ?? 0)
      p99.append(order.value(0.99) ?? 0)
      maximum.append(order.maximum ?? 0)
    }
    let load = updates > 0 ? ", \(updates) updates/s" : ""
    let name = "\(pods) pods\(load), \(failures) failures"
    return [
      BenchResult(suite: "pipeline", name: "\(name): p50", unit: "ms", values: p50),
      BenchResult(suite: "pipeline", name: "\(name): p95", unit: "ms", values: p95),
      BenchResult(suite: "pipeline", name: "\(name): p99", unit: "ms", values: p99),
      BenchResult(suite: "pipeline", name: "\(name): max", unit: "ms", values: maximum),
    ]
  }

  private func once(_ scenario: Scenario) async throws(CommandFailure) -> SimulatedRun.Outcome {
    let logs = LogSetup(format: .text, level: LogLevelSwitch(.error), colour: false)
    let run = SimulatedRun(
      scenario: scenario, configuration: ObserverConfiguration(), speed: 1,
      logger: logs.logger("bench"), report: { _ in })
    let outcome: SimulatedRun.Outcome
    do { outcome = try await run.run() } catch { throw CommandFailure("bench pipeline: \(error)") }
    // A figure of a run that lost something would be worth nothing.
    guard outcome.missed.isEmpty, outcome.counts.acknowledged == outcome.counts.detected, outcome.leaked.isEmpty else {
      throw CommandFailure(
        "bench pipeline: \(outcome.counts.acknowledged) of \(outcome.expected) acknowledged, \(outcome.leaked.count) secrets leaked"
      )
    }
    return outcome
  }
}
