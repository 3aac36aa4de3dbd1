package import Kubernetes

/// How replicas agree which of them acts.
package struct ElectionSettings: Sendable, Equatable {
  /// Whether there is an election.
  package enum Mode: String, Sendable, CaseIterable {
    /// In a cluster, where a Deployment may run several replicas; not at a terminal.
    case auto
    case on = "true"
    case off = "false"
  }

  /// Whether there is an election.
  package var mode = Mode.auto
  /// Namespace of the Lease; empty: the pod's own.
  package var namespace = ""
  /// Name of the Lease.
  package var name = "kube-mind-observer"
  /// Its times.
  package var timing = ElectionTiming()
  /// Who this candidate is; empty: the host's name (a pod's is the pod's) and a random uuid.
  package var identity = ""

  package init() {}

  /// True if there is an election.
  package func isOn(inCluster: Bool) -> Bool {
    switch mode {
    case .auto: inCluster
    case .on: true
    case .off: false
    }
  }
}
