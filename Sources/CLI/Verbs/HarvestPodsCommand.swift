internal import ArgumentParser
internal import Incidents
internal import Kubernetes
internal import KubernetesClient
internal import Observer
internal import Redaction

/// `kube-mind harvest pods --failing`.
struct HarvestPodsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pods",
    abstract:
      "Gather the evidence of every pod that fails now, one JSON incident a line or one capsule after the other.")

  /// How incidents are written.
  enum Output: String, ExpressibleByArgument, CaseIterable, Sendable {
    case json
    case capsule
  }

  @Flag(name: [.customShort("A"), .long], help: "All namespaces.")
  var allNamespaces = false

  @Option(name: .shortAndLong, help: ArgumentHelp("Namespace. Default: the context's.", valueName: "name"))
  var namespace: String?

  @Option(
    name: [.customShort("l"), .customLong("selector")], help: ArgumentHelp("Label selector.", valueName: "selector"))
  var selector: String?

  @Flag(help: "Only pods that fail now; required, for a healthy pod has nothing to tell.")
  var failing = false

  @OptionGroup var arguments: HarvestArguments

  @Option(name: .shortAndLong, help: ArgumentHelp("json, or capsule (for send and replay).", valueName: "format"))
  var output = Output.json

  /// Harvests at the same time: as the watch's default.
  private static let concurrency = 8

  func validate() throws {
    guard failing else { throw ValidationError("say --failing: only failing pods are harvested") }
    guard !allNamespaces || namespace == nil else {
      throw ValidationError("--all-namespaces and --namespace exclude each other")
    }
  }

  func run() async throws {
    let session = try await HarvestSession.open(arguments)
    defer { session.client.shutdown() }
    let scope = PodScope(
      namespace: allNamespaces ? nil : namespace ?? session.client.access.namespace, labelSelector: selector ?? "")
    let found: [Occurrence]
    do { found = try await session.harvest.failing(in: scope) } catch { throw HarvestSession.failure(error) }

    let harvest = session.harvest
    let withheld = try await withThrowingTaskGroup(of: Result<[UInt8], OnDemandHarvest.Failure>.self) { group in
      var waiting = found[...]
      var withheld = 0
      func startNext() {
        guard let next = waiting.popFirst() else { return }
        group.addTask { await Self.line(of: next, harvest, output) }
      }
      for _ in 0..<Self.concurrency { startNext() }
      while let result = try await group.next() {
        switch result {
        // A line is written whole: whoever reads the pipe never sees half an incident.
        case .success(let line): try SystemStreams.writeOutput(line)
        case .failure(let failure):
          withheld += 1
          SystemStreams.writeError("kube-mind: \(failure)")
        }
        startNext()
      }
      return withheld
    }
    SystemStreams.writeError("\(found.count - withheld) incidents")
    if withheld > 0 { throw CommandFailure("\(withheld) incidents were withheld", status: .withheld) }
  }

  private static func line(
    of occurrence: Occurrence, _ harvest: OnDemandHarvest, _ output: Output
  ) async -> Result<[UInt8], OnDemandHarvest.Failure> {
    do {
      let incident = try await harvest.incident(of: occurrence)
      do {
        switch output {
        case .json: return .success(try incident.json() + [0x0A])
        case .capsule: return .success(try incident.capsule(toolVersion: Version.number))
        }
      } catch {
        return .failure(.container("\(occurrence.pod.name): \(error)"))
      }
    } catch {
      return .failure(error)
    }
  }
}
