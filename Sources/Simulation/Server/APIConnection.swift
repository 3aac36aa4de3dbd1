internal import NIOCore
internal import NIOHTTP1
internal import Time

/// One client's connection: collects a request, asks the model, writes the answer. Lives on its event loop.
final class APIConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  /// Longest request body: a Lease or an access review is far below 64 KiB.
  private static let bodyLimit = 64 << 10
  /// Requests that a client may send ahead of their answers.
  private static let pipelineLimit = 16

  private let cluster: SimulatedCluster
  private var context: ChannelHandlerContext?
  private var head: HTTPRequestHead?
  private var body: [UInt8] = []
  private var waiting: [(call: APICall, keepAlive: Bool)] = []
  private var isAnswering = false
  private var keepAlive = true
  private var stream: ResponseStream?

  init(cluster: SimulatedCluster) {
    self.cluster = cluster
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    stream?.stop()
    stream = nil
    self.context = nil
  }

  func channelInactive(context: ChannelHandlerContext) {
    stream?.stop()
    stream = nil
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { stream?.pump() }
    context.fireChannelWritabilityChanged()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      body.removeAll()
    case .body(let buffer):
      body += buffer.readableBytesView
      if body.count > Self.bodyLimit { context.close(promise: nil) }
    case .end:
      guard let head else { return }
      self.head = nil
      guard waiting.count < Self.pipelineLimit else {
        context.close(promise: nil)
        return
      }
      let call = APICall(
        method: head.method.rawValue, target: head.uri, authorization: head.headers.first(name: "authorization"),
        accept: head.headers.first(name: "accept"), body: body)
      waiting.append((call, head.isKeepAlive))
      answerNext()
    }
  }

  private func answerNext() {
    guard !isAnswering, !waiting.isEmpty else { return }
    let (call, keepAlive) = waiting.removeFirst()
    self.keepAlive = keepAlive
    isAnswering = true
    let now = cluster.time.wall
    perform(cluster.change { $0.answer(call, now: now) })
  }

  private func perform(_ answer: APIAnswer) {
    guard let context else { return }
    switch answer {
    case .body(let body): write(body)
    case .hangUp: context.close(promise: nil)
    case .delayed(let duration, let answer):
      context.eventLoop.assumeIsolated().scheduleTask(in: duration.timeAmount) { self.perform(answer) }
    case .watch(let cursor):
      let type = cursor.isProtobuf ? ProtobufAnswer.contentType + ";stream=watch" : "application/json"
      writeHead(status: 200, contentType: type, headers: [], length: nil)
      context.flush()
      stream = ResponseStream(source: .watch(cursor), cluster: cluster, context: context) { self.ended(clean: $0) }
      stream?.start()
    case .replay(let recording):
      writeHead(status: 200, contentType: "application/json", headers: [], length: nil)
      context.flush()
      stream = ResponseStream(
        source: .replay(recording), cluster: cluster, context: context
      ) { self.ended(clean: $0) }
      stream?.start()
    }
  }

  private func write(_ body: APIBody) {
    guard let context else { return }
    writeHead(
      status: body.status, contentType: body.contentType, headers: body.headers,
      length: body.isChunked ? nil : body.bytes.count)
    if !body.bytes.isEmpty {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body.bytes)))), promise: nil)
    }
    ended(clean: true)
  }

  private func writeHead(status: Int, contentType: String, headers: [APIBody.Header], length: Int?) {
    guard let context else { return }
    var fields = HTTPHeaders([("cache-control", "no-cache, private"), ("date", cluster.time.wall.httpDate)])
    if status != 204 { fields.add(name: "content-type", value: contentType) }
    for header in headers { fields.add(name: header.name, value: header.value) }
    if let length, status != 204 { fields.add(name: "content-length", value: String(length)) }
    let head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: fields)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
  }

  /// The answer is written, or was cut on purpose.
  private func ended(clean: Bool) {
    stream = nil
    guard let context else { return }
    guard clean else {
      closeAfter(.body(.byteBuffer(ByteBuffer())))
      return
    }
    isAnswering = false
    guard keepAlive else {
      closeAfter(.end(nil))
      return
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    answerNext()
  }

  /// Closes once a part and all before it has gone to the socket: closing at once would drop what still waits.
  private func closeAfter(_ part: HTTPServerResponsePart) {
    guard let context else { return }
    let written = context.eventLoop.makePromise(of: Void.self)
    written.futureResult.assumeIsolated().whenComplete { _ in self.context?.close(promise: nil) }
    context.writeAndFlush(wrapOutboundOut(part), promise: written)
  }
}

extension Duration {
  /// For timers of an event loop.
  var timeAmount: TimeAmount {
    .nanoseconds(components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000)
  }
}
