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
@Suite(.timeLimit(.minutes(15)))
struct DeliveryOverTheWireTests {
  /// Runs delivery against an endpoint for the time of a test.
  static func deliver(
    to endpoint: OrchestratorEndpoint, limits: DeliveryLimits = .patient,
    _ body: @Sendable (IncidentDelivery, EventLog<DeliveryEvent>) async throws -> Void
  ) async throws -> [DeliveryEvent] {
    try await deliver(to: ChannelTarget(endpoint: endpoint), limits: limits, body)
  }

  @discardableResult
  static func deliver(
    to channel: ChannelTarget, limits: DeliveryLimits = .patient,
    _ body: @Sendable (IncidentDelivery, EventLog<DeliveryEvent>) async throws -> Void
  ) async throws -> [DeliveryEvent] {
    let log = EventLog<DeliveryEvent>()
    var target = channel
    // Short pauses: a test waits for what comes after them.
    target.backoff = Backoff.Policy(initial: .milliseconds(20), multiplier: 1.2, jitter: 0.2, cap: .milliseconds(100))
    let delivery = IncidentDelivery(
      target: target, limits: limits,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
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

  static func plain(_ port: Int) throws -> OrchestratorEndpoint {
    try OrchestratorEndpoint(url: "http://127.0.0.1:\(port)")
  }

  @Test func aLostAcknowledgementIsMadeUpForAfterACut() async throws {
    let service = TestService { _, count in count == 1 ? .silence : .acknowledge }
    try await withServer(service) { port, server in
      let events = try await Self.deliver(to: Self.plain(port)) { delivery, log in
        for id in ["a", "b", "c"] { try delivery.submit(.sample(id)) }
        await log.wait { events in
          events.count { if case .sent(_, attempt: 1) = $0 { true } else { false } } == 3
        }
        while service.received.withLock({ $0.count }) < 3 { await Task.yield() }
        server.cutConnections()
        await log.wait { Self.acknowledged($0).count == 3 }
      }
      #expect(
        events.allSatisfy { if case .acknowledged(_, let receipt) = $0 { receipt.isDuplicate } else { true } })
    }
    #expect(service.received.withLock { $0 } == ["a", "b", "c", "a", "b", "c"])
  }

  @Test func aLostAcknowledgementIsMadeUpForAfterATimeout() async throws {
    let service = TestService { id, count in id == "a" && count == 1 ? .silence : .acknowledge }
    try await withServer(service) { port, _ in
      var limits = DeliveryLimits.patient
      limits.acknowledgementTimeout = .milliseconds(100)
      _ = try await Self.deliver(to: Self.plain(port), limits: limits) { delivery, log in
        for id in ["a", "b"] { try delivery.submit(.sample(id)) }
        await log.wait { Self.acknowledged($0).count == 2 }
      }
    }
    // On a slow machine it may come more often.
    let received = service.received.withLock { $0 }
    #expect(received.count { $0 == "a" } >= 2)
    #expect(Set(received) == ["a", "b"])
  }

  @Test func deliveryGoesOnAfterARestartOfTheServer() async throws {
    // A process that another test has just started may hold the listener of the round before until it runs its own program:
    // then all of it begins again, on another port.
    for _ in 0..<5 {
      do { return try await restarts(on: Int.random(in: 20_000..<30_000)) } catch {
        guard "\(error)".contains("Address already in use") else { throw error }
      }
    }
    Issue.record("no port could be bound twice")
  }

  private func restarts(on port: Int) async throws {
    let service = TestService()
    _ = try await Self.deliver(to: Self.plain(port)) { delivery, log in
      // Nobody is there yet.
      try delivery.submit(.sample("a"))
      await log.wait { $0.count { if case .disconnected = $0 { true } else { false } } >= 2 }
      for round in 0..<3 {
        try await withServer(service, port: port) { _, _ in
          try delivery.submit(.sample("round-\(round)"))
          await log.wait { Self.acknowledged($0).contains("round-\(round)") }
        }
      }
    }
    #expect(service.received.withLock { $0 } == ["a", "round-0", "round-1", "round-2"])
  }

  @Test func nothingIsLostOrSentTwiceOverGoAways() async throws {
    let service = TestService()
    let ids = (0..<200).map { "incident-\($0)" }
    try await withServer(service) { port, server in
      let events = try await Self.deliver(to: Self.plain(port)) { delivery, log in
        for (number, id) in ids.enumerated() {
          try delivery.submit(.sample(id))
          if number % 50 == 25 {
            await log.wait { !Self.acknowledged($0).isEmpty }
            // Counted before: on a busy machine the next connection is there when `sendGoAway` has returned.
            let connected = log.events.count { $0 == .connected }
            server.sendGoAway()
            await log.wait { $0.count { $0 == .connected } > connected }
          }
        }
        await log.wait { Self.acknowledged($0).count == ids.count }
      }
      #expect(events.count { $0 == .connected } >= 4)
    }
    #expect(service.received.withLock { $0 } == ids)
  }

  @Test func rejectionsAndHopelessIncidentsAreToldApart() async throws {
    let service = TestService { id, _ in
      switch id {
      case "rejected": .reject("too old")
      case "invalid": .fail(RPCError(code: .invalidArgument, message: "no such field"))
      default: .acknowledge
      }
    }
    try await withServer(service) { port, _ in
      var limits = DeliveryLimits.patient
      limits.windowCount = 1
      let events = try await Self.deliver(to: Self.plain(port), limits: limits) { delivery, log in
        for id in ["a", "rejected", "invalid", "b"] { try delivery.submit(.sample(id)) }
        await log.wait { Self.acknowledged($0) == ["a", "b"] }
      }
      let (rejected, invalid) = (try SealedIncident.sample("rejected"), try SealedIncident.sample("invalid"))
      #expect(events.contains(.rejected(rejected.label, reason: "too old")))
      #expect(events.contains(.deadLettered(invalid.label, reason: "INVALID_ARGUMENT: no such field")))
    }
  }

  @Test func incidentsOfTheLargestSizePass() async throws {
    let service = TestService()
    try await TestFiles.with { files in
      try await withServer(service, tls: files.server) { port, _ in
        let endpoint = try OrchestratorEndpoint(url: "https://localhost:\(port)", tls: files.client())
        _ = try await Self.deliver(to: endpoint) { delivery, log in
          try delivery.submit(.sample("a", bytes: 3_600_000))
          try delivery.submit(.sample("b"))
          await log.wait { Self.acknowledged($0).count == 2 }
        }
      }
    }
    #expect(service.received.withLock { $0 } == ["a", "b"])
  }

  @Test func aMessageOverTheServersLimitIsGivenUp() async throws {
    let transport = try OrchestratorServerTransport(host: "127.0.0.1", port: 0, messageLimit: 1_000)
    let server = GRPCServer(transport: transport, services: [TestService()])
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.serve() }
      var limits = DeliveryLimits.patient
      limits.attempts = 2
      let events = try await Self.deliver(to: Self.plain(transport.boundPort), limits: limits) { delivery, log in
        try delivery.submit(.sample("large", bytes: 2_000))
        await log.wait { $0.contains { if case .deadLettered = $0 { true } else { false } } }
      }
      #expect(
        events.contains {
          if case .deadLettered(_, let reason) = $0 { reason.hasPrefix("RESOURCE_EXHAUSTED: ") } else { false }
        })
      server.beginGracefulShutdown()
      try await group.waitForAll()
    }
  }

  @Test func whatIsLeftAtTheEndIsHandedBack() async throws {
    let service = TestService { _, _ in .silence }
    try await withServer(service) { port, _ in
      let incident = try SealedIncident.sample("a")
      let log = EventLog<DeliveryEvent>()
      let delivery = IncidentDelivery(
        endpoint: try Self.plain(port), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        time: RealTime(), onEvent: { log.append($0) })
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await delivery.run() }
        try delivery.submit(incident)
        await log.wait { $0.contains { if case .sent = $0 { true } else { false } } }
        delivery.beginGracefulShutdown(drain: .milliseconds(50))
        try await group.waitForAll()
      }
      #expect(
        log.events.last == .dropped(incident.label, reason: "delivery was shut down before it was acknowledged"))
      #expect { try delivery.submit(incident) } throws: { ($0 as? DeliveryError)?.code == .shutDown }
    }
  }
}
