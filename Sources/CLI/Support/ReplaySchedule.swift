internal import Incidents
internal import Time

/// When each incident of a replay is sent: in the recorded order and spacing, made faster or slower by a factor.
struct ReplaySchedule {
  /// An incident and its distance from the start of the replay.
  struct Entry {
    let incident: Incident
    let offset: Duration
  }

  /// In the order of sending.
  let entries: [Entry]

  /// Incidents without a time follow the last one that has one, at once; equal times keep the order of the files.
  init(_ incidents: [Incident], speed: Double) {
    let times = incidents.compactMap(\.detectedAt)
    guard let first = times.min(), let last = times.max() else {
      entries = incidents.map { Entry(incident: $0, offset: .zero) }
      return
    }
    entries = incidents.enumerated()
      .map { (index: $0.offset, incident: $0.element, time: $0.element.detectedAt ?? last) }
      .sorted { ($0.time, $0.index) < ($1.time, $1.index) }
      .map { Entry(incident: $0.incident, offset: first.duration(to: $0.time) / speed) }
  }
}
