internal import NIOCore
internal import NIOHTTP1

/// One connection to the probe port: a request without a body, an answer. Lives on its event loop.
final class ProbeConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let responder: ProbeResponder
  private var head: HTTPRequestHead?

  init(responder: ProbeResponder) {
    self.responder = responder
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): self.head = head
    case .body: break  // Nothing here takes one; it is dropped as it comes.
    case .end:
      guard let head else { return }
      self.head = nil
      let answer = responder.answer(
        method: head.method.rawValue, target: head.uri, accept: head.headers["accept"].joined(separator: ","))
      write(answer, to: head, context: context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent {
      context.close(promise: nil)
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }

  private func write(_ answer: ProbeResponder.Answer, to request: HTTPRequestHead, context: ChannelHandlerContext) {
    let fields = HTTPHeaders([
      ("content-type", answer.contentType), ("content-length", String(answer.body.count)),
      ("cache-control", "no-store"), ("x-content-type-options", "nosniff"),
    ])
    let head = HTTPResponseHead(
      version: request.version, status: HTTPResponseStatus(statusCode: answer.status), headers: fields)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if request.method != .HEAD {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
    }
    let written = context.eventLoop.makePromise(of: Void.self)
    if !request.isKeepAlive {
      let channel = context.channel
      written.futureResult.whenComplete { _ in channel.close(promise: nil) }
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
  }
}
