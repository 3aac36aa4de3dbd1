internal import NIOCore

/// The side of a connection that gives the frames their meaning: client or server. Called on the event loop.
protocol ConnectionOwner: AnyObject {
  /// A frame came.
  func connectionReceived(_ event: HTTP2Event)
  /// The connection is gone, for this reason. The last call.
  func connectionClosed(_ reason: String)
}

/// Moves bytes between a socket, TLS and HTTP/2. Makes no decision but to close what cannot go on.
///
/// Lives on its channel's event loop. Output is pulled only while the socket takes it, so what waits stays in the streams'
/// queues, where it holds back their writers.
final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// Bytes gathered for one write to the socket: seven full frames of HTTP/2, which with all their headers and those of TLS fit
  /// into 128 KiB. The fewer writes, the fewer system calls and short records at the end of one.
  private static let flight = 7 * 16 * 1024
  /// Bytes read from TLS at a time: one full record.
  private static let recordSize = 16 * 1024

  let session: HTTP2Session
  private let tls: TLSSession?
  private var owner: (any ConnectionOwner)?
  private var context: ChannelHandlerContext?
  private var isSecured: Bool
  private var isFlushScheduled = false
  private var isClosing = false
  private var closeReason: String?

  init(session: HTTP2Session, tls: TLSSession?, owner: any ConnectionOwner) {
    self.session = session
    self.tls = tls
    self.owner = owner
    isSecured = tls == nil
  }

  // MARK: For the owner

  /// The loop that this handler lives on; nil once it is off its channel.
  var eventLoop: (any EventLoop)? { context?.eventLoop }

  /// Something may have to be sent: looks once this turn of the event loop is over.
  func scheduleFlush() {
    guard !isFlushScheduled, let context else { return }
    isFlushScheduled = true
    context.eventLoop.assumeIsolated().execute { [self] in
      isFlushScheduled = false
      flush()
    }
  }

  /// Sends what HTTP/2 has to say and closes, giving the first reason to the owner.
  func close(_ reason: String) {
    closeReason = closeReason ?? reason
    guard let context, !isClosing else { return }
    isClosing = true
    do {
      if isSecured { try gatherOutput(context) }
    } catch {
      // The connection is being closed for another reason, which is the one to tell.
    }
    tls?.close()
    writeSecured(context)
    context.flush()
    context.close(promise: nil)
  }

  /// Closes without a word to the peer.
  func cut() {
    isClosing = true
    context?.close(promise: nil)
  }

  // MARK: The channel

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { begin(context) }
  }

  func channelActive(context: ChannelHandlerContext) {
    begin(context)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isClosing else { return }
    let buffer = unwrapInboundIn(data)
    do {
      if let tls {
        try buffer.withUnsafeReadableBytes { try tls.receive($0) }
        try readSecured(tls, context)
      } else {
        try buffer.withUnsafeReadableBytes { try session.receive($0) }
      }
      deliverEvents()
    } catch {
      deliverEvents()
      close(Self.describe(error))
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    flush()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { flush() }
  }

  func channelInactive(context: ChannelHandlerContext) {
    isClosing = true
    self.context = nil
    // The owner holds this handler: letting go of it here breaks the circle.
    let owner = owner
    self.owner = nil
    owner?.connectionClosed(closeReason ?? "the connection was closed by the other side")
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    close(Self.describe(error))
  }

  private func begin(_ context: ChannelHandlerContext) {
    do {
      if let tls {
        _ = try tls.handshake()
        writeSecured(context)
        context.flush()
      } else {
        flush()
      }
    } catch {
      close(Self.describe(error))
    }
  }

  private func readSecured(_ tls: TLSSession, _ context: ChannelHandlerContext) throws {
    if !isSecured {
      isSecured = try tls.handshake()
      writeSecured(context)
      guard isSecured else { return context.flush() }
      scheduleFlush()
    }
    try withUnsafeTemporaryAllocation(byteCount: Self.recordSize, alignment: 1) { buffer in
      while true {
        switch try tls.read(into: buffer) {
        case .bytes(let count): try session.receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        case .needsMore: return
        case .closed: return close("the connection was closed by the other side")
        }
      }
    }
  }

  private func deliverEvents() {
    for event in session.takeEvents() { owner?.connectionReceived(event) }
  }

  private func flush() {
    guard let context, isSecured, !isClosing else { return }
    do {
      try gatherOutput(context)
      context.flush()
    } catch {
      return close(Self.describe(error))
    }
    // Sending closes streams and finds requests that cannot be sent.
    deliverEvents()
    session.wakeWriters()
    if session.isFinished {
      close(session.problem.map { "the other side does not speak HTTP/2 as it should: \($0)" } ?? "all calls are over")
    }
  }

  private func gatherOutput(_ context: ChannelHandlerContext) throws {
    while context.channel.isWritable {
      guard let plain = try session.gather(Self.flight) else { break }
      if let tls {
        try plain.withUnsafeReadableBytes { try tls.write($0) }
        writeSecured(context)
      } else {
        context.write(wrapOutboundOut(plain), promise: nil)
      }
    }
    if session.isIdle {
      session.shrink()
      tls?.shrink()
    }
  }

  private func writeSecured(_ context: ChannelHandlerContext) {
    if let bytes = tls?.takeOutput() { context.write(wrapOutboundOut(bytes), promise: nil) }
  }

  /// One line for a person. NIO's errors describe themselves well enough.
  static func describe(_ error: any Error) -> String {
    switch error {
    case let error as TLSError: error.message
    case let error as HTTP2Error: error.message
    default: "\(error)"
    }
  }
}
