internal import Logging
internal import Observer
internal import Simulation
internal import Telemetry

/// `watch --simulate`: the demo scenario, shown line by line, with a summary at its end.
struct SimulatedWatch {
  let configuration: ObserverConfiguration
  let speed: Double

  func run() async throws {
    let screen = RunScreen(color: Terminal.outputColor, time: SystemTime())
    // The screen says what happens; the log is left what goes wrong.
    let logs = LogSetup(format: .text, level: LogLevelSwitch(.error), colour: Terminal.errorColor)
    let scenario = Scenario.demo
    try SystemStreams.writeOutput(screen.opening(scenario))
    let run = SimulatedRun(
      scenario: scenario, configuration: configuration, speed: speed, logger: logs.logger("simulation")
    ) { event in
      // Output that fails is noticed at the summary; the run itself goes on.
      if let line = screen.line(for: event) { try? SystemStreams.writeOutput(line + "\n") }
    }
    let outcome: SimulatedRun.Outcome
    do { outcome = try await run.run() } catch let failure as CommandFailure { throw failure } catch {
      throw CommandFailure("the simulation stopped: \(error)")
    }
    try SystemStreams.writeOutput(screen.summary(outcome))
    guard outcome.isGood else {
      throw CommandFailure(
        "\(outcome.missed.count) failures missed, \(outcome.leaked.count) secrets leaked, \(outcome.counts.withheld) withheld, "
          + "\(outcome.counts.open) not settled")
    }
  }
}
