/// The kinds of failure this program reports. The raw value is the word that people and configuration use.
package enum FailureClass: String, Sendable, Hashable {
  /// A container ends again and again, and the kubelet waits before it starts it anew.
  case crashLoopBackOff = "CrashLoopBackOff"
  /// A process of the container was killed for its memory limit.
  case oomKilled = "OOMKilled"
  /// The image cannot be pulled.
  case imagePullBackOff = "ImagePullBackOff"
  /// What the container refers to is missing.
  case createContainerConfigError = "CreateContainerConfigError"
  /// The runtime refuses to create the container.
  case createContainerError = "CreateContainerError"
  /// The runtime cannot start the container's process.
  case runContainerError = "RunContainerError"
  /// The image reference cannot be parsed.
  case invalidImageName = "InvalidImageName"
  /// The kubelet evicted the pod.
  case evicted = "Evicted"
  /// No node takes the pod, for longer than configured.
  case unschedulable = "Unschedulable"
  /// A probe failed and the kubelet killed the container.
  case probeFailure = "ProbeFailure"
  /// A pod of a Job failed.
  case jobFailed = "JobFailed"
  /// None that a rule reports: a person asked for the evidence of a container all the same.
  case other = "Other"

  /// What is reported by default.
  package static let reported: [FailureClass] = [.crashLoopBackOff, .oomKilled, .imagePullBackOff]

  /// What can be reported: the defaults, and what configuration may add.
  package static let reportable: [FailureClass] =
    reported + [
      .createContainerConfigError, .createContainerError, .runContainerError, .invalidImageName, .evicted,
      .unschedulable, .probeFailure, .jobFailed,
    ]
}
