internal import Delivery
internal import Incidents
internal import OrchestratorClient
internal import Time

/// What became of a replay so far. Bounded: counts and a histogram of everything, single records of the first ones and of the
/// first that failed.
struct ReplayTally: Sendable {
  /// Records kept: 10,000 of some 300 bytes.
  static let recordLimit = 10_000
  /// Of these, kept free for those that were not acknowledged.
  static let failureReserve = 1_000

  private(set) var records: [DeliveryRecord] = []
  /// Records that found no place.
  private(set) var omitted = 0
  private(set) var sent = 0
  private(set) var accepted = 0
  private(set) var duplicates = 0
  private(set) var rejected = 0
  private(set) var failed = 0
  private(set) var withheld = 0
  /// From the wire to the acknowledgement.
  private(set) var latencies = LatencyHistogram()
  /// The longest time by which an incident was sent later than planned.
  private(set) var behind = Duration.zero
  private var open: Set<String> = []

  var acknowledged: Int { accepted + duplicates }

  /// Incidents that were handed over and have no outcome.
  var outstanding: Int { open.count }

  /// True while an incident of this id has no outcome: another of the same id would be taken for it.
  func isOpen(_ id: String) -> Bool { open.contains(id) }

  /// An incident is about to be handed to delivery, so much later than planned.
  mutating func submitting(_ incident: IncidentLabel, behind late: Duration) {
    sent += 1
    open.insert(incident.id)
    behind = max(behind, late)
  }

  /// Delivery has no room for it yet: it is handed over again later.
  mutating func notTaken(_ incident: IncidentLabel) {
    sent -= 1
    open.remove(incident.id)
  }

  /// What became of one; a second word on the same one changes nothing.
  mutating func settled(_ incident: IncidentLabel, _ outcome: OneShotDelivery.Outcome) {
    guard open.remove(incident.id) != nil else { return }
    switch outcome {
    case .acknowledged(let receipt):
      if receipt.isDuplicate { duplicates += 1 } else { accepted += 1 }
      latencies.add(receipt.latency)
    case .rejected: rejected += 1
    case .failed: failed += 1
    }
    keep(DeliveryRecord(incident, outcome))
  }

  /// Redaction could not vouch for one: it was not handed over.
  mutating func withheld(_ id: String, reason: String) {
    withheld += 1
    keep(DeliveryRecord(withheld: id, reason: reason))
  }

  private mutating func keep(_ record: DeliveryRecord) {
    let limit = record.isAcknowledged ? Self.recordLimit - Self.failureReserve : Self.recordLimit
    if records.count < limit { records.append(record) } else { omitted += 1 }
  }
}
