package import Incidents
package import Time

/// What happened to delivery, for log lines, metrics and whoever waits for an outcome.
package enum DeliveryEvent: Sendable, Equatable {
  /// The orchestrator is there.
  case connected
  /// The connection or the stream is lost, or could not be had; the next try comes after the pause.
  case disconnected(reason: String, retryIn: Duration)
  /// An incident went on the wire. `attempt` counts from 1.
  case sent(IncidentLabel, attempt: Int)
  /// The orchestrator has the incident.
  case acknowledged(IncidentLabel, Receipt)
  /// The orchestrator refuses the incident: it becomes a dead letter.
  case rejected(IncidentLabel, reason: String)
  /// The incident cannot be delivered, for a reason other than a rejection: it becomes a dead letter.
  case deadLettered(IncidentLabel, reason: String)
  /// Delivery ended with the incident still in the outbox: it becomes a dead letter.
  case dropped(IncidentLabel, reason: String)

  /// An acknowledgement.
  package struct Receipt: Sendable, Equatable {
    /// True if the orchestrator had an incident of this id already.
    package var isDuplicate: Bool
    /// When the orchestrator received it, by its clock, if it said so.
    package var receivedAt: Timestamp?
    /// From going on the wire to the acknowledgement.
    package var latency: Duration
    /// From entering the outbox to the acknowledgement.
    package var age: Duration

    package init(isDuplicate: Bool, receivedAt: Timestamp?, latency: Duration, age: Duration) {
      self.isDuplicate = isDuplicate
      self.receivedAt = receivedAt
      self.latency = latency
      self.age = age
    }
  }
}
