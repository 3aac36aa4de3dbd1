import Randomness
import Testing
import Time

@testable import Kubernetes

private let wall = Timestamp(seconds: 1_795_000_000)

private func at(_ seconds: Double) -> MonotonicInstant { MonotonicInstant(nanoseconds: Int64(seconds * 1e9)) }

private func lease(_ holder: String, renewed: Int = 0, transitions: Int = 3, seconds: Int = 15) -> LeaseSnapshot {
  LeaseSnapshot(
    namespace: "ops", name: "l", resourceVersion: "\(renewed)", holder: holder, durationSeconds: seconds,
    acquiredAt: wall, renewedAt: wall.advanced(by: .seconds(renewed)), transitions: transitions)
}

@Suite("Leader election")
struct LeaderElectorTests {
  private var elector = LeaderElector(
    identity: "a", namespace: "ops", name: "l", timing: ElectionTiming(), random: SplitMix64(seed: 1))

  private enum Expected: Equatable {
    case read, done
    case create(transitions: Int)
    case update(holder: String, transitions: Int, version: String, seconds: Int = 15)
    /// Seconds, from and to.
    case wait(ClosedRange<Double>)
  }

  private func expect(
    _ step: LeaderElector.Step, _ expected: Expected, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let isAsExpected =
      switch (step, expected) {
      case (.read, .read), (.done, .done): true
      case (.create(let lease), .create(let transitions)):
        lease.holder == "a" && lease.transitions == transitions && lease.resourceVersion.isEmpty
      case (.update(let lease), .update(let holder, let transitions, let version, let seconds)):
        lease.holder == holder && lease.transitions == transitions && lease.resourceVersion == version
          && lease.durationSeconds == seconds
      case (.wait(let until), .wait(let range)): range.contains(Double(until.nanoseconds) / 1e9)
      default: false
      }
    #expect(isAsExpected, "\(step) is not \(expected)", sourceLocation: sourceLocation)
  }

  /// Leads since `time`, with version 1 of the record.
  private mutating func elect(at time: MonotonicInstant) {
    _ = elector.started()
    _ = elector.leaseRead(lease(""), at: time, wall: wall)
    _ = elector.leaseWritten(lease("a", renewed: 1, transitions: 4), at: time)
  }

  @Test("a free Lease is taken, and renewed without a read")
  mutating func takes() {
    expect(elector.started(), .read)
    expect(elector.leaseRead(lease(""), at: at(0), wall: wall), .update(holder: "a", transitions: 4, version: "0"))
    #expect(!elector.leads(at: at(0)))
    expect(elector.leaseWritten(lease("a", renewed: 1, transitions: 4), at: at(0.5)), .wait(2...2))
    // Counted from when the write was sent, not from its answer.
    #expect(elector.leadsUntil == at(10))
    expect(elector.timerFired(at: at(2), wall: wall), .update(holder: "a", transitions: 4, version: "1"))
    expect(elector.leaseWritten(lease("a", renewed: 2, transitions: 4), at: at(2)), .wait(4...4))
    #expect(elector.leadsUntil == at(12))
  }

  @Test("a missing Lease is made; who was slower reads it")
  mutating func creates() {
    _ = elector.started()
    expect(elector.leaseMissing(at: at(0), wall: wall), .create(transitions: 0))
    expect(elector.requestFailed(at: at(0)), .wait(1.66...2))
    #expect(!elector.leads(at: at(0)))
  }

  @Test("another's Lease is left alone for its own duration after it was seen to change, whatever its clock says")
  mutating func follows() {
    _ = elector.started()
    expect(elector.leaseRead(lease("b", renewed: 1), at: at(0), wall: wall), .wait(1.66...2))
    expect(elector.timerFired(at: at(2), wall: wall), .read)
    expect(elector.leaseRead(lease("b", renewed: 2), at: at(2), wall: wall), .wait(3.66...4))
    // No change since second 2: its end comes before the next look would.
    expect(elector.leaseRead(lease("b", renewed: 2), at: at(16.5), wall: wall), .wait(17...17))
    expect(
      elector.leaseRead(lease("b", renewed: 2), at: at(17), wall: wall),
      .update(holder: "a", transitions: 4, version: "2"))
  }

  @Test("another's own duration counts, not ours")
  mutating func foreignDuration() {
    _ = elector.started()
    _ = elector.leaseRead(lease("b", renewed: 1, seconds: 60), at: at(0), wall: wall)
    expect(elector.leaseRead(lease("b", renewed: 1, seconds: 60), at: at(59), wall: wall), .wait(60...60))
    expect(
      elector.leaseRead(lease("b", renewed: 1, seconds: 60), at: at(60), wall: wall),
      .update(holder: "a", transitions: 4, version: "1"))
  }

  @Test("a write of something else in the object is no renewal")
  mutating func annotation() {
    _ = elector.started()
    _ = elector.leaseRead(lease("b", renewed: 1), at: at(0), wall: wall)
    var touched = lease("b", renewed: 1)
    touched.resourceVersion = "99"
    expect(elector.leaseRead(touched, at: at(15), wall: wall), .update(holder: "a", transitions: 4, version: "99"))
  }

