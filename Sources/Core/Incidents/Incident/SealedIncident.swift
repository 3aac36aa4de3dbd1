/// A redacted incident in its final bytes: what the outbox keeps and the wire carries.
///
/// Encoded once, at the moment of sealing, so that every retry sends the bytes that passed the last check.
package struct SealedIncident: Sendable, Equatable {
  /// What is known of it without its content.
  package let label: IncidentLabel
  /// A binary `kubemind.v2.IncidentContext`.
  package let encoded: [UInt8]

  init(id: String, podUID: String, headline: Headline, encoded: [UInt8]) {
    label = IncidentLabel(id: id, podUID: podUID, headline: headline, size: encoded.count)
    self.encoded = encoded
  }

  /// An incident that was sealed before and lay in an outbox. For the outbox's own format alone, which vouches by checksums
  /// for every byte of it: whatever else comes from a file is not redacted, and has to be read as `Incident`.
  package init(label: IncidentLabel, storedInOutbox encoded: [UInt8]) {
    self.label = label
    self.encoded = encoded
  }

  /// incident_id.
  package var id: String { label.id }
  /// metadata.uid of the pod: incidents of one pod keep their order.
  package var podUID: String { label.podUID }
  /// Facts for a log line; none of them came from a log or a manifest.
  package var headline: Headline { label.headline }

  /// What a person wants to see of an incident in one line.
  package struct Headline: Sendable, Equatable {
    /// Namespace of the pod.
    package let namespace: String
    /// Name of the pod.
    package let pod: String
    /// Container; empty for a failure of the pod as a whole.
    package let container: String
    /// Class in the words of the field, e.g. "CrashLoopBackOff".
    package let failureClass: String
    /// Masked values in it.
    package let masked: Int

    package init(namespace: String, pod: String, container: String, failureClass: String, masked: Int) {
      self.namespace = namespace
      self.pod = pod
      self.container = container
      self.failureClass = failureClass
      self.masked = masked
    }
  }
}

/// A sealed incident without its content: what delivery decides by, and what log lines are made of. Some 400 bytes, where an
/// incident may have megabytes, so that an outbox on disk costs little memory.
package struct IncidentLabel: Sendable, Equatable {
  /// incident_id.
  package let id: String
  /// metadata.uid of the pod: incidents of one pod keep their order.
  package let podUID: String
  /// Facts for a log line.
  package let headline: SealedIncident.Headline
  /// Bytes of the encoded incident.
  package let size: Int

  package init(id: String, podUID: String, headline: SealedIncident.Headline, size: Int) {
    self.id = id
    self.podUID = podUID
    self.headline = headline
    self.size = size
  }
}
