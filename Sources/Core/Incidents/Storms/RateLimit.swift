package import Time

/// A token bucket: so many at once, then so many a second. Written as the generic cell rate algorithm (ITU-T I.371, Annex A), which
/// keeps one instant and no counter.
package struct RateLimit: Sendable, Equatable {
  /// What it allows.
  package struct Options: Sendable, Equatable {
    /// Tokens that come back in a second, at least 1.
    package var perSecond: Int
    /// Tokens at most, at least 1.
    package var burst: Int

    package init(perSecond: Int, burst: Int) {
      self.perSecond = max(1, perSecond)
      self.burst = max(1, burst)
    }
  }

  /// What it allows; a change takes effect with the next token.
  package var options: Options
  /// When the bucket is full again.
  private var fullAt: MonotonicInstant?

  package init(_ options: Options) {
    self.options = options
  }

  /// Takes a token. Where there is none, says when there will be one.
  package mutating func take(at now: MonotonicInstant) -> MonotonicInstant? {
    let interval = Duration.seconds(1) / options.perSecond
    let fullAt = max(fullAt ?? now, now)
    let free = fullAt.advanced(by: .zero - interval * (options.burst - 1))
    guard free <= now else { return free }
    self.fullAt = fullAt.advanced(by: interval)
    return nil
  }
}
