internal import Time

/// The three times of a leader election, with client-go's defaults (`tools/leaderelection`, as kube-controller-manager sets them).
package struct ElectionTiming: Sendable, Equatable {
  /// How long the others wait after the last renewal that they saw. Whole seconds, for the record has no others. Default: 15 s.
  package var leaseDuration: Duration
  /// How long the leader may work after its own last renewal. Default: 10 s. The distance to `leaseDuration` is what clocks that run
  /// at different speeds, and requests that are still on their way, may take.
  package var renewDeadline: Duration
  /// Between two renewals, and at most between two looks of the others. Default: 2 s.
  package var retryPeriod: Duration

  /// client-go's JitterFactor. Looks of the others are `retryPeriod / 1.2` to `retryPeriod` apart, so that they do not come in step.
  /// client-go adds to the period instead; a lease that was released is then free for up to 4.4 s, here for one period.
  static let jitterFactor = 1.2

  package init(
    leaseDuration: Duration = .seconds(15), renewDeadline: Duration = .seconds(10), retryPeriod: Duration = .seconds(2)
  ) {
    self.leaseDuration = leaseDuration
    self.renewDeadline = renewDeadline
    self.retryPeriod = retryPeriod
  }

  /// What is wrong with them, as client-go checks it; nil where nothing is.
  package var problem: String? {
    if leaseDuration <= renewDeadline { return "leaseDuration must be longer than renewDeadline" }
    if renewDeadline <= retryPeriod * Self.jitterFactor { return "renewDeadline must be longer than 1.2 × retryPeriod" }
    return leaseDuration.components.attoseconds == 0 ? nil : "leaseDuration must be whole seconds"
  }

  /// Time for one request: half of the deadline, so that a second one fits into it (as controller-runtime).
  package var requestTimeout: Duration { renewDeadline / 2 }
}
