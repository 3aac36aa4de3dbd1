/// How a delivery stream ended.
package enum StreamEnd: Sendable, Equatable {
  /// No answer of the server: the connection could not be made, was lost, or the stream was given up on this side.
  case connectionLost(String)
  /// The server ended the stream with this gRPC status. 0 is OK: it is done with this stream, not with us.
  case status(code: Int, message: String)

  /// What follows from a gRPC status for the incidents on the way.
  package enum Verdict: Sendable, Equatable {
    /// All is well; a new stream takes over.
    case goOn
    /// Try again with backoff.
    case retry
    /// Try again, seldom: a person has to mend it.
    case retrySlowly
    /// The server will never take this incident.
    case deadLetter
  }

  /// The verdict. Status codes: https://grpc.io/docs/guides/status-codes/; the mapping is PROTOCOLS.md, "gRPC".
  package var verdict: Verdict {
    guard case .status(let code, _) = self else { return .retry }
    return switch code {
    case 0: .goOn
    // INVALID_ARGUMENT, and OUT_OF_RANGE, which is a kind of it.
    case 3, 11: .deadLetter
    // UNAUTHENTICATED, PERMISSION_DENIED; NOT_FOUND and FAILED_PRECONDITION name a server that is not set up. UNIMPLEMENTED names
    // one that has not this service (yet), or not this compression: it says nothing of an incident, so a wrong address or a
    // release that is rolled back must not turn a full outbox into dead letters.
    case 16, 7, 5, 9, 12: .retrySlowly
    // CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, ALREADY_EXISTS, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE, DATA_LOSS
    default: .retry
    }
  }

  /// True where the answer may be about one incident: it counts against the only one on the way. INVALID_ARGUMENT
  /// and OUT_OF_RANGE are; UNKNOWN, INTERNAL and DATA_LOSS are what a server says that failed over an incident,
  /// and RESOURCE_EXHAUSTED what gRPC says of a message that is too large. The others are about the server, or about us.
  package var blamesIncident: Bool {
    guard case .status(let code, _) = self else { return false }
    return [2, 3, 8, 11, 13, 15].contains(code)
  }

  /// One line for a person.
  package var description: String {
    switch self {
    case .connectionLost(let reason): return reason
    case .status(let code, let message):
      let name = Self.names.indices.contains(code) ? Self.names[code] : "status \(code)"
      return message.isEmpty ? name : "\(name): \(message)"
    }
  }

  private static let names = [
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
    "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
    "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
  ]
}
