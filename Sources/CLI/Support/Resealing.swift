internal import Incidents
internal import Redaction

/// Redacts incidents that come from files, whatever they claim about themselves: nothing unmasked leaves by this door.
enum Resealing {
  /// Redacts and seals one. Throws where redaction cannot vouch for it (`withheld`), or where it is too large.
  static func seal(_ incident: Incident, with redactor: Redactor) throws(CommandFailure) -> SealedIncident {
    let redacted: Redacted<Incident>
    do { redacted = try redactor.redact(incident) } catch {
      throw CommandFailure("incident \(incident.id) was withheld: \(error)", status: .withheld)
    }
    do { return try redacted.sealed() } catch {
      throw CommandFailure("incident \(incident.id) was not sent: \(error)")
    }
  }
}
