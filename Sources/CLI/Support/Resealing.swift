internal import Incidents
internal import Observer
internal import Redaction
internal import Telemetry

/// Redacts incidents that come from files, whatever they claim about themselves: nothing unmasked leaves by this door.
enum Resealing {
  /// Redacts and seals one. Throws where redaction cannot vouch for it (`withheld`), or where it is too large.
  static func seal(_ incident: Incident, with redactor: Redactor) throws(CommandFailure) -> SealedIncident {
    let redacted: Redacted<Incident>
    let budget = RedactionBudget(time: SystemTime())
    do { redacted = try redactor.redact(incident, isOverTime: { budget.isUsedUp }) } catch {
      throw CommandFailure("incident \(incident.id) was withheld: \(error)", status: .withheld)
    }
    do { return try redacted.sealed() } catch {
      throw CommandFailure("incident \(incident.id) was not sent: \(error)")
    }
  }
}
