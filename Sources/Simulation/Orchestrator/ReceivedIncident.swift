package import Contract
internal import SwiftProtobuf
package import Time

/// A message with the bytes it was made from, and what a line about it says.
struct RawIncident: Sendable {
  let id: String
  let namespace: String
  let pod: String
  let reason: String
  let encoded: [UInt8]

  init(_ context: KMIncidentContext, encoded: [UInt8]) {
    id = context.incidentID
    namespace = context.workload.namespace
    pod = context.workload.pod
    reason = context.failure.reason
    self.encoded = encoded
  }
}

/// An incident as it came over the wire.
package struct ReceivedIncident: Sendable, Equatable {
  /// incident_id.
  package let id: String
  /// workload.namespace.
  package let namespace: String
  /// workload.pod.
  package let pod: String
  /// failure.reason.
  package let reason: String
  /// The message as received, byte for byte: what tests search for secrets.
  package let encoded: [UInt8]
  /// When it was received.
  package let receivedAt: Timestamp
  /// Which stream brought it, from 1.
  package let stream: Int
  /// What it was answered with.
  package let outcome: KMOutcome
  /// False where the answer was lost on purpose.
  package let isAcknowledged: Bool

  init(
    _ incident: RawIncident, receivedAt: Timestamp, stream: Int, outcome: KMOutcome, isAcknowledged: Bool
  ) {
    id = incident.id
    namespace = incident.namespace
    pod = incident.pod
    reason = incident.reason
    encoded = incident.encoded
    self.receivedAt = receivedAt
    self.stream = stream
    self.outcome = outcome
    self.isAcknowledged = isAcknowledged
  }

  /// The message.
  package var context: KMIncidentContext {
    // It was decoded once on receipt: these bytes parse.
    (try? KMIncidentContext(serializedBytes: encoded)) ?? KMIncidentContext()
  }
}
