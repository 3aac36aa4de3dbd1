internal import Delivery
internal import GRPCCore
internal import NIOCore
internal import NIOPosix
internal import Synchronization
internal import Testing

@testable internal import OrchestratorClient

/// Servers that send a call away before they have seen any of it.
@Suite(.timeLimit(.minutes(1)))
struct GoAwayTests {
  /// A server's side of a connection that does with each stream what a test says.
  private final class ScriptedServer: ConnectionOwner {
    private let answer: (ScriptedServer, Int32) -> Void
    var handler: ConnectionHandler?

    init(answer: @escaping (ScriptedServer, Int32) -> Void) {
      self.answer = answer
    }

    func connectionReceived(_ event: HTTP2Event) {
      if case .headers(let stream, _, _) = event { answer(self, stream) }
      handler?.scheduleFlush()
    }

    func connectionClosed(_ reason: String) {
      handler = nil
    }

    func accept(_ stream: Int32) {
      guard let ok = try? HeaderFields.response([:]) else { return }
      handler?.session.submitTrailersOnly(
        stream: stream, ok + HeaderFields.trailers(Status(code: .ok, message: ""), [:]))
    }
  }

  /// Serves connections, numbered from 1; `begin` may write bytes before anything else is said.
  private static func serve(
    begin: @escaping @Sendable (Int) -> [UInt8] = { _ in [] },
    answer: @escaping @Sendable (Int, ScriptedServer, Int32) -> Void,
    _ body: @Sendable (Int) async throws -> Void
  ) async throws {
    let count = Mutex(0)
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let number = count.withLock { count in
            count += 1
            return count
          }
          let owner = ScriptedServer { answer(number, $0, $1) }
          let handler = ConnectionHandler(
            session: try HTTP2Session(role: .server, settings: .server), tls: nil, owner: owner)
          owner.handler = handler
          let bytes = begin(number)
          if !bytes.isEmpty { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }
          try channel.pipeline.syncOperations.addHandler(handler)
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    try await body(server.localAddress?.port ?? 0)
    try await server.close()
  }

  /// One call; its events go to the log.
  private static func call(_ port: Int, _ log: EventLog<TransportEvent> = EventLog()) async throws -> Status? {
    var target = ChannelTarget(endpoint: try OrchestratorEndpoint(url: "http://127.0.0.1:\(port)"))
    target.backoff = Backoff.Policy(initial: .milliseconds(20), multiplier: 1, jitter: 0, cap: .milliseconds(20))
    let transport = OrchestratorTransport(target: target, onEvent: { log.append($0) })
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await transport.connect() }
      let status = try await transport.withStream(
        descriptor: MethodDescriptor(fullyQualifiedService: "s", method: "m"), options: .defaults
      ) { stream, _ -> Status? in
        try await stream.outbound.write(.metadata([:]))
        for try await part in stream.inbound {
          if case .status(let status, _) = part { return status }
        }
        return nil
      }
      transport.beginGracefulShutdown()
      try await group.waitForAll()
      return status
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
}
