package import Time

/// How long to wait before the next try. client-go's reflector: 800 ms, doubled up to 30 s, forgotten after 2 minutes without
/// a failure.
///
///     failure   1     2     3     4     5      6      7 …
///     at most   0.8   1.6   3.2   6.4   12.8   25.6   30 s
///
/// The wait is anything from 0.1 s up to that ("full jitter"): many clients of one server that failed together must not come
/// back together.
package struct ReflectorBackoff: Sendable, Equatable {
  /// Of the first failure.
  package static let first = Duration.milliseconds(800)
  /// The longest.
  package static let longest = Duration.seconds(30)
  /// So that a lucky draw is no busy loop.
  package static let shortest = Duration.milliseconds(100)
  /// Without a failure for so long, the count starts anew.
  package static let forgottenAfter = Duration.seconds(120)

  private var failures = 0
  private var lastFailure: MonotonicInstant?

  package init() {}

  /// The wait after a failure at `now`. `fraction` is a random number from 0 up to 1.
  package mutating func failed(at now: MonotonicInstant, fraction: Double) -> Duration {
    if let lastFailure, lastFailure.duration(to: now) >= Self.forgottenAfter { failures = 0 }
    lastFailure = now
    // Five doublings reach the cap; more would overflow in a long outage.
    let ceiling = min(Self.first * (1 << min(failures, 6)), Self.longest)
    failures += 1
    return max(Self.shortest, ceiling * fraction)
  }
}
