internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// A server that hands bytes on to a port of this machine: an HTTP proxy, or a socket in a folder.
enum Relay {
  /// What a client asked for, in the order of its connections: the heads of CONNECT requests, without the empty line.
  typealias Heads = EventLog<String>

  /// An HTTP proxy that gives each CONNECT this answer, and the tunnel where that is a 200. Bytes of `early` come in the same
  /// packet as the answer.
  static func proxy<Result: Sendable>(
    to port: Int, answer: String = "HTTP/1.1 200 Connection established", heads: Heads = Heads(),
    _ body: @Sendable (Int) async throws -> Result
  ) async throws -> Result {
    let server = try await bootstrap { RelayHandler(port: port, answer: answer, heads: heads) }
      .bind(host: "127.0.0.1", port: 0).get()
    let result = try await body(server.localAddress?.port ?? 0)
    try await server.close()
    return result
  }

  /// A socket at a path.
  static func socket<Result: Sendable>(
    at path: String, to port: Int, _ body: @Sendable () async throws -> Result
  ) async throws -> Result {
    let server = try await bootstrap { RelayHandler(port: port, answer: nil, heads: Heads()) }
      .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
    let result = try await body()
    try await server.close()
    return result
  }

  /// Bytes that went to the server.
  final class Count: Sendable {
    private let count = Mutex(0)
    var bytes: Int { count.withLock { $0 } }
    func add(_ bytes: Int) { count.withLock { $0 += bytes } }
  }

  /// A port that counts.
  static func counted<Result: Sendable>(
    to port: Int, _ count: Count, _ body: @Sendable (Int) async throws -> Result
  ) async throws -> Result {
    let server = try await bootstrap { RelayHandler(port: port, answer: nil, heads: Heads(), count: count) }
      .bind(host: "127.0.0.1", port: 0).get()
    let result = try await body(server.localAddress?.port ?? 0)
    try await server.close()
    return result
  }

  private static func bootstrap(_ handler: @escaping @Sendable () -> RelayHandler) -> ServerBootstrap {
    ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(handler()) }
      }
  }
}

/// One side of a relayed connection. Both sides live on the same event loop.
private final class RelayHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let port: Int
  private let answer: String?
  private let heads: Relay.Heads
  private let count: Relay.Count?
  private var head: [UInt8] = []
  private var waiting: [ByteBuffer] = []
  private var other: (any Channel)?
  private var isTunnel: Bool

  init(port: Int, answer: String?, heads: Relay.Heads, count: Relay.Count? = nil) {
    self.count = count
    self.port = port
    self.answer = answer
    self.heads = heads
    isTunnel = answer == nil
  }

  func channelActive(context: ChannelHandlerContext) {
    if isTunnel { connect(context) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let buffer = unwrapInboundIn(data)
    guard !isTunnel else {
      count?.add(buffer.readableBytes)
      if let other { other.writeAndFlush(buffer, promise: nil) } else { waiting.append(buffer) }
      return
    }
    head += Array(buffer.readableBytesView)
    guard head.suffix(4).elementsEqual("\r\n\r\n".utf8), let answer else { return }
    heads.append(String(decoding: head.dropLast(4), as: UTF8.self))
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer + "\r\nServer: relay\r\n\r\n")), promise: nil)
    if answer.contains(" 200") {
      isTunnel = true
      connect(context)
    } else {
      context.close(promise: nil)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    other?.close(promise: nil)
  }

  private func connect(_ context: ChannelHandlerContext) {
    let near = context.channel
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    ClientBootstrap(group: context.eventLoop)
      .channelInitializer { far in
        far.eventLoop.makeCompletedFuture { try far.pipeline.syncOperations.addHandler(BackHandler(near)) }
      }
      .connect(host: "127.0.0.1", port: port)
      .whenComplete { result in
        guard case .success(let far) = result else { return near.close(promise: nil) }
        bound.value.other = far
        for buffer in bound.value.waiting { far.writeAndFlush(buffer, promise: nil) }
        bound.value.waiting = []
      }
  }
}

private final class BackHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let near: any Channel

  init(_ near: any Channel) {
    self.near = near
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    near.writeAndFlush(unwrapInboundIn(data), promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    near.close(promise: nil)
  }
}
