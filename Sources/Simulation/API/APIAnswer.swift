/// What the API answers.
enum APIAnswer: Sendable, Equatable {
  /// A whole body.
  case body(APIBody)
  /// A stream of changes, one JSON object a line.
  case watch(WatchCursor)
  /// A recorded stream, byte for byte.
  case replay(RecordedStream)
  /// The connection is closed without an answer.
  case hangUp
  /// The same, later.
  indirect case delayed(Duration, APIAnswer)

  /// The same in protobuf where there is such a form of it.
  var inProtobuf: APIAnswer {
    switch self {
    case .body(var body):
      guard let bytes = ProtobufAnswer.object(body.bytes) else { return self }
      body.bytes = bytes
      body.contentType = ProtobufAnswer.contentType
      return .body(body)
    case .watch(var cursor):
      cursor.isProtobuf = cursor.kind == .pod
      return .watch(cursor)
    case .delayed(let duration, let answer): return .delayed(duration, answer.inProtobuf)
    case .replay, .hangUp: return self
    }
  }

  static func status(_ status: APIStatus) -> APIAnswer {
    var body = APIBody(status: status.code, bytes: status.value.encoded)
    if let seconds = status.details?["retryAfterSeconds"]?.int {
      body.headers.append(APIBody.Header("Retry-After", String(seconds)))
    }
    return .body(body)
  }

  static func json(_ value: JSONValue, status: Int = 200) -> APIAnswer {
    .body(APIBody(status: status, bytes: value.encoded))
  }
}

/// A whole answer.
struct APIBody: Sendable, Equatable {
  struct Header: Sendable, Equatable {
    var name: String
    var value: String

    init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  var status: Int = 200
  var contentType = "application/json"
  var headers: [Header] = []
  var bytes: [UInt8]
  /// Logs come in chunks, other bodies with their length.
  var isChunked = false
}
