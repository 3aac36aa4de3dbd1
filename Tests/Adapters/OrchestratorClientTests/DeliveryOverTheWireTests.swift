internal import Contract
internal import Delivery
internal import GRPCCore
internal import Logging
internal import Synchronization
internal import Testing
internal import Time

@testable internal import Incidents
@testable internal import OrchestratorClient

/// The whole channel over loopback sockets: delivery, client transport, TLS, HTTP/2, server transport, gRPC's server.
@Suite(.timeLimit(.minutes(1)))
struct DeliveryOverTheWireTests {
  /// Runs delivery against an endpoint for the time of a test.
  static func deliver(
    to endpoint: OrchestratorEndpoint, limits: DeliveryLimits = DeliveryLimits(),
    _ body: @Sendable (IncidentDelivery, EventLog<DeliveryEvent>) async throws -> Void
  ) async throws -> [DeliveryEvent] {
    let log = EventLog<DeliveryEvent>()
    let delivery = IncidentDelivery(
      endpoint: endpoint, limits: limits, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      time: RealTime(), onEvent: { log.append($0) })
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await delivery.run() }
      try await body(delivery, log)
      delivery.beginGracefulShutdown(drain: .seconds(2))
      try await group.waitForAll()
    }
    return log.events
  }

  static func acknowledged(_ events: [DeliveryEvent]) -> [String] {
    events.compactMap { if case .acknowledged(let incident, _) = $0 { incident.id } else { nil } }
  }

  @Test(arguments: [false, true])
  func incidentsArriveInOrderAndAreAcknowledged(isSecure: Bool) async throws {
    try await TestFiles.with { files in
      let service = TestService()
      let ids = (0..<100).map { "incident-\($0)" }
      try await withServer(service, tls: isSecure ? files.server : nil) { port, _ in
        let endpoint = try OrchestratorEndpoint(
          url: "\(isSecure ? "https" : "http")://127.0.0.1:\(port)", tls: isSecure ? files.client() : TLSFiles())
        let events = try await Self.deliver(to: endpoint) { delivery, log in
          for id in ids { try delivery.submit(.sample(id)) }
          await log.wait { Self.acknowledged($0).count == ids.count }
          #expect(delivery.held == 0)
        }
        #expect(Self.acknowledged(events).sorted() == ids.sorted())
        #expect(events.first == .connected)
      }
      #expect(service.received.withLock { $0 } == ids)
    }
  }
}
