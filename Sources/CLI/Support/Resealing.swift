internal import Incidents
internal import Redaction

/// Redacts incidents that come from files, whatever they claim about themselves: nothing unmasked leaves by this door.
enum Resealing {
  /// The sealed incidents, in order. The first that redaction cannot vouch for ends it; nothing has been sent then.
  static func seal(_ incidents: [Incident], with redactor: Redactor) throws(CommandFailure) -> [SealedIncident] {
    var sealed: [SealedIncident] = []
    for incident in incidents {
      let redacted: Redacted<Incident>
      do { redacted = try redactor.redact(incident) } catch {
        throw CommandFailure("incident \(incident.id) was withheld, nothing was sent: \(error)", status: .withheld)
      }
      do { sealed.append(try redacted.sealed()) } catch {
        throw CommandFailure("incident \(incident.id): \(error), nothing was sent")
      }
    }
    return sealed
  }

  /// The engine with the rules of this program.
  static func redactor() throws(CommandFailure) -> Redactor {
    do { return try Redactor() } catch { throw CommandFailure("redaction rules: \(error)", status: .usage) }
  }
}
