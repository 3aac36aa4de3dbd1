package import Kubernetes
internal import Time

/// How one class of failure shows in a pod's status. A rule is a value: it reads, it keeps nothing.
package struct FailureRule: Sendable {
  /// What a rule looks at.
  package enum Reading: Sendable {
    /// Each container that may have failed: a status shows at most two failures of it (the current run and the last).
    case container(@Sendable (PodSnapshot, ContainerSnapshot) -> [Occurrence])
    /// The pod as a whole.
    case pod(@Sendable (PodSnapshot) -> Occurrence?)
  }

  /// The class it reports.
  package let failureClass: FailureClass
  /// Finds every failure of this class that the status shows.
  package let reading: Reading

  init(
    container failureClass: FailureClass, _ read: @escaping @Sendable (PodSnapshot, ContainerSnapshot) -> [Occurrence]
  ) {
    self.failureClass = failureClass
    reading = .container(read)
  }

  init(pod failureClass: FailureClass, _ read: @escaping @Sendable (PodSnapshot) -> Occurrence?) {
    self.failureClass = failureClass
    reading = .pod(read)
  }

  /// The rules in order of precedence: where two speak of the same run, the first one names it. The most telling come first, the
  /// back-off, which every kind of end leads to, after those that say why.
  package static let all: [FailureRule] = [
    .oomKilled, .probeFailure, .runContainerError, .crashLoopBackOff, .imagePullBackOff, .invalidImageName,
    .createContainerConfigError, .createContainerError, .evicted, .jobFailed, .unschedulable,
  ]
}

// MARK: - By default

extension FailureRule {
  /// OOMKilled.
  ///
  /// The kubelet takes the reason from the runtime, which reads the cgroup's OOM counter, and puts it into
  /// `state.terminated` for moments and into `lastState.terminated` for good (kubelet `kuberuntime_container.go`,
  /// `toKubeContainerStatus`); about one in twelve shows in lastState alone. The reason is trusted and the exit code is not:
  /// where a child of a shell was killed, the shell's own code comes with the reason OOMKilled, and 137 alone proves
  /// no OOM (a liveness kill gives it, too).
  package static let oomKilled = FailureRule(container: .oomKilled) { pod, container in
    container.terminations.filter { $0.reason == "OOMKilled" }.map { termination in
      Occurrence(run: termination, of: container, in: pod, as: .oomKilled, reason: termination.reason)
    }
  }

  /// CrashLoopBackOff.
  ///
  /// `state.waiting.reason` while the kubelet waits before the next start (`kuberuntime_manager.go`, `doBackOff`). The run
  /// that ended is in `lastState`; each run is one occurrence. It ends with exit code 0 as well: under
  /// `restartPolicy: Always` a container that completes again and again is in the same back-off.
  package static let crashLoopBackOff = FailureRule(container: .crashLoopBackOff) { pod, container in
    guard case .waiting(reason: "CrashLoopBackOff", let message) = container.state else { return [] }
    guard let last = container.lastTermination else {
      // The status of the last run can be lost with the container; the restart count then tells the runs apart.
      return [
        Occurrence(
          waiting: container, in: pod, as: .crashLoopBackOff, subject: "restarts:\(container.restartCount)",
          reason: "CrashLoopBackOff", message: message)
      ]
    }
    var occurrence = Occurrence(
      run: last, of: container, in: pod, as: .crashLoopBackOff, reason: "CrashLoopBackOff")
    occurrence.message = message
    return [occurrence]
  }

  /// ImagePullBackOff.
  ///
  /// `state.waiting.reason` alternates between ErrImagePull (with the runtime's full text) and ImagePullBackOff (bare) while
  /// the image cannot be had (kubelet `images/image_manager.go`, `images/types.go`): one image is one occurrence. The kubelet
  /// reports no time.
  package static let imagePullBackOff = FailureRule(container: .imagePullBackOff) { pod, container in
    guard case .waiting(let reason, let message) = container.state, pullReasons.contains(reason) else { return [] }
    return [
      Occurrence(
        waiting: container, in: pod, as: .imagePullBackOff,
        subject: "\(container.image)#\(container.restartCount)", reason: reason, message: message)
    ]
  }

  /// kubelet `images/types.go`, and the CRI errors of `kuberuntime/util` (`RegistryUnavailable`, `SignatureValidationFailed`).
  /// InvalidImageName is not among them: it is a fault of the manifest.
  private static let pullReasons: Set<String> = [
    "ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "ImageInspectError", "RegistryUnavailable",
    "SignatureValidationFailed",
  ]
}

extension Occurrence {
  /// A failure that is the end of a run.
  init(
    run: Termination, of container: ContainerSnapshot, in pod: PodSnapshot, as failureClass: FailureClass,
    reason: String
  ) {
    self.init(
      identity: Identity(
        podUID: pod.uid, container: container.name, failureClass: failureClass,
        subject: run.containerID.isEmpty ? "restarts:\(container.restartCount)" : run.containerID,
        time: run.finishedAt?.nanosecondsSinceEpoch ?? 0),
      pod: pod, container: container, reason: reason, message: run.message, termination: run, failedAt: run.finishedAt)
  }

  /// A failure that shows only in the waiting state.
  init(
    waiting container: ContainerSnapshot, in pod: PodSnapshot, as failureClass: FailureClass, subject: String,
    reason: String, message: String
  ) {
    self.init(
      identity: Identity(
        podUID: pod.uid, container: container.name, failureClass: failureClass, subject: subject, time: 0),
      pod: pod, container: container, reason: reason, message: message, termination: container.lastTermination)
  }
}
