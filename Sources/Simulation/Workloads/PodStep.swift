/// What happens to a pod next, as its kubelet would notice it. Each is one update of the pod's status, unless said
/// otherwise.
package enum PodStep: Sendable, Equatable {
  /// The scheduler found a node.
  case scheduled
  /// The kubelet has the pod and prepares its containers.
  case creating
  /// A container runs: for the first time, or again with restartCount one higher.
  case started(container: String, log: [String] = [])
  /// A container's process ended. Its log ends with these lines.
  case exited(container: String, exitCode: Int, reason: String = "Error", message: String = "", log: [String] = [])
  /// A container's process ended and the next run started before the kubelet reported anything: only lastState shows it.
  /// Seen of one OOM kill in twelve.
  case endedUnseen(container: String, exitCode: Int, reason: String, log: [String] = [])
  /// The kubelet waits before the next run: CrashLoopBackOff.
  case backOff(container: String)
  /// The image could not be pulled: ErrImagePull with the whole text.
  case pullFailed(container: String, message: String)
  /// The kubelet waits before the next pull: ImagePullBackOff, without the text.
  case pullBackOff(container: String)
  /// The container writes to its log. The pod's status does not change.
  case logged(container: String, log: [String])
  /// The status is written again, as it was: kubelets do that.
  case touched
}
