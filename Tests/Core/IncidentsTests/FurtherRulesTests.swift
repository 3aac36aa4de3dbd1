import Kubernetes
import Randomness
import Testing
import Time

@testable import Incidents

private let now = Timestamp(seconds: 1_795_000_000)
private let everything = FailureDetector.Options(classes: Set(FailureClass.reportable))
private let job = OwnerReference(apiVersion: "batch/v1", kind: "Job", name: "nightly", uid: "job-1")

private func ended(_ run: Int, _ reason: String = "Error", code: Int = 1) -> Termination {
  Termination(
    exitCode: code, reason: reason, finishedAt: now.advanced(by: .seconds(run)), containerID: "containerd://\(run)")
}

private func pod(
  _ state: ContainerState, last: Termination? = nil, restarts: Int = 0, probed: Bool = false, deleting: Bool = false,
  owner: OwnerReference? = nil, phase: String = "Running", reason: String = "", kind: ContainerKind = .regular
) -> PodSnapshot {
  let container = ContainerSnapshot(
    name: "app", kind: kind, image: "shop/app:1", restartCount: restarts, state: state, lastTermination: last,
    isProbed: probed)
  return PodSnapshot(
    namespace: "shop", name: "pod-1", uid: "uid-1", deleting: deleting, controller: owner, phase: phase, reason: reason,
    containers: [container])
}

private func waiting(_ reason: String) -> ContainerState { .waiting(reason: reason, message: "m") }

@Suite("Rules that configuration adds")
struct FurtherRulesTests {
  @Test(
    "what is found in each state, one after the other",
    arguments: [
      // Recorded: a ConfigMap is missing, then it is there.
      (
        [pod(waiting("ContainerCreating")), pod(waiting("CreateContainerConfigError")), pod(.running(startedAt: nil))],
        [[], ["CreateContainerConfigError"], []]
      ),
      ([pod(waiting("CreateContainerError")), pod(waiting("CreateContainerError"))], [["CreateContainerError"], []]),
      ([pod(waiting("InvalidImageName"))], [["InvalidImageName"]]),
      // Recorded: a command that does not exist. The waiting reason alternates, the run is one.
      (
        [
          pod(waiting("CrashLoopBackOff"), last: ended(1, "StartError", code: 128), restarts: 1),
          pod(waiting("RunContainerError"), last: ended(2, "StartError", code: 128), restarts: 2),
          pod(waiting("CrashLoopBackOff"), last: ended(2, "StartError", code: 128), restarts: 2),
        ],
        [["RunContainerError"], ["RunContainerError"], []]
      ),
      // The hook after the start failed: no run tells of it.
      ([pod(waiting("PostStartHookError")), pod(waiting("PostStartHookError"))], [["RunContainerError"], []]),
      // Recorded: a liveness probe kills, at last behind a back-off.
      (
        [
          pod(.running(startedAt: nil), last: ended(1, code: 137), restarts: 1, probed: true),
          pod(.running(startedAt: nil), last: ended(2, code: 143), restarts: 2, probed: true),
          pod(waiting("CrashLoopBackOff"), last: ended(2, code: 143), restarts: 2, probed: true),
        ],
        [["ProbeFailure"], ["ProbeFailure"], []]
      ),
      // Without a probe, by another code, or on the way out it is none; an OOM kill is one whoever probes.
      ([pod(.running(startedAt: nil), last: ended(1, code: 137), restarts: 1)], [[]]),
      ([pod(.running(startedAt: nil), last: ended(1, code: 1), restarts: 1, probed: true)], [[]]),
      ([pod(.terminated(ended(1, code: 143)), probed: true, deleting: true)], [[]]),
      (
        [pod(.running(startedAt: nil), last: ended(1, "OOMKilled", code: 137), restarts: 1, probed: true)],
        [["OOMKilled"]]
      ),
      // Recorded: an attempt of a Job with restartPolicy Never; one that is not over is none.
      (
        [
          pod(.terminated(ended(1, code: 255)), owner: job),
          pod(.terminated(ended(1, code: 255)), owner: job, phase: "Failed"),
          pod(.terminated(ended(1, code: 255)), owner: job, phase: "Failed"),
        ],
        [[], ["JobFailed"], []]
      ),
      ([pod(.terminated(ended(1, "Completed", code: 0)), owner: job, phase: "Failed")], [[]]),
      ([pod(.terminated(ended(1, "OOMKilled", code: 137)), owner: job, phase: "Failed")], [["OOMKilled"]]),
      ([pod(.terminated(ended(1)), phase: "Failed")], [[]]),
      // The kubelet evicted it; what became of its containers is part of that.
      (
        [pod(.terminated(ended(1, code: 137)), owner: job, phase: "Failed", reason: "Evicted")], [["Evicted"]]
      ),
      // An init container that is one, and one that runs on beside the others.
      ([pod(waiting("CreateContainerConfigError"), kind: .initial)], [["CreateContainerConfigError"]]),
      ([pod(waiting("CrashLoopBackOff"), last: ended(1), restarts: 1, kind: .sidecar)], [["CrashLoopBackOff"]]),
      ([pod(.terminated(ended(1, "OOMKilled", code: 137)), kind: .ephemeral)], [["OOMKilled"]]),
    ] as [([PodSnapshot], [[String]])])
  func scripts(states: [PodSnapshot], expected: [[String]]) {
    var detector = FailureDetector(options: everything)
    #expect(states.map { detector.podApplied($0, at: now).map(\.identity.failureClass.rawValue) } == expected)
    var byDefault = FailureDetector()
    let standard = Set(FailureClass.reported.map(\.rawValue))
    for state in states {
      #expect(byDefault.podApplied(state, at: now).allSatisfy { standard.contains($0.identity.failureClass.rawValue) })
    }
  }

