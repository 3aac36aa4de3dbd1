package import Time

/// The time that redaction may take for one incident, wherever that comes from. What takes longer is withheld.
package struct RedactionBudget {
  /// An incident has at most some 2 MiB, and the slowest rule reads 20 MB/s: this is thirty times what it takes.
  private static let limit: Duration = .seconds(3)

  private let time: any TimeSource
  private let end: MonotonicInstant

  /// Begins now.
  package init(time: any TimeSource) {
    self.time = time
    end = time.monotonic.advanced(by: Self.limit)
  }

  /// True once the time is over.
  package var isUsedUp: Bool { time.monotonic > end }
}
