internal import Incidents
internal import Redaction
internal import Time

/// What a replay sends: a recording that has passed redaction, and how it is changed on its way out.
struct ReplaySource: Sendable {
  /// How incidents differ from the recorded ones.
  struct Changes: Sendable, Equatable {
    /// Times are moved so that each incident was detected at the moment at which it is due.
    var shiftsTime = false
    /// Ids are made anew under this name; nil: they are the recorded ones.
    var series: String?
  }

  /// When each was detected, in the order of the files.
  let times: [Timestamp?]
  /// Those that redaction could not vouch for: nothing of them is kept.
  let withheld: [(id: String, reason: String)]
  private let changes: Changes
  private let redactor: Redactor
  /// Kept only where they are changed, for then each is redacted again when it is due.
  private let incidents: [Incident]
  private let sealed: [SealedIncident]

  /// Redacts everything, so that it is known before the first one is sent what cannot be.
  init(_ recorded: [Incident], changes: Changes, redactor: Redactor) throws(CommandFailure) {
    var times: [Timestamp?] = []
    var withheld: [(id: String, reason: String)] = []
    var incidents: [Incident] = []
    var sealed: [SealedIncident] = []
    let isChanged = changes != Changes()
    for incident in recorded {
      do throws(CommandFailure) {
        let result = try Resealing.seal(incident, with: redactor)
        times.append(incident.detectedAt)
        if isChanged { incidents.append(incident) } else { sealed.append(result) }
      } catch {
        guard error.status == .withheld else { throw error }
        withheld.append((incident.id, error.message))
      }
    }
    self.times = times
    self.withheld = withheld
    self.changes = changes
    self.redactor = redactor
    self.incidents = incidents
    self.sealed = sealed
  }

  /// The incident of a step that is due at a time.
  func incident(for step: ReplayPlan.Step, due: Timestamp) throws(CommandFailure) -> SealedIncident {
    guard changes != Changes() else { return sealed[step.index] }
    var incident = incidents[step.index]
    if changes.shiftsTime { incident = incident.detected(at: due) }
    if let series = changes.series { incident = incident.renamed(series: series, round: step.round) }
    return try Resealing.seal(incident, with: redactor)
  }
}
