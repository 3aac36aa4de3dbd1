internal import Archives
internal import Delivery
package import GRPCCore
package import NIOCore
internal import NIOPosix

/// A client's side of gRPC over HTTP/2: one connection that is made anew whenever it fails.
///
/// Certificates are read anew for each connection. All work is done on one event loop. Calls wait for a connection unless
/// their options say `waitForReady = false`.
package struct OrchestratorTransport: ClientTransport {
  package typealias Bytes = [UInt8]

  /// Largest message that is taken from the server: gRPC's usual limit.
  package static let messageLimit = 4 << 20

  package let retryThrottle: RetryThrottle? = nil
  private let loop: any EventLoop
  private let channel: NIOLoopBoundBox<ClientChannel>
  private let authority: String
  private let compression: MessageCompression

  /// A transport that does nothing before `connect`. Events are reported on the event loop: they must not block it.
  package init(
    endpoint: OrchestratorEndpoint, eventLoop: (any EventLoop)? = nil,
    onEvent: @escaping @Sendable (TransportEvent) -> Void = { _ in }
  ) {
    self.init(target: ChannelTarget(endpoint: endpoint), eventLoop: eventLoop, onEvent: onEvent)
  }

  init(target: ChannelTarget, eventLoop: (any EventLoop)? = nil, onEvent: @escaping @Sendable (TransportEvent) -> Void)
  {
    let loop = eventLoop ?? MultiThreadedEventLoopGroup.singleton.next()
    self.loop = loop
    authority = target.authority
    compression = MessageCompression(isOffered: target.endpoint.isCompressing)
    channel = .makeBoxSendingValue(ClientChannel(target: target, loop: loop, report: onEvent), eventLoop: loop)
  }

  package func connect() async throws {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        loop.execute { channel.value.run(continuation) }
      }
    } onCancel: {
      loop.execute { channel.value.abort() }
    }
  }

  package func beginGracefulShutdown() {
    loop.execute { channel.value.stop() }
  }

  /// Asks the server for a sign of life now, and gives the connection up if there is none within the keepalive's time-out.
  package func probe() {
    loop.execute { channel.value.probe() }
  }

  /// Certificates were renewed: goes over to a connection that is made with them, and lets the calls on the old one end.
  package func renewConnection(_ reason: String) {
    loop.execute { channel.value.renew(reason) }
  }

  package func withStream<T: Sendable>(
    descriptor: MethodDescriptor, options: CallOptions,
    _ closure: (_ stream: RPCStream<Inbound, Outbound>, _ context: ClientContext) async throws -> T
  ) async throws -> T {
    try await awaitReady(waits: options.waitForReady ?? true)
    let path = "/\(descriptor.service.fullyQualifiedService)/\(descriptor.method)"
    let limit = options.maxResponseMessageBytes ?? Self.messageLimit
    let loop = loop
    let compression = compression.isOffered && options.compression != CompressionAlgorithm.none ? compression : nil
    let (stream, inbound, allowance) = try await loop.submit {
      let stream = ClientStream(path: path, messageLimit: limit, compression: compression, loop: loop)
      return (NIOLoopBound(stream, eventLoop: loop), stream.inbound, stream.outbound.allowance)
    }.get()
    let writer = ClientStreamWriter(
      loop: loop, stream: stream, channel: channel, allowance: allowance, messageLimit: options.maxRequestMessageBytes,
      compression: compression)
    let call = RPCStream<Inbound, Outbound>(
      descriptor: descriptor, inbound: RPCAsyncSequence(wrapping: InboundQueue.Parts(queue: inbound)),
      outbound: RPCWriter.Closable(wrapping: writer))
    let context = ClientContext(descriptor: descriptor, remotePeer: authority, localPeer: "local")
    // The stream ends with the closure or with its task, whichever is first.
    defer { loop.execute { stream.value.cancel(CancellationError()) } }
    return try await withTaskCancellationHandler {
      try await closure(call, context)
    } onCancel: {
      loop.execute { stream.value.cancel(CancellationError()) }
    }
  }

  package func config(forMethod descriptor: MethodDescriptor) -> MethodConfig? { nil }

  private func awaitReady(waits: Bool) async throws {
    let ticket = OpenTicket(waits: waits)
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        ticket.wait(continuation)
        loop.execute { channel.value.awaitReady(ticket, waits: waits) }
      }
    } onCancel: {
      ticket.resume(.failure(CancellationError()))
      loop.execute { channel.value.cancelled(ticket) }
    }
  }
}

/// What a call writes to.
struct ClientStreamWriter: ClosableRPCWriterProtocol {
  typealias Element = RPCRequestPart<[UInt8]>

  let loop: any EventLoop
  let stream: NIOLoopBound<ClientStream>
  let channel: NIOLoopBoundBox<ClientChannel>
  let allowance: WriteAllowance
  let messageLimit: Int?
  /// Nil for a call that was not announced as one with packed messages.
  let compression: MessageCompression?

  func write(_ element: Element) async throws {
    switch element {
    case .metadata(let metadata):
      loop.execute {
        stream.value.begin(metadata)
        channel.value.submit(stream.value)
      }
    case .message(let bytes):
      if let messageLimit, bytes.count > messageLimit {
        let message = "a message of \(bytes.count) bytes is over the limit of \(messageLimit)"
        throw RPCError(code: .resourceExhausted, message: message)
      }
      // Packed here and not on the event loop, which has other streams to serve.
      let packed = compression?.isOffered == true && bytes.count >= Gzip.threshold ? Gzip.compress(bytes) : nil
      let message = packed ?? bytes
      let isPacked = packed != nil
      guard !allowance.take(message.count + MessageDecoder.prefixLength) else {
        return loop.execute { stream.value.write(message, isPacked: isPacked, accepted: nil) }
      }
      // Ends with the stream at the latest, which ends with its task: no cancellation handler of its own.
      try await withCheckedThrowingContinuation { continuation in
        loop.execute { stream.value.write(message, isPacked: isPacked, accepted: continuation) }
      }
    }
  }

  func write(contentsOf elements: some Sequence<Element>) async throws {
    for element in elements { try await write(element) }
  }

  func finish() async {
    loop.execute { stream.value.finishWriting() }
  }

  func finish(throwing error: any Error) async {
    loop.execute { stream.value.cancel(error) }
  }
}
