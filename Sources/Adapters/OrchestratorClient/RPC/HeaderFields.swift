internal import GRPCCore

/// Header fields of gRPC over HTTP/2 (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).
enum HeaderFields {
  /// Fields that belong to the transport and never show up as metadata.
  private static let reserved: Set<String> = [
    "te", "content-type", "user-agent", "grpc-status", "grpc-message", "grpc-encoding", "grpc-accept-encoding",
    "connection",
    "host", "content-length",
  ]

  static func request(
    path: String, authority: String, scheme: String, metadata: Metadata, isPacked: Bool = false
  ) throws(RPCError) -> [HTTP2Header] {
    let encoding = isPacked ? [HTTP2Header("grpc-encoding", "gzip")] : []
    return [
      HTTP2Header(":method", "POST"), HTTP2Header(":scheme", scheme), HTTP2Header(":path", path),
      HTTP2Header(":authority", authority), HTTP2Header("content-type", "application/grpc"),
      HTTP2Header("te", "trailers"), HTTP2Header("grpc-accept-encoding", MessageCompression.accepted),
      HTTP2Header("user-agent", "kube-mind grpc-swift"),
    ] + encoding + (try fields(of: metadata))
  }

  static func response(_ metadata: Metadata) throws(RPCError) -> [HTTP2Header] {
    [
      HTTP2Header(":status", "200"), HTTP2Header("content-type", "application/grpc"),
      HTTP2Header("grpc-accept-encoding", MessageCompression.accepted),
    ] + (try fields(of: metadata))
  }

  static func trailers(_ status: Status, _ metadata: Metadata) -> [HTTP2Header] {
    var fields = [HTTP2Header("grpc-status", String(status.code.rawValue))]
    if !status.message.isEmpty { fields.append(HTTP2Header("grpc-message", percentEncoded(status.message))) }
    // A status must get through: metadata that cannot be sent is left out of it.
    return fields + ((try? Self.fields(of: metadata)) ?? [])
  }

  /// Metadata as header fields. Throws for a name or a text that HTTP/2 does not carry.
  private static func fields(of metadata: Metadata) throws(RPCError) -> [HTTP2Header] {
    var fields: [HTTP2Header] = []
    for (key, value) in metadata {
      let name = key.lowercased()
      guard isName(name), !reserved.contains(name) else {
        throw RPCError(code: .internalError, message: "\"\(key)\" cannot be a metadata key")
      }
      let text = value.encoded()
      guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
        throw RPCError(code: .internalError, message: "the metadata value of \"\(key)\" is not printable ASCII")
      }
      fields.append(HTTP2Header(name, text))
    }
    return fields
  }

  private static func isName(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x5F || byte == 0x2E
      }
  }

  /// The metadata among received fields.
  static func metadata(_ headers: [HTTP2Header]) -> Metadata {
    var metadata = Metadata()
    for header in headers where !header.name.hasPrefix(":") && !reserved.contains(header.name) {
      // Binary values (`-bin`) stay in base64 here and are decoded by whoever reads them.
      metadata.addString(header.value, forKey: header.name)
    }
    return metadata
  }

  static func first(_ name: String, in headers: [HTTP2Header]) -> String? {
    headers.first { $0.name == name }?.value
  }

  /// The status in trailers or in a trailers-only answer; nil if there is none.
  static func status(_ headers: [HTTP2Header]) -> Status? {
    guard let text = first("grpc-status", in: headers) else { return nil }
    let message = percentDecoded(first("grpc-message", in: headers) ?? "")
    guard let code = Int(text).flatMap(Status.Code.init(rawValue:)) else {
      return Status(code: .unknown, message: "grpc-status \(text.prefix(20)): \(message)")
    }
    return Status(code: code, message: message)
  }

  /// The status of an answer that is no gRPC answer, e.g. from a proxy
  /// (https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md).
  static func status(forHTTP status: String) -> Status {
    let code: Status.Code =
      switch status {
      case "400": .internalError
      case "401": .unauthenticated
      case "403": .permissionDenied
      case "404": .unimplemented
      case "429", "502", "503", "504": .unavailable
      default: .unknown
      }
    return Status(code: code, message: "the server answered with HTTP status \(status.prefix(10)) and no gRPC status")
  }

  /// The status of a stream that was reset before its trailers came (the table in PROTOCOL-HTTP2.md, "Errors").
  static func status(forReset code: HTTP2ErrorCode) -> Status {
    let status: Status.Code =
      switch code {
      case .refusedStream: .unavailable
      case .cancel: .cancelled
      case .enhanceYourCalm: .resourceExhausted
      case .inadequateSecurity: .permissionDenied
      default: .internalError
      }
    return Status(code: status, message: "the stream was reset: \(code.name)")
  }

  /// A status message as grpc-message carries it: printable ASCII but `%`, the rest percent-encoded.
  static func percentEncoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      if (0x20...0x7E).contains(byte), byte != 0x25 {
        bytes.append(byte)
      } else {
        bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The inverse; a `%` without two digits stands for itself, as the specification wants a lenient reader.
  static func percentDecoded(_ text: String) -> String {
    func digit(_ byte: UInt8) -> UInt8? {
      switch byte {
      case 0x30...0x39: byte - 0x30
      case 0x41...0x46: byte - 0x41 + 10
      case 0x61...0x66: byte - 0x61 + 10
      default: nil
      }
    }
    let source = Array(text.utf8)
    var bytes: [UInt8] = []
    var index = 0
    while index < source.count {
      if source[index] == 0x25, index + 2 < source.count, let high = digit(source[index + 1]),
        let low = digit(source[index + 2])
      {
        bytes.append(high << 4 | low)
        index += 3
      } else {
        bytes.append(source[index])
        index += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
