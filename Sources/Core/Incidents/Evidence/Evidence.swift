package import Kubernetes

/// What a harvest gathered about one failure, as it came: not redacted. It can only become part of an `Incident`.
package struct Evidence: Sendable, Equatable {
  /// Logs, at most one for each container and run.
  package var logs: [LogEvidence] = []
  /// Objects.
  package var manifests: [ManifestEvidence] = []
  /// Events of the pod, oldest first.
  package var events: [EventSnapshot] = []
  /// Controllers from the nearest to the farthest.
  package var owners: [OwnerEvidence] = []
  /// What a young rollout changed; nil where there was none.
  package var rollout: RolloutEvidence?
  /// What is missing, and why.
  package var gaps: [EvidenceGap] = []

  package init() {}
}

/// The end of a log.
package struct LogEvidence: Sendable, Equatable {
  /// Container name.
  package var container: String
  /// Container kind.
  package var kind: ContainerKind
  /// Of the run before the one that the kubelet calls current.
  package var previous: Bool
  /// The kubelet gave the same text for the current run.
  package var alsoCurrent: Bool
  /// Text as the API server sent it, or the excerpt of it; may hold any byte.
  package var text: [UInt8]
  /// Bytes that were dropped at its start.
  package var omittedBytes: Int
  /// Lines that stand in the text once and were repeated.
  package var repeatedLines = 0
  /// Lines that are neither in the text nor counted as repeated.
  package var omittedLines = 0
  /// The first and the last stack trace.
  package var traces: [StackTrace] = []

  package init(
    container: String, kind: ContainerKind, previous: Bool, alsoCurrent: Bool = false, text: [UInt8],
    omittedBytes: Int = 0
  ) {
    self.container = container
    self.kind = kind
    self.previous = previous
    self.alsoCurrent = alsoCurrent
    self.text = text
    self.omittedBytes = omittedBytes
  }
}

extension LogEvidence {
  /// Keeps the excerpt of the text.
  mutating func shorten(lines: Int, bytes: Int) {
    let excerpt = LogExcerpt(text, lines: lines, bytes: bytes, isCut: omittedBytes > 0)
    text = excerpt.text
    // More lines were read than are kept: what the API server's answer lost at its start is nothing that would be in the text.
    omittedBytes = excerpt.hasAllLines ? 0 : omittedBytes + excerpt.omittedBytes
    repeatedLines = excerpt.repeatedLines
    omittedLines = excerpt.omittedLines
    traces = excerpt.traces
  }
}

/// One object.
package struct ManifestEvidence: Sendable, Equatable {
  /// e.g. "apps/v1".
  package var apiVersion: String
  /// e.g. "Deployment".
  package var kind: String
  /// Namespace.
  package var namespace: String
  /// Name.
  package var name: String
  /// metadata.uid.
  package var uid: String
  /// metadata.resourceVersion.
  package var resourceVersion: String
  /// The object as JSON, without managedFields.
  package var json: [UInt8]

  package init(
    apiVersion: String, kind: String, namespace: String, name: String, uid: String, resourceVersion: String,
    json: [UInt8]
  ) {
    self.apiVersion = apiVersion
    self.kind = kind
    self.namespace = namespace
    self.name = name
    self.uid = uid
    self.resourceVersion = resourceVersion
    self.json = json
  }
}

/// A controller of the pod.
package struct OwnerEvidence: Sendable, Equatable {
  /// The reference to it.
  package var reference: OwnerReference
  /// True if it was read and its uid is the reference's.
  package var verified: Bool

  package init(reference: OwnerReference, verified: Bool) {
    self.reference = reference
    self.verified = verified
  }
}

/// A piece of evidence that is missing or incomplete.
package struct EvidenceGap: Sendable, Equatable {
  /// Why.
  package enum Reason: String, Sendable {
    case forbidden, notFound = "not found", timeout, truncated, unavailable, error, disabled, replaced
  }

  /// What is missing, e.g. "log/app/previous", "manifest/ConfigMap/settings", "events".
  package var source: String
  /// Why.
  package var reason: Reason
  /// One line for a person; redacted with the incident.
  package var detail: String
  /// HTTP status, 0 where there was no answer.
  package var httpStatus: Int

  package init(source: String, reason: Reason, detail: String = "", httpStatus: Int = 0) {
    self.source = source
    self.reason = reason
    self.detail = detail
    self.httpStatus = httpStatus
  }
}
