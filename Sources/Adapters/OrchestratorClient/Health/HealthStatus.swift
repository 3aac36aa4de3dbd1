internal import GRPCCore

/// What a server says of itself (https://github.com/grpc/grpc/blob/master/doc/health-checking.md).
enum HealthStatus: Sendable, Equatable {
  case serving
  case notServing
  /// UNKNOWN, SERVICE_UNKNOWN, or a status of a later protocol: it says nothing about whether it would serve.
  case unclear

  /// `Watch` for the whole server: the empty service name, so the request is an empty message.
  static let watch = MethodDescriptor(
    fullyQualifiedService: "grpc.health.v1.Health", method: "Watch", type: .serverStreaming)

  /// Reads `HealthCheckResponse`: one enum in field 1. The message is so small that it needs no generated code. Nil for
  /// bytes that are no message.
  init?(message: some Sequence<UInt8>) {
    var fields = ProtobufFields(bytes: Array(message))
    var value: UInt64 = 0
    while let field = fields.next() {
      if field.number == 1, let number = field.varint { value = number }
    }
    guard fields.isAtEnd else { return nil }
    switch value {
    case 1: self = .serving
    case 2: self = .notServing
    default: self = .unclear
    }
  }
}

/// The fields of an encoded protobuf message, in order (https://protobuf.dev/programming-guides/encoding/).
private struct ProtobufFields {
  let bytes: [UInt8]
  private var index = 0

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  var isAtEnd: Bool { index == bytes.count }

  /// The next field; its value where it is a varint, else it is skipped. Nil at the end and at the first fault.
  mutating func next() -> (number: UInt64, varint: UInt64?)? {
    let start = index
    guard !isAtEnd, let key = varint() else { return nil }
    let number = key >> 3
    switch key & 7 {
    case 0: if let value = varint() { return (number, value) }
    case 1: if skip(8) { return (number, nil) }
    case 2: if let length = varint(), skip(length) { return (number, nil) }
    case 5: if skip(4) { return (number, nil) }
    default: break
    }
    index = start
    return nil
  }

  private mutating func skip(_ count: UInt64) -> Bool {
    guard count <= UInt64(bytes.count - index) else { return false }
    index += Int(count)
    return true
  }

  private mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 64, by: 7) {
      guard index < bytes.count else { return nil }
      let byte = bytes[index]
      index += 1
      value |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte < 0x80 { return value }
    }
    return nil
  }
}

/// The request for the health of the whole server.
struct HealthRequestSerializer: MessageSerializer {
  struct WholeServer: Sendable {}

  func serialize<Bytes: GRPCContiguousBytes>(_ message: WholeServer) throws -> Bytes { Bytes([]) }
}

/// The answer.
struct HealthStatusDeserializer: MessageDeserializer {
  func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> HealthStatus {
    guard let status = bytes.withUnsafeBytes({ HealthStatus(message: $0) }) else {
      throw RPCError(code: .internalError, message: "the health status cannot be read")
    }
    return status
  }
}
