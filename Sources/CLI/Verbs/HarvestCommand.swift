internal import ArgumentParser

/// `kube-mind harvest`: evidence on demand.
struct HarvestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "harvest", abstract: "Gather the evidence of failing pods, redacted, on standard output.",
    discussion: """
      One pod: harvest pod NAME. All that fail now: harvest pods --failing. As they fail: harvest --watch.

      Without a cluster: --from takes what somebody sent of one, and makes the same incidents of it, redacted all the same: the \
      folder of kubectl cluster-info dump --output-directory, its standard output in a file, the folder or archive of oc adm \
      must-gather, a support bundle of troubleshoot.sh, or kubectl get pods -o json. Archives (.tar, .tar.gz) are read where they \
      are, and nothing is unpacked.

      --explain says what the evidence points to, by fixed rules, with the lines that show it.
      """,
    subcommands: [HarvestPodCommand.self, HarvestPodsCommand.self],
    // A parent's own options would be taken from its subcommands' arguments.
    defaultSubcommand: HarvestPodsCommand.self)
}

/// What all harvests take.
struct HarvestArguments: ParsableArguments {
  @OptionGroup var cluster: ClusterOptions

  @OptionGroup var redaction: RedactionOptionGroup

  @Option(
    help: ArgumentHelp(
      "Read this dump, must-gather, support bundle or list of pods (folder, .tar, .tar.gz or file) and no cluster.",
      valueName: "path"), completion: .file())
  var from: String?

  @Option(help: ArgumentHelp("Lines of each log, 1 to 10000.", valueName: "lines"))
  var tail = 200

  @Flag(inversion: .prefixedNo, help: "Read the ConfigMaps that the pod refers to.")
  var configMaps = true

  @Option(help: ArgumentHelp("Seconds for gathering; what is late is a gap.", valueName: "seconds"))
  var deadline: Double = 10

  @Flag(help: "Say what the evidence points to, with the lines that show it, in the place of logs and events (text).")
  var explain = false

  func validate() throws {
    guard (1...10_000).contains(tail) else { throw ValidationError("--tail is not from 1 to 10000") }
    guard deadline > 0, deadline <= 600 else { throw ValidationError("--deadline is not from 0 to 600 seconds") }
    guard from == nil || cluster.kubeconfig == nil && cluster.context == nil else {
      throw ValidationError("--from reads no cluster: it excludes --kubeconfig and --context")
    }
  }
}
