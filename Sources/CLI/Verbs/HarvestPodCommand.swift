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

  /// How the incident is written.
  enum Output: String, ExpressibleByArgument, CaseIterable, Sendable {
    case json
    case yaml
    case text
    case capsule
  }

  @Argument(help: "Name of the pod.")
  var name: String

  @Option(name: .shortAndLong, help: ArgumentHelp("Namespace. Default: the context's.", valueName: "name"))
  var namespace: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("Container. Default: the one that failed last.", valueName: "name"))
  var container: String?

  @OptionGroup var arguments: HarvestArguments

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("json, yaml, text, or capsule (one binary file for send and replay).", valueName: "format"))
  var output = Output.text

  func run() async throws {
    let session = try await HarvestSession.open(arguments)
    defer { session.client.shutdown() }
    let incident: Redacted<Incident>
    do {
      incident = try await session.harvest.pod(
        name, in: namespace ?? session.client.access.namespace, container: container)
    } catch {
      throw HarvestSession.failure(error)
    }
    try SystemStreams.writeOutput(try written(incident))
  }

  private func written(_ incident: Redacted<Incident>) throws -> [UInt8] {
    switch output {
    case .json: return try incident.json() + [0x0A]
    case .capsule: return try incident.capsule(toolVersion: Version.number)
    case .yaml: return try YAMLWriter.write(json: try incident.json())
    case .text:
      let style = IncidentText.Style(color: Terminal.outputColor)
      return Array(IncidentText.render(incident, style: style, now: SystemTime().wall).utf8)
    }
  }
}
