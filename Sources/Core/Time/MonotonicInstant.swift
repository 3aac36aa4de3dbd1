/// A point on a clock that never goes back, for windows, deadlines and durations.
///
/// Its origin means nothing: only the distance of two instants of one process does. Machines take it as an argument; only
/// adapters read a clock (`SystemTime`), and tests make instants as they please.
package struct MonotonicInstant: InstantProtocol, Sendable, Hashable {
  /// Nanoseconds since the clock's own origin.
  package var nanoseconds: Int64

  /// An instant that lies `nanoseconds` after the origin.
  package init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// The origin: what tests start from.
  package static let origin = MonotonicInstant(nanoseconds: 0)

  /// This instant moved by a duration, which may be negative.
  package func advanced(by duration: Duration) -> MonotonicInstant {
    MonotonicInstant(nanoseconds: nanoseconds.saturatingAdded(duration.wholeNanoseconds))
  }

  /// The duration from this instant to the other.
  package func duration(to other: MonotonicInstant) -> Duration {
    .nanoseconds(other.nanoseconds.saturatingSubtracting(nanoseconds))
  }

  package static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
    left.nanoseconds < right.nanoseconds
  }
}

extension Duration {
  /// This duration in nanoseconds, rounded towards zero. Holds ±292 years.
  package var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds.saturatingMultiplied(by: 1_000_000_000).saturatingAdded(attoseconds / 1_000_000_000)
  }

  /// This duration in milliseconds with its fraction, for people and reports.
  package var milliseconds: Double {
    Double(wholeNanoseconds) / 1_000_000
  }
}
