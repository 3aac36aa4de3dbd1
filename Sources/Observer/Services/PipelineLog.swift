internal import Incidents
internal import Kubernetes
package import Logging
internal import Redaction
internal import Time

/// Writes the pipeline's events as log lines: one event one line, the same message each time, facts in the metadata.
package struct PipelineLog: Sendable {
  private let logger: Logger

  package init(logger: Logger) {
    self.logger = logger
  }

  /// Writes one event.
  package func write(_ event: PipelineEvent) {
    switch event {
    case .synced(let pods, let after):
      logger.info("synced", metadata: ["pods": "\(pods)", "took_ms": "\(after.milliseconds)"])
    case .detected(let job, let incidentID):
      let occurrence = job.occurrence
      // The one message with a name in it: operators search for these words.
      logger.info(
        "Pod \(occurrence.pod.name) entered \(occurrence.identity.failureClass.rawValue)",
        metadata: [
          "namespace": "\(occurrence.pod.namespace)", "pod": "\(occurrence.pod.name)",
          "pod_uid": "\(occurrence.pod.uid)", "container": "\(occurrence.container.name)",
          "reason": "\(occurrence.reason)", "restarts": "\(occurrence.container.restartCount)",
          "incident_id": "\(incidentID)", "traceparent": "\(TraceContext.traceparent(ofIncident: incidentID))",
          "detected_at": "\(job.detectedAt.formatted())",
        ])
    case .suppressed(let occurrence):
      logger.debug(
        "failure counted",
        metadata: [
          "namespace": "\(occurrence.pod.namespace)", "pod": "\(occurrence.pod.name)",
          "pod_uid": "\(occurrence.pod.uid)", "container": "\(occurrence.container.name)",
          "class": "\(occurrence.identity.failureClass.rawValue)",
        ])
    case .inherited(let job, let incidentID):
      logger.debug(
        "failure kept while another replica leads",
        metadata: [
          "namespace": "\(job.occurrence.pod.namespace)", "pod": "\(job.occurrence.pod.name)",
          "pod_uid": "\(job.occurrence.pod.uid)", "incident_id": "\(incidentID)",
        ])
    case .countsLost(let count): logger.warning("counts of failures lost", metadata: ["failures": "\(count)"])
    case .referenced(let job, let incidentID, let other, let isFirst):
      logger.log(
        level: isFirst ? .warning : .debug, "more pods of one controller fail alike",
        metadata: [
          "namespace": "\(job.occurrence.pod.namespace)", "pod": "\(job.occurrence.pod.name)",
          "owner": "\(job.occurrence.pod.controller?.name ?? "")",
          "class": "\(job.occurrence.identity.failureClass.rawValue)", "incident_id": "\(incidentID)",
          "refers_to": "\(other)",
        ])
    case .harvested(let incidentID, let took, let gaps):
      logger.debug(
        "harvested",
        metadata: ["incident_id": "\(incidentID)", "took_ms": "\(took.milliseconds)", "gaps": "\(gaps.count)"])
    case .sealed(let incident, _, let took):
      logger.debug(
        "redacted",
        metadata: [
          "incident_id": "\(incident.id)", "took_ms": "\(took.milliseconds)", "masked": "\(incident.headline.masked)",
          "bytes": "\(incident.encoded.count)",
        ])
    case .withheld(let job, let incidentID, let error):
      logger.error(
        "incident withheld",
        metadata: [
          "incident_id": "\(incidentID)", "pod_uid": "\(job.occurrence.pod.uid)",
          "pod": "\(job.occurrence.pod.name)", "cause": "\(error.code.rawValue)", "rule": "\(error.rule)",
          "place": "\(error.place)",
        ])
    case .released(let job, let incidentID, let reason):
      logger.warning(
        "incident released",
        metadata: [
          "incident_id": "\(incidentID)", "pod_uid": "\(job.occurrence.pod.uid)",
          "pod": "\(job.occurrence.pod.name)", "cause": "\(reason)",
        ])
    case .acknowledged(let acknowledgement):
      logger.info(
        "incident acknowledged",
        metadata: [
          "incident_id": "\(acknowledgement.incidentID)", "pod_uid": "\(acknowledgement.podUID)",
          "namespace": "\(acknowledgement.headline.namespace)", "pod": "\(acknowledgement.headline.pod)",
          "class": "\(acknowledgement.headline.failureClass)",
          "detected_at": "\(acknowledgement.detectedAt.formatted())",
          "acknowledged_at": "\(acknowledgement.acknowledgedAt.formatted())",
          "latency_ms": "\(acknowledgement.latency.milliseconds)", "masked": "\(acknowledgement.headline.masked)",
          "duplicate": "\(acknowledgement.isDuplicate)",
        ])
    case .rejected(let incidentID, let podUID, let reason):
      logger.error(
        "incident not delivered",
        metadata: ["incident_id": "\(incidentID)", "pod_uid": "\(podUID)", "cause": "\(reason)"])
    case .connected: logger.info("orchestrator connected")
    case .disconnected(let reason, let retryIn):
      logger.warning(
        "orchestrator disconnected",
        metadata: ["cause": "\(reason)", "retry_in_ms": "\(retryIn.wholeNanoseconds / 1_000_000)"])
    }
  }
}
