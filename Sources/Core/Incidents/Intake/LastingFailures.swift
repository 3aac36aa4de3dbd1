package import Kubernetes
package import Time

/// Holds back failures that count only if they last: a pod that no node takes for a minute is no incident, one that waits for
/// longer is.
///
/// A machine without I/O: `nextDeadline` says when `timePassed` has something to give.
package struct LastingFailures: Sendable {
  /// Pods that may wait at once. Default: 1,000, some 2 MiB; a cluster that is full has many pending pods, and what is refused is
  /// found again at the next sight of its pod.
  private let capacity: Int
  /// How long a failure has to last.
  private let patience: Duration

  private struct Waiting: Sendable {
    var occurrence: Occurrence
    var due: MonotonicInstant
  }

  private var waiting: [String: Waiting] = [:]

  package init(patience: Duration, capacity: Int = 1_000) {
    self.patience = patience
    self.capacity = capacity
  }

  /// What to do with a failure that has just been found.
  package enum Decision: Sendable, Equatable {
    /// It has lasted: report it.
    case report
    /// It waits here; `timePassed` gives it.
    case wait
    /// There is no room: forget it, so that it is found again.
    case refuse
  }

  /// Failures that wait.
  package var count: Int { waiting.count }

  /// When the next one has lasted; nil where none waits.
  package var nextDeadline: MonotonicInstant? { waiting.values.map(\.due).min() }

  /// A failure was found. `wall` is the time by this machine's clock: how long the failure has lasted already is told by the
  /// scheduler's, and where the two disagree it counts from now.
  package mutating func failureFound(_ occurrence: Occurrence, at now: MonotonicInstant, wall: Timestamp) -> Decision {
    let lasted = max(.zero, (occurrence.failedAt ?? wall).duration(to: wall))
    guard lasted < patience else { return .report }
    guard waiting.count < capacity else { return .refuse }
    waiting[occurrence.pod.uid] = Waiting(occurrence: occurrence, due: now.advanced(by: patience - lasted))
    return .wait
  }

  /// A pod as it is now: one that was scheduled, or became unschedulable anew, has no failure that lasts.
  package mutating func podApplied(_ pod: PodSnapshot) {
    guard let held = waiting[pod.uid] else { return }
    if let unscheduled = pod.unscheduled, unscheduled.since == held.occurrence.failedAt {
      waiting[pod.uid]?.occurrence.pod = pod
      waiting[pod.uid]?.occurrence.message = unscheduled.message
    } else {
      waiting[pod.uid] = nil
    }
  }

  /// A pod is gone.
  package mutating func podDeleted(uid: String) {
    waiting[uid] = nil
  }

  /// The failures that have lasted by now, the longest first.
  package mutating func timePassed(at now: MonotonicInstant) -> [Occurrence] {
    guard waiting.values.contains(where: { $0.due <= now }) else { return [] }
    let due = waiting.values.filter { $0.due <= now }.sorted {
      ($0.due, $0.occurrence.pod.uid) < ($1.due, $1.occurrence.pod.uid)
    }
    for one in due { waiting[one.occurrence.pod.uid] = nil }
    return due.map(\.occurrence)
  }
}
