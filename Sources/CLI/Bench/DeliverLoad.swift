internal import Delivery
internal import Incidents
internal import OrchestratorClient
internal import Synchronization
internal import Time

/// Keeps so many incidents on their way: each acknowledgement submits the next one where it is reported, for a task in between
/// would be measured with the delivery.
final class DeliverLoad: Sendable {
  private struct State {
    var delivery: IncidentDelivery?
    var toSend = 0
    var toCome = 0
    var next = 0
    /// Milliseconds of each.
    var latencies: [Double] = []
    var end: CheckedContinuation<[Double], any Error>?
  }

  private let incidents: [SealedIncident]
  private let state = Mutex(State())

  /// A load of these, again and again.
  init(_ incidents: [SealedIncident]) {
    self.incidents = incidents
  }

  /// Sends `count` of them, with at most `atOnce` on their way, and returns their latencies in milliseconds.
  func send(_ count: Int, atOnce: Int, over delivery: IncidentDelivery) async throws -> [Double] {
    try await withCheckedThrowingContinuation { continuation in
      state.withLock { state in
        (state.toSend, state.toCome, state.latencies) = (count, count, [])
        (state.delivery, state.end) = (delivery, continuation)
      }
      for _ in 0..<min(count, atOnce) { submitNext() }
    }
  }

  /// What the delivery says.
  func reported(_ event: DeliveryEvent) {
    switch event {
    case .acknowledged(_, let receipt):
      let end = state.withLock { state in
        state.latencies.append(receipt.latency.milliseconds)
        state.toCome -= 1
        return state.toCome == 0 ? Self.end(&state) : nil
      }
      if let (end, latencies) = end { end.resume(returning: latencies) } else { submitNext() }
    case .rejected(_, let reason), .deadLettered(_, let reason), .dropped(_, let reason): fail(CommandFailure(reason))
    case .connected, .disconnected, .sent: break
    }
  }

  private func submitNext() {
    let (delivery, incident) = state.withLock { state -> (IncidentDelivery?, SealedIncident?) in
      guard state.toSend > 0 else { return (nil, nil) }
      state.toSend -= 1
      state.next = (state.next + 1) % incidents.count
      return (state.delivery, incidents[state.next])
    }
    guard let delivery, let incident else { return }
    do { try delivery.submit(incident) } catch { fail(error) }
  }

  private func fail(_ error: any Error) {
    state.withLock { Self.end(&$0) }?.0.resume(throwing: error)
  }

  private static func end(_ state: inout State) -> (CheckedContinuation<[Double], any Error>, [Double])? {
    defer { (state.end, state.delivery) = (nil, nil) }
    return state.end.map { ($0, state.latencies) }
  }
}
