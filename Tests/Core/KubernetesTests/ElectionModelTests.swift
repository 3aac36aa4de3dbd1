import Randomness
import Testing
import Time

@testable import Kubernetes

/// A server with one Lease and a few candidates whose clocks tick at the same rate, in steps of 50 ms. Requests and answers take
/// their time and get lost, the server fails, candidates are killed, stopped and continued.
private struct World {
  static let step: Duration = .milliseconds(50)

  private struct Message {
    var step: LeaderElector.Step
    /// When it reaches the server; nil once it did.
    var arrives: MonotonicInstant?
    var answered: MonotonicInstant
    var answer: Answer = .none
  }

  private enum Answer {
    case none, failed, missing
    case lease(LeaseSnapshot)
  }

  private struct Candidate {
    var elector: LeaderElector
    /// Its clock is that far ahead.
    var offset: Duration
    var message: Message?
    var wakes: MonotonicInstant?
    var isAlive = true
    var stoppedUntil = MonotonicInstant.origin

    func local(_ now: MonotonicInstant) -> MonotonicInstant { now.advanced(by: offset) }
  }

  private var random: SplitMix64
  private var candidates: [Candidate]
  private var stored: LeaseSnapshot?
  private var version = 1
  private(set) var now = MonotonicInstant.origin
  var calm = false
  /// Requests that reached the server late, though their sender has given them up.
  private var stray: [(LeaderElector.Step, MonotonicInstant)] = []
  private(set) var terms = 0

  init(seed: UInt64, candidates count: Int) {
    random = SplitMix64(seed: seed)
    candidates = (0..<count).map { index in
      Candidate(
        elector: LeaderElector(
          identity: "c\(index)", namespace: "n", name: "l", timing: ElectionTiming(),
          random: SplitMix64(seed: seed &+ UInt64(index))), offset: .seconds(index * 1_000))
    }
    if chance(50) { stored = LeaseSnapshot(namespace: "n", name: "l", resourceVersion: "1") }
    for index in candidates.indices { send(candidates[index].elector.started(), from: index) }
  }

  private mutating func chance(_ perThousand: Int) -> Bool { Int.random(in: 0..<1000, using: &random) < perThousand }

  private mutating func delay() -> Duration {
    .milliseconds(
      calm || chance(900) ? Int.random(in: 1...40, using: &random) : Int.random(in: 40...6000, using: &random))
  }

  private mutating func send(_ step: LeaderElector.Step, from index: Int) {
    candidates[index].wakes = nil
    candidates[index].message = nil
    switch step {
    case .wait(let until): candidates[index].wakes = until
    case .done: break
    case .read, .create, .update:
      let there = now.advanced(by: delay())
      candidates[index].message = Message(step: step, arrives: there, answered: there.advanced(by: delay()))
    }
  }

  private mutating func serve(_ step: LeaderElector.Step) -> Answer {
    if !calm, chance(60) { return .failed }
    switch step {
    case .read: return stored.map(Answer.lease) ?? .missing
    case .create(let lease): return stored == nil ? store(lease) : .failed
    case .update(let lease): return stored?.resourceVersion == lease.resourceVersion ? store(lease) : .failed
    case .wait, .done: return .none
    }
  }

  private mutating func store(_ lease: LeaseSnapshot) -> Answer {
    version += 1
    var kept = lease
    kept.resourceVersion = "\(version)"
    stored = kept
    return .lease(kept)
  }

  /// Who would act as leader if it looked at its clock now, the killed left out: they do nothing any more.
  var leaders: [Int] {
    candidates.indices.filter { candidates[$0].isAlive && candidates[$0].elector.leads(at: candidates[$0].local(now)) }
  }

  var living: [Int] { candidates.indices.filter { candidates[$0].isAlive } }

  mutating func kill(_ index: Int) { candidates[index].isAlive = false }

  mutating func advance() {
    now = now.advanced(by: Self.step)
    let wall = Timestamp(seconds: 1_795_000_000).advanced(by: MonotonicInstant.origin.duration(to: now))
    for index in stray.indices.reversed() where stray[index].1 <= now { _ = serve(stray.remove(at: index).0) }
    for index in candidates.indices {
      // What is on the wire arrives whatever happens to its sender.
      if let message = candidates[index].message, let arrives = message.arrives, arrives <= now {
        let answer = serve(message.step)
        candidates[index].message?.arrives = nil
        candidates[index].message?.answer = answer
      }
      guard candidates[index].isAlive, candidates[index].stoppedUntil <= now else { continue }
      if !calm, chance(2) {
        candidates[index].stoppedUntil = now.advanced(by: .seconds(Int.random(in: 1...40, using: &random)))
        continue
      }
      act(index, wall: wall)
    }
  }

  private mutating func act(_ index: Int, wall: Timestamp) {
    let local = candidates[index].local(now)
    let was = candidates[index].elector.leads(at: local)
    if let until = candidates[index].wakes, until <= local {
      send(candidates[index].elector.timerFired(at: local, wall: wall), from: index)
    } else if let message = candidates[index].message {
      let isLost = message.answered > now && !calm && chance(3)
      if isLost, let arrives = message.arrives { stray.append((message.step, arrives)) }
      guard isLost || message.answered <= now else { return }
      switch isLost ? .failed : message.answer {
      case .none, .failed: send(candidates[index].elector.requestFailed(at: local), from: index)
      case .missing: send(candidates[index].elector.leaseMissing(at: local, wall: wall), from: index)
      case .lease(let lease):
        if case .read = message.step {
          send(candidates[index].elector.leaseRead(lease, at: local, wall: wall), from: index)
        } else {
          send(candidates[index].elector.leaseWritten(lease, at: local), from: index)
        }
      }
    }
    if !was, candidates[index].elector.leads(at: local) { terms += 1 }
  }
}

@Suite("Leader election, random histories")
struct ElectionModelTests {
  @Test(
    "never two leaders at a time, and somebody leads within the lease and one look once all is calm", arguments: 1...60)
  func histories(seed: Int) {
    var world = World(seed: UInt64(seed), candidates: 2 + seed % 3)
    for _ in 0..<6_000 {
      world.advance()
      #expect(world.leaders.count <= 1)
    }
    world.calm = true
    for _ in 0..<(60 * 20) {
      world.advance()
      #expect(world.leaders.count <= 1)
    }
    #expect(world.leaders.count == 1)
    #expect(world.terms > 1, "a history without a change of leaders shows nothing")

    guard let leader = world.leaders.first, world.living.count > 1 else { return }
    world.kill(leader)
    let killed = world.now
    // The lease, the time that the last renewal took to be seen, and the request that takes it.
    let limit = killed.advanced(by: .milliseconds(15_000 + 2_000 + 500))
    while world.leaders.isEmpty, world.now < limit { world.advance() }
    #expect(world.leaders.count == 1, "nobody took over")
  }
}
