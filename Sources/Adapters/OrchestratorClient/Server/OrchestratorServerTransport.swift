package import GRPCCore
package import NIOCore
internal import NIOPosix
internal import Time

/// A server's side of gRPC over HTTP/2, of the same make as the client's: for the mock orchestrator and for tests.
///
/// Works with `GRPCServer(transport:services:)`. Bounded: 64 connections, 100 calls on each, 1 MiB received and not read
/// on each call, 4 MiB on each connection.
package struct OrchestratorServerTransport: ServerTransport {
  package typealias Bytes = [UInt8]

  /// Largest message that is taken: gRPC's usual limit, which the contract's 3.5 MiB stays below.
  package static let messageLimit = 4 << 20

  private let host: String
  private let port: Int
  private let grace: TimeAmount
  private let loop: any EventLoop
  private let core: NIOLoopBoundBox<ServerCore>
  private let calls: AsyncStream<AcceptedCall>
  private let address = Once<Int>()

  /// A server that will listen on this address; port 0 takes any free one. With `tls`, its certificate and key are
  /// needed, and its authorities, where given, must have signed the client's certificate (mTLS). Without: plaintext HTTP/2.
  /// `grace` is how long calls may go on after `beginGracefulShutdown`.
  package init(
    host: String, port: Int, tls: TLSFiles? = nil, messageLimit: Int = messageLimit, grace: Duration = .seconds(5),
    eventLoop: (any EventLoop)? = nil
  ) throws(OrchestratorError) {
    if let tls, tls.certificate == nil {
      throw OrchestratorError(.unusableCertificate, "a server needs a certificate and its key")
    }
    let context: TLSContext?
    if let tls { context = try tls.makeContext(.server) } else { context = nil }
    let loop = eventLoop ?? MultiThreadedEventLoopGroup.singleton.next()
    let (stream, continuation) = AsyncStream.makeStream(of: AcceptedCall.self)
    self.host = host
    self.port = port
    self.grace = .nanoseconds(grace.wholeNanoseconds)
    self.loop = loop
    calls = stream
    core = .makeBoxSendingValue(
      ServerCore(tls: context, messageLimit: messageLimit, calls: continuation, loop: loop), eventLoop: loop)
  }

  /// The port that the server listens on, once it does. Throws where it cannot.
  package var boundPort: Int {
    get async throws { try await address.value }
  }

  package func listen(
    streamHandler: @escaping @Sendable (_ stream: RPCStream<Inbound, Outbound>, _ context: ServerContext) async -> Void
  ) async throws {
    let core = core
    do {
      let channel = try await ServerBootstrap(group: loop)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .serverChannelOption(.backlog, value: 128)
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            guard let handler = try core.value.connected(channel) else { return channel.close(promise: nil) }
            try channel.pipeline.syncOperations.addHandler(handler)
          }
        }
        .bind(host: host, port: port).get()
      loop.execute { core.value.listening(on: channel) }
      address.resolve(.success(channel.localAddress?.port ?? port))
    } catch {
      let failure = OrchestratorError(
        .cannotListen, "cannot listen on \(host):\(port): \(ConnectError.describe(error))")
      address.resolve(.failure(failure))
      throw failure
    }
    await withTaskCancellationHandler {
      await withDiscardingTaskGroup { group in
        for await call in calls {
          group.addTask { await run(call, streamHandler) }
        }
      }
    } onCancel: {
      loop.execute { core.value.abort() }
    }
  }

  package func beginGracefulShutdown() {
    loop.execute { core.value.stop(grace: grace) }
  }

  /// Cuts every connection without a word: a fault for tests and scenarios.
  package func cutConnections() {
    loop.execute { core.value.cutAll() }
  }

  /// Sends GOAWAY on every connection and goes on serving new ones, as a server does that limits the age of connections.
  package func sendGoAway() {
    loop.execute { core.value.leaveAll() }
  }

  private func run(
    _ call: AcceptedCall, _ handler: @Sendable (RPCStream<Inbound, Outbound>, ServerContext) async -> Void
  ) async {
    await withServerContextRPCCancellationHandle { handle in
      loop.execute { call.stream.value.attach(handle) }
      let stream = RPCStream<Inbound, Outbound>(
        descriptor: call.method, inbound: RPCAsyncSequence(wrapping: InboundQueue.Parts(queue: call.inbound)),
        outbound: RPCWriter.Closable(
          wrapping:
            ServerStreamWriter(loop: loop, stream: call.stream, allowance: call.allowance)))
      let context = ServerContext(
        descriptor: call.method, remotePeer: call.peer, localPeer: "\(host):\(port)", cancellation: handle)
      await handler(stream, context)
    }
  }
}