  @Test func everyReportableClassHasARuleAndNoneIsReportedUnasked() {
    #expect(Set(FailureRule.all.map(\.failureClass)) == Set(FailureClass.reportable))
    #expect(FailureRule.all.count == FailureClass.reportable.count)
    #expect(FailureClass.reported == [.crashLoopBackOff, .oomKilled, .imagePullBackOff])
  }

  @Test func aDeletingPodIsMarked() throws {
    var detector = FailureDetector()
    let found = detector.podApplied(pod(.terminated(ended(1, "OOMKilled")), deleting: true), at: now)
    #expect(try #require(found.first).pod.deleting)
  }

  /// A kubelet that restarts a container again and again, whose states a watch sees or misses.
  @Test("whatever states a watch misses, each run that it could name is found once", arguments: 0..<40)
  func model(seed: UInt64) {
    var random = SplitMix64(seed: seed &+ 1)
    var detector = FailureDetector(options: everything)
    let causes: [(reason: String, code: Int, name: String)] = [
      ("OOMKilled", 137, "OOMKilled"), ("OOMKilled", 3, "OOMKilled"), ("StartError", 128, "RunContainerError"),
      ("Error", 137, "ProbeFailure"), ("Error", 1, "CrashLoopBackOff"), ("Completed", 0, "CrashLoopBackOff"),
    ]
    var expected: [Int: String] = [:]
    var found: [String: [String]] = [:]
    var last: Termination?
    var shown = pod(.running(startedAt: nil), probed: true)

    func show(_ next: PodSnapshot, names: [(Int, String)]) {
      guard random.next() % 3 > 0 else { return }
      for (run, name) in names { expected[run] = name }
      // A relist may show the same once more, and again.
      shown = next
      for _ in 0...random.next() % 2 {
        for occurrence in detector.podApplied(shown, at: now) {
          found[occurrence.identity.subject, default: []].append(occurrence.identity.failureClass.rawValue)
        }
      }
    }
    var lastNamed: [(Int, String)] = []
    for run in 1...30 {
      let cause = causes[Int(random.next() % UInt64(causes.count))]
      let end = ended(run, cause.reason, code: cause.code)
      // What says why is named wherever it stands; a plain end only behind the back-off.
      let early = cause.name == "CrashLoopBackOff" ? [] : [(run, cause.name)]
      show(pod(.running(startedAt: nil), last: last, restarts: run - 1, probed: true), names: lastNamed)
      show(pod(.terminated(end), last: last, restarts: run - 1, probed: true), names: early + lastNamed)
      show(
        pod(waiting("CrashLoopBackOff"), last: end, restarts: run - 1, probed: true), names: [(run, cause.name)])
      last = end
      lastNamed = early
    }
    let wanted = Dictionary(uniqueKeysWithValues: expected.map { ("containerd://\($0)", [$1]) })
    #expect(found == wanted)
  }
}

