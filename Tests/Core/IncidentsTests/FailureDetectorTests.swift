import Kubernetes
import Testing
import Time

@testable import Incidents

/// A container's status as the kubelet would write it next.
private func container(
  _ state: ContainerState, last: Termination? = nil, restarts: Int = 0, name: String = "app",
  kind: ContainerKind = .regular
) -> ContainerSnapshot {
  ContainerSnapshot(
    name: name, kind: kind, image: "shop/app:1", restartCount: restarts, state: state, lastTermination: last)
}

private func pod(_ containers: ContainerSnapshot..., uid: String = "uid-1") -> PodSnapshot {
  PodSnapshot(namespace: "shop", name: "pod-1", uid: uid, containers: containers)
}

private func ended(_ run: Int, _ reason: String = "Error", code: Int = 1) -> Termination {
  Termination(
    exitCode: code, reason: reason, finishedAt: now.advanced(by: .seconds(run)), containerID: "containerd://\(run)")
}

private let now = Timestamp(seconds: 1_795_000_000)
private let crashLoop = ContainerState.waiting(reason: "CrashLoopBackOff", message: "back-off 10s")

@Suite("Failure detection")
struct FailureDetectorTests {
  /// What the kubelet shows, one after the other, and what is found in each.
  @Test(
    "each run is found once, by the class that names it",
    arguments: [
      // A crash loop: nothing at the first end, one for each run that leads to the back-off.
      (
        [
          container(.terminated(ended(1))), container(.running(startedAt: nil), last: ended(1), restarts: 1),
          container(.terminated(ended(2)), last: ended(1), restarts: 1),
          container(crashLoop, last: ended(2), restarts: 1), container(crashLoop, last: ended(2), restarts: 1),
          container(.running(startedAt: nil), last: ended(2), restarts: 2),
          container(crashLoop, last: ended(3), restarts: 2),
        ],
        [[], [], [], ["CrashLoopBackOff"], [], [], ["CrashLoopBackOff"]]
      ),
      // An OOM kill behind a crash loop is the OOM kill, once.
      (
        [
          container(.terminated(ended(1, "OOMKilled", code: 137))),
          container(.running(startedAt: nil), last: ended(1, "OOMKilled", code: 137), restarts: 1),
          container(crashLoop, last: ended(1, "OOMKilled", code: 137), restarts: 1),
          container(crashLoop, last: ended(2, "OOMKilled", code: 137), restarts: 2),
        ],
        [["OOMKilled"], [], [], ["OOMKilled"]]
      ),
      // Seen in lastState alone, and with the shell's exit code.
      (
        [
          container(.running(startedAt: nil)),
          container(.running(startedAt: nil), last: ended(1, "OOMKilled", code: 3), restarts: 1),
        ],
        [[], ["OOMKilled"]]
      ),
      // 137 alone is no OOM kill: a liveness probe gives it, too.
      (
        [container(.running(startedAt: nil), last: ended(1, "Error", code: 137), restarts: 1)], [[]]
      ),
      // Both reasons of a pull are one failure; a new one after a restart is another.
      (
        [
          container(.waiting(reason: "ContainerCreating", message: "")),
          container(.waiting(reason: "ErrImagePull", message: "no such host")),
          container(.waiting(reason: "ImagePullBackOff", message: "")),
          container(.waiting(reason: "ErrImagePull", message: "no such host")),
          container(.running(startedAt: nil)),
          container(.waiting(reason: "ImagePullBackOff", message: ""), last: ended(1), restarts: 1),
        ],
        [[], ["ImagePullBackOff"], [], [], [], ["ImagePullBackOff"]]
      ),
      // Completed again and again is a crash loop as well.
      ([container(crashLoop, last: ended(1, "Completed", code: 0), restarts: 3)], [["CrashLoopBackOff"]]),
      // The status of the last run was lost.
      (
        [container(crashLoop, restarts: 3), container(crashLoop, restarts: 3), container(crashLoop, restarts: 4)],
        [["CrashLoopBackOff"], [], ["CrashLoopBackOff"]]
      ),
      // Two runs that were both OOM-killed between two events.
      (
        [container(.terminated(ended(2, "OOMKilled")), last: ended(1, "OOMKilled"), restarts: 1)],
        [["OOMKilled", "OOMKilled"]]
      ),
      // Restart policy Never: shown in state alone. An init container counts as well.
      ([container(.terminated(ended(1, "OOMKilled")), kind: .initial)], [["OOMKilled"]]),
    ] as [([ContainerSnapshot], [[String]])])
  func scripts(states: [ContainerSnapshot], expected: [[String]]) {
    var detector = FailureDetector()
    let found = states.map { state in
      detector.podApplied(pod(state), at: now).map(\.identity.failureClass.rawValue)
    }
    #expect(found == expected)
    // A relist shows the last state again: nothing new.
    if let last = states.last { #expect(detector.podApplied(pod(last), at: now).isEmpty) }
  }

  @Test func twoContainersOfOnePodAreTwoFailures() {
    var detector = FailureDetector()
    let found = detector.podApplied(
      pod(container(crashLoop, last: ended(1), name: "a"), container(crashLoop, last: ended(1), name: "b")), at: now)
    #expect(found.map(\.container.name) == ["a", "b"])
  }

  @Test("an old failure of a container that runs again is not news, one that fails now is")
  func age() {
    var detector = FailureDetector()
    let later = now.advanced(by: .seconds(7200))
    #expect(
      detector.podApplied(pod(container(.running(startedAt: nil), last: ended(0, "OOMKilled"))), at: later).isEmpty)
    #expect(detector.podApplied(pod(container(crashLoop, last: ended(0)), uid: "uid-2"), at: later).count == 1)
  }

