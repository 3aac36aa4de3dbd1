package import Kubernetes
package import Time

/// One failure that happened once: what a rule read in a pod's status.
package struct Occurrence: Sendable, Equatable {
  /// What makes this failure another one than the last: the same on every replica, after every restart and relist.
  package struct Identity: Sendable, Hashable {
    /// metadata.uid of the pod.
    package var podUID: String
    /// Container name; empty for a failure of the pod as a whole.
    package var container: String
    /// Class.
    package var failureClass: FailureClass
    /// What failed: the id of the run that ended, or the image with the number of restarts before it.
    package var subject: String
    /// End of the run by the node's clock, nanoseconds since the epoch; 0 where the kubelet reports no time (pulls).
    package var time: Int64

    package init(podUID: String, container: String, failureClass: FailureClass, subject: String, time: Int64) {
      self.podUID = podUID
      self.container = container
      self.failureClass = failureClass
      self.subject = subject
      self.time = time
    }
  }

  /// Its identity.
  package var identity: Identity
  /// The pod as it was when the failure was read.
  package var pod: PodSnapshot
  /// The container that failed.
  package var container: ContainerSnapshot
  /// Reason in the kubelet's words.
  package var reason: String
  /// Message in the kubelet's words; not redacted.
  package var message: String
  /// How the run ended; nil where none has (pulls).
  package var termination: Termination?
  /// When it happened by the node's clock; nil where the kubelet reports no time.
  package var failedAt: Timestamp?

  package init(
    identity: Identity, pod: PodSnapshot, container: ContainerSnapshot, reason: String, message: String = "",
    termination: Termination? = nil, failedAt: Timestamp? = nil
  ) {
    self.identity = identity
    self.pod = pod
    self.container = container
    self.reason = reason
    self.message = message
    self.termination = termination
    self.failedAt = failedAt
  }
}
