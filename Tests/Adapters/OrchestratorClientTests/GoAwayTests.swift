internal import Delivery
internal import GRPCCore
internal import NIOCore
internal import NIOPosix
internal import Synchronization
internal import Testing

@testable internal import OrchestratorClient

/// Servers that send a call away before they have seen any of it.
@Suite(.timeLimit(.minutes(15)))
struct GoAwayTests {
  /// Serves connections, numbered from 1, and has each call answered.
  private static func serve(
    begin: @escaping @Sendable (Int) -> [UInt8] = { _ in [] },
    answer: @escaping @Sendable (Int, ScriptedServer, Int32) -> Void,
    _ body: @Sendable (Int) async throws -> Void
  ) async throws {
    try await ScriptedServer.serve(
      begin: begin,
      answer: { number, server, event in
        if case .headers(let stream, _, _) = event { answer(number, server, stream) }
      }, body)
  }

  /// One call; its events go to the log.
  private static func call(_ port: Int, _ log: EventLog<TransportEvent> = EventLog()) async throws -> Status? {
    var target = ChannelTarget(endpoint: try OrchestratorEndpoint(url: "http://127.0.0.1:\(port)"))
    target.backoff = Backoff.Policy(initial: .milliseconds(20), multiplier: 1, jitter: 0, cap: .milliseconds(20))
    let transport = OrchestratorTransport(target: target, onEvent: { log.append($0) })
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await transport.connect() }
      let status = try await Self.status(of: transport)
      transport.beginGracefulShutdown()
      try await group.waitForAll()
      return status
    }
  }

  /// The status of a call without messages.
  static func status(of transport: OrchestratorTransport) async throws -> Status? {
    try await transport.withStream(
      descriptor: MethodDescriptor(fullyQualifiedService: "s", method: "m"), options: .defaults
    ) { stream, _ in
      try await stream.outbound.write(.metadata([:]))
      for try await part in stream.inbound {
        if case .status(let status, _) = part { return status }
      }
      return nil
    }
  }

  /// SETTINGS and GOAWAY, as bytes (RFC 9113, 6.5 and 6.8).
  private static func goAway(code: UInt8, _ message: String) -> [UInt8] {
    let settings: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0]
    let frame: [UInt8] = [0, 0, UInt8(8 + message.utf8.count), 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, code]
    return settings + frame + Array(message.utf8)
  }

  @Test func aRefusedStreamIsTriedAgainUnseen() async throws {
    let streams = Mutex<[Int32]>([])
    try await Self.serve(answer: { _, server, stream in
      streams.withLock { $0.append(stream) }
      if stream == 1 { server.handler?.session.reset(stream: stream, .refusedStream) } else { server.accept(stream) }
    }) { port in
      let status = try await Self.call(port)
      #expect(status?.code == .ok)
    }
    #expect(streams.withLock { $0 } == [1, 3])
  }

  @Test func aServerThatRefusesEveryStreamIsBelieved() async throws {
    let streams = Mutex(0)
    try await Self.serve(answer: { _, server, stream in
      streams.withLock { $0 += 1 }
      server.handler?.session.reset(stream: stream, .refusedStream)
    }) { port in
      let status = try await Self.call(port)
      #expect(status?.code == .unavailable)
    }
    #expect(streams.withLock { $0 } == 4)
  }

  @Test func aCallThatMeetsAGoAwayGoesOverTheNextConnection() async throws {
    let log = EventLog<TransportEvent>()
    try await Self.serve(
      begin: { $0 == 1 ? Self.goAway(code: 0, "old age") : [] },
      answer: { number, server, stream in
        #expect(number == 2)
        server.accept(stream)
      }
    ) { port in
      let status = try await Self.call(port, log)
      #expect(status?.code == .ok)
    }
    #expect(log.events.count { $0 == .ready } == 2)
    let reasons = log.events.compactMap { if case .lost(let reason, _) = $0 { reason } else { nil } }
    #expect(reasons.first == "the server said goodbye: NO_ERROR (old age)")
  }

  @Test func tooManyPingsSlowTheKeepaliveDown() async throws {
    let log = EventLog<TransportEvent>()
    try await Self.serve(
      begin: { $0 == 1 ? Self.goAway(code: 11, "too_many_pings") : [] },
      answer: { _, server, stream in server.accept(stream) }
    ) { port in
      let status = try await Self.call(port, log)
      #expect(status?.code == .ok)
    }
    #expect(log.events.contains(.keepaliveSlowed(interval: .seconds(600))))
  }

  /// The next connection stands before the call on the old one is over.
  @Test func theOldConnectionDrainsWhileTheNextOneStands() async throws {
    let first = Mutex<(server: ScriptedServer.Handle, stream: Int32)?>(nil)
    let log = EventLog<TransportEvent>()
    try await Self.serve(answer: { number, server, stream in
      guard number == 1 else {
        // The second call came over the second connection: now the first call may end.
        server.accept(stream)
        let old = first.withLock { first in
          defer { first = nil }
          return first
        }
        if let old { old.server.run { $0.accept(old.stream) } }
        return
      }
      guard let handle = server.handle else { return }
      first.withLock { $0 = (handle, stream) }
      server.handler?.session.submitShutdownNotice()
      server.handler?.session.submitGoAway(.noError)
    }) { port in
      let transport = OrchestratorTransport(
        endpoint: try OrchestratorEndpoint(url: "http://127.0.0.1:\(port)"), onEvent: { log.append($0) })
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await transport.connect() }
        async let old = Self.status(of: transport)
        await log.wait { $0.count { $0 == .ready } == 2 }
        #expect(try await Self.status(of: transport)?.code == .ok)
        #expect(try await old?.code == .ok)
        transport.beginGracefulShutdown()
        try await group.waitForAll()
      }
    }
  }
}
