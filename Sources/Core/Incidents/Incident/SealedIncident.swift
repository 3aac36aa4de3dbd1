/// A redacted incident in its final bytes: what the outbox keeps and the wire carries.
///
/// Encoded once, at the moment of sealing, so that every retry sends the bytes that passed the last check.
package struct SealedIncident: Sendable, Equatable {
  /// incident_id.
  package let id: String
  /// metadata.uid of the pod: incidents of one pod keep their order.
  package let podUID: String
  /// Facts for a log line; none of them came from a log or a manifest.
  package let headline: Headline
  /// A binary `kubemind.v2.IncidentContext`.
  package let encoded: [UInt8]

  init(id: String, podUID: String, headline: Headline, encoded: [UInt8]) {
    self.id = id
    self.podUID = podUID
    self.headline = headline
    self.encoded = encoded
  }

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
  }
}
