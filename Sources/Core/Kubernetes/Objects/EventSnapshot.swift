package import Time

/// What is kept of an Event (core/v1).
package struct EventSnapshot: Sendable, Equatable {
  /// metadata.name.
  package var name = ""
  /// metadata.uid.
  package var uid = ""
  /// "Normal" or "Warning".
  package var type = ""
  /// e.g. "BackOff".
  package var reason = ""
  /// Text for a person.
  package var message = ""
  /// source.component or reportingComponent, e.g. "kubelet".
  package var component = ""
  /// involvedObject.kind.
  package var involvedKind = ""
  /// involvedObject.name.
  package var involvedName = ""
  /// involvedObject.uid.
  package var involvedUID = ""
  /// involvedObject.fieldPath, e.g. "spec.containers{api}"; empty where the event is of the whole object.
  package var fieldPath = ""
  /// How often it was seen: series.count, count, or 1.
  package var count = 1
  /// firstTimestamp, eventTime or metadata.creationTimestamp, whichever is the first to be set.
  package var firstTime: Timestamp?
  /// series.lastObservedTime, lastTimestamp, eventTime or metadata.creationTimestamp, whichever is the first to be set.
  package var lastTime: Timestamp?

  package init() {}

  /// The container that `fieldPath` names, of any of the three lists; nil where it names none.
  package var container: String? {
    guard fieldPath.hasPrefix("spec."), let open = fieldPath.firstIndex(of: "{"), fieldPath.hasSuffix("}") else {
      return nil
    }
    return String(fieldPath[fieldPath.index(after: open)...].dropLast())
  }
}
