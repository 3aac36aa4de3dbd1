internal import ArgumentParser

/// `kube-mind harvest`: evidence on demand.
struct HarvestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "harvest", abstract: "Gather the evidence of failing pods, redacted, on standard output.",
    subcommands: [HarvestPodCommand.self, HarvestPodsCommand.self])
}

/// What both harvests take.
struct HarvestArguments: ParsableArguments {
  @OptionGroup var cluster: ClusterOptions

  @OptionGroup var redaction: RedactionOptionGroup

  @Option(help: ArgumentHelp("Lines of each log, 1 to 10000.", valueName: "lines"))
  var tail = 200

  @Flag(inversion: .prefixedNo, help: "Read the ConfigMaps that the pod refers to.")
  var configMaps = true

  @Option(help: ArgumentHelp("Seconds for gathering; what is late is a gap.", valueName: "seconds"))
  var deadline: Double = 10

  func validate() throws {
    guard (1...10_000).contains(tail) else { throw ValidationError("--tail is not from 1 to 10000") }
    guard deadline > 0, deadline <= 600 else { throw ValidationError("--deadline is not from 0 to 600 seconds") }
  }
}
