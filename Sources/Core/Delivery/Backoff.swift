internal import Time

/// Growing pauses between tries.
package struct Backoff: Sendable, Equatable {
  /// The shape of the growth.
  package struct Policy: Sendable, Equatable {
    /// The first pause.
    package var initial: Duration
    /// Each pause is the one before it times this.
    package var multiplier: Double
    /// Each pause is moved by up to this part of itself, up or down, so that many clients do not come back at once.
    package var jitter: Double
    /// No pause is longer, jitter aside.
    package var cap: Duration

    package init(initial: Duration, multiplier: Double, jitter: Double, cap: Duration) {
      self.initial = initial
      self.multiplier = multiplier
      self.jitter = jitter
      self.cap = cap
    }

    /// gRPC's connection backoff (https://github.com/grpc/grpc/blob/master/doc/connection-backoff.md) with a lower cap than
    /// its 120 s: one sensor a cluster is no stampede, and what waits here is delivered within 30 s of the orchestrator's
    /// return. 1.0, 1.6, 2.6, 4.1, 6.6, 10.5, 16.8, 20, 20 … seconds, each ±20 %.
    package static let connection = Policy(initial: .seconds(1), multiplier: 1.6, jitter: 0.2, cap: .seconds(20))
    /// After an answer that a person has to mend (credentials, permissions): 30, 60, 120, 240, 300, 300 … seconds, ±20 %.
    package static let slow = Policy(initial: .seconds(30), multiplier: 2, jitter: 0.2, cap: .seconds(300))
  }

  /// The shape of the growth.
  package let policy: Policy
  /// Pauses handed out since the last reset.
  package private(set) var tries = 0

  package init(_ policy: Policy) {
    self.policy = policy
  }

  /// The next pause. `random` is a number from 0 up to 1, from whoever drives this.
  package mutating func next(random: Double) -> Duration {
    // The cap comes before the conversion: a power of a large count would not fit.
    var pause = policy.initial.milliseconds
    let cap = policy.cap.milliseconds
    for _ in 0..<tries where pause < cap { pause *= policy.multiplier }
    tries += 1
    let spread = 1 + policy.jitter * (2 * min(max(random, 0), 1) - 1)
    return .nanoseconds(Int64(min(pause, cap) * spread * 1_000_000))
  }

  /// All is well again.
  package mutating func reset() {
    tries = 0
  }
}
