package import Time

/// The list of a pod's spec that a container stands in.
package enum ContainerKind: Sendable, Equatable {
  /// spec.containers.
  case regular
  /// spec.initContainers without `restartPolicy: Always`.
  case initial
  /// spec.initContainers with `restartPolicy: Always` (KEP-753).
  case sidecar
  /// spec.ephemeralContainers.
  case ephemeral
}

/// One entry of status.containerStatuses, initContainerStatuses or ephemeralContainerStatuses.
package struct ContainerSnapshot: Sendable, Equatable {
  /// Name in the spec.
  package var name: String
  /// Which list it is from.
  package var kind: ContainerKind
  /// `image` of the status, or of the spec where the status has none.
  package var image: String
  /// `imageID` of the status; empty where the image was never pulled.
  package var imageID: String
  /// `containerID` of the status: the current run, or the last one where none is current. Empty if it never ran.
  package var containerID: String
  /// `restartCount`: rises when a new run starts, not when one ends.
  package var restartCount: Int
  /// `state`.
  package var state: ContainerState
  /// `lastState.terminated`.
  package var lastTermination: Termination?
  /// True if the spec gives it a liveness or a startup probe. A decoder needs to read it only where a run ended by a signal
  /// that a failed probe sends (`Termination.mayBeProbeKill`), and may leave it false elsewhere.
  package var isProbed: Bool

  package init(
    name: String, kind: ContainerKind = .regular, image: String = "", imageID: String = "", containerID: String = "",
    restartCount: Int = 0, state: ContainerState = .unknown, lastTermination: Termination? = nil, isProbed: Bool = false
  ) {
    self.name = name
    self.kind = kind
    self.image = image
    self.imageID = imageID
    self.containerID = containerID
    self.restartCount = restartCount
    self.state = state
    self.lastTermination = lastTermination
    self.isProbed = isProbed
  }

  /// The ends of runs that this status shows, the newest first.
  package var terminations: [Termination] {
    var found: [Termination] = []
    if case .terminated(let termination) = state { found.append(termination) }
    if let last = lastTermination, !found.contains(where: { $0.isSameRun(as: last) }) { found.append(last) }
    return found
  }
}

/// `state` of a container status: at most one of the three is set.
package enum ContainerState: Sendable, Equatable {
  /// Not set: the kubelet has not reported yet.
  case unknown
  /// Waiting, e.g. for the back-off or for an image.
  case waiting(reason: String, message: String)
  /// Running since.
  case running(startedAt: Timestamp?)
  /// Ended.
  case terminated(Termination)
}

/// `state.terminated` or `lastState.terminated`.
package struct Termination: Sendable, Equatable {
  /// 0 to 255; 128 + signal where a shell or the runtime reports a signal so.
  package var exitCode: Int
  /// Signal number, 0 where none is reported (containerd reports none).
  package var signal: Int
  /// "Error", "Completed", "OOMKilled", "StartError", "ContainerCannotRun", …
  package var reason: String
  /// Termination message file, or the runtime's error.
  package var message: String
  /// Nil or the epoch where the process never started.
  package var startedAt: Timestamp?
  /// Nil where unknown.
  package var finishedAt: Timestamp?
  /// The run that ended.
  package var containerID: String

  package init(
    exitCode: Int, signal: Int = 0, reason: String = "", message: String = "", startedAt: Timestamp? = nil,
    finishedAt: Timestamp? = nil, containerID: String = ""
  ) {
    self.exitCode = exitCode
    self.signal = signal
    self.reason = reason
    self.message = message
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.containerID = containerID
  }
}

extension Termination {
  /// True if the run ended as the kubelet ends one whose liveness or startup probe failed: by SIGTERM (143) or, after the grace
  /// period, SIGKILL (137), and for no better reason than Error.
  package var mayBeProbeKill: Bool {
    reason == "Error" && (exitCode == 137 || exitCode == 143)
  }

  /// True if both speak of the same end: `state` and `lastState` may show one run twice.
  fileprivate func isSameRun(as other: Termination) -> Bool {
    containerID == other.containerID && finishedAt == other.finishedAt
  }
}
