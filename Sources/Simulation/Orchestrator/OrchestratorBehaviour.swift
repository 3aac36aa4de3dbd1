/// How the mock orchestrator treats streams and incidents. The default takes everything at once.
package struct OrchestratorBehaviour: Sendable, Equatable {
  /// Which incidents are rejected.
  package enum Rejection: Sendable, Equatable {
    case none
    /// Every one, with this reason.
    case all(reason: String)
    /// Every so many-th, counted from the first.
    case every(Int, reason: String)
  }

  /// Time between an incident and its answer. The next incident of the stream is read only then, so it is a slow reader
  /// as well.
  package var delay: Duration = .zero
  /// Incidents that are answered with OUTCOME_REJECTED.
  package var rejection = Rejection.none
  /// So many answers are lost: the incident is kept, the answer is not written.
  package var lostAcknowledgements = 0
  /// So many streams are refused with UNAVAILABLE.
  package var refusedStreams = 0
  /// From the moment this behaviour is set, streams are refused with UNAVAILABLE for so long.
  package var unavailableFor: Duration = .zero
  /// A stream ends (cleanly) after so many incidents; the last one is kept and not answered.
  package var closesStreamAfter: Int?
  /// After so many incidents the server sends GOAWAY to all connections, where its transport can.
  package var goesAwayAfter: Int?

  package init() {}

  /// Takes everything at once.
  package static let willing = OrchestratorBehaviour()
}
