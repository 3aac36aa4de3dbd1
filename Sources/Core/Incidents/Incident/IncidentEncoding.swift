internal import Contract
package import Redaction
internal import SwiftProtobuf

/// Why bytes are not an incident. One line for a person; holds no text of the input.
package struct IncidentFormatError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong.
  package let message: String

  package var description: String { message }
}

extension Redacted<Incident> {
  /// The final bytes with what a log line may say of them.
  package func sealed() throws(IncidentFormatError) -> SealedIncident {
    let message = value.message
    let encoded: [UInt8]
    do { encoded = try message.serializedBytes() } catch {
      throw IncidentFormatError(message: "the incident cannot be encoded")
    }
    guard encoded.count <= value.encodedLimit else {
      throw IncidentFormatError(message: "the incident has \(encoded.count) bytes, more than \(value.encodedLimit)")
    }
    return SealedIncident(
      id: message.incidentID, podUID: message.workload.podUid,
      headline: .init(
        namespace: message.workload.namespace, pod: message.workload.pod, container: message.failure.container,
        failureClass: message.failure.class.word, masked: Int(message.redaction.masked)),
      encoded: encoded)
  }

  /// Canonical proto3 JSON on one line, without a newline at its end.
  package func json() throws(IncidentFormatError) -> [UInt8] {
    do { return try value.message.jsonUTF8Bytes() } catch {
      throw IncidentFormatError(message: "the incident cannot be written as JSON")
    }
  }
}

extension Incident {
  /// Reads proto3 JSON, as `harvest -o json` writes it. Fields of a newer schema are ignored. What comes of it counts as not
  /// redacted, whatever it claims.
  package init(json: [UInt8]) throws(IncidentFormatError) {
    var options = JSONDecodingOptions()
    options.ignoreUnknownFields = true
    // The contract nests 5 deep; more is no incident.
    options.messageDepthLimit = 16
    let message: KMIncidentContext
    do { message = try KMIncidentContext(jsonUTF8Bytes: json, options: options) } catch {
      throw IncidentFormatError(message: "not an incident: it is no proto3 JSON of kubemind.v2.IncidentContext")
    }
    try self.init(checking: message)
  }

  /// Reads a binary `kubemind.v2.IncidentContext`. Unknown fields are dropped, for no rule could look into them.
  package init(binary: [UInt8]) throws(IncidentFormatError) {
    var options = BinaryDecodingOptions()
    options.discardUnknownFields = true
    options.messageDepthLimit = 16
    let message: KMIncidentContext
    do { message = try KMIncidentContext(serializedBytes: binary, options: options) } catch {
      throw IncidentFormatError(message: "not an incident: it is no binary kubemind.v2.IncidentContext")
    }
    try self.init(checking: message)
  }

  private init(checking message: KMIncidentContext) throws(IncidentFormatError) {
    guard message.schemaVersion > 0, !message.incidentID.isEmpty else {
      throw IncidentFormatError(message: "not an incident: schemaVersion or incidentId is missing")
    }
    guard message.schemaVersion <= Self.schemaVersion else {
      throw IncidentFormatError(
        message: "schema version \(message.schemaVersion) is newer than this program's \(Self.schemaVersion)")
    }
    guard message.incidentID.isIncidentID else {
      throw IncidentFormatError(message: "not an incident: incidentId is not 32 hexadecimal digits")
    }
    // No rule looks into an id, so nothing else may stand in its place.
    guard !message.hasReference || message.reference.incidentID.isIncidentID else {
      throw IncidentFormatError(message: "not an incident: reference.incidentId is not 32 hexadecimal digits")
    }
    self.init(message: message)
    // What a file says there is not looked at, for no rule looks into it either.
    self.message.traceparent = TraceContext.traceparent(ofIncident: message.incidentID)
  }
}

extension String {
  /// True for what `StableHash.hexadecimal` gives.
  fileprivate var isIncidentID: Bool {
    utf8.count == 32 && utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}

extension KMFailureClass {
  /// The word that people use.
  var word: String {
    switch self {
    case .crashLoopBackOff: "CrashLoopBackOff"
    case .oomKilled: "OOMKilled"
    case .imagePullBackOff: "ImagePullBackOff"
    case .createContainerConfigError: "CreateContainerConfigError"
    case .createContainerError: "CreateContainerError"
    case .runContainerError: "RunContainerError"
    case .invalidImageName: "InvalidImageName"
    case .evicted: "Evicted"
    case .unschedulable: "Unschedulable"
    case .probeFailure: "ProbeFailure"
    case .jobFailed: "JobFailed"
    case .other: "Other"
    case .unspecified, .UNRECOGNIZED: "Unknown"
    }
  }
}
