internal import ArgumentParser
internal import Time

/// The whole run.
struct ChaosRunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Feed a sensor with incidents while it and its orchestrator are disturbed.")

  @Option(help: "Incidents.")
  var incidents = 5_000

  @Option(help: "Incidents a second.")
  var rate: Double = 80

  @Option(help: "Seed of the disturbances.")
  var seed: UInt64 = 1

  @Option(
    help:
      "No disturbances, but no orchestrator at all for so many seconds; then the time until all is delivered counts.")
  var outage: Double?

  @Option(help: "Seconds for the last incidents to arrive, once all is well again. Default: 90, and 30 with --outage.")
  var patience: Double?

  func validate() throws {
    guard (1...1_000_000).contains(incidents) else { throw ValidationError("--incidents is not from 1 to 1000000") }
    guard rate > 0, rate <= 10_000 else { throw ValidationError("--rate is not from 0 to 10000") }
  }

  func run() async throws {
    var run = try ChaosRun(
      incidents: incidents, rate: rate, seed: seed, outage: outage,
      patience: patience ?? (outage == nil ? 90 : 30))
    let verdict = try run.play()
    StandardOutput.write(verdict.text)
    if !verdict.isGood { throw ExitCode.failure }
  }
}
