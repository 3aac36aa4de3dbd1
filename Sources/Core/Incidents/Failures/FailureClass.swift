/// The kinds of failure this program reports. The raw value is the word that people and configuration use.
package enum FailureClass: String, Sendable, Hashable {
  /// A container ends again and again, and the kubelet waits before it starts it anew.
  case crashLoopBackOff = "CrashLoopBackOff"
  /// A process of the container was killed for its memory limit.
  case oomKilled = "OOMKilled"
  /// The image cannot be pulled.
  case imagePullBackOff = "ImagePullBackOff"
  /// None that a rule reports: a person asked for the evidence of a container all the same.
  case other = "Other"

  /// What rules report.
  package static let reported: [FailureClass] = [.crashLoopBackOff, .oomKilled, .imagePullBackOff]
}
