internal import NIOCore

/// The driver of `ProxyHandshake`: the first handler of a connection through a proxy. Once the tunnel is open it hands on what
/// comes.
final class ProxyTunnel: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private var handshake: ProxyHandshake
  private var isAsked = false
  /// Nil once it was called.
  private var done: ((_ refusal: String?) -> Void)?

  /// `done` is called once: without a refusal when the tunnel is open, to add the handlers of what goes through it.
  init(_ handshake: ProxyHandshake, done: @escaping (_ refusal: String?) -> Void) {
    self.handshake = handshake
    self.done = done
  }

  func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { ask(context) }
  }

  func channelActive(context: ChannelHandlerContext) {
    ask(context)
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard done != nil else { return context.fireChannelRead(data) }
    switch handshake.received(Array(unwrapInboundIn(data).readableBytesView)) {
    case .needsMore: break
    case .refused(let reason): end(reason)
    case .open(let rest):
      end(nil)
      if !rest.isEmpty { context.fireChannelRead(wrapInboundOut(ByteBuffer(bytes: rest))) }
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    end(handshake.hungUp)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if done == nil { context.fireErrorCaught(error) } else { end(ConnectError.describe(error)) }
  }

  private func ask(_ context: ChannelHandlerContext) {
    // A channel that is active already when this handler is added may still be told so.
    guard !isAsked else { return }
    isAsked = true
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: handshake.request)), promise: nil)
  }

  private func end(_ refusal: String?) {
    let done = done
    self.done = nil
    done?(refusal)
  }
}
