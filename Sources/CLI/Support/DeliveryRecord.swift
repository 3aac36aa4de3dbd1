internal import Delivery
internal import Documents
internal import Incidents
internal import OrchestratorClient
internal import Telemetry
internal import Time

/// What became of one incident from a file, for a table or as JSON.
struct DeliveryRecord: Sendable, Equatable {
  /// How it ended.
  enum Ending: Sendable, Equatable {
    case delivered(OneShotDelivery.Outcome)
    /// Redaction could not vouch for it: it was not sent.
    case withheld(reason: String)
  }

  let id: String
  /// Nil for one that was withheld: nothing of it is shown.
  let headline: SealedIncident.Headline?
  var ending: Ending

  init(_ incident: IncidentLabel, _ outcome: OneShotDelivery.Outcome) {
    id = incident.id
    headline = incident.headline
    ending = .delivered(outcome)
  }

  init(withheld id: String, reason: String) {
    self.id = id
    headline = nil
    ending = .withheld(reason: reason)
  }

  /// The orchestrator has it.
  var isAcknowledged: Bool {
    if case .delivered(.acknowledged) = ending { true } else { false }
  }

  var isWithheld: Bool {
    if case .withheld = ending { true } else { false }
  }

  /// accepted, duplicate, rejected, failed or withheld.
  var word: String {
    switch ending {
    case .delivered(.acknowledged(let receipt)): receipt.isDuplicate ? "duplicate" : "accepted"
    case .delivered(.rejected): "rejected"
    case .delivered(.failed): "failed"
    case .withheld: "withheld"
    }
  }

  /// Why, where it is not acknowledged; else empty.
  var reason: String {
    switch ending {
    case .delivered(.acknowledged): ""
    case .delivered(.rejected(let reason)), .delivered(.failed(let reason)), .withheld(let reason): reason
    }
  }

  /// From the wire to the acknowledgement, where there is one.
  var milliseconds: Double? {
    if case .delivered(.acknowledged(let receipt)) = ending { receipt.latency.milliseconds } else { nil }
  }

  /// One JSON object on one line.
  var json: String {
    var members = ["\"incidentId\":\(id.jsonQuoted)"]
    if let headline {
      members += [
        "\"namespace\":\(headline.namespace.jsonQuoted)", "\"pod\":\(headline.pod.jsonQuoted)",
        "\"container\":\(headline.container.jsonQuoted)", "\"failure\":\(headline.failureClass.jsonQuoted)",
        "\"masked\":\(headline.masked)",
      ]
    }
    members.append("\"outcome\":\(word.jsonQuoted)")
    if !reason.isEmpty { members.append("\"reason\":\(reason.jsonQuoted)") }
    if let milliseconds { members.append("\"ms\":\(milliseconds.written(digits: 3))") }
    return "{\(members.joined(separator: ","))}"
  }

  /// The lines of a table over some of them.
  static func table(_ records: some Sequence<DeliveryRecord>) -> [String] {
    var table = TextTable([("incident", .left), ("pod", .left), ("failure", .left), ("outcome", .left), ("ms", .right)])
    for record in records {
      let outcome = record.reason.isEmpty ? record.word : "\(record.word): \(TerminalText.safe(record.reason))"
      table.add(
        record.id, record.headline.map { "\($0.namespace)/\($0.pod)" } ?? "-", record.headline?.failureClass ?? "-",
        outcome, record.milliseconds?.written() ?? "-")
    }
    return table.lines()
  }
}
