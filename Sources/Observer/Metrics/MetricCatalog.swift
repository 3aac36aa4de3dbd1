package import Telemetry

/// A metric of this program: what the reference tells about it.
package struct CatalogEntry: Sendable, Equatable {
  /// Name, kind, help text and buckets.
  package let description: MetricDescription
  /// Names of its labels. Their values are bounded by the program: classes, reasons, codes, kinds; never an object's name.
  package let labels: [String]

  init(
    _ name: String, _ kind: MetricDescription.Kind, _ help: String, labels: [String] = [],
    buckets: [Double] = MetricDescription.latencyBuckets
  ) {
    description = MetricDescription("kube_mind_" + name, kind, help: help, buckets: buckets)
    self.labels = labels
  }

  /// Name as it is shown.
  package var name: String { description.name }
}

/// All metrics of `watch`, in the order of an incident's way. The reference in docs/ is made from this list.
///
/// Names and units: https://prometheus.io/docs/practices/naming/
package enum MetricCatalog {
  // Watch and list.
  static let apiRequests = CatalogEntry(
    "api_requests_total", .counter,
    "Requests to the API server by what came of them: the HTTP status, or the kind of failure.",
    labels: ["verb", "resource", "code"])
  static let apiDuration = CatalogEntry(
    "api_request_duration_seconds", .histogram, "From a request to its whole answer; for a stream, to its first byte.",
    labels: ["verb", "resource"])
  static let watchEvents = CatalogEntry(
    "watch_events_total", .counter, "What the watch brought: applied, deleted, bookmark, skipped.", labels: ["type"])
  static let watchLists = CatalogEntry("watch_lists_total", .counter, "Complete lists of pods taken in.")
  static let watchRestarts = CatalogEntry(
    "watch_restarts_total", .counter, "Lists and watches that failed and were begun again, by why.", labels: ["reason"])
  static let watchAge = CatalogEntry(
    "watch_last_event_age_seconds", .gauge,
    "Time since the API server last said anything, a bookmark included; of several watches the most silent one's.")
  static let watchObjects = CatalogEntry(
    "watch_objects", .gauge, "Pods that the watches know of. Of a healthy pod its uid is kept and nothing else.")

  // Detection.
  static let detected = CatalogEntry(
    "failures_detected_total", .counter, "Failures that became harvests, by class.", labels: ["class"])
  static let suppressed = CatalogEntry(
    "failures_suppressed_total", .counter, "Failures that were counted for the next incident of their key, by class.",
    labels: ["class"])
  static let released = CatalogEntry(
    "failures_released_total", .counter, "Failures whose incident could not be kept: they are found again.")
  static let references = CatalogEntry(
    "references_total", .counter, "Failures of a storm that became light references to another's incident.")
  static let lostCounts = CatalogEntry(
    "failure_counts_lost_total", .counter, "Failures that were counted for an incident that will not come.")
  static let leading = CatalogEntry(
    "leader", .gauge, "1 while this replica leads, 0 while it stands by; absent without leader election.")

  // Harvest.
  static let harvestDuration = CatalogEntry(
    "harvest_duration_seconds", .histogram, "From the begin of a harvest to its last answer or its deadline.")
  static let harvestSource = CatalogEntry(
    "harvest_source_duration_seconds", .histogram, "One request of a harvest, by what it asked for.",
    labels: ["source"])
  static let harvestGaps = CatalogEntry(
    "harvest_gaps_total", .counter, "Pieces of evidence that are missing or cut, by why.", labels: ["reason"])

  // Redaction.
  static let findings = CatalogEntry(
    "redaction_findings_total", .counter, "Masked values by the rule that found them.", labels: ["rule"])
  static let withheld = CatalogEntry(
    "incidents_withheld_total", .counter,
    "Incidents of which nothing left, because redaction could not vouch for them, by why.", labels: ["reason"])
  static let redactionDuration = CatalogEntry(
    "redaction_duration_seconds", .histogram, "Redaction, last check and encoding of one incident.")
  static let redactionBytes = CatalogEntry(
    "redaction_bytes_total", .counter, "Encoded bytes of the incidents that were redacted.")

  // Outbox.
  static let outboxIncidents = CatalogEntry(
    "outbox_incidents", .gauge, "Incidents in the outbox, those on the way included.")
  static let outboxBytes = CatalogEntry("outbox_bytes", .gauge, "Encoded bytes in the outbox.")
  static let outboxAge = CatalogEntry("outbox_oldest_age_seconds", .gauge, "Age of the oldest incident in the outbox.")
  static let outboxDiskBytes = CatalogEntry(
    "outbox_disk_bytes", .gauge, "Bytes of the outbox's files. Only with outbox.directory.")
  static let outboxMemoryBytes = CatalogEntry(
    "outbox_unwritten_bytes", .gauge, "Bytes of incidents that are not on the disk yet. Only with outbox.directory.")
  static let outboxFailures = CatalogEntry(
    "outbox_disk_failures_total", .counter, "Writes of the outbox that failed. Only with outbox.directory.")
  static let undelivered = CatalogEntry(
    "incidents_undelivered_total", .counter,
    "Incidents that the orchestrator will not get: rejected, expired or dropped. Dead letters where there is a folder.")

  // Delivery.
  static let unacknowledged = CatalogEntry(
    "delivery_unacknowledged", .gauge, "Incidents on the way that are not acknowledged yet.")
  static let acknowledged = CatalogEntry(
    "incidents_acknowledged_total", .counter, "Incidents that the orchestrator has; duplicate: it had them before.",
    labels: ["class", "duplicate"])
  static let detectionLatency = CatalogEntry(
    "detection_to_acknowledgement_seconds", .histogram,
    "From reading the pod's status to the acknowledgement: the promise is 1 s for 95 of 100.")
  static let failureLatency = CatalogEntry(
    "failure_to_acknowledgement_seconds", .histogram,
    "From the failure's own time, which Kubernetes gives in whole seconds, to the acknowledgement.")
  static let connected = CatalogEntry(
    "orchestrator_connected", .gauge, "1 while the channel to the orchestrator is up.")
  static let disconnects = CatalogEntry(
    "orchestrator_disconnects_total", .counter, "Times that the channel or the stream to the orchestrator was lost.")
  static let certificateExpiry = CatalogEntry(
    "orchestrator_certificate_expiry_timestamp_seconds", .gauge,
    "When the client certificate for the orchestrator ends, as Unix time. Absent without one.")

  // The program.
  static let build = CatalogEntry(
    "build_info", .gauge, "1, with what the program is built of.",
    labels: ["version", "commit", "swift", "libcurl", "openssl", "nghttp2"])

  /// Every entry, in the order of the reference.
  package static let all: [CatalogEntry] = [
    apiRequests, apiDuration, watchEvents, watchLists, watchRestarts, watchAge, watchObjects, detected, suppressed,
    released, references, lostCounts, leading, harvestDuration, harvestSource, harvestGaps, findings, withheld,
    redactionDuration, redactionBytes, outboxIncidents, outboxBytes, outboxAge, outboxDiskBytes, outboxMemoryBytes,
    outboxFailures, undelivered, unacknowledged, acknowledged, detectionLatency, failureLatency, connected,
    disconnects, certificateExpiry, build,
  ]
}
