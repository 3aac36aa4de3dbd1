import Simulation
import Synchronization
import Testing
import Time

@testable import kube_mind

@Suite("replay plan")
struct ReplayPlanTests {
  private static func times(_ seconds: Int64?...) -> [Timestamp?] {
    seconds.map { $0.map { Timestamp(seconds: $0) } }
  }

  private static func steps(_ plan: ReplayPlan, limit: Int = 20) -> [[Double]] {
    var plan = plan
    var steps: [[Double]] = []
    while steps.count < limit, let step = plan.next() {
      steps.append([Double(step.index), Double(step.round), step.offset.milliseconds])
    }
    return steps
  }

  @Test func recordedSpacingIsKeptAndMadeFaster() {
    let times = Self.times(30, 10, nil, 20, 10)
    let plan = ReplayPlan(times: times, pace: .recorded(speed: 1))
    #expect(Self.steps(plan) == [[1, 0, 0], [4, 0, 0], [3, 0, 10_000], [0, 0, 20_000], [2, 0, 20_000]])
    #expect(plan.size == 5)
    let fast = ReplayPlan(times: times, pace: .recorded(speed: 100))
    #expect(Self.steps(fast).map { $0[2] } == [0, 0, 100, 200, 200])
    #expect(Self.steps(ReplayPlan(times: times, pace: .atOnce)).map { $0[2] } == [0, 0, 0, 0, 0])
  }

  @Test func aRateIsEven() {
    let plan = ReplayPlan(times: Self.times(0, 1_000, 2_000), pace: .rate(4))
    #expect(Self.steps(plan).map { $0[2] } == [0, 250, 500])
  }

  @Test func roundsFollowAtTheMeanSpacing() {
    let plan = ReplayPlan(times: Self.times(0, 10, 20), pace: .recorded(speed: 1), loops: true)
    #expect(plan.size == nil)
    #expect(
      Self.steps(plan, limit: 5) == [[0, 0, 0], [1, 0, 10_000], [2, 0, 20_000], [0, 1, 30_000], [1, 1, 40_000]])
    let single = ReplayPlan(times: Self.times(5), pace: .recorded(speed: 2), loops: true)
    #expect(Self.steps(single, limit: 3).map { $0[2] } == [0, 500, 1_000])
  }

  @Test func aCountEndsItAndGoesRoundForIt() {
    #expect(Self.steps(ReplayPlan(times: Self.times(0, 1), pace: .atOnce, count: 1)).count == 1)
    let more = ReplayPlan(times: Self.times(0, 1), pace: .atOnce, count: 5)
    #expect(Self.steps(more).map { $0[0] } == [0, 1, 0, 1, 0])
    #expect(more.size == 5)
    #expect(Self.steps(ReplayPlan(times: Self.times(0), pace: .atOnce, loops: true, count: 3)).count == 3)
  }

  @Test func nothingIsNothing() {
    #expect(Self.steps(ReplayPlan(times: [], pace: .rate(1), loops: true, count: 3)).isEmpty)
    #expect(Self.steps(ReplayPlan(times: Self.times(nil, nil), pace: .recorded(speed: 1))).map { $0[2] } == [0, 0])
  }
}

@Suite("latency histogram")
struct LatencyHistogramTests {
  @Test func percentilesAreWithinThreePercent() {
    var histogram = LatencyHistogram()
    #expect(histogram.milliseconds(at: 0.5) == nil)
    for value in (1...10_000).shuffled() { histogram.add(.microseconds(value * 10)) }
    #expect(histogram.count == 10_000)
    #expect(histogram.maximum == 100_000)
    for (share, exact) in [(0.5, 50.0), (0.95, 95.0), (0.99, 99.0), (0.0001, 0.01)] {
      let found = histogram.milliseconds(at: share) ?? 0
      #expect(found >= exact && found <= exact * 1.032, "\(share): \(found)")
    }
    #expect(histogram.milliseconds(at: 1) == 100)
    #expect(histogram.bars.map(\.count).reduce(0, +) == 10_000)
    #expect(histogram.bars.map(\.milliseconds) == histogram.bars.map(\.milliseconds).sorted())
  }

  @Test(arguments: [-5, 0, 1, 31, 32, 33, 63, 64, 1_000_000, 1 << 40, Int(Int64.max / 1_000)])
  func oneValueIsItsOwnPercentiles(microseconds: Int) {
    var histogram = LatencyHistogram()
    histogram.add(.microseconds(microseconds))
    let expected = Double(max(0, microseconds)) / 1_000
    for share in [0, 0.5, 1] {
      let found = histogram.milliseconds(at: share) ?? -1
      #expect(found <= expected && (microseconds > 1 << 40 || found >= expected * 0.97), "\(found)")
    }
  }
}

@Suite("fault scenarios")
struct FaultScenarioTests {
  @Test func faultsAreRead() throws {
    let behaviour = try FaultScenario.behaviour([
      "slow=20ms", "unavailable=3s", "refuse=2", "lose-acks=4", "goaway=5", "end-stream",
    ])
    #expect(behaviour.delay == .milliseconds(20))
    #expect(behaviour.unavailableFor == .seconds(3))
    #expect(behaviour.refusedStreams == 2)
    #expect(behaviour.lostAcknowledgements == 4)
    #expect(behaviour.goesAwayAfter == 5)
    #expect(behaviour.closesStreamAfter == 100)
    #expect(try FaultScenario.behaviour(["refuse"]).refusedStreams == .max)
    #expect(try FaultScenario.behaviour(["reject=3"]).rejection == .every(3, reason: "the fault scenario rejects it"))
  }

  @Test(arguments: ["", "slow=", "slow=5", "slow=9h", "refuse=0", "goaway=-1", "goaway=x", "none", "SLOW", "slow=1s=2"])
  func othersAreRefused(fault: String) {
    let failure = #expect(throws: CommandFailure.self) { try FaultScenario.behaviour([fault]) }
    #expect(failure?.status == .usage)
    #expect(failure?.message.hasPrefix("--fault \(fault): ") == true)
  }
}

@Suite("progress line")
struct ProgressLineTests {
  @Test func itIsWrittenOverAndTakenAway() {
    let written = Written()
    let line = ProgressLine(isTerminal: true, write: { written.append($0) })
    line.show("one")
    line.show(String(repeating: "x", count: 200))
    line.note("kept")
    line.note("kept, too")
    line.end()
    line.show("two")
    line.end()
    #expect(
      written.texts == [
        "\r\u{1B}[Kone", "\r\u{1B}[K" + String(repeating: "x", count: 79), "\r\u{1B}[Kkept\n", "kept, too\n",
        "\r\u{1B}[Ktwo", "\r\u{1B}[K",
      ])
  }

  @Test func withoutATerminalOnlyLinesThatStay() {
    let written = Written()
    let line = ProgressLine(isTerminal: false, write: { written.append($0) })
    line.show("one")
    line.note("kept")
    line.end()
    #expect(written.texts == ["kept\n"])
  }

  private final class Written: Sendable {
    private let state = Mutex<[String]>([])
    var texts: [String] { state.withLock { $0 } }
    func append(_ text: String) { state.withLock { $0.append(text) } }
  }
}
