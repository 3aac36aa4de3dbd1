package import Incidents
package import Time

/// Which incidents wait for their acknowledgement, oldest first, within limits. Their content lies in an `IncidentStore`.
///
/// Policy: a full outbox refuses the newcomer. What it holds was taken with a promise; the newcomer's sender keeps it and
/// tries again, or releases its debounce window, so that the failure comes again. Where there are dead letters, the oldest
/// incident makes room.
package struct Outbox: Sendable {
  /// One incident and how far it got.
  package struct Entry: Sendable, Equatable {
    /// The incident.
    package let incident: IncidentLabel
    /// When it came in.
    package let enteredAt: MonotonicInstant
    /// When it went on the wire of the present stream; nil while it waits.
    package var sentAt: MonotonicInstant?
    /// How often it went on a wire.
    package var attempts = 0
    /// Streams that the server failed while this incident alone was on the way.
    package var blames = 0
    /// True while it is on its way to the dead letters: it does not go on the wire then.
    package var isLeaving = false
  }

  private let limits: DeliveryLimits
  private var entries: [Int: Entry] = [:]
  private var sequences: [String: Int] = [:]
  private var first = 0
  private var next = 0

  /// Encoded bytes held.
  package private(set) var bytes = 0

  package init(limits: DeliveryLimits) {
    self.limits = limits
  }

  /// Incidents held.
  package var count: Int { entries.count }
  package var isEmpty: Bool { entries.isEmpty }

  /// Takes an incident. False if one of this id is held already, which is the same incident.
  package mutating func add(_ incident: IncidentLabel, at now: MonotonicInstant) throws(DeliveryError) -> Bool {
    guard sequences[incident.id] == nil else { return false }
    let size = incident.size
    guard size <= limits.incidentBytes else {
      throw DeliveryError(.tooLarge, "the incident has \(size) bytes, \(limits.incidentBytes) are allowed")
    }
    guard !isFull(for: size) else {
      throw DeliveryError(.outboxFull, "the outbox is full: \(entries.count) incidents, \(bytes) bytes")
    }
    append(incident, at: now)
    return true
  }

  /// Takes an incident that was promised by the process before this one, whatever the limits are now.
  package mutating func restore(_ incident: IncidentLabel, enteredAt: MonotonicInstant) {
    if sequences[incident.id] == nil { append(incident, at: enteredAt) }
  }

  private mutating func append(_ incident: IncidentLabel, at now: MonotonicInstant) {
    entries[next] = Entry(incident: incident, enteredAt: now)
    sequences[incident.id] = next
    next += 1
    bytes += incident.size
  }

  /// True if there are so many incidents or bytes that another one of `size` bytes does not fit.
  package func isFull(for size: Int) -> Bool {
    entries.count >= limits.outboxCount || bytes + size > limits.outboxBytes
  }

  /// True if more is held than the limits allow, which were wider when it came.
  package var isOverfull: Bool { entries.count > limits.outboxCount || bytes > limits.outboxBytes }

  /// The oldest incident of which this is true.
  package func oldest(where isWanted: (Entry) -> Bool) -> Entry? {
    (first..<next).lazy.compactMap { entries[$0] }.first(where: isWanted)
  }

  /// Takes an incident out, for it is done.
  package mutating func remove(id: String) -> Entry? {
    guard let sequence = sequences.removeValue(forKey: id), let entry = entries.removeValue(forKey: sequence) else {
      return nil
    }
    bytes -= entry.incident.size
    while first < next, entries[first] == nil { first += 1 }
    return entry
  }

  /// The incident of this id.
  package subscript(id: String) -> Entry? {
    sequences[id].flatMap { entries[$0] }
  }

  /// Changes the incident of this id in place.
  package mutating func update(id: String, _ change: (inout Entry) -> Void) {
    guard let sequence = sequences[id], var entry = entries[sequence] else { return }
    change(&entry)
    entries[sequence] = entry
  }

  /// The oldest incident that lies at or after a position, and the position after it.
  package func entry(from position: Int) -> (entry: Entry, next: Int)? {
    var position = max(position, first)
    while position < next {
      if let entry = entries[position] { return (entry, position + 1) }
      position += 1
    }
    return nil
  }

  /// All incidents, oldest first.
  package var all: [Entry] {
    (first..<next).compactMap { entries[$0] }
  }
}
