package import Incidents
package import Redaction
package import Time

/// What happens in the pipeline, for log lines, metrics, the demo and the benchmark.
package enum PipelineEvent: Sendable {
  /// The first list is in: from now on, no failure is missed.
  case synced(pods: Int, after: Duration)
  /// A failure was found and is to be harvested.
  case detected(HarvestJob, incidentID: String)
  /// A failure was found while another replica leads. It is dropped once that one has surely told of it, or `detected` when this
  /// one takes over.
  case inherited(HarvestJob, incidentID: String)
  /// A failure was found and counted for the next incident of its key or storm.
  case suppressed(Occurrence)
  /// Counts of failures were lost, for more keys failed than are held: so many failures are told by nothing but this.
  case countsLost(Int)
  /// A failure of a storm becomes a light reference to another's incident; the first one of the storm in its window, or a later one.
  case referenced(HarvestJob, incidentID: String, to: String, isFirst: Bool)
  /// Evidence was gathered, but for what the gaps name.
  case harvested(incidentID: String, took: Duration, gaps: [EvidenceGap.Reason])
  /// The incident was redacted, as the report says, and is in the outbox.
  case sealed(SealedIncident, RedactionReport, took: Duration)
  /// Redaction could not vouch for the incident: none of it leaves.
  case withheld(HarvestJob, incidentID: String, RedactionError)
  /// The incident could not be kept; the failure will be found again.
  case released(HarvestJob, incidentID: String, reason: String)
  /// The orchestrator has the incident.
  case acknowledged(Acknowledgement)
  /// The orchestrator will not take the incident.
  case rejected(incidentID: String, podUID: String, reason: String)
  /// The channel to the orchestrator.
  case connected
  /// The channel to the orchestrator is down.
  case disconnected(reason: String, retryIn: Duration)

  /// One acknowledged incident.
  package struct Acknowledgement: Sendable, Equatable {
    /// Its headline.
    package let headline: SealedIncident.Headline
    /// incident_id.
    package let incidentID: String
    /// metadata.uid of the pod.
    package let podUID: String
    /// When the failure happened by Kubernetes' account, in whole seconds; nil where it does not tell.
    package let failedAt: Timestamp?
    /// When the failure was read.
    package let detectedAt: Timestamp
    /// When the acknowledgement arrived.
    package let acknowledgedAt: Timestamp
    /// From the one to the other, on the monotonic clock.
    package let latency: Duration
    /// The orchestrator already had it.
    package let isDuplicate: Bool

    package init(
      headline: SealedIncident.Headline, incidentID: String, podUID: String, failedAt: Timestamp? = nil,
      detectedAt: Timestamp, acknowledgedAt: Timestamp, latency: Duration, isDuplicate: Bool
    ) {
      self.headline = headline
      self.incidentID = incidentID
      self.podUID = podUID
      self.failedAt = failedAt
      self.detectedAt = detectedAt
      self.acknowledgedAt = acknowledgedAt
      self.latency = latency
      self.isDuplicate = isDuplicate
    }
  }
}
