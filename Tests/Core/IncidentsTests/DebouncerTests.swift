import Kubernetes
import Randomness
import Testing
import Time

@testable import Incidents

private let wall = Timestamp(seconds: 1_795_000_000)

private func failure(
  _ pod: String, reason: String = "CrashLoopBackOff", run: Int = 0, owner: String? = nil
) -> Occurrence {
  let controller = owner.map { OwnerReference(apiVersion: "apps/v1", kind: "ReplicaSet", name: "rs", uid: $0) }
  return Occurrence(
    identity: .init(
      podUID: pod, container: "app", failureClass: .crashLoopBackOff, subject: "\(run)", time: Int64(run)),
    pod: PodSnapshot(uid: pod, controller: controller), container: ContainerSnapshot(name: "app"), reason: reason,
    failedAt: wall.advanced(by: .seconds(run)))
}

private func instant(_ seconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: seconds * 1_000_000_000) }

@Suite("Debounce")
struct DebouncerTests {
  @Test("ten failures in a window make one harvest, and ride on the next")
  func fixedWindow() {
    var debouncer = Debouncer()
    for run in 0..<10 {
      let decision = debouncer.failureFound(failure("a", run: run), at: instant(Int64(run * 20)), wall: wall)
      #expect(decision == (run == 0 ? .harvest(suppressed: SuppressedFailures()) : .suppress))
      if run == 0 { debouncer.committed(failure("a")) }
    }
    // The window is fixed: it ends 300 s after the first failure, whatever came between.
    guard case .harvest(let riding) = debouncer.failureFound(failure("a", run: 10), at: instant(300), wall: wall) else {
      Issue.record("suppressed after the window")
      return
    }
    #expect(riding.count == 9)
    #expect(riding.firstAt == wall.advanced(by: .seconds(1)))
    #expect(riding.lastAt == wall.advanced(by: .seconds(9)))
    #expect(riding.reasons == ["CrashLoopBackOff"])
  }

