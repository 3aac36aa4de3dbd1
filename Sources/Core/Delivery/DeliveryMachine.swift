package import Incidents
package import Time

/// The sender's side of the contract: which incident goes on the wire next, what an acknowledgement settles, and what a
/// stream's end means for those on the way.
///
/// - Incidents go in the order in which they came, and after a lost stream again in that order: those of one pod are never
///   overtaken by a later one of the same pod on the same stream.
/// - Each is sent again until it is acknowledged, rejected, or blamed too often; none is sent twice on one stream.
/// - After the server itself failed a stream, one incident at a time is sent until one is acknowledged, so that it is
///   known which one the server cannot take.
package struct DeliveryMachine: Sendable {
  /// Where the stream stands.
  private enum Stream: Equatable {
    /// To: opening.
    case none(retryAt: MonotonicInstant?)
    /// Waits for a connection. To: open, none.
    case opening
    /// To: closing, none.
    case open
    /// No more incidents go on this stream; acknowledgements may still come. To: none.
    case closing(since: MonotonicInstant)
  }

  /// What the driver does next.
  package enum Step: Sendable, Equatable {
    /// Open a stream.
    case openStream
    /// Call again then, or when something happens.
    case wait(until: MonotonicInstant)
    /// Call again when something happens.
    case idle
    /// The orchestrator does not answer: ask the connection for a sign of life and give the stream up.
    case abandonStream
    /// This replica may not deliver any more: give the stream up.
    case withdraw
    /// Delivery is over, or its time is up: `drainEnded` hands back what is left.
    case finished
  }

  /// The life of delivery as a whole.
  private enum Life: Equatable {
    case running
    case draining(until: MonotonicInstant)
    case finished
  }

  private let limits: DeliveryLimits
  private var outbox: Outbox
  private var stream = Stream.none(retryAt: nil)
  private var life = Life.running
  private var backoff = Backoff(.connection)
  private var slowBackoff = Backoff(.slow)
  private var cursor = 0
  private var onTheWay: [String: Int] = [:]
  private var bytesOnTheWay = 0
  private var isCareful = false
  private var isServing = true
  /// Bytes of a newcomer that was refused for lack of room.
  private var wanted: Int?
  private var permittedUntil = MonotonicInstant(nanoseconds: .max)

  package init(limits: DeliveryLimits = DeliveryLimits()) {
    self.limits = limits
    outbox = Outbox(limits: limits)
  }

  /// Incidents held, those on the way included.
  package var held: Int { outbox.count }
  /// Encoded bytes held.
  package var heldBytes: Int { outbox.bytes }
  /// What is held, oldest first.
  package var waiting: [IncidentLabel] { outbox.all.map(\.incident) }
  /// When the oldest came in.
  package var oldestEntry: MonotonicInstant? { outbox.oldest { _ in true }?.enteredAt }
  /// Incidents on the wire that are not acknowledged.
  package var unacknowledged: Int { onTheWay.count }

  // MARK: Incidents in

  /// Takes an incident. False if one of this id is held already.
  package mutating func submitted(
    _ incident: IncidentLabel, at now: MonotonicInstant
  ) throws(DeliveryError) -> Bool {
    guard life == .running else { throw DeliveryError(.shutDown, "delivery is shutting down") }
    do {
      return try outbox.add(incident, at: now)
    } catch {
      if error.code == .outboxFull { wanted = incident.size }
      throw error
    }
  }

  /// The store had no room for an incident that was just taken: it is as if it had not come.
  package mutating func withdrawn(id: String) {
    _ = outbox.remove(id: id)
  }

  /// Takes what an earlier process left in the store, in its order, before anything else.
  package mutating func restored(_ incident: IncidentLabel, enteredAt: MonotonicInstant) {
    outbox.restore(incident, enteredAt: enteredAt)
  }

  /// False where an incident of the largest size would be refused now.
  package var hasRoom: Bool { !outbox.isFull(for: limits.incidentBytes) }

  // MARK: Incidents that wait for too long

  /// The oldest incident that has to become a dead letter: because a newcomer needs its room, or because of its age. The
  /// driver writes the letter, then says `buried` or, where that failed, `unburied`.
  package mutating func nextToBury(at now: MonotonicInstant) -> IncidentLabel? {
    guard limits.overflow == .deadLettersOldest, life == .running else { return nil }
    if let wanted, !outbox.isFull(for: wanted) { self.wanted = nil }
    // Incidents come in the order of their age: it is enough to look at the first that waits.
    guard let oldest = outbox.oldest(where: { $0.sentAt == nil && !$0.isLeaving }) else { return nil }
    let isTooOld = limits.age.map { oldest.enteredAt.duration(to: now) > $0 } ?? false
    guard isTooOld || wanted != nil || outbox.isOverfull else { return nil }
    outbox.update(id: oldest.incident.id) { $0.isLeaving = true }
    return oldest.incident
  }

  /// The dead letter is written: the incident is done with.
  package mutating func buried(id: String, at now: MonotonicInstant) -> DeliveryEvent? {
    guard let entry = outbox.remove(id: id) else { return nil }
    let waited = entry.enteredAt.duration(to: now)
    return .deadLettered(
      entry.incident, reason: "it waited for \(waited.components.seconds) s, the oldest in the outbox")
  }

  /// The dead letter could not be written: the incident stays, and who wants its room goes on waiting.
  package mutating func unburied(id: String) {
    outbox.update(id: id) { $0.isLeaving = false }
    wanted = nil
  }

  /// The store cannot give the content of an incident that was to be sent: there is nothing to deliver.
  package mutating func contentLost(id: String, reason: String) -> DeliveryEvent? {
    if let size = onTheWay.removeValue(forKey: id) { bytesOnTheWay -= size }
    return outbox.remove(id: id).map { .deadLettered($0.incident, reason: reason) }
  }

  // MARK: The stream

  /// Until when this replica may deliver (for ever, unless this is called); an instant in the past where it may not. What is held then
  /// waits.
  package mutating func permitted(until end: MonotonicInstant) { permittedUntil = end }

  /// What to do now.
  package mutating func step(at now: MonotonicInstant) -> Step {
    let isPermitted = now < permittedUntil
    var latest: MonotonicInstant? = permittedUntil.nanoseconds == .max ? nil : permittedUntil
    if case .draining(let until) = life {
      latest = min(until, permittedUntil)
      if now >= until || ((outbox.isEmpty || !isPermitted) && !hasStream) { life = .finished }
      if outbox.isEmpty, stream == .open { stream = .closing(since: now) }
    }
    if life == .finished { return .finished }
    if !isPermitted {
      if case .none = stream { return .idle }
      return .withdraw
    }
    let due: MonotonicInstant?
    switch stream {
    case .none(let retryAt):
      guard let retryAt, retryAt > now else { return .openStream }
      due = retryAt
    case .opening: due = nil
    case .open: due = oldestSent?.advanced(by: limits.acknowledgementTimeout)
    case .closing(let since):
      let limit = outbox.isEmpty ? Self.closeTimeout : limits.acknowledgementTimeout
      due = since.advanced(by: limit)
    }
    if hasStream, let due, due <= now { return .abandonStream }
    guard let next = [due, latest].compactMap({ $0 }).min() else { return .idle }
    return .wait(until: next)
  }

  /// Time that the server may take to end a stream that we ended with nothing on the way. It has nothing left to do.
  private static let closeTimeout = Duration.seconds(2)

  private var hasStream: Bool {
    switch stream {
    case .open, .closing: true
    case .none, .opening: false
    }
  }

  /// The driver opens a stream, as `step` said.
  package mutating func streamOpening() {
    stream = .opening
    cursor = 0
  }

  /// There is a connection, and the stream takes incidents.
  package mutating func streamOpened() {
    if stream == .opening { stream = .open }
  }

  /// False once no more incidents go on this stream: its sending side is to be ended.
  package var isSending: Bool {
    stream == .open && !(life != .running && outbox.isEmpty)
  }

  /// The next incident for the wire, or nil if none may go now.
  package mutating func nextToSend(at now: MonotonicInstant) -> DeliveryEvent? {
    // One that may become a dead letter holds up those behind it, for the order of its pod.
    guard stream == .open, isServing, now < permittedUntil, let (entry, next) = outbox.entry(from: cursor),
      !entry.isLeaving
    else { return nil }
    let size = entry.incident.size
    let window = isCareful ? 1 : limits.windowCount
    guard onTheWay.isEmpty || (onTheWay.count < window && bytesOnTheWay + size <= limits.windowBytes) else {
      return nil
    }
    cursor = next
    onTheWay[entry.incident.id] = size
    bytesOnTheWay += size
    outbox.update(id: entry.incident.id) { entry in
      entry.sentAt = now
      entry.attempts += 1
    }
    return .sent(entry.incident, attempt: entry.attempts + 1)
  }

  /// An acknowledgement came. Nil for an incident that is not on the way, and for an outcome that settles nothing.
  package mutating func acknowledged(
    id: String, _ outcome: Outcome, at now: MonotonicInstant
  ) -> DeliveryEvent? {
    guard let size = onTheWay[id], outcome != .unknown else { return nil }
    onTheWay[id] = nil
    bytesOnTheWay -= size
    guard let entry = outbox.remove(id: id), let sentAt = entry.sentAt else { return nil }
    isCareful = false
    backoff.reset()
    slowBackoff.reset()
    switch outcome {
    case .accepted(let receivedAt), .duplicate(let receivedAt):
      var isDuplicate = false
      if case .duplicate = outcome { isDuplicate = true }
      return .acknowledged(
        entry.incident,
        DeliveryEvent.Receipt(
          isDuplicate: isDuplicate, receivedAt: receivedAt, latency: sentAt.duration(to: now),
          age: entry.enteredAt.duration(to: now)))
    case .rejected(let reason): return .rejected(entry.incident, reason: reason)
    case .unknown: return nil
    }
  }

  /// What the orchestrator says of an incident.
  package enum Outcome: Sendable, Equatable {
    case accepted(receivedAt: Timestamp?)
    case duplicate(receivedAt: Timestamp?)
    case rejected(reason: String)
    /// An outcome of a later contract, or none: not an acknowledgement.
    case unknown
  }

  /// The server wants this stream to end (GOAWAY): nothing more goes on it.
  package mutating func serverIsLeaving(at now: MonotonicInstant) {
    if stream == .open { stream = .closing(since: now) }
  }

  /// The stream is over. What was on the way waits again, or becomes a dead letter. `random` is from 0 up to 1.
  package mutating func streamEnded(_ end: StreamEnd, at now: MonotonicInstant, random: Double) -> [DeliveryEvent] {
    var wasAsked = false
    if case .closing = stream { wasAsked = true }
    let suspects = onTheWay.count
    var events: [DeliveryEvent] = []
    if suspects == 1, end.blamesIncident, let id = onTheWay.keys.first {
      outbox.update(id: id) { $0.blames += 1 }
      let isHopeless = end.verdict == .deadLetter || (outbox[id]?.blames ?? 0) >= limits.attempts
      if isHopeless, let entry = outbox.remove(id: id) {
        events.append(.deadLettered(entry.incident, reason: end.description))
        // One less: that is progress, and the next one deserves no longer a pause.
        backoff.reset()
      }
    }
    // The server's word is about one of several: find out which.
    isCareful = isCareful || (end.blamesIncident && suspects > 0)
    for id in onTheWay.keys { outbox.update(id: id) { $0.sentAt = nil } }
    onTheWay = [:]
    bytesOnTheWay = 0

    let pause: Duration
    switch end.verdict {
    case .goOn where wasAsked: pause = .zero
    case .retrySlowly: pause = slowBackoff.next(random: random)
    default: pause = isConnectionLoss(end) ? .zero : backoff.next(random: random)
    }
    stream = .none(retryAt: now.advanced(by: pause))
    // A stream that was to end anyway is no news, and a lost connection then was told by the transport.
    let isNews = !wasAsked || (end.verdict != .goOn && !isConnectionLoss(end))
    if life == .running, isNews {
      events.append(.disconnected(reason: end.description, retryIn: pause))
    }
    return events
  }

  /// A lost connection needs no pause here: the transport's own backoff holds the next stream back.
  private func isConnectionLoss(_ end: StreamEnd) -> Bool {
    if case .connectionLost = end { true } else { false }
  }

  /// The orchestrator says whether it serves. Where it does not, nothing more goes on the wire and the outbox fills. True
  /// if that is news.
  package mutating func healthReported(isServing: Bool) -> Bool {
    defer { self.isServing = isServing }
    return self.isServing != isServing
  }

  // MARK: The end

  /// No more incidents come; those held may be delivered until the deadline.
  package mutating func shutdownRequested(drainUntil deadline: MonotonicInstant) {
    if life == .running { life = .draining(until: deadline) }
  }

  /// The deadline passed, or delivery is cancelled: hands back what is left.
  package mutating func drainEnded(_ reason: String) -> [DeliveryEvent] {
    life = .finished
    let left = outbox.all
    for entry in left { _ = outbox.remove(id: entry.incident.id) }
    onTheWay = [:]
    bytesOnTheWay = 0
    return left.map { .dropped($0.incident, reason: reason) }
  }

  /// When those on the way began to wait for their acknowledgement.
  package var oldestSent: MonotonicInstant? {
    onTheWay.keys.compactMap { outbox[$0]?.sentAt }.min()
  }
}
