import Kubernetes
import Testing
import Time

@testable import Incidents

private let wall = Timestamp(seconds: 1_795_000_000)

private func at(_ seconds: Double) -> MonotonicInstant { MonotonicInstant(nanoseconds: Int64(seconds * 1e9)) }

private func job(
  _ pod: String, owner: String? = "rs", container: String = "app", class failure: FailureClass = .crashLoopBackOff,
  found: MonotonicInstant = .origin
) -> HarvestJob {
  let controller = owner.map { OwnerReference(apiVersion: "apps/v1", kind: "ReplicaSet", name: $0, uid: $0) }
  return HarvestJob(
    occurrence: Occurrence(
      identity: .init(podUID: pod, container: container, failureClass: failure, subject: "1", time: 0),
      pod: PodSnapshot(name: pod, uid: pod, controller: controller), container: ContainerSnapshot(name: container),
      reason: failure.rawValue), detected: found, detectedAt: wall)
}

@Suite("Harvest schedule")
struct HarvestScheduleTests {
  private func schedule(
    _ options: StormOptions = StormOptions(), concurrency: Int = 100,
    permittedUntil: MonotonicInstant = MonotonicInstant(nanoseconds: .max)
  ) -> HarvestSchedule {
    HarvestSchedule(
      options: options, window: .seconds(300), concurrency: concurrency, permittedUntil: permittedUntil)
  }

  /// What is to be begun now: "+pod" a harvest, "pod>leader" a reference.
  private func begun(_ schedule: inout HarvestSchedule, at now: MonotonicInstant = .origin) -> [HarvestSchedule.Work] {
    var all: [HarvestSchedule.Work] = []
    while case .start(let work) = schedule.next(at: now) { all.append(work) }
    return all
  }

  private func names(_ works: [HarvestSchedule.Work]) -> [String] {
    works.map { work in
      switch work {
      case .harvest(let job): "+" + job.occurrence.pod.uid
      case .reference(let job, let leader, _): job.occurrence.pod.uid + ">" + leader.podUID
      }
    }
  }

