import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP/1.1 server on loopback whose answers are given by a closure: what the client is tested against.
final class ScriptedServer: Sendable {
  /// A request as it arrived.
  struct Request: Sendable, Equatable {
    var method: String
    var target: String
    var headers: [String: String]
    var body: [UInt8]
    /// Number of the connection, from 1.
    var connection: Int
  }

  /// An answer.
  struct Answer: Sendable {
    /// How it ends.
    enum End: Sendable {
      case whole
      /// Nothing more is sent, and the connection stays open.
      case stall
      /// The connection is closed before the body is whole.
      case cut
    }

    var status = 200
    var headers: [(String, String)] = []
    var parts: [[UInt8]] = []
    var end = End.whole
    /// Called for each part once it is written to the socket.
    var written: (@Sendable (Int) -> Void)?
  }

  let port: Int
  private let channel: any Channel
  private let log: Log

  /// Requests in the order of their arrival.
  var requests: [Request] { log.requests.withLock { $0 } }

  private final class Log: Sendable {
    let requests = Mutex<[Request]>([])
    let connections = Mutex(0)
  }

  private init(channel: any Channel, log: Log) {
    self.channel = channel
    self.log = log
    port = channel.localAddress?.port ?? 0
  }

  /// Runs `body` with a server that answers by `answer`, which gets the request and its number, from 0.
  static func run<T>(
    _ answer: @escaping @Sendable (Request, Int) -> Answer, _ body: (ScriptedServer) async throws -> T
  ) async throws -> T {
    let log = Log()
    let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        let number = log.connections.withLock { count in
          count += 1
          return count
        }
        return channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(Handler(number: number, log: log, answer: answer))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let server = ScriptedServer(channel: channel, log: log)
    do {
      let result = try await body(server)
      try await channel.close()
      return result
    } catch {
      try? await channel.close()
      throw error
    }
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let number: Int
    private let log: Log
    private let answer: @Sendable (Request, Int) -> Answer
    private var request: Request?

    init(number: Int, log: Log, answer: @escaping @Sendable (Request, Int) -> Answer) {
      self.number = number
      self.log = log
      self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head):
        var headers: [String: String] = [:]
        for (name, value) in head.headers { headers[name.lowercased()] = value }
        request = Request(
          method: head.method.rawValue, target: head.uri, headers: headers, body: [], connection: number)
      case .body(let buffer): request?.body += Array(buffer.readableBytesView)
      case .end:
        guard let request else { return }
        let index = log.requests.withLock { requests in
          requests.append(request)
          return requests.count - 1
        }
        send(answer(request, index), on: context)
      }
    }

    private func send(_ answer: Answer, on context: ChannelHandlerContext) {
      var headers = HTTPHeaders(answer.headers)
      if !headers.contains(name: "content-length"), answer.status != 204 {
        headers.add(name: "transfer-encoding", value: "chunked")
      }
      let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status), headers: headers)
      context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
      for (index, part) in answer.parts.enumerated() {
        let written = context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: part)))))
        if let report = answer.written { written.whenSuccess { report(index) } }
      }
      switch answer.end {
      case .whole: context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
      case .stall: break
      case .cut:
        let channel = context.channel
        context.eventLoop.assumeIsolated().execute { channel.close(promise: nil) }
      }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }
  }
}
