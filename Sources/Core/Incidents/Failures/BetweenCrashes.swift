package import Kubernetes
package import Time

extension FailureRule {
  /// How long after the end of a run a container that runs again counts as one that crashes again and again: the longest back-off
  /// between two starts (kubelet `MaxContainerBackOff`, 5 minutes).
  private static let memory: Duration = .seconds(300)

  /// A crash loop at a moment when the kubelet does not call it so: between the end of a run and the back-off, or while the next
  /// run has not ended yet.
  ///
  /// For a person who asks what fails now, and sees one moment of the loop. The watch has no use for it: it sees the back-off
  /// itself, and this would take a container that fell once and got up again for a failing one. The identity is that of the
  /// run that ended, so the incident has the same id as the watch's.
  package static func betweenCrashes(
    _ pod: PodSnapshot, _ container: ContainerSnapshot, at now: Timestamp
  ) -> Occurrence? {
    switch container.state {
    case .terminated(let end) where end.exitCode != 0 && container.restartCount >= 1:
      return Occurrence(run: end, of: container, in: pod, as: .crashLoopBackOff, reason: end.reason)
    case .running where container.restartCount >= 2:
      guard let last = container.lastTermination, last.exitCode != 0, let end = last.finishedAt,
        end.duration(to: now) <= memory
      else { return nil }
      return Occurrence(run: last, of: container, in: pod, as: .crashLoopBackOff, reason: last.reason)
    // Between two tries to start a process that cannot be started, the state names the try and the back-off in turn.
    case .waiting(reason: "RunContainerError", _) where container.restartCount >= 1:
      return container.lastTermination.map {
        Occurrence(run: $0, of: container, in: pod, as: .crashLoopBackOff, reason: $0.reason)
      }
    case .terminated, .running, .waiting, .unknown: return nil
    }
  }
}