  @Test("the first of a group is harvested; the others refer to it once it is safe")
  func references() throws {
    var schedule = schedule()
    for pod in ["a", "b", "c"] { #expect(schedule.found(job(pod), at: at(0)) == .waits) }
    let first = begun(&schedule)
    #expect(names(first) == ["+a"])
    #expect(schedule.next(at: at(0)) == .idle)
    schedule.kept(first[0])
    let others = begun(&schedule)
    #expect(names(others) == ["b>a", "c>a"])
    #expect(others.map { if case .reference(_, _, true) = $0 { true } else { false } } == [true, false])
    // Later ones at once, until the window is over.
    _ = schedule.found(job("d"), at: at(299))
    #expect(names(begun(&schedule, at: at(299))) == ["d>a"])
    _ = schedule.found(job("e"), at: at(300))
    #expect(names(begun(&schedule, at: at(300))) == ["+e"])
  }

  @Test("a reference that is stopped goes on to its incident, though that of its group's next one never came")
  func stoppedReference() {
    var schedule = schedule()
    _ = schedule.found(job("a"), at: at(0))
    let first = begun(&schedule)
    schedule.kept(first[0])
    _ = schedule.found(job("b"), at: at(1))
    let reference = begun(&schedule, at: at(1))
    #expect(names(reference) == ["b>a"])
    _ = schedule.found(job("c"), at: at(300))
    let second = begun(&schedule, at: at(300))
    #expect(names(second) == ["+c"])
    schedule.released(second[0])
    schedule.interrupted(reference[0])
    let again = begun(&schedule, at: at(301))
    #expect(names(again) == ["b>a"])
    // The next failure is harvested all the same.
    schedule.kept(again[0])
    _ = schedule.found(job("d"), at: at(302))
    #expect(names(begun(&schedule, at: at(302))) == ["+d"])
  }

  @Test("another container, class or controller is another group; a pod without a controller is its own")
  func groups() {
    var schedule = schedule()
    let jobs = [
      job("a"), job("b", container: "sidecar"), job("c", class: .oomKilled), job("d", owner: "other"),
      job("e", owner: nil), job("f", owner: nil),
    ]
    for job in jobs { _ = schedule.found(job, at: at(0)) }
    #expect(names(begun(&schedule)) == ["+a", "+b", "+c", "+d", "+e", "+f"])
  }

  @Test("without grouping each is harvested")
  func ungrouped() {
    var schedule = schedule(StormOptions(isGrouping: false))
    for pod in ["a", "b"] { _ = schedule.found(job(pod), at: at(0)) }
    #expect(names(begun(&schedule)) == ["+a", "+b"])
  }

  @Test("where the first one's incident cannot be kept, the next takes its place")
  func promotion() {
    var schedule = schedule()
    for pod in ["a", "b", "c"] { _ = schedule.found(job(pod), at: at(0)) }
    schedule.released(begun(&schedule)[0])
    let second = begun(&schedule)
    #expect(names(second) == ["+b"])
    schedule.kept(second[0])
    #expect(names(begun(&schedule)) == ["c>b"])
    // Nobody waits: the next that is found.
    var empty = self.schedule()
    _ = empty.found(job("a"), at: at(0))
    empty.released(begun(&empty)[0])
    _ = empty.found(job("b"), at: at(1))
    #expect(names(begun(&empty, at: at(1))) == ["+b"])
  }

  @Test("harvests keep to the rate and to the concurrency, references to a rate of their own")
  func limits() {
    var options = StormOptions(
      harvests: .init(perSecond: 10, burst: 2), references: .init(perSecond: 10, burst: 1))
    var schedule = schedule(options, concurrency: 3)
    for pod in 0..<5 { _ = schedule.found(job("\(pod)", owner: nil), at: at(0)) }
    let first = begun(&schedule)
    #expect(names(first) == ["+0", "+1"])
    #expect(schedule.next(at: at(0)) == .wait(until: at(0.1)))
    #expect(names(begun(&schedule, at: at(0.1))) == ["+2"])
    // Three run: the rate would allow a fourth.
    #expect(schedule.next(at: at(10)) == .idle)
    schedule.kept(first[0])
    #expect(names(begun(&schedule, at: at(10))) == ["+3"])
    options.harvests = .init(perSecond: 1_000, burst: 1_000)
    schedule.reconfigured(options, window: .seconds(300), concurrency: 4)
    #expect(names(begun(&schedule, at: at(10))) == ["+4"])

    var storm = self.schedule(options)
    for pod in ["a", "b", "c"] { _ = storm.found(job(pod), at: at(0)) }
    storm.kept(begun(&storm)[0])
    #expect(names(begun(&storm)) == ["b>a"])
    #expect(storm.next(at: at(0)) == .wait(until: at(0.1)))
  }

  @Test("what is too much is counted and rides on the group's next incident")
  func overflow() throws {
    var schedule = schedule(StormOptions(waitingLimit: 2))
    for owner in ["rs", "other"] { _ = schedule.found(job("first of \(owner)", owner: owner), at: at(0)) }
    let leaders = begun(&schedule)
    for pod in ["b", "c"] { #expect(schedule.found(job(pod), at: at(0)) == .waits) }
    for pod in ["d", "e"] { #expect(schedule.found(job(pod), at: at(0)) == .counted) }
    // Another group may still have its one.
    #expect(schedule.found(job("y", owner: "other"), at: at(0)) == .waits)
    #expect(schedule.found(job("z", owner: "other"), at: at(0)) == .counted)
    #expect(schedule.countedCount == 3)
    for work in leaders { schedule.kept(work) }
    let references = begun(&schedule)
    #expect(names(references) == ["b>first of rs", "y>first of other", "c>first of rs"])
    #expect(references.map(\.job.told.count) == [2, 1, 0])
    #expect(schedule.countedCount == 0)
    // Not kept: the count rides on the next one.
    schedule.released(references[0])
    _ = schedule.found(job("f"), at: at(1))
    #expect(begun(&schedule, at: at(1)).map(\.job.told.count) == [2])
  }

  @Test("more groups than are held: idle ones make room, busy ones do not")
  func groupLimit() {
    var schedule = schedule(StormOptions(groupLimit: 2))
    #expect(schedule.found(job("a", owner: nil), at: at(0)) == .waits)
    #expect(schedule.found(job("b", owner: nil), at: at(1)) == .waits)
    #expect(schedule.found(job("c", owner: nil), at: at(2)) == .refused)
    for work in begun(&schedule, at: at(2)) { schedule.kept(work) }
    #expect(schedule.found(job("c", owner: nil), at: at(3)) == .waits)
  }

  @Test("who may not act begins nothing, stops what runs, and goes on where it was")
  func permission() {
    var schedule = schedule(permittedUntil: at(10))
    for pod in ["a", "b"] { _ = schedule.found(job(pod), at: at(0)) }
    let first = begun(&schedule, at: at(9))
    #expect(names(first) == ["+a"])
    // Something runs: whoever asks must look at the clock again by then.
    #expect(schedule.next(at: at(9)) == .wait(until: at(10)))
    #expect(schedule.next(at: at(10)) == .closed)
    schedule.interrupted(first[0])
    #expect(schedule.next(at: at(11)) == .closed)
    schedule.permitted(until: at(20))
    let again = begun(&schedule, at: at(12))
    #expect(names(again) == ["+a"])
    schedule.kept(again[0])
    let reference = begun(&schedule, at: at(12))
    schedule.permitted(until: at(12))
    schedule.interrupted(reference[0])
    schedule.permitted(until: at(30))
    #expect(names(begun(&schedule, at: at(13))) == ["b>a"])
  }

  @Test("who stands by drops what the leader has told by now, and the next of a group takes the dropped one's place")
  func inheritance() {
    var schedule = schedule(permittedUntil: .origin)
    for (pod, second) in [("a", 0.0), ("b", 1), ("c", 50)] {
      _ = schedule.found(job(pod, found: at(second)), at: at(second))
    }
    _ = schedule.found(job("x", owner: nil, found: at(2)), at: at(2))
    #expect(schedule.dropped(before: at(10)).map(\.occurrence.pod.uid) == ["a", "x", "b"])
    #expect(schedule.waitingCount == 1)
    schedule.permitted(until: at(1_000))
    #expect(names(begun(&schedule, at: at(60))) == ["+c"])
  }

  @Test("at the end nothing comes in any more; what waits is done without regard to rates")
  func finish() {
    var schedule = schedule(StormOptions(harvests: .init(perSecond: 1, burst: 1)), concurrency: 2)
    for pod in 0..<3 { _ = schedule.found(job("\(pod)", owner: nil), at: at(0)) }
    schedule.finish()
    #expect(schedule.found(job("late", owner: nil), at: at(0)) == .refused)
    let two = begun(&schedule)
    #expect(names(two) == ["+0", "+1"])
    for work in two { schedule.kept(work) }
    let last = begun(&schedule)
    #expect(schedule.next(at: at(0)) == .idle)
    schedule.kept(last[0])
    #expect(schedule.next(at: at(0)) == .finished)
    // Who stands by has nothing to do at the end.
    var standby = self.schedule(permittedUntil: .origin)
    _ = standby.found(job("a"), at: at(0))
    standby.finish()
    #expect(standby.next(at: at(0)) == .finished)
  }
}
