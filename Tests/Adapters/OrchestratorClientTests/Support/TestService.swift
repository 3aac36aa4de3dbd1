internal import Contract
internal import Delivery
internal import GRPCCore
internal import Logging
internal import SwiftProtobuf
internal import Synchronization
internal import Time

@testable internal import Incidents
@testable internal import OrchestratorClient

/// An orchestrator that acknowledges, and does what a test tells it to.
final class TestService: KMIncidentService.SimpleServiceProtocol {
  enum Answer {
    case acknowledge
    case reject(String)
    case silence
    case fail(RPCError)
  }

  /// Ids in the order in which they arrived.
  let received = Mutex<[String]>([])
  private let answer: @Sendable (String, Int) -> Answer

  /// `answer` gets an incident's id and how often it came.
  init(answer: @escaping @Sendable (String, Int) -> Answer = { _, _ in .acknowledge }) {
    self.answer = answer
  }

  func streamIncidents(
    request: RPCAsyncSequence<KMIncidentContext, any Error>, response: RPCWriter<KMIncidentAck>, context: ServerContext
  ) async throws {
    for try await incident in request {
      let count = received.withLock { ids in
        ids.append(incident.incidentID)
        return ids.count { $0 == incident.incidentID }
      }
      var acknowledgement = KMIncidentAck()
      acknowledgement.incidentID = incident.incidentID
      switch answer(incident.incidentID, count) {
      case .acknowledge: acknowledgement.outcome = count == 1 ? .accepted : .duplicate
      case .reject(let reason):
        acknowledgement.outcome = .rejected
        acknowledgement.reason = reason
      case .silence: continue
      case .fail(let error): throw error
      }
      try await response.write(acknowledgement)
    }
  }
}

/// The real clock.
struct RealTime: TimeSource {
  var monotonic: MonotonicInstant { .current }
  var wall: Timestamp { Timestamp(seconds: 0) }

  func sleep(for duration: Duration) async throws {
    try await Task.sleep(for: duration)
  }
}

extension DeliveryLimits {
  /// The defaults, and minutes for an acknowledgement: on a slow machine nothing is sent twice.
  static let patient = DeliveryLimits(acknowledgementTimeout: .seconds(240))
}

extension SealedIncident {
  /// An incident of a size.
  static func sample(_ id: String, pod: String = "pod-1", bytes: Int = 200) throws -> SealedIncident {
    var message = KMIncidentContext()
    message.schemaVersion = 2
    message.incidentID = id
    var log = KMContainerLog()
    log.text = String(repeating: "x", count: bytes)
    message.logs = [log]
    return SealedIncident(
      id: id, podUID: pod,
      headline: Headline(namespace: "default", pod: pod, container: "app", failureClass: "CrashLoopBackOff", masked: 0),
      encoded: try message.serializedBytes())
  }
}

/// Collects events, and lets a test wait for what it expects.
final class EventLog<Event: Sendable>: Sendable {
  private struct State {
    var events: [Event] = []
    var waiters: [(condition: @Sendable ([Event]) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
  }

  private let state = Mutex(State())

  var events: [Event] { state.withLock { $0.events } }

  func append(_ event: Event) {
    let ready = state.withLock { state -> [CheckedContinuation<Void, Never>] in
      state.events.append(event)
      let ready = state.waiters.filter { $0.condition(state.events) }.map(\.continuation)
      state.waiters.removeAll { $0.condition(state.events) }
      return ready
    }
    for waiter in ready { waiter.resume() }
  }

  func wait(until condition: @escaping @Sendable ([Event]) -> Bool) async {
    await withCheckedContinuation { continuation in
      let isMet = state.withLock { state in
        if condition(state.events) { return true }
        state.waiters.append((condition, continuation))
        return false
      }
      if isMet { continuation.resume() }
    }
  }
}

/// Runs a server with a service for the time of a test.
func withServer<Result: Sendable>(
  _ service: any RegistrableRPCService, tls: TLSFiles? = nil, host: String = "127.0.0.1", port: Int = 0,
  grace: Duration = .seconds(1),
  _ body: @Sendable (Int, OrchestratorServerTransport) async throws -> Result
) async throws -> Result {
  let transport = try OrchestratorServerTransport(host: host, port: port, tls: tls, grace: grace)
  let server = GRPCServer(transport: transport, services: [service])
  return try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await server.serve() }
    let result = try await body(try await transport.boundPort, transport)
    server.beginGracefulShutdown()
    try await group.waitForAll()
    return result
  }
}
