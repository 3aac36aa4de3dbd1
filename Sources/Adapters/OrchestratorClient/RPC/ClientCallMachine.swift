internal import GRPCCore

/// The client's side of one RPC: what the server's frames mean.
struct ClientCallMachine {
  private enum State {
    /// Waiting for the response's headers. To: `streaming`, `done`.
    case waiting
    /// Headers are in; messages follow. To: `done`.
    case streaming(MessageDecoder)
    /// The status is known; whatever still comes is ignored.
    case done
  }

  /// What the reader gets, in order.
  struct Output: Equatable {
    var parts: [RPCResponsePart<[UInt8]>] = []
    /// Set if the server must be told to stop, because its answer cannot be used.
    var reset: HTTP2ErrorCode?
    /// Set with the last part, or with none where the connection is what failed.
    var isDone = false
    /// Why there will be no answer of the server.
    var lost: String?
  }

  private var state = State.waiting
  private let messageLimit: Int

  /// A call whose answers may have messages of at most `messageLimit` bytes.
  init(messageLimit: Int) {
    self.messageLimit = messageLimit
  }

  /// True once the status is known.
  var isDone: Bool {
    if case .done = state { true } else { false }
  }

  /// True while nothing at all has come from the server.
  var isWaiting: Bool {
    if case .waiting = state { true } else { false }
  }

  mutating func headersReceived(_ headers: [HTTP2Header], endStream: Bool) -> Output {
    switch state {
    case .done: return Output()
    case .streaming(let decoder):
      // A second block is the trailers.
      guard endStream else {
        return end(.init(code: .internalError, message: "two response headers"), reset: .protocolError)
      }
      let status =
        HeaderFields.status(headers) ?? Status(code: .unknown, message: "the server's trailers have no grpc-status")
      if status.code == .ok, !decoder.isBetweenMessages {
        return end(.init(code: .internalError, message: "the last message is cut off"))
      }
      return end(status, HeaderFields.metadata(headers))
    case .waiting:
      let http = HeaderFields.first(":status", in: headers) ?? ""
      // An interim answer (1xx) says nothing yet.
      if http.utf8.first == 0x31, !endStream { return Output() }
      if let status = HeaderFields.status(headers), endStream { return end(status, HeaderFields.metadata(headers)) }
      guard http == "200" else { return end(HeaderFields.status(forHTTP: http), reset: endStream ? nil : .cancel) }
      let type = HeaderFields.first("content-type", in: headers) ?? "none"
      guard type.hasPrefix("application/grpc") else {
        let status = Status(code: .unknown, message: "the answer is not gRPC: content-type \(type.prefix(60))")
        return end(status, reset: endStream ? nil : .cancel)
      }
      guard !endStream else { return end(.init(code: .unknown, message: "the server's answer has no grpc-status")) }
      let name = HeaderFields.first("grpc-encoding", in: headers) ?? "identity"
      guard let encoding = MessageDecoder.Encoding(rawValue: name) else {
        let message = "the server compresses with \(name.prefix(20)), which was not offered"
        return end(.init(code: .internalError, message: message), reset: .cancel)
      }
      state = .streaming(MessageDecoder(limit: messageLimit, encoding: encoding))
      return Output(parts: [.metadata(HeaderFields.metadata(headers))])
    }
  }

  mutating func dataReceived(_ bytes: [UInt8]) -> Output {
    switch state {
    case .done: return Output()
    case .waiting:
      return end(.init(code: .internalError, message: "data before the response's headers"), reset: .protocolError)
    case .streaming(var decoder):
      do {
        let messages = try decoder.append(bytes)
        state = .streaming(decoder)
        return Output(parts: messages.map { .message($0) })
      } catch {
        return end(error.status(limit: messageLimit), reset: .cancel)
      }
    }
  }

  /// The server ended its side without trailers.
  mutating func remoteEnded() -> Output {
    guard !isDone else { return Output() }
    return end(.init(code: .internalError, message: "the server ended the stream without a status"))
  }

  mutating func streamClosed(_ code: HTTP2ErrorCode) -> Output {
    guard !isDone else { return Output() }
    return end(HeaderFields.status(forReset: code))
  }

  mutating func connectionLost(_ reason: String) -> Output {
    guard !isDone else { return Output() }
    state = .done
    return Output(isDone: true, lost: reason)
  }

  private mutating func end(_ status: Status, _ metadata: Metadata = [:], reset: HTTP2ErrorCode? = nil) -> Output {
    state = .done
    return Output(parts: [.status(status, metadata)], reset: reset, isDone: true)
  }
}

extension MessageDecoder.Failure {
  /// The status of a call that ends for this.
  func status(limit: Int) -> Status {
    switch self {
    case .tooLarge(let size):
      Status(code: .resourceExhausted, message: "a message of \(size) bytes is over the limit of \(limit)")
    case .unpacksTooLarge:
      Status(code: .resourceExhausted, message: "a compressed message unpacks to more than the limit of \(limit) bytes")
    case .corrupt: Status(code: .internalError, message: "a compressed message cannot be unpacked")
    case .compressed: Status(code: .internalError, message: "a compressed message, and no compression was agreed on")
    }
  }
}
