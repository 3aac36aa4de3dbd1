internal import Delivery
internal import GRPCCore
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Testing
internal import Time

@testable internal import Incidents
@testable internal import OrchestratorClient

/// What the client says of servers that it cannot use, and that it comes to an end with each of them.
@Suite(.timeLimit(.minutes(15)))
struct ConnectionFaultTests {
  /// The first trouble with an endpoint.
  static func trouble(
    _ endpoint: OrchestratorEndpoint, connectTimeout: Duration = .seconds(240)
  ) async throws -> DeliveryEvent? {
    var target = ChannelTarget(endpoint: endpoint)
    target.connectTimeout = connectTimeout
    let log = EventLog<DeliveryEvent>()
    let delivery = IncidentDelivery(
      target: target, limits: .patient, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      time: RealTime(), onEvent: { log.append($0) })
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await delivery.run() }
      await log.wait { !$0.isEmpty }
      delivery.beginGracefulShutdown()
      try await group.waitForAll()
    }
    return log.events.first
  }

  /// The reason in an event, if it is a trouble. How long the next try waits is for the tests of `ClientChannelMachine`: what this
  /// one took counts.
  static func reason(_ event: DeliveryEvent?) -> String? {
    guard case .disconnected(let reason, _)? = event else { return nil }
    return reason
  }

  /// A TCP server that does what it is told with each connection.
  static func withRawServer<Result: Sendable>(
    _ accepted: @escaping @Sendable (any Channel) -> Void, _ body: @Sendable (Int) async throws -> Result
  ) async throws -> Result {
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        accepted(channel)
        return channel.eventLoop.makeSucceededVoidFuture()
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let result = try await body(server.localAddress?.port ?? 0)
    try await server.close()
    return result
  }

  @Test func aRefusedConnectionIsNamed() async throws {
    // tcpmux: nobody is ever given it, as one that a server has just given back could be.
    let event = try await Self.trouble(OrchestratorEndpoint(url: "http://127.0.0.1:1"))
    #expect(Self.reason(event) == "Connection refused")
  }

  @Test func aServerThatHangsUpIsNoBusyLoop() async throws {
    let event = try await Self.withRawServer({ $0.close(promise: nil) }) { port in
      try await Self.trouble(OrchestratorEndpoint(url: "http://127.0.0.1:\(port)"))
    }
    #expect(Self.reason(event) != nil)
  }

  @Test func aServerThatSpeaksSomethingElseIsNamed() async throws {
    let event = try await Self.withRawServer({ channel in
      channel.writeAndFlush(ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n"), promise: nil)
    }) { port in
      try await Self.trouble(OrchestratorEndpoint(url: "http://127.0.0.1:\(port)"))
    }
    #expect(Self.reason(event)?.contains("HTTP/2") == true, "\(String(describing: event))")
  }

  @Test func aSilentServerIsGivenUp() async throws {
    let event = try await Self.withRawServer({ _ in }) { port in
      try await Self.trouble(
        OrchestratorEndpoint(url: "http://127.0.0.1:\(port)"), connectTimeout: .milliseconds(100))
    }
    #expect(Self.reason(event) == "no connection within 0.1 seconds")
  }

  @Test func shutdownDuringConnectEnds() async throws {
    let accepted = EventLog<Bool>()
    try await Self.withRawServer({ _ in accepted.append(true) }) { port in
      let transport = OrchestratorTransport(endpoint: try OrchestratorEndpoint(url: "http://127.0.0.1:\(port)"))
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await transport.connect() }
        group.addTask {
          await #expect(throws: RPCError.self) {
            try await transport.withStream(
              descriptor: MethodDescriptor(fullyQualifiedService: "s", method: "m"), options: .defaults
            ) { _, _ in }
          }
        }
        await accepted.wait { !$0.isEmpty }
        transport.beginGracefulShutdown()
        try await group.waitForAll()
      }
    }
  }

  @Test func cancellationDuringConnectEnds() async throws {
    try await Self.withRawServer({ _ in }) { port in
      let transport = OrchestratorTransport(endpoint: try OrchestratorEndpoint(url: "http://127.0.0.1:\(port)"))
      await withTaskGroup(of: Void.self) { group in
        group.addTask { try? await transport.connect() }
        group.addTask {
          await #expect(throws: (any Error).self) {
            try await transport.withStream(
              descriptor: MethodDescriptor(fullyQualifiedService: "s", method: "m"), options: .defaults
            ) { _, _ in }
          }
        }
        group.cancelAll()
      }
    }
  }

  @Test(
    arguments: [
      ("client", "authority.pem", "localhost", nil, nil), ("client", "authority.pem", "127.0.0.1", nil, nil),
      ("client", "authority.pem", "localhost", "orchestrator.example", nil),
      ("client", "authority.pem", "localhost", "other.example", "hostname mismatch"),
      ("client", "authority.pem", "localhost", "10.0.0.9", "IP address mismatch"),
      ("client", "stranger.pem", "localhost", nil, "self-signed certificate in certificate chain"),
      // A server that refuses may also cut the connection before its alert is read: what is told says so, too.
      ("intruder", "authority.pem", "localhost", nil, "accept the client certificate"),
      (nil, "authority.pem", "localhost", nil, " client certificate)"),
    ] as [(String?, String, String, String?, String?)])
  func certificatesAreChecked(
    identity: String?, authorities: String, host: String, serverName: String?, trouble: String?
  ) async throws {
    try await TestFiles.with { files in
      let event = try await withServer(TestService(), tls: files.server) { port, _ in
        var tls = files.client(as: identity, serverName: serverName)
        tls.authorities = files.path(authorities)
        return try await Self.trouble(OrchestratorEndpoint(url: "https://\(host):\(port)", tls: tls))
      }
      if let trouble {
        #expect(Self.reason(event)?.contains(trouble) == true, "\(String(describing: event))")
      } else {
        #expect(event == .connected)
      }
    }
  }

  /// cert-manager and projected volumes swap the files of a certificate that is about to end.
  @Test func aSwappedCertificateIsTakenUp() async throws {
    try await TestFiles.with { files in
      try await withServer(TestService(), tls: files.server) { port, _ in
        try files.write(TestCertificates.intruder, to: "client.pem")
        try files.write(TestCertificates.intruderKey, to: "client.key")
        let endpoint = try OrchestratorEndpoint(url: "https://localhost:\(port)", tls: files.client())
        let events = try await DeliveryOverTheWireTests.deliver(to: endpoint) { delivery, log in
          await log.wait { !$0.isEmpty }
          try files.write(TestCertificates.client, to: "client.pem")
          try files.write(TestCertificates.clientKey, to: "client.key")
          try delivery.submit(.sample("a"))
          await log.wait { DeliveryOverTheWireTests.acknowledged($0) == ["a"] }
        }
        #expect(events.first != .connected)
      }
    }
  }

  @Test func aPlaintextServerIsNotTakenForASecureOne() async throws {
    try await TestFiles.with { files in
      let event = try await withServer(TestService()) { port, _ in
        try await Self.trouble(OrchestratorEndpoint(url: "https://localhost:\(port)", tls: files.client()))
      }
      #expect(Self.reason(event) != nil)
    }
  }
}