@Suite("Failures that have to last")
struct LastingFailuresTests {
  private let start = MonotonicInstant.origin

  private func pending(_ uid: String = "p", since: Timestamp? = now, message: String = "0/1 nodes") -> PodSnapshot {
    PodSnapshot(
      namespace: "shop", name: uid, uid: uid, phase: "Pending", unscheduled: Unscheduled(since: since, message: message)
    )
  }

  private func intake(_ patience: Duration = .seconds(300)) -> Intake {
    Intake(
      detection: .init(classes: [.unschedulable], unschedulableAfter: patience), debounce: .init(), storms: .init(),
      concurrency: 8)
  }

  private func classes(_ findings: [Intake.Finding]) -> [String] {
    findings.map { finding in
      switch finding {
      case .accepted(let job), .refused(let job): job.occurrence.reason
      case .suppressed: "suppressed"
      }
    }
  }

  @Test func itIsReportedOnceItHasLasted() throws {
    var intake = intake()
    #expect(intake.podApplied(pending(), at: start, wall: now.advanced(by: .seconds(60))).isEmpty)
    #expect(intake.nextDeadline == start.advanced(by: .seconds(240)))
    // The scheduler tries again: a new message, the same failure.
    #expect(
      intake.podApplied(pending(message: "0/2 nodes"), at: start, wall: now.advanced(by: .seconds(61))).isEmpty)
    #expect(intake.timePassed(at: start.advanced(by: .seconds(239)), wall: now).isEmpty)
    let found = intake.timePassed(at: start.advanced(by: .seconds(240)), wall: now)
    guard case .accepted(let job)? = found.first else { throw Missing() }
    #expect(job.occurrence.message == "0/2 nodes")
    #expect(job.occurrence.container.name.isEmpty)
    #expect(intake.nextDeadline == nil)
    #expect(intake.podApplied(pending(), at: start, wall: now.advanced(by: .seconds(900))).isEmpty)
  }

  @Test func whatLastedAlreadyIsReportedAtOnce() {
    var intake = intake()
    #expect(
      classes(intake.podApplied(pending(), at: start, wall: now.advanced(by: .seconds(300)))) == ["Unschedulable"])
  }

  @Test("a clock that is behind the scheduler's makes it wait for the whole time, no longer")
  func clocks() {
    var intake = intake()
    #expect(intake.podApplied(pending(), at: start, wall: now.advanced(by: .seconds(-3600))).isEmpty)
    #expect(intake.nextDeadline == start.advanced(by: .seconds(300)))
  }

  @Test func scheduledOrDeletedMeanwhileIsNoFailure() {
    for end in 0..<2 {
      var intake = intake()
      _ = intake.podApplied(pending(), at: start, wall: now)
      if end == 0 {
        _ = intake.podApplied(PodSnapshot(name: "p", uid: "p", phase: "Pending"), at: start, wall: now)
      } else {
        intake.podDeleted(uid: "p")
      }
      #expect(intake.nextDeadline == nil)
      #expect(intake.timePassed(at: start.advanced(by: .seconds(999)), wall: now).isEmpty)
    }
  }

  @Test func whatFindsNoRoomIsFoundAtTheNextSight() {
    var lasting = LastingFailures(patience: .seconds(1), capacity: 1)
    var detector = FailureDetector(options: .init(classes: [.unschedulable]))
    let one = detector.podApplied(pending("a"), at: now)
    let two = detector.podApplied(pending("b"), at: now)
    #expect(one.map { lasting.failureFound($0, at: start, wall: now) } == [.wait])
    #expect(two.map { lasting.failureFound($0, at: start, wall: now) } == [.refuse])
    detector.forget(two[0].identity)
    #expect(detector.podApplied(pending("b"), at: now).count == 1)
  }

  private struct Missing: Error {}
}
