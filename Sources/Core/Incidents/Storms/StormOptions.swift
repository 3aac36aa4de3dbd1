/// How many failures at a time are dealt with, and how.
package struct StormOptions: Sendable, Equatable {
  /// Failures of one container, class and controller within a debounce window make one incident with evidence; the others are light
  /// references to it. False: every one is harvested.
  package var isGrouping: Bool
  /// Harvests. Default: 50 a second after 200 at once. A harvest is at most 12 requests, so that is 600 requests a second, of which an
  /// API server answers thousands; a rate near client-go's 20 requests a second is what delays a storm's last incident by seconds.
  package var harvests: RateLimit.Options
  /// Light references. Default: 200 a second after 1,000 at once. One has less than 1 KiB and costs the API server nothing: this spares
  /// the orchestrator.
  package var references: RateLimit.Options
  /// Failures that wait, beyond the one that each group may always have. Default: 2,000, some 4 MiB; further ones are counted and ride
  /// on the next incident of their group.
  package var waitingLimit: Int
  /// Groups held. Default: 5,000, at most some 10 MiB while each has a failure that waits; beyond that a new one is refused.
  package var groupLimit: Int

  package init(
    isGrouping: Bool = true, harvests: RateLimit.Options = .init(perSecond: 50, burst: 200),
    references: RateLimit.Options = .init(perSecond: 200, burst: 1_000), waitingLimit: Int = 2_000,
    groupLimit: Int = 5_000
  ) {
    self.isGrouping = isGrouping
    self.harvests = harvests
    self.references = references
    self.waitingLimit = waitingLimit
    self.groupLimit = groupLimit
  }
}
