internal import ArgumentParser
internal import Documents
internal import Incidents
internal import Kubernetes
internal import KubernetesClient
internal import Observer
internal import Redaction
internal import Telemetry

/// `kube-mind harvest pod NAME`.
struct HarvestPodCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pod", abstract: "Gather the evidence of one pod.",
    discussion: """
      Prints one redacted incident: of the pod's newest failure, or of the container that is named. A pod that no rule calls \
      failed gives an incident of the class Other.
      """)

  @Argument(help: "Name of the pod.", completion: LiveCompletion.pods)
  var name: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Namespace. Default: the context's.", valueName: "name"),
    completion: LiveCompletion.namespaces)
  var namespace: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("Container. Default: the one that failed last.", valueName: "name"))
  var container: String?

  @OptionGroup var arguments: HarvestArguments

  @Option(name: .shortAndLong, help: ArgumentHelp("\(IncidentOutput.names).", valueName: "format"))
  var output = IncidentOutput.text

  func run() async throws {
    let session = try await HarvestSession.open(arguments)
    defer { session.close() }
    guard let namespace = namespace ?? session.defaultNamespace else {
      throw CommandFailure("--from holds many namespaces: say which with --namespace", status: .usage)
    }
    let incident: Redacted<Incident>
    do { incident = try await session.harvest.pod(name, in: namespace, container: container) } catch {
      throw HarvestSession.failure(error)
    }
    if output == .wide {
      try SystemStreams.writeOutput(HarvestPodsArguments.table([incident], now: session.harvest.now))
    } else {
      let style = IncidentText.Style(color: Terminal.outputColor, explains: arguments.explain)
      try SystemStreams.writeOutput(try output.bytes(incident, style: style, now: session.harvest.now))
    }
  }
}
