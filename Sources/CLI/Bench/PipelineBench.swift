internal import Logging
internal import Observer
internal import Simulation
internal import Telemetry

/// Measures the way from a watch event to the acknowledgement, with everything on it that a real one has but the network: HTTP,
/// harvest, redaction, gRPC.
struct PipelineBench {
  let pods: Int
  let failures: Int
  let runs: Int

  func run() async throws(CommandFailure) -> [BenchResult] {
    var p50: [Double] = []
    var p95: [Double] = []
    var p99: [Double] = []
    var maximum: [Double] = []
    // One more than is measured: the first run pages the program in.
    for index in 0...runs {
      let outcome = try await once()
      guard index > 0 else { continue }
      let order = Percentiles(outcome.counts.latencies)
      p50.append(order.value(0.5) ?? 0)
      p95.append(order.value(0.95) ?? 0)
      p99.append(order.value(0.99) ?? 0)
      maximum.append(order.maximum ?? 0)
    }
    let name = "\(pods) pods, \(failures) failures"
    return [
      BenchResult(suite: "pipeline", name: "\(name): p50", unit: "ms", values: p50),
      BenchResult(suite: "pipeline", name: "\(name): p95", unit: "ms", values: p95),
      BenchResult(suite: "pipeline", name: "\(name): p99", unit: "ms", values: p99),
      BenchResult(suite: "pipeline", name: "\(name): max", unit: "ms", values: maximum),
    ]
  }

  private func once() async throws(CommandFailure) -> SimulatedRun.Outcome {
    let logs = LogSetup(format: .text, level: LogLevelSwitch(.error), colour: false)
    let run = SimulatedRun(
      scenario: .bench(pods: pods, failures: failures), configuration: ObserverConfiguration(), speed: 1,
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