  @Test func classesCanBeSwitchedOff() {
    var detector = FailureDetector(options: .init(classes: [.crashLoopBackOff]))
    let found = detector.podApplied(pod(container(crashLoop, last: ended(1, "OOMKilled"))), at: now)
    #expect(found.map(\.identity.failureClass) == [.crashLoopBackOff])
  }

  @Test func whatCouldNotBeKeptIsFoundAgain() throws {
    var detector = FailureDetector()
    let state = pod(container(crashLoop, last: ended(1)))
    let first = try #require(detector.podApplied(state, at: now).first)
    detector.forget(first.identity)
    #expect(detector.podApplied(state, at: now).map(\.identity) == [first.identity])
  }

  @Test("nothing is kept of healthy or deleted pods, and little of sick ones")
  func bounded() {
    var detector = FailureDetector()
    for run in 0..<1000 {
      _ = detector.podApplied(pod(container(.running(startedAt: nil)), uid: "healthy-\(run)"), at: now)
      _ = detector.podApplied(pod(container(crashLoop, last: ended(run))), at: now)
    }
    #expect(detector.trackedPods == 1)
    detector.podDeleted(uid: "uid-1")
    #expect(detector.trackedPods == 0)
  }

  @Test("the id depends on every field of the identity and on the cluster, and on nothing else")
  func incidentID() {
    let base = Occurrence.Identity(podUID: "a", container: "b", failureClass: .oomKilled, subject: "c", time: 1)
    var ids = [base.incidentID(clusterUID: "x"), base.incidentID(clusterUID: "y")]
    for change in [
      { $0.podUID = "ab" }, { $0.container = "bc" }, { $0.failureClass = .crashLoopBackOff }, { $0.subject = "d" },
      { $0.time = 2 },
    ] as [(inout Occurrence.Identity) -> Void] {
      var other = base
      change(&other)
      ids.append(other.incidentID(clusterUID: "x"))
    }
    #expect(Set(ids).count == 7)
    #expect(ids.allSatisfy { $0.utf8.count == 32 })
    // Fixed for all time: a replica of another version must give the same id.
    #expect(ids[0] == "da9edfcff418d9eea4e7074a828ace8f")
  }

  @Test("a loop between two crashes is a failure for who asks now, with the id that the watch gives that run")
  func betweenCrashes() throws {
    let between = container(.terminated(ended(3)), last: ended(2), restarts: 1)
    let found = try #require(FailureRule.betweenCrashes(pod(between), between, at: now))
    var detector = FailureDetector()
    let watched = detector.podApplied(pod(container(crashLoop, last: ended(3), restarts: 1)), at: now)
    #expect(watched.map(\.identity) == [found.identity])
  }

  @Test(
    "a container that fell once, or long ago, or ended well, is no loop",
    arguments: [
      (container(.terminated(ended(0)), restarts: 0), 0, false),
      (container(.terminated(ended(0, "Completed", code: 0)), restarts: 3), 0, false),
      (container(.running(startedAt: nil), last: ended(0), restarts: 1), 0, false),
      (container(.running(startedAt: nil), last: ended(0), restarts: 2), 299, true),
      (container(.running(startedAt: nil), last: ended(0), restarts: 2), 301, false),
      (container(.running(startedAt: nil), restarts: 2), 0, false),
      (container(.terminated(ended(0)), restarts: 1), 0, true),
      (container(.waiting(reason: "RunContainerError", message: ""), last: ended(0), restarts: 1), 0, true),
      (container(.waiting(reason: "RunContainerError", message: ""), restarts: 0), 0, false),
    ])
  func noLoop(state: ContainerSnapshot, seconds: Int, isLoop: Bool) {
    let later = now.advanced(by: .seconds(seconds))
    #expect((FailureRule.betweenCrashes(pod(state), state, at: later) != nil) == isLoop)
  }
}
