internal import Delivery
internal import GRPCCore
internal import Incidents

/// Puts the bytes that passed the last check on the wire, as they are. There is no serializer for anything unsealed.
struct SealedIncidentSerializer: MessageSerializer {
  func serialize<Bytes: GRPCContiguousBytes>(_ incident: SealedIncident) throws -> Bytes {
    // The transport's own bag of bytes: no copy.
    if let bytes = incident.encoded as? Bytes { return bytes }
    return Bytes(incident.encoded)
  }
}
