/// What delivery may hold and have on the way.
package struct DeliveryLimits: Sendable, Equatable {
  /// Incidents in the outbox, those on the way included. 4,096: more than one an hour for a third of a year; each costs some
  /// 500 bytes of memory besides its content.
  package var outboxCount: Int
  /// Encoded bytes in the outbox. 16 MiB: half of what the whole program may use, 200 incidents of a usual 80 KiB.
  package var outboxBytes: Int
  /// Incidents on the way that are not acknowledged. 32: at 100 ms to the orchestrator and back, 320 a second.
  package var windowCount: Int
  /// Encoded bytes on the way. One incident may always go, however large.
  package var windowBytes: Int
  /// Encoded bytes of one incident: the contract's 3.5 MiB.
  package var incidentBytes: Int
  /// Time that an acknowledgement may take before the stream is given up and the incident sent again.
  package var acknowledgementTimeout: Duration
  /// Answers of the server that failed the stream while this incident alone was on the way, before it becomes a dead letter:
  /// one incident that the orchestrator cannot digest must not hold up all others for ever. Lost connections do not count.
  /// 20: with the backoff's pauses some 5 minutes, so that a passing trouble of the server's is not taken for the incident's.
  package var attempts: Int
  /// What becomes of an incident for which there is no room.
  package var overflow: Overflow
  /// An incident that waits for longer becomes a dead letter, where `overflow` has dead letters. Nil: it waits for ever.
  package var age: Duration?

  /// What a full outbox does.
  package enum Overflow: Sendable, Equatable {
    /// The newcomer is refused; what is held was promised first.
    case refusesNewcomer
    /// The newcomer is refused until the oldest incident that is not on the way has become a dead letter.
    case deadLettersOldest
  }

  package init(
    outboxCount: Int = 4_096, outboxBytes: Int = 16 << 20, windowCount: Int = 32, windowBytes: Int = 8 << 20,
    incidentBytes: Int = 3_670_016, acknowledgementTimeout: Duration = .seconds(30), attempts: Int = 20,
    overflow: Overflow = .refusesNewcomer, age: Duration? = nil
  ) {
    self.outboxCount = outboxCount
    self.outboxBytes = outboxBytes
    self.windowCount = windowCount
    self.windowBytes = windowBytes
    self.incidentBytes = incidentBytes
    self.acknowledgementTimeout = acknowledgementTimeout
    self.attempts = attempts
    self.overflow = overflow
    self.age = age
  }
}
