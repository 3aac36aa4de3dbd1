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
      Reads incidents as `harvest -o json` writes them, one document or one a line, redacts them again, and exits 0 once \
      every one is acknowledged. Everything is read and redacted before anything is sent.
      """)

  @Argument(help: "Files or folders with incidents; - is standard input.", completion: .file())
  var files: [String]

  @OptionGroup var orchestrator: OrchestratorOptions

  @Option(help: ArgumentHelp("Seconds for all of it.", valueName: "seconds"))
  var timeout: Double = 30

  @Flag(help: "Go on trying until the time is up, also where the orchestrator cannot be reached.")
  var retry = false

  func validate() throws {
    guard timeout > 0, timeout <= 86_400 else { throw ValidationError("--timeout is not from 0 to 86400 seconds") }
    guard orchestrator.orchestrator != nil else {
      throw ValidationError("Missing expected argument '--orchestrator <url>'")
    }
  }

  func run() async throws {
    let endpoint = try orchestrator.endpoint()
    let redactor = try Resealing.redactor()
    let sealed = try Resealing.seal(try IncidentFiles.read(files), with: redactor)
    let logs = LogSetup(format: .text, level: LogLevelSwitch(.error), colour: Terminal.errorColor)
    let delivery = OneShotDelivery(
      endpoint: endpoint, deadline: .milliseconds(Int64(timeout * 1_000)), retries: retry, logger: logs.logger("send"),
      time: SystemTime())
    let results = await delivery.deliver(sealed)

    var table = TextTable([("incident", .left), ("pod", .left), ("failure", .left), ("outcome", .left), ("ms", .right)])
    for result in results {
      let headline = result.incident.headline
      let (outcome, latency) = Self.words(for: result.outcome)
      table.add(
        result.incident.id, "\(headline.namespace)/\(headline.pod)", headline.failureClass, outcome, latency)
    }
    try SystemStreams.writeOutput(table.lines().map { $0 + "\n" }.joined())
    let failed = results.filter { !$0.outcome.isAcknowledged }
    guard failed.isEmpty else {
      let reason = failed.first.map { Self.words(for: $0.outcome).outcome } ?? ""
      throw CommandFailure(
        "\(failed.count) of \(results.count) incidents were not acknowledged by \(endpoint.authority): \(reason)")
    }
  }

  static func words(for outcome: OneShotDelivery.Outcome) -> (outcome: String, latency: String) {
    switch outcome {
    case .acknowledged(let receipt):
      (receipt.isDuplicate ? "duplicate" : "accepted", receipt.latency.milliseconds.written())
    case .rejected(let reason): ("rejected: \(TerminalText.safe(reason))", "-")
    case .failed(let reason): ("failed: \(TerminalText.safe(reason))", "-")
    }
  }
}

extension OneShotDelivery.Outcome {
  /// The orchestrator has it.
  var isAcknowledged: Bool {
    if case .acknowledged = self { true } else { false }
  }
}
