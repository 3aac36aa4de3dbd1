internal import ArgumentParser

/// Runs the outbox and the delivery of `watch` while everything around them breaks, and checks that nothing is lost. Not a part
/// of the program: CI and `make chaos` run it.
@main
struct Chaos: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kube-mind-chaos",
    abstract: "Kill, stop, slow and cut an orchestrator, kill the sensor, and count what arrives.",
    subcommands: [ChaosRunCommand.self, ChaosSensor.self, ChaosOrchestrator.self],
    defaultSubcommand: ChaosRunCommand.self)
}