  @Test("the attempts of one Job are one key; crashes of pods of one owner are not, unless asked for")
  func attemptsOfAJob() {
    func attempt(_ pod: String, of job: String?) -> Occurrence {
      var attempt = failure(pod, owner: job)
      attempt.identity.failureClass = .jobFailed
      return attempt
    }
    var debouncer = Debouncer()
    #expect(
      debouncer.failureFound(attempt("a", of: "job"), at: instant(0), wall: wall)
        == .harvest(suppressed: SuppressedFailures()))
    #expect(debouncer.failureFound(attempt("b", of: "job"), at: instant(1), wall: wall) == .suppress)
    #expect(debouncer.failureFound(attempt("c", of: "another"), at: instant(1), wall: wall) != .suppress)
    #expect(debouncer.failureFound(attempt("d", of: nil), at: instant(1), wall: wall) != .suppress)
    for key in [Debouncer.Key.pod, .container, .reason, .owner] {
      #expect(key.value(for: attempt("a", of: "job")) == key.value(for: attempt("b", of: "job")))
      let isOne = key.value(for: failure("a", owner: "rs")) == key.value(for: failure("b", owner: "rs"))
      #expect(isOne == (key == .owner))
    }
  }

  @Test("a released window is harvested at the next failure, with all that was counted")
  func release() {
    var debouncer = Debouncer()
    _ = debouncer.failureFound(failure("a", run: 0), at: instant(0), wall: wall)
    _ = debouncer.failureFound(failure("a", run: 1), at: instant(1), wall: wall)
    debouncer.released(failure("a"), carrying: SuppressedFailures(), at: instant(2))
    guard case .harvest(let riding) = debouncer.failureFound(failure("a", run: 2), at: instant(3), wall: wall) else {
      Issue.record("a released window suppressed")
      return
    }
    #expect(riding.count == 1)
    debouncer.released(failure("a"), carrying: riding, at: instant(4))
    #expect(debouncer.failureFound(failure("a", run: 3), at: instant(5), wall: wall) == .harvest(suppressed: riding))
  }

  @Test("while an incident is under way no other of its key begins, though its window is over")
  func reserved() {
    var debouncer = Debouncer()
    _ = debouncer.failureFound(failure("a", run: 0), at: instant(0), wall: wall)
    #expect(debouncer.failureFound(failure("a", run: 1), at: instant(1_000), wall: wall) == .suppress)
    debouncer.committed(failure("a"))
    guard case .harvest(let riding) = debouncer.failureFound(failure("a", run: 2), at: instant(1_001), wall: wall)
    else {
      Issue.record("suppressed after the window")
      return
    }
    #expect(riding.count == 1)
    // Withheld: the window stays, the count is not lost with the incident.
    debouncer.withheld(failure("a"), carrying: riding)
    #expect(debouncer.failureFound(failure("a", run: 3), at: instant(1_002), wall: wall) == .suppress)
    #expect(debouncer.pendingCount == 2)
  }

  @Test("another window counts at once; another key begins anew, and says what it lost")
  func reconfigured() {
    var debouncer = Debouncer()
    _ = debouncer.failureFound(failure("a", run: 0), at: instant(0), wall: wall)
    debouncer.committed(failure("a"))
    _ = debouncer.failureFound(failure("a", run: 1), at: instant(10), wall: wall)
    debouncer.reconfigured(.init(window: .seconds(20)))
    guard case .harvest(let riding) = debouncer.failureFound(failure("a", run: 2), at: instant(20), wall: wall) else {
      Issue.record("the old window still counts")
      return
    }
    #expect(riding.count == 1)
    _ = debouncer.failureFound(failure("a", run: 3), at: instant(21), wall: wall)
    debouncer.reconfigured(.init(window: .seconds(20), key: .owner))
    #expect(debouncer.takeDroppedCount() == 1)
    #expect(debouncer.takeDroppedCount() == 0)
    #expect(debouncer.keyCount == 0)
  }

  @Test(arguments: [(Debouncer.Key.pod, 2), (.owner, 1), (.reason, 2), (.container, 2)])
  func keys(key: Debouncer.Key, harvests: Int) {
    var debouncer = Debouncer(options: .init(key: key))
    let decisions = ["a", "a", "b"].map {
      debouncer.failureFound(failure($0, owner: "rs-1"), at: instant(0), wall: wall)
    }
    #expect(decisions.filter { $0 != .suppress }.count == harvests)
  }

  @Test("bounded by capacity and by age, and what is lost is counted")
  func bounded() {
    var debouncer = Debouncer(options: .init(capacity: 100))
    for pod in 0..<1000 {
      for _ in 0..<2 { _ = debouncer.failureFound(failure("pod-\(pod)"), at: instant(Int64(pod)), wall: wall) }
    }
    #expect(debouncer.keyCount == 100)
    #expect(debouncer.droppedCount == 900)
    for pod in 900..<1000 { debouncer.committed(failure("pod-\(pod)")) }
    _ = debouncer.failureFound(failure("last"), at: instant(100_000), wall: wall)
    #expect(debouncer.keyCount == 1)
    #expect(debouncer.droppedCount == 1000)
  }

  @Test("random histories: every failure is harvested, carried or dropped, exactly once")
  func conservation() {
    var random = SplitMix64(seed: 7)
    for _ in 0..<200 {
      var debouncer = Debouncer(options: .init(window: .seconds(10), capacity: 5))
      var time: Int64 = 0
      var found = 0
      var accounted = 0
      for run in 0..<200 {
        time += Int64(random.next() % 6)
        let occurrence = failure("pod-\(random.next() % 8)", run: run)
        found += 1
        switch debouncer.failureFound(occurrence, at: instant(time), wall: wall) {
        case .suppress: break
        case .harvest(let suppressed):
          // One harvest at a time for a key is the pipeline's rule; here each ends before the next begins.
          if random.next() % 4 == 0 {
            debouncer.released(occurrence, carrying: suppressed, at: instant(time))
            accounted += 1
          } else {
            accounted += 1 + suppressed.count
            debouncer.committed(occurrence)
          }
        }
      }
      #expect(accounted + debouncer.pendingCount + debouncer.droppedCount == found)
    }
  }
}
