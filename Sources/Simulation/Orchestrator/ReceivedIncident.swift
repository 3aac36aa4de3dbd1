package import Contract
internal import SwiftProtobuf
package import Time

/// An incident as it came over the wire.
package struct ReceivedIncident: Sendable, Equatable {
  /// incident_id.
  package let id: String
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

  /// The message.
  package var context: KMIncidentContext {
    // It was decoded once on receipt: these bytes parse.
    (try? KMIncidentContext(serializedBytes: encoded)) ?? KMIncidentContext()
  }
}
