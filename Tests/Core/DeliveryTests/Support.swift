internal import Delivery
internal import Testing
internal import Time

@testable internal import Incidents

/// So many seconds after the start.
func at(_ seconds: Double) -> MonotonicInstant {
  MonotonicInstant(nanoseconds: Int64(seconds * 1e9))
}

extension IncidentLabel {
  /// The label of an incident of so many bytes.
  static func sample(_ id: String, pod: String = "pod", bytes: Int = 100) -> IncidentLabel {
    IncidentLabel(
      id: id, podUID: pod,
      headline: SealedIncident.Headline(
        namespace: "default", pod: pod, container: "app", failureClass: "OOMKilled", masked: 0), size: bytes)
  }
}

extension DeliveryMachine {
  /// Sends all that may go now.
  mutating func sendAll(at now: MonotonicInstant) -> [String] {
    var ids: [String] = []
    while case .sent(let incident, _)? = nextToSend(at: now) { ids.append(incident.id) }
    return ids
  }

  mutating func open() {
    streamOpening()
    streamOpened()
  }

  mutating func submitAll(_ ids: String..., at now: MonotonicInstant = .origin) throws {
    for id in ids { _ = try submitted(.sample(id), at: now) }
  }
}
