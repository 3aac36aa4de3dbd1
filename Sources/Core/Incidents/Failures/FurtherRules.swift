internal import Kubernetes
internal import Time

/// The rules that configuration switches on (`detection.classes`).
extension FailureRule {
  /// CreateContainerConfigError.
  ///
  /// `state.waiting.reason` where the kubelet cannot make the container's configuration (kubelet `kuberuntime_container.go`,
  /// `startContainer`: `ErrCreateContainerConfig`): a ConfigMap, a Secret or a key of one is missing, or an image would run as
  /// root where that is forbidden. It tries again until the cause is gone, so the restart count tells failures apart.
  static let createContainerConfigError = FailureRule(container: .createContainerConfigError) { pod, container in
    waiting(container, in: pod, for: ["CreateContainerConfigError"], as: .createContainerConfigError)
  }

  /// CreateContainerError.
  ///
  /// `state.waiting.reason` where the runtime refuses to create the container, or a step of the kubelet before or after that fails
  /// (`kuberuntime_container.go`, `startContainer`: `ErrCreateContainer`, `ErrPreCreateHook`, `ErrPreStartHook`).
  static let createContainerError = FailureRule(container: .createContainerError) { pod, container in
    waiting(
      container, in: pod, for: ["CreateContainerError", "PreCreateHookError", "PreStartHookError"],
      as: .createContainerError)
  }

  /// RunContainerError.
  ///
  /// The runtime created the container and could not start its process (`kuberuntime_container.go`, `startContainer`:
  /// `kubecontainer.ErrRunContainer`), or the hook after the start failed (`ErrPostStartHook`). containerd reports the run as
  /// ended with the reason StartError and exit code 128, dockershim did as ContainerCannotRun; the waiting state
  /// alternates with CrashLoopBackOff, so the run is what makes one occurrence.
  static let runContainerError = FailureRule(container: .runContainerError) { pod, container in
    let starts = container.terminations.filter { startReasons.contains($0.reason) }
    guard starts.isEmpty else {
      return starts.map {
        Occurrence(run: $0, of: container, in: pod, as: .runContainerError, reason: $0.reason)
      }
    }
    return waiting(container, in: pod, for: ["RunContainerError", "PostStartHookError"], as: .runContainerError)
  }

  private static let startReasons: Set<String> = ["StartError", "ContainerCannotRun"]

  /// InvalidImageName.
  ///
  /// `state.waiting.reason` where the image reference cannot be parsed (kubelet `images/image_manager.go`, `ErrInvalidImageName`
  /// of `images/types.go`): a fault of the manifest, which no registry can mend.
  static let invalidImageName = FailureRule(container: .invalidImageName) { pod, container in
    waiting(
      container, in: pod, for: ["InvalidImageName"], as: .invalidImageName,
      subject: "\(container.image)#\(container.restartCount)")
  }

  /// A liveness or startup probe failed, and the kubelet killed the container.
  ///
  /// The status does not say so: the run is in `lastState` with the reason Error and what the signal left (137 or 143), and the
  /// back-off shows only after some five restarts. What does say so is the event `Killing` with "Container NAME failed
  /// liveness probe, will be restarted" (kubelet `kuberuntime_manager.go`, `computePodActions`), which the harvest reads.
  /// The rule takes a run for killed by a probe if it ended so in a container that has such a probe, in a pod that is
  /// not being deleted. A process that answers SIGTERM with a code of its own is not found by it, and one that
  /// somebody killed by hand is.
  static let probeFailure = FailureRule(container: .probeFailure) { pod, container in
    guard container.isProbed, !pod.deleting else { return [] }
    return container.terminations.filter(\.mayBeProbeKill).map {
      Occurrence(run: $0, of: container, in: pod, as: .probeFailure, reason: $0.reason)
    }
  }

  /// Evicted.
  ///
  /// `status.phase` Failed and `status.reason` Evicted, with the resource and the thresholds in `status.message` (kubelet
  /// `eviction/eviction_manager.go`, `evictPod`). The pod's end: it happens once in a uid's life. The API has no time for it.
  static let evicted = FailureRule(pod: .evicted) { pod in
    guard pod.phase == "Failed", pod.reason == "Evicted" else { return nil }
    return Occurrence(wholePod: pod, as: .evicted, subject: "", reason: pod.reason, message: pod.message)
  }

  /// A pod of a Job failed.
  ///
  /// `status.phase` Failed in a pod whose controller is a Job: one attempt of it, of which the Job makes up to `backoffLimit` + 1
  /// (Job controller, `syncJob`). With `restartPolicy: Never` each attempt is a pod of its own. With OnFailure the attempts are
  /// restarts of one pod, which show as a crash loop, and the controller deletes the pod once the Job has failed. Whether
  /// the Job has given up is in the Job, which the promised role may not read (`harvest.jobs`).
  static let jobFailed = FailureRule(container: .jobFailed) { pod, container in
    guard pod.phase == "Failed", pod.reason != "Evicted", let job = pod.controller, job.kind == "Job",
      job.apiVersion.hasPrefix("batch/"), case .terminated(let end) = container.state, end.exitCode != 0
    else { return [] }
    var failure = Occurrence(
      run: end, of: container, in: pod, as: .jobFailed, reason: pod.reason.isEmpty ? end.reason : pod.reason)
    if failure.message.isEmpty { failure.message = pod.message }
    return [failure]
  }

  /// Unschedulable.
  ///
  /// The condition PodScheduled, False for the reason Unschedulable (scheduler `schedule_one.go`, `handleSchedulingFailure`). The
  /// scheduler tries again and again and changes the message only, so the transition is the occurrence. Every pod of a cluster
  /// that grows on demand is unschedulable for a while: `LastingFailures` reports what has lasted.
  static let unschedulable = FailureRule(pod: .unschedulable) { pod in
    guard let unscheduled = pod.unscheduled else { return nil }
    return Occurrence(
      wholePod: pod, as: .unschedulable, subject: "", reason: "Unschedulable", message: unscheduled.message,
      failedAt: unscheduled.since)
  }

  private static func waiting(
    _ container: ContainerSnapshot, in pod: PodSnapshot, for reasons: Set<String>, as failureClass: FailureClass,
    subject: String? = nil
  ) -> [Occurrence] {
    guard case .waiting(let reason, let message) = container.state, reasons.contains(reason) else { return [] }
    return [
      Occurrence(
        waiting: container, in: pod, as: failureClass, subject: subject ?? "restarts:\(container.restartCount)",
        reason: reason, message: message)
    ]
  }
}

extension Occurrence {
  /// A failure of the pod as a whole: its container has no name.
  fileprivate init(
    wholePod pod: PodSnapshot, as failureClass: FailureClass, subject: String, reason: String, message: String,
    failedAt: Timestamp? = nil
  ) {
    self.init(
      identity: Identity(
        podUID: pod.uid, container: "", failureClass: failureClass, subject: subject,
        time: failedAt?.nanosecondsSinceEpoch ?? 0),
      pod: pod, container: ContainerSnapshot(name: ""), reason: reason, message: message, failedAt: failedAt)
  }
}
