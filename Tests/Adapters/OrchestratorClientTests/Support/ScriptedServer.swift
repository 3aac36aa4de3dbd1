internal import GRPCCore
internal import NIOCore
internal import NIOPosix
internal import Synchronization

@testable internal import OrchestratorClient

/// A server's side of a connection that does with each frame what a test says.
final class ScriptedServer: ConnectionOwner {
  private let answer: (ScriptedServer, HTTP2Event) -> Void
  var handler: ConnectionHandler?

  init(answer: @escaping (ScriptedServer, HTTP2Event) -> Void) {
    self.answer = answer
  }

  func connectionReceived(_ event: HTTP2Event) {
    answer(self, event)
    handler?.scheduleFlush()
  }

  func connectionClosed(_ reason: String) {
    handler = nil
  }

  /// This server for another task or loop; nil once its connection is gone.
  var handle: Handle? {
    (handler?.eventLoop).map { Handle(server: NIOLoopBound(self, eventLoop: $0), loop: $0) }
  }

  struct Handle: Sendable {
    fileprivate let server: NIOLoopBound<ScriptedServer>
    fileprivate let loop: any EventLoop

    /// Runs on the server's loop, and sends what comes of it.
    func run(_ body: @escaping @Sendable (ScriptedServer) -> Void) {
      loop.execute {
        body(server.value)
        server.value.handler?.scheduleFlush()
      }
    }
  }

  /// Ends a call well.
  func accept(_ stream: Int32) {
    guard let ok = try? HeaderFields.response([:]) else { return }
    handler?.session.submitTrailersOnly(
      stream: stream, ok + HeaderFields.trailers(Status(code: .ok, message: ""), [:]))
  }

  /// Serves connections, numbered from 1; `begin` may write bytes before anything else is said.
  static func serve(
    begin: @escaping @Sendable (Int) -> [UInt8] = { _ in [] },
    answer: @escaping @Sendable (Int, ScriptedServer, HTTP2Event) -> Void,
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
}
