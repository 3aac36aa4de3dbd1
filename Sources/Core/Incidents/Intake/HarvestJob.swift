package import Time

/// A failure to tell, with what is told beside it.
package struct HarvestJob: Sendable, Equatable {
  /// The failure.
  package let occurrence: Occurrence
  /// Failures of the same debounce key that were counted.
  package let suppressed: SuppressedFailures
  /// Failures of the same storm that were counted.
  package var overflow = SuppressedFailures()
  /// When the event that shows it was read, on the monotonic clock.
  package let detected: MonotonicInstant
  /// The same by the wall clock.
  package let detectedAt: Timestamp
  /// Found while another replica led, which tells of it unless it ends before it can.
  package var isInheritance = false

  package init(
    occurrence: Occurrence, suppressed: SuppressedFailures = SuppressedFailures(), detected: MonotonicInstant,
    detectedAt: Timestamp
  ) {
    self.occurrence = occurrence
    self.suppressed = suppressed
    self.detected = detected
    self.detectedAt = detectedAt
  }

  /// All counts that ride on its incident.
  package var told: SuppressedFailures {
    var told = suppressed
    told.add(overflow)
    return told
  }
}