  @Test("a renewal that fails is tried by the slow way, until the deadline")
  mutating func deadline() {
    elect(at: at(0))
    _ = elector.timerFired(at: at(2), wall: wall)
    expect(elector.requestFailed(at: at(3)), .read)
    expect(elector.requestFailed(at: at(4)), .wait(6...6))
    expect(elector.timerFired(at: at(6), wall: wall), .update(holder: "a", transitions: 4, version: "1"))
    expect(elector.requestFailed(at: at(8)), .read)
    expect(elector.requestFailed(at: at(9)), .wait(10...10))
    #expect(elector.leads(at: at(9.99)))
    #expect(!elector.leads(at: at(10)))
    expect(elector.timerFired(at: at(10), wall: wall), .read)
    #expect(elector.leadsUntil == nil)
    // Nobody else took it: it is ours again at once, and it is no transition.
    expect(
      elector.leaseRead(lease("a", renewed: 1, transitions: 4), at: at(11), wall: wall),
      .update(holder: "a", transitions: 4, version: "1"))
  }

  @Test("a leader that was stopped for a while notices before it acts")
  mutating func frozen() {
    elect(at: at(0))
    #expect(!elector.leads(at: at(30)))
    expect(elector.timerFired(at: at(30), wall: wall), .read)
    expect(elector.leaseRead(lease("b", renewed: 20), at: at(30), wall: wall), .wait(31.6...32))
    #expect(elector.holder == "b")
  }

  @Test("an answer that comes after the deadline makes no leader")
  mutating func lateAnswer() {
    _ = elector.started()
    _ = elector.leaseRead(lease(""), at: at(0), wall: wall)
    expect(elector.leaseWritten(lease("a", renewed: 1), at: at(30)), .wait(30...30))
    #expect(!elector.leads(at: at(30)))
    expect(elector.timerFired(at: at(30), wall: wall), .read)
  }

  @Test("a leader that reads another's name steps down at once")
  mutating func deposed() {
    elect(at: at(0))
    _ = elector.timerFired(at: at(2), wall: wall)
    expect(elector.requestFailed(at: at(2)), .read)
    expect(elector.leaseRead(lease("b", renewed: 2), at: at(2), wall: wall), .wait(3.6...4))
    #expect(!elector.leads(at: at(2)))
  }

  @Test("a leader whose Lease was deleted leads again only once it has made a new one")
  mutating func deleted() {
    elect(at: at(0))
    _ = elector.timerFired(at: at(2), wall: wall)
    _ = elector.requestFailed(at: at(2))
    expect(elector.leaseMissing(at: at(2), wall: wall), .create(transitions: 0))
    #expect(!elector.leads(at: at(2)))
    expect(elector.leaseWritten(lease("a", renewed: 9, transitions: 0), at: at(2)), .wait(4...4))
    #expect(elector.leads(at: at(2)))
  }

  @Test("given back with an empty holder and one second, once")
  mutating func releases() {
    elect(at: at(0))
    expect(
      elector.stopRequested(at: at(1), wall: wall), .update(holder: "", transitions: 4, version: "1", seconds: 1))
    #expect(!elector.leads(at: at(1)))
    // Another write came between: read, and released at that version.
    expect(elector.requestFailed(at: at(1)), .read)
    expect(
      elector.leaseRead(lease("a", renewed: 2, transitions: 4), at: at(1), wall: wall),
      .update(holder: "", transitions: 4, version: "2", seconds: 1))
    expect(elector.leaseWritten(lease("", renewed: 3), at: at(1)), .done)
    expect(elector.timerFired(at: at(5), wall: wall), .done)
  }

  @Test("another's Lease is not released, nor one that is past")
  mutating func releasesOnlyItsOwn() {
    _ = elector.started()
    _ = elector.leaseRead(lease("b"), at: at(0), wall: wall)
    expect(elector.stopRequested(at: at(1), wall: wall), .done)
    elector = LeaderElector(
      identity: "a", namespace: "ops", name: "l", timing: ElectionTiming(), random: SplitMix64(seed: 1))
    elect(at: at(0))
    expect(elector.stopRequested(at: at(10), wall: wall), .done)
  }

  @Test("what a stranger wrote into the record does no harm")
  mutating func hostileRecord() {
    _ = elector.started()
    var odd = lease("b", renewed: 1, transitions: Int.max, seconds: Int.max)
    odd.renewedAt = nil
    expect(elector.leaseRead(odd, at: at(0), wall: wall), .wait(1.66...2))
    odd.holder = ""
    expect(
      elector.leaseRead(odd, at: at(1), wall: wall),
      .update(holder: "a", transitions: Int(Int32.max), version: "1"))
    odd.holder = "b"
    odd.durationSeconds = -5
    odd.transitions = -1
    expect(elector.leaseRead(odd, at: at(2), wall: wall), .update(holder: "a", transitions: 1, version: "1"))
  }

  @Test(arguments: [
    (ElectionTiming(), nil),
    (ElectionTiming(leaseDuration: .seconds(10)), "leaseDuration must be longer than renewDeadline"),
    (ElectionTiming(retryPeriod: .seconds(9)), "renewDeadline must be longer than 1.2 × retryPeriod"),
    (ElectionTiming(leaseDuration: .milliseconds(15_500)), "leaseDuration must be whole seconds"),
  ])
  func timings(timing: ElectionTiming, problem: String?) {
    #expect(timing.problem == problem)
  }
}
