internal import Delivery
internal import Testing

struct BackoffTests {
  @Test func pausesGrowToTheCapAndStartAnew() {
    var backoff = Backoff(.connection)
    let pauses = (0..<10).map { _ in backoff.next(random: 0.5) }
    #expect(pauses[0] == .seconds(1))
    #expect(pauses[1] == .milliseconds(1_600))
    #expect(pauses[2] == .milliseconds(2_560))
    #expect(pauses[9] == .seconds(20))
    backoff.reset()
    #expect(backoff.next(random: 0.5) == .seconds(1))
  }

  @Test(arguments: [(0.0, 800), (0.25, 900), (0.5, 1_000), (1.0, 1_200), (7.0, 1_200), (-1.0, 800)])
  func jitterMovesAPauseByAFifth(random: Double, milliseconds: Int) {
    var backoff = Backoff(.connection)
    #expect(backoff.next(random: random) == .milliseconds(milliseconds))
  }

  @Test func aThousandTriesDoNotOverflow() {
    var backoff = Backoff(Backoff.Policy(initial: .seconds(1), multiplier: 1e9, jitter: 0, cap: .seconds(5)))
    for _ in 0..<1_000 { _ = backoff.next(random: 0.5) }
    #expect(backoff.next(random: 0.5) == .seconds(5))
  }
}
