internal import GRPCCore
internal import NIOCore

/// One call of a server: its machine, its two queues and the HTTP/2 stream that carries it. Lives on the event loop.
final class ServerStream {
  typealias Part = RPCRequestPart<[UInt8]>

  let id: Int32
  let method: MethodDescriptor
  let inbound: InboundQueue<Part>
  let outbound = SendQueue()
  private weak var connection: ServerConnection?
  private var machine: ServerCallMachine
  private var credit = ReceiveCredit()
  private let taken: TakenMessages
  private var cancellation: ServerContext.RPCCancellationHandle?
  private var isClosed = false

  init(
    id: Int32, method: MethodDescriptor, metadata: Metadata, machine: ServerCallMachine, connection: ServerConnection,
    loop: any EventLoop
  ) {
    self.id = id
    self.method = method
    self.connection = connection
    self.machine = machine
    let back = Back()
    let bound = NIOLoopBound(back, eventLoop: loop)
    let taken = TakenMessages(threshold: HTTP2Settings.server.untoldBytes)
    self.taken = taken
    inbound = InboundQueue { part in
      guard case .message(let bytes) = part, taken.add(bytes: bytes.count + MessageDecoder.prefixLength) else { return }
      loop.execute { bound.value.stream?.giveCredit() }
    }
    back.stream = self
    inbound.push(.metadata(metadata))
  }

  /// The queue's way back to the stream, which owns it.
  private final class Back {
    weak var stream: ServerStream?
  }

  // MARK: The service

  /// Where the service learns that its call is cancelled.
  func attach(_ handle: ServerContext.RPCCancellationHandle) {
    if isClosed { handle.cancel() } else { cancellation = handle }
  }

  func answer(_ metadata: Metadata) {
    do {
      if case .headers(let headers) = try machine.answerBegan(metadata) {
        connection?.respond(id, headers, body: outbound)
      }
    } catch {
      end(Status(code: Status.Code(error.code), message: error.message), [:])
    }
  }

  func write(_ message: [UInt8], accepted: CheckedContinuation<Void, any Error>?) {
    outbound.append(
      prefix: MessageDecoder.prefix(forLength: message.count), message: message, accepted: accepted)
    connection?.resume(id)
  }

  func end(_ status: Status, _ metadata: Metadata) {
    switch machine.answerEnded(status, metadata) {
    case .trailers(let trailers):
      outbound.finish(.trailers(trailers))
      connection?.resume(id)
    case .trailersOnly(let headers): connection?.respondTrailersOnly(id, headers)
    case .headers, .none: break
    }
  }

  /// The service is done. Without a status, which is a fault of the service, the call is reset.
  func finish() {
    if !machine.isAnswered, !isClosed { connection?.reset(id, .internalError) }
  }

  /// The service ends the call without an answer.
  func abandon() {
    if !isClosed { connection?.reset(id, .cancel) }
  }

  private func giveCredit(_ bytes: Int = 0) {
    connection?.consume(id, bytes + taken.settle(&credit))
  }

  // MARK: The connection

  func dataReceived(_ bytes: [UInt8]) {
    let input = machine.dataReceived(bytes)
    giveCredit(credit.received(bytes: bytes.count, completing: input.messages.count))
    apply(input)
  }

  func remoteEnded() {
    apply(machine.remoteEnded())
  }

  /// The stream is gone, cancelled unless it was answered.
  func lost(_ reason: String) {
    guard !isClosed else { return }
    isClosed = true
    connection?.consume(id, credit.closed())
    if !machine.isAnswered || !outbound.isEnded { cancellation?.cancel() }
    apply(machine.streamClosed(reason))
    outbound.fail(RPCError(code: .cancelled, message: reason))
    inbound.finish(.success(()))
  }

  /// The server shuts down: the service is told, and may still end the call in order.
  func cancel() {
    cancellation?.cancel()
  }

  private func apply(_ input: ServerCallMachine.Input) {
    for message in input.messages { inbound.push(.message(message)) }
    switch input.end {
    case .finished: inbound.finish(.success(()))
    case .failed(let status):
      let error = RPCError(status: status) ?? RPCError(code: .unknown, message: status.message)
      inbound.finish(.failure(error))
    case nil: break
    }
  }
}

/// What a service writes to.
struct ServerStreamWriter: ClosableRPCWriterProtocol {
  typealias Element = RPCResponsePart<[UInt8]>

  let loop: any EventLoop
  let stream: NIOLoopBound<ServerStream>
  let allowance: WriteAllowance

  func write(_ element: Element) async throws {
    switch element {
    case .metadata(let metadata): loop.execute { stream.value.answer(metadata) }
    case .message(let bytes):
      guard !allowance.take(bytes.count + MessageDecoder.prefixLength) else {
        return loop.execute { stream.value.write(bytes, accepted: nil) }
      }
      try await withCheckedThrowingContinuation { continuation in
        loop.execute { stream.value.write(bytes, accepted: continuation) }
      }
    case .status(let status, let metadata): loop.execute { stream.value.end(status, metadata) }
    }
  }

  func write(contentsOf elements: some Sequence<Element>) async throws {
    for element in elements { try await write(element) }
  }

  func finish() async {
    loop.execute { stream.value.finish() }
  }

  func finish(throwing error: any Error) async {
    loop.execute { stream.value.abandon() }
  }
}
