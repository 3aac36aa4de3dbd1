internal import GRPCCore
internal import NIOCore

/// One call of a client: its machine, its two queues and the HTTP/2 stream that carries it. Lives on the event loop.
final class ClientStream {
  typealias Part = RPCResponsePart<[UInt8]>

  /// A call that was refused before the server saw any of its messages is carried to the next connection. More often than
  /// this, the server means it.
  private static let transparentRetryLimit = 3

  private enum Place {
    /// Waits for its metadata or for a connection.
    case nowhere
    case on(ClientConnection, Int32)
    case closed
  }

  let path: String
  let inbound: InboundQueue<Part>
  let outbound = SendQueue()
  private(set) var metadata: Metadata?
  /// Set if messages may be packed: then the request's headers say so.
  let compression: MessageCompression?
  private var machine: ClientCallMachine
  private var credit = ReceiveCredit()
  private let taken: TakenMessages
  private var place = Place.nowhere
  private var retries = 0

  init(path: String, messageLimit: Int, compression: MessageCompression?, loop: any EventLoop) {
    self.path = path
    self.compression = compression
    machine = ClientCallMachine(messageLimit: messageLimit)
    let back = Back()
    let bound = NIOLoopBound(back, eventLoop: loop)
    let taken = TakenMessages(threshold: HTTP2Settings.client.untoldBytes)
    self.taken = taken
    inbound = InboundQueue { part in
      guard case .message(let bytes) = part, taken.add(bytes: bytes.count + MessageDecoder.prefixLength) else { return }
      loop.execute { bound.value.stream?.giveCredit() }
    }
    back.stream = self
  }

  /// The queue's way back to the stream, which owns it.
  private final class Back {
    weak var stream: ClientStream?
  }

  var isClosed: Bool {
    if case .closed = place { true } else { false }
  }

  // MARK: The caller

  func begin(_ metadata: Metadata) {
    if self.metadata == nil { self.metadata = metadata }
  }

  func write(_ message: [UInt8], isPacked: Bool, accepted: CheckedContinuation<Void, any Error>?) {
    outbound.append(
      prefix: MessageDecoder.prefix(forLength: message.count, isPacked: isPacked), message: message, accepted: accepted)
    wakeSession()
  }

  func finishWriting() {
    outbound.finish(.endStream)
    wakeSession()
  }

  /// The caller is done with this call, whatever its state.
  func cancel(_ error: any Error) {
    close(reset: .cancel, writers: error, reader: .failure(error))
  }

  private func wakeSession() {
    guard case .on(let connection, let id) = place else { return }
    connection.resume(id)
  }

  private func giveCredit(_ bytes: Int = 0) {
    let count = bytes + taken.settle(&credit)
    if case .on(let connection, let id) = place { connection.consume(id, count) }
  }

  // MARK: The connection

  func opened(on connection: ClientConnection, as id: Int32) {
    place = .on(connection, id)
  }

  func received(_ event: HTTP2Event) {
    switch event {
    case .headers(_, let headers, let endStream):
      if let compression { Self.learn(compression, from: headers) }
      apply(machine.headersReceived(headers, endStream: endStream))
    case .data(_, let bytes):
      let output = machine.dataReceived(bytes)
      giveCredit(credit.received(bytes: bytes.count, completing: output.parts.count { $0.isMessage }))
      apply(output)
    case .remoteEnded: apply(machine.remoteEnded())
    default: break
    }
  }

  /// Servers name what they can unpack in their headers; one that knows no compression at all may just call it unimplemented.
  private static func learn(_ compression: MessageCompression, from headers: [HTTP2Header]) {
    if let accepted = HeaderFields.first("grpc-accept-encoding", in: headers) {
      compression.serverAccepts(accepted)
    } else if HeaderFields.status(headers)?.code == .unimplemented {
      compression.serverAccepts(nil)
    }
  }

  /// The stream is gone. True if the call can begin anew elsewhere.
  func lost(_ code: HTTP2ErrorCode) -> Bool {
    if code == .refusedStream, canBeginAnew { return true }
    giveCreditBack()
    place = .closed
    apply(machine.streamClosed(code))
    return false
  }

  /// The request was never written. True if the call can begin anew elsewhere.
  func neverSent() -> Bool {
    guard !isClosed else { return false }
    if canBeginAnew { return true }
    connectionLost("the connection was closed before the call was sent")
    return false
  }

  func connectionLost(_ reason: String) {
    place = .closed
    apply(machine.connectionLost(reason))
  }

  /// The call cannot be made.
  func fail(_ error: RPCError) {
    place = .closed
    apply(machine.connectionLost(error.message))
  }

  /// Only where the server can have seen no message: what was pulled is gone.
  private var canBeginAnew: Bool {
    guard machine.isWaiting, outbound.pulled == 0, !outbound.isEnded, retries < Self.transparentRetryLimit else {
      return false
    }
    retries += 1
    place = .nowhere
    return true
  }

  private func apply(_ output: ClientCallMachine.Output) {
    for part in output.parts { inbound.push(part) }
    guard output.isDone else { return }
    // The server said its last word: what is still to be sent has no reader (RFC 9113, 8.1).
    let over = RPCError(code: .unavailable, message: "the call is over")
    var reader = Result<Void, any Error>.success(())
    if let reason = output.lost {
      reader = .failure(RPCError(code: .unavailable, message: reason, cause: ConnectionLost(reason: reason)))
    }
    close(reset: output.reset ?? (outbound.isEnded ? nil : .cancel), writers: over, reader: reader)
  }

  private func close(reset code: HTTP2ErrorCode?, writers: any Error, reader: Result<Void, any Error>) {
    if case .on(let connection, let id) = place {
      giveCreditBack()
      connection.forget(id, reset: code)
    }
    place = .closed
    outbound.fail(writers)
    inbound.finish(reader)
  }

  private func giveCreditBack() {
    if case .on(let connection, let id) = place { connection.consume(id, credit.closed()) }
  }
}

/// The cause of an UNAVAILABLE that no server sent.
struct ConnectionLost: Error, Equatable {
  var reason: String
}

extension RPCResponsePart {
  var isMessage: Bool {
    if case .message = self { true } else { false }
  }
}
