import Randomness
import Testing
import Time

@testable import Incidents

@Suite("Rate limit")
struct RateLimitTests {
  private func at(_ milliseconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: milliseconds * 1_000_000) }

  @Test("a burst, then one by one")
  func burst() {
    var limit = RateLimit(.init(perSecond: 10, burst: 3))
    #expect((0..<4).map { _ in limit.take(at: at(0)) } == [nil, nil, nil, at(100)])
    #expect(limit.take(at: at(99)) == at(100))
    #expect(limit.take(at: at(100)) == nil)
    #expect(limit.take(at: at(100)) == at(200))
    // Idle for long: full again, and no fuller.
    #expect((0..<4).map { _ in limit.take(at: at(60_000)) } == [nil, nil, nil, at(60_100)])
  }

  @Test("limits that make no sense still let something through")
  func least() {
    var limit = RateLimit(.init(perSecond: 0, burst: -5))
    #expect(limit.take(at: at(0)) == nil)
    #expect(limit.take(at: at(0)) == at(1_000))
  }

  @Test("never more than burst + rate × time, whatever the asking", arguments: 1...20)
  func bound(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var limit = RateLimit(.init(perSecond: 50, burst: 20))
    var (now, taken): (Int64, Int64) = (0, 0)
    for _ in 0..<5_000 {
      now += Int64.random(in: 0...8, using: &random)
      if limit.take(at: at(now)) == nil { taken += 1 }
      #expect(taken * 20 <= 20 * 20 + now)
    }
    #expect(taken > 20)
  }
}
