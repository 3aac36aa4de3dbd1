/// A wall-clock time in UTC, nanoseconds since 1970-01-01T00:00:00Z.
///
/// Reads what Kubernetes writes: `Time` (seconds) and `MicroTime` (microseconds), both RFC 3339. Wall-clock times are for
/// reports and for comparing what one node said; they are never used for waiting (`MonotonicInstant` is).
package struct Timestamp: Sendable, Hashable, Comparable {
  /// Nanoseconds since the Unix epoch; reaches from 1677 to 2262.
  package var nanosecondsSinceEpoch: Int64

  /// The time that lies so many nanoseconds after the epoch.
  package init(nanosecondsSinceEpoch: Int64) {
    self.nanosecondsSinceEpoch = nanosecondsSinceEpoch
  }

  /// The time that lies so many seconds and nanoseconds after the epoch; the nearest one that can be held where a message
  /// from outside names another.
  package init(seconds: Int64, nanoseconds: Int32 = 0) {
    self.nanosecondsSinceEpoch = seconds.saturatingMultiplied(by: 1_000_000_000).saturatingAdded(Int64(nanoseconds))
  }

  /// 1970-01-01T00:00:00Z, which the kubelet writes for a process that never started.
  package static let epoch = Timestamp(nanosecondsSinceEpoch: 0)

  /// Whole seconds since the epoch, rounded down.
  package var seconds: Int64 {
    nanosecondsSinceEpoch.floorDivided(by: 1_000_000_000)
  }

  /// Nanoseconds past the whole second, 0 to 999,999,999.
  package var nanoseconds: Int32 {
    Int32(nanosecondsSinceEpoch - seconds * 1_000_000_000)
  }

  /// This time moved by a duration, which may be negative.
  package func advanced(by duration: Duration) -> Timestamp {
    Timestamp(nanosecondsSinceEpoch: nanosecondsSinceEpoch.saturatingAdded(duration.wholeNanoseconds))
  }

  /// The duration from this time to the other.
  package func duration(to other: Timestamp) -> Duration {
    .nanoseconds(other.nanosecondsSinceEpoch.saturatingSubtracting(nanosecondsSinceEpoch))
  }

  package static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.nanosecondsSinceEpoch < right.nanosecondsSinceEpoch
  }
}

extension Int64 {
  /// Division that rounds towards negative infinity, so that times before 1970 keep their order.
  func floorDivided(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}

extension Int64 {
  /// The sum, or the nearest value that can be held: a time from outside must not end the program.
  func saturatingAdded(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other > 0 ? .max : .min) : sum
  }

  /// The difference, or the nearest value that can be held.
  func saturatingSubtracting(_ other: Int64) -> Int64 {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return overflow ? (other > 0 ? .min : .max) : difference
  }

  /// The product, or the nearest value that can be held.
  func saturatingMultiplied(by factor: Int64) -> Int64 {
    let (product, overflow) = multipliedReportingOverflow(by: factor)
    return overflow ? ((self < 0) == (factor < 0) ? .max : .min) : product
  }
}
