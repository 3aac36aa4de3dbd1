internal import Contract
internal import Time

/// The mock orchestrator's memory and manners as a value, without I/O.
struct ReceiverModel: Sendable {
  /// What to do with an incident that has come.
  enum Reply: Sendable, Equatable {
    case acknowledge(KMOutcome, reason: String)
    /// The answer is lost.
    case silence
    /// The stream ends without an answer.
    case endStream
  }

  /// Incidents kept: 10,000 of the usual 10 to 64 KiB would be too much, so bytes are limited as well.
  static let incidentLimit = 10_000
  /// 64 MiB.
  static let byteLimit = 64 << 20
  /// Ids by which a repeat is known; 100 bytes each.
  static let idLimit = 200_000

  private(set) var incidents: [ReceivedIncident] = []
  private(set) var counts: [KMOutcome: Int] = [:]
  private(set) var streams = 0
  private(set) var dropped = 0
  private var bytes = 0
  private var known: Set<String> = []
  private var behaviour = OrchestratorBehaviour.willing
  private var behaviourSince = MonotonicInstant.origin
  private var seen = 0
  private var seenOnStream: [Int: Int] = [:]

  mutating func behave(_ behaviour: OrchestratorBehaviour, at now: MonotonicInstant) {
    self.behaviour = behaviour
    behaviourSince = now
    seen = 0
  }

  var delay: Duration { behaviour.delay }

  /// A stream was opened: its number, or nil where it is refused.
  mutating func streamOpened(at now: MonotonicInstant) -> Int? {
    guard behaviourSince.duration(to: now) >= behaviour.unavailableFor else { return nil }
    if behaviour.refusedStreams > 0 {
      behaviour.refusedStreams -= 1
      return nil
    }
    streams += 1
    seenOnStream[streams] = 0
    return streams
  }

  mutating func streamClosed(_ stream: Int) {
    seenOnStream[stream] = nil
  }

  /// An incident has come: what to answer, and whether to send GOAWAY.
  mutating func incidentReceived(
    _ incident: RawIncident, on stream: Int, at now: Timestamp
  ) -> (reply: Reply, goAway: Bool) {
    seen += 1
    seenOnStream[stream, default: 0] += 1
    let (outcome, reason) = outcome(of: incident.id)
    var reply = Reply.acknowledge(outcome, reason: reason)
    if let limit = behaviour.closesStreamAfter, seenOnStream[stream, default: 0] >= limit {
      reply = .endStream
    } else if behaviour.lostAcknowledgements > 0 {
      behaviour.lostAcknowledgements -= 1
      reply = .silence
    }
    if outcome != .rejected, known.count < Self.idLimit { known.insert(incident.id) }
    counts[outcome, default: 0] += 1
    var isAcknowledged = false
    if case .acknowledge = reply { isAcknowledged = true }
    keep(
      ReceivedIncident(
        incident, receivedAt: now, stream: stream, outcome: outcome, isAcknowledged: isAcknowledged))
    return (reply, behaviour.goesAwayAfter.map { $0 > 0 && seen % $0 == 0 } ?? false)
  }

  private func outcome(of id: String) -> (KMOutcome, reason: String) {
    switch behaviour.rejection {
    case .all(let reason): (.rejected, reason)
    case .every(let count, let reason) where count > 0 && seen % count == 0: (.rejected, reason)
    case .none, .every: (known.contains(id) ? .duplicate : .accepted, "")
    }
  }

  private mutating func keep(_ incident: ReceivedIncident) {
    incidents.append(incident)
    bytes += incident.encoded.count
    while incidents.count > Self.incidentLimit || (bytes > Self.byteLimit && incidents.count > 1) {
      bytes -= incidents.removeFirst().encoded.count
      dropped += 1
    }
  }
}
