internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// A TCP proxy on loopback that can be a bad network: between a client and any server, real or simulated, with TLS or without. It makes
/// no decision: `ToxicStream` says what becomes of the bytes.
package final class ToxicProxy: Sendable {
  /// The port it listens on.
  package let port: Int
  private let channel: any Channel
  private let shared: Shared

  fileprivate final class Shared: Sendable {
    /// The toxic, and how often it was changed: connections that are open begin anew with each.
    let toxic = Mutex<(toxic: Toxic?, generation: Int)>((nil, 0))
    let open = OpenConnections()
  }

  private init(port: Int, channel: any Channel, shared: Shared) {
    self.port = port
    self.channel = channel
    self.shared = shared
  }

  /// Runs `body` with a proxy to a server on loopback.
  package static func running<Result>(
    to upstream: Int, _ body: (ToxicProxy) async throws -> Result
  ) async throws -> Result {
    let shared = Shared()
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.autoRead, value: false)
      .childChannelInitializer { client in
        shared.open.add(client)
        return connect(client, to: upstream, shared)
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let proxy = ToxicProxy(port: channel.localAddress?.port ?? 0, channel: channel, shared: shared)
    let result: Swift.Result<Result, any Error>
    do { result = .success(try await body(proxy)) } catch { result = .failure(error) }
    // A channel that is closed already is as good as one that closes now.
    try? await channel.close()
    await proxy.cut()
    return try result.get()
  }

  /// Switches a toxic on, or off by nil.
  package func set(_ toxic: Toxic?) async {
    shared.toxic.withLock { $0 = (toxic, $0.generation + 1) }
    if toxic == .refuse { await cut() }
  }

  /// Cuts every open connection.
  package func cut() async {
    for connection in shared.open.all { try? await connection.close() }
  }

  /// Connects the other half of a connection that came, and relays both ways.
  private static func connect(_ client: any Channel, to port: Int, _ shared: Shared) -> EventLoopFuture<Void> {
    if shared.toxic.withLock({ $0.toxic }) == .refuse { return client.close() }
    return ClientBootstrap(group: client.eventLoop)
      .channelOption(.autoRead, value: false)
      .connect(host: "127.0.0.1", port: port)
      .flatMap { server in
        client.eventLoop.makeCompletedFuture {
          // Both live on one event loop.
          try client.pipeline.syncOperations.addHandler(ToxicRelay(to: server, shared: nil))
          try server.pipeline.syncOperations.addHandler(ToxicRelay(to: client, shared: shared))
        }
        .flatMap { client.setOption(.autoRead, value: true) }
        .flatMap { server.setOption(.autoRead, value: true) }
      }
  }
}

/// Passes what one half of a connection reads to the other half. Lives on their event loop.
private final class ToxicRelay: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let partner: any Channel
  /// Nil for the direction that is left alone: from client to server.
  private let shared: ToxicProxy.Shared?
  private var stream = ToxicStream(nil)
  private var generation = 0
  private var waiting: [ToxicStream.Step] = []
  private var isPaused = false

  init(to partner: any Channel, shared: ToxicProxy.Shared?) {
    self.partner = partner
    self.shared = shared
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var buffer = unwrapInboundIn(data)
    if let (toxic, generation) = shared?.toxic.withLock({ $0 }), generation != self.generation {
      stream = ToxicStream(toxic)
      self.generation = generation
    }
    waiting += stream.received(buffer.readBytes(length: buffer.readableBytes) ?? [])
    drain(context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    waiting.append(.close)
    drain(context)
    context.fireChannelInactive()
  }

  /// What one half cannot write yet is not read from the other.
  func channelWritabilityChanged(context: ChannelHandlerContext) {
    partner.setOption(.autoRead, value: context.channel.isWritable).whenFailure { _ in }
    context.fireChannelWritabilityChanged()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func drain(_ context: ChannelHandlerContext) {
    while !isPaused, !waiting.isEmpty {
      switch waiting.removeFirst() {
      case .pass(let bytes): partner.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
      case .pause(let duration):
        isPaused = true
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.channel.setOption(.autoRead, value: false).whenFailure { _ in }
        context.eventLoop.scheduleTask(in: duration.timeAmount) {
          let (relay, context) = bound.value
          relay.isPaused = false
          context.channel.setOption(.autoRead, value: true).whenFailure { _ in }
          relay.drain(context)
        }
      case .close:
        partner.close(promise: nil)
        context.close(promise: nil)
      }
    }
  }
}
