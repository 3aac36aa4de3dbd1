internal import ArgumentParser
internal import Delivery
internal import Incidents
internal import Logging
internal import OrchestratorClient
internal import Telemetry
internal import Time

/// `kube-mind send`: delivers incidents from files.
struct SendCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send", abstract: "Deliver incidents from files to an orchestrator.",
    discussion: """
      Reads incidents as harvest writes them (JSON, JSON Lines, capsules), dead letters among them, and redacts them again. \
      Everything is read and redacted before anything is sent. A capsule that was altered ends it before that. An incident that \
      redaction cannot vouch for is withheld, the others are sent.

      Exits 0 once every incident is acknowledged (accepted, or known already), 1 if one is not or input cannot be read, 3 if \
      one was withheld.
      """)

  @Argument(
    help: "Files or folders with incidents (JSON, JSON Lines, capsule or binary); - is standard input.",
    completion: .file())
  var files: [String]

  @OptionGroup var orchestrator: OrchestratorOptions

  @OptionGroup var redaction: RedactionOptionGroup

  @Option(help: ArgumentHelp("Seconds for all of it.", valueName: "seconds"))
  var timeout: Double = 30

  @Flag(help: "Go on trying until the time is up, also where the orchestrator cannot be reached.")
  var retry = false

  @Flag(help: "Report one JSON object a line and incident instead of a table.")
  var json = false

  func validate() throws {
    guard timeout > 0, timeout <= 86_400 else { throw ValidationError("--timeout is not from 0 to 86400 seconds") }
    guard orchestrator.orchestrator != nil else {
      throw ValidationError("Missing expected argument '--orchestrator <url>'")
    }
  }

  func run() async throws {
    let endpoint = try orchestrator.endpoint()
    let redactor = try redaction.setup.redactor()
    let incidents = try IncidentFiles.read(files)
    var sealed: [SealedIncident] = []
    var withheld: [DeliveryRecord] = []
    for incident in incidents {
      do throws(CommandFailure) { sealed.append(try Resealing.seal(incident, with: redactor)) } catch {
        guard error.status == .withheld else { throw error }
        withheld.append(DeliveryRecord(withheld: incident.id, reason: error.message))
      }
    }
    let logs = LogSetup(format: .text, level: LogLevelSwitch(.error), colour: Terminal.errorColor)
    let delivery = OneShotDelivery(
      endpoint: endpoint, deadline: .milliseconds(Int64(timeout * 1_000)), retries: retry, logger: logs.logger("send"),
      time: SystemTime())
    // With nothing to deliver nobody is called.
    let results = sealed.isEmpty ? [] : await delivery.deliver(sealed)
    let records = results.map { DeliveryRecord($0.incident.label, $0.outcome) } + withheld
    let lines = json ? records.map(\.json) : DeliveryRecord.table(records)
    try SystemStreams.writeOutput(lines.map { $0 + "\n" }.joined())
    try Self.check(records, at: endpoint.authority)
  }

  /// Ends the command as its records want it.
  static func check(_ records: [DeliveryRecord], at authority: String) throws(CommandFailure) {
    let missing = records.filter { !$0.isAcknowledged && !$0.isWithheld }
    let withheld = records.count(where: \.isWithheld)
    var words: [String] = []
    if let first = missing.first {
      words.append(
        "\(missing.count) of \(records.count) incidents were not acknowledged by \(authority): \(first.word): "
          + TerminalText.safe(first.reason))
    }
    if withheld > 0 { words.append("\(withheld) of \(records.count) incidents were withheld and not sent") }
    guard !words.isEmpty else { return }
    throw CommandFailure(words.joined(separator: "; "), status: withheld > 0 ? .withheld : .failure)
  }
}
