internal import Contract
internal import Kubernetes

extension Incident {
  /// A light reference: a failure of a storm, without evidence of its own, that names the incident of the other failure, which has
  /// it. The controller is named as the pod names it; nobody asked for it.
  package init(
    _ occurrence: Occurrence, referringTo other: Occurrence.Identity, in cluster: ClusterIdentity,
    timings: StageTimings,
    suppressed: SuppressedFailures, toolVersion: String
  ) {
    var evidence = Evidence()
    evidence.owners = occurrence.pod.controller.map { [OwnerEvidence(reference: $0, verified: false)] } ?? []
    self.init(
      occurrence, in: cluster, evidence: evidence, timings: timings, suppressed: suppressed, toolVersion: toolVersion)
    message.reference.incidentID = other.incidentID(clusterUID: cluster.uid)
  }
}
