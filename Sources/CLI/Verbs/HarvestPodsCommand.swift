internal import ArgumentParser
internal import Incidents
internal import Kubernetes
internal import KubernetesClient
internal import Observer
internal import Redaction
internal import Time

/// `kube-mind harvest pods --failing`.
struct HarvestPodsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pods",
    abstract:
      "Gather the evidence of every pod that fails now, one JSON incident a line or one capsule after the other.")

  @Flag(help: "Only pods that fail now: required without --from and --watch, for a healthy pod has nothing to tell.")
  var failing = false

  @OptionGroup var pods: HarvestPodsArguments

  func validate() throws {
    guard failing || pods.watch || pods.arguments.from != nil else {
      throw ValidationError("say --failing (or --from, or --watch): only failing pods are harvested")
    }
  }

  func run() async throws {
    // Who gives the whole line means it for a program; harvest --from and --watch are for a person.
    try await pods.run(defaultOutput: failing ? .json : .text)
  }
}

/// Which pods, and how they are written.
struct HarvestPodsArguments: ParsableArguments {
  @Flag(name: [.customShort("A"), .long], help: "All namespaces.")
  var allNamespaces = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Namespace. Default: the context's; all of them with --from.", valueName: "name"),
    completion: LiveCompletion.namespaces)
  var namespace: String?

  @Option(
    name: [.customShort("l"), .customLong("selector")], help: ArgumentHelp("Label selector.", valueName: "selector"))
  var selector: String?

  @Flag(help: "Go on, and write the incident of each new failure, until stopped.")
  var watch = false

  @Option(help: ArgumentHelp("With --watch: end after so many incidents.", valueName: "number"))
  var count: Int?

  @OptionGroup var arguments: HarvestArguments

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("\(IncidentOutput.names). Default: json with --failing, else text.", valueName: "format"))
  var output: IncidentOutput?

  /// Harvests at the same time: as the watch's default.
  private static let concurrency = 8

  func validate() throws {
    guard !allNamespaces || namespace == nil else {
      throw ValidationError("--all-namespaces and --namespace exclude each other")
    }
    guard arguments.from == nil || !watch else { throw ValidationError("--from and --watch exclude each other") }
    guard count == nil || watch else { throw ValidationError("--count goes with --watch") }
    if let count, count < 1 { throw ValidationError("--count is less than 1") }
  }

  /// Harvests what fails, and writes it in `defaultOutput` where no form was asked for.
  func run(defaultOutput: IncidentOutput) async throws {
    let output = output ?? (arguments.explain ? .text : defaultOutput)
    let session = try await HarvestSession.open(arguments)
    defer { session.close() }
    let scope = PodScope(
      namespace: allNamespaces ? nil : namespace ?? session.defaultNamespace, labelSelector: selector ?? "")
    if watch, let client = session.client {
      try await follow(scope, session.harvest, client, output)
    } else {
      try await harvest(scope, session.harvest, output)
    }
  }

  private func harvest(_ scope: PodScope, _ harvest: OnDemandHarvest, _ output: IncidentOutput) async throws {
    let found: [Occurrence]
    // The line is for a person who waits for a table or a file; incidents that scroll past are progress enough.
    let progress = ProgressLine(
      isTerminal: SystemStreams.isErrorTerminal && (output == .wide || !SystemStreams.isOutputTerminal))
    defer { progress.end() }
    progress.show("looking for pods that fail")
    do { found = try await harvest.failing(in: scope) } catch { throw HarvestSession.failure(error) }
    let (withheld, rows) = try await withThrowingTaskGroup(
      of: Result<Redacted<Incident>, OnDemandHarvest.Failure>.self
    ) { group in
      var waiting = found[...]
      var withheld = 0
      var rows: [Redacted<Incident>] = []
      func startNext() {
        guard let next = waiting.popFirst() else { return }
        group.addTask {
          do throws(OnDemandHarvest.Failure) { return .success(try await harvest.incident(of: next)) } catch {
            return .failure(error)
          }
        }
      }
      for _ in 0..<Self.concurrency { startNext() }
      var done = 0
      progress.show("harvested 0 of \(found.count)")
      while let result = try await group.next() {
        done += 1
        progress.show("harvested \(done) of \(found.count)")
        switch result {
        // A table is as wide as its widest cell, so all of it has to be there.
        case .success(let incident) where output == .wide: rows.append(incident)
        case .success(let incident): try write(incident, harvest, output)
        case .failure(let failure):
          withheld += 1
          progress.note("\(Invocation.name): \(failure)")
        }
        startNext()
      }
      return (withheld, rows)
    }
    progress.end()
    if output == .wide { try SystemStreams.writeOutput(Self.table(rows, now: harvest.now)) }
    SystemStreams.writeError("\(found.count - withheld) incidents")
    if withheld > 0 { throw CommandFailure("\(withheld) incidents were withheld", status: .withheld) }
  }

  private func follow(
    _ scope: PodScope, _ harvest: OnDemandHarvest, _ client: APIClient, _ output: IncidentOutput
  ) async throws {
    do {
      try await harvest.watch(
        scope, with: client, detection: .init(classes: Set(FailureClass.reported)), limit: count,
        report: { error in SystemStreams.writeError("kube-mind: \(error.message); trying again") },
        deliver: { result in
          switch result {
          case .success(let incident): try write(incident, harvest, output)
          case .failure(let failure): SystemStreams.writeError("kube-mind: \(failure)")
          }
        })
    } catch let error as APIError { throw Cluster.failure(error) }
  }

  /// Writes one incident whole: whoever reads the pipe never sees half of it.
  private func write(_ incident: Redacted<Incident>, _ harvest: OnDemandHarvest, _ output: IncidentOutput) throws {
    let style = IncidentText.Style(color: Terminal.outputColor, explains: arguments.explain)
    var bytes = try output.bytes(incident, style: style, now: harvest.now)
    switch output {
    case .text: bytes.append(0x0A)
    case .yaml: bytes = Array("---\n".utf8) + bytes
    default: break
    }
    try SystemStreams.writeOutput(bytes)
  }

  /// Incidents as a table with a heading, by namespace and pod.
  static func table(_ incidents: [Redacted<Incident>], now: Timestamp) -> String {
    let rows = incidents.map { IncidentRow($0, now: now).cells }.sorted { $0.lexicographicallyPrecedes($1) }
    let numbers: Set<String> = ["EXIT", "RESTARTS", "AGE"]
    var table = TextTable(IncidentRow.headings.map { ($0, numbers.contains($0) ? .right : .left) })
    for row in rows { table.add(row) }
    return table.lines().joined(separator: "\n") + "\n"
  }
}
