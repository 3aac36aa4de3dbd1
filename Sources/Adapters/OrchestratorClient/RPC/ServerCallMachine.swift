internal import GRPCCore

/// The server's side of one RPC: what the client's frames mean, and what the answer looks like on the wire.
struct ServerCallMachine {
  /// What the request's headers lead to.
  enum Opening: Equatable {
    case accept(MethodDescriptor, Metadata, MessageDecoder.Encoding)
    /// Answer with these headers alone.
    case refuse([HTTP2Header])
  }

  /// What an inbound frame leads to.
  struct Input: Equatable {
    var messages: [[UInt8]] = []
    /// The request's end, or what is wrong with it.
    var end: End?

    enum End: Equatable {
      case finished
      case failed(Status)
    }
  }

  /// How an answer is sent.
  enum Answer: Equatable {
    /// Headers now; a body and trailers follow.
    case headers([HTTP2Header])
    /// Trailers after the body.
    case trailers([HTTP2Header])
    /// Headers and nothing else.
    case trailersOnly([HTTP2Header])
    /// Nothing: the answer is complete already.
    case none
  }

  private enum Outbound { case idle, streaming, done }

  private var decoder: MessageDecoder
  private var inboundDone = false
  private var outbound = Outbound.idle

  /// A call whose requests may have messages of at most `messageLimit` bytes.
  init(messageLimit: Int, encoding: MessageDecoder.Encoding = .identity) {
    decoder = MessageDecoder(limit: messageLimit, encoding: encoding)
  }

  /// True once the status was handed out.
  var isAnswered: Bool { outbound == .done }
  /// True once the client will send nothing more.
  var isReceived: Bool { inboundDone }

  /// Judges the request's headers.
  static func open(_ headers: [HTTP2Header]) -> Opening {
    guard HeaderFields.first("content-type", in: headers)?.hasPrefix("application/grpc") == true else {
      return .refuse([HTTP2Header(":status", "415")])
    }
    guard HeaderFields.first(":method", in: headers) == "POST" else {
      return .refuse([HTTP2Header(":status", "405"), HTTP2Header("allow", "POST")])
    }
    let path = (HeaderFields.first(":path", in: headers) ?? "").split(separator: "/", omittingEmptySubsequences: false)
    guard path.count == 3, path[0].isEmpty, !path[1].isEmpty, !path[2].isEmpty else {
      return .refuse(trailersOnly(Status(code: .unimplemented, message: "the path is not /service/method"), [:]))
    }
    let name = HeaderFields.first("grpc-encoding", in: headers) ?? "identity"
    guard let encoding = MessageDecoder.Encoding(rawValue: name) else {
      let status = Status(code: .unimplemented, message: "this compression is not supported")
      let accepted = HTTP2Header("grpc-accept-encoding", MessageCompression.accepted)
      return .refuse(trailersOnly(status, [:]) + [accepted])
    }
    let method = MethodDescriptor(fullyQualifiedService: String(path[1]), method: String(path[2]))
    return .accept(method, HeaderFields.metadata(headers), encoding)
  }

  mutating func dataReceived(_ bytes: [UInt8]) -> Input {
    guard !inboundDone else { return Input() }
    do {
      return Input(messages: try decoder.append(bytes))
    } catch {
      inboundDone = true
      return Input(end: .failed(error.status(limit: decoder.limit)))
    }
  }

  mutating func remoteEnded() -> Input {
    guard !inboundDone else { return Input() }
    inboundDone = true
    guard decoder.isBetweenMessages else {
      return Input(end: .failed(Status(code: .internalError, message: "the last message is cut off")))
    }
    return Input(end: .finished)
  }

  /// The stream was reset or its connection was lost.
  mutating func streamClosed(_ reason: String) -> Input {
    outbound = .done
    guard !inboundDone else { return Input() }
    inboundDone = true
    return Input(end: .failed(Status(code: .cancelled, message: reason)))
  }

  /// The service answers with metadata.
  mutating func answerBegan(_ metadata: Metadata) throws(RPCError) -> Answer {
    guard outbound == .idle else { return .none }
    let headers = try HeaderFields.response(metadata)
    outbound = .streaming
    return .headers(headers)
  }

  /// The service ends the call.
  mutating func answerEnded(_ status: Status, _ metadata: Metadata) -> Answer {
    defer { outbound = .done }
    switch outbound {
    case .idle: return .trailersOnly(Self.trailersOnly(status, metadata))
    case .streaming: return .trailers(HeaderFields.trailers(status, metadata))
    case .done: return .none
    }
  }

  private static func trailersOnly(_ status: Status, _ metadata: Metadata) -> [HTTP2Header] {
    [HTTP2Header(":status", "200"), HTTP2Header("content-type", "application/grpc")]
      + HeaderFields.trailers(status, metadata)
  }
}
