package import Kubernetes
package import Time

/// Finds new failures in pods as the watch delivers them: the same rules on the first list, every relist and every event.
///
/// A machine without I/O. Of a healthy pod it keeps nothing; of a failing one, the hashes of the failures it has already
/// reported, so that an update or a relist of an old failure is not taken for a new one.
package struct FailureDetector: Sendable {
  /// What may be configured.
  package struct Options: Sendable, Equatable {
    /// Classes to report.
    package var classes: Set<FailureClass>
    /// A past failure of a container that runs again is reported on the first sight of its pod only if it is younger than
    /// this. Default: 1 hour, the time that a cluster keeps events (kube-apiserver `--event-ttl`): evidence of older
    /// failures is gone. What fails now is always reported.
    package var maximumAge: Duration
    /// A pod is reported as unschedulable once it has been so for this long. Default: 5 minutes: an autoscaler needs some two to
    /// bring a node.
    package var unschedulableAfter: Duration

    package init(
      classes: Set<FailureClass> = Set(FailureClass.reported), maximumAge: Duration = .seconds(3600),
      unschedulableAfter: Duration = .seconds(300)
    ) {
      self.classes = classes
      self.maximumAge = maximumAge
      self.unschedulableAfter = unschedulableAfter
    }
  }

  /// Hashes kept of one pod. A container shows at most two runs and a pull at a time, and a pod rarely has more than five
  /// containers that fail; older ones cannot come back.
  private static let limitPerPod = 16

  private let options: Options
  private let containerRules: [@Sendable (PodSnapshot, ContainerSnapshot) -> [Occurrence]]
  private let podRules: [@Sendable (PodSnapshot) -> Occurrence?]
  /// Reported failures by pod uid, the newest last.
  private var reported: [String: [UInt64]] = [:]

  package init(options: Options = Options()) {
    self.options = options
    let rules = FailureRule.all.filter { options.classes.contains($0.failureClass) }
    containerRules = rules.compactMap { if case .container(let read) = $0.reading { read } else { nil } }
    podRules = rules.compactMap { if case .pod(let read) = $0.reading { read } else { nil } }
  }

  /// Pods of which something is kept.
  package var trackedPods: Int { reported.count }

  /// A pod as a list or an ADDED or MODIFIED event shows it. Returns the failures that were not there before.
  package mutating func podApplied(_ pod: PodSnapshot, at now: Timestamp) -> [Occurrence] {
    var fresh: [Occurrence] = []
    var runs: Set<Run> = []
    for container in pod.containers where container.mayHaveFailed {
      for rule in containerRules {
        for occurrence in rule(pod, container) {
          // An OOM kill behind a CrashLoopBackOff is one failure, and the first rule names it.
          guard runs.insert(Run(occurrence)).inserted else { continue }
          if isNews(occurrence), isWorthReporting(occurrence, at: now) { fresh.append(occurrence) }
        }
      }
    }
    for rule in podRules {
      if let occurrence = rule(pod), isNews(occurrence) { fresh.append(occurrence) }
    }
    return fresh
  }

  /// True the first time.
  private mutating func isNews(_ occurrence: Occurrence) -> Bool {
    let hash = occurrence.identity.stableHash
    guard reported[occurrence.identity.podUID]?.contains(hash) != true else { return false }
    remember(hash, of: occurrence.identity.podUID)
    return true
  }

  /// A pod that a DELETED event or the difference of two lists shows to be gone.
  package mutating func podDeleted(uid: String) {
    reported[uid] = nil
  }

  /// A failure that was found but could not be kept (the outbox was full): the next sight of the pod reports it again.
  package mutating func forget(_ identity: Occurrence.Identity) {
    let hash = identity.stableHash
    reported[identity.podUID]?.removeAll { $0 == hash }
    if reported[identity.podUID]?.isEmpty == true { reported[identity.podUID] = nil }
  }

  private mutating func remember(_ hash: UInt64, of pod: String) {
    reported[pod, default: []].append(hash)
    if let count = reported[pod]?.count, count > Self.limitPerPod {
      reported[pod]?.removeFirst(count - Self.limitPerPod)
    }
  }

  private func isWorthReporting(_ occurrence: Occurrence, at now: Timestamp) -> Bool {
    guard case .running = occurrence.container.state, let failedAt = occurrence.failedAt else { return true }
    return failedAt.duration(to: now) <= options.maximumAge
  }

  /// What two rules may both speak of.
  private struct Run: Hashable {
    var container: String
    var subject: String
    var time: Int64

    init(_ occurrence: Occurrence) {
      container = occurrence.identity.container
      subject = occurrence.identity.subject
      time = occurrence.identity.time
    }
  }
}

extension ContainerSnapshot {
  /// False for what nearly every container of a cluster shows (running, never restarted), so that such a container costs one
  /// comparison.
  fileprivate var mayHaveFailed: Bool {
    if case .running = state { lastTermination != nil } else { true }
  }
}
