import NIOCore
import NIOPosix

/// A client that speaks plain text over a socket, so that a test sees every byte.
enum RawHTTP {
  /// Sends a request and returns all bytes up to `enough`, or up to the end of the connection.
  static func exchange(
    port: Int, _ request: String, until enough: @Sendable ([UInt8]) -> Bool = { _ in false },
    afterFirstBytes: @Sendable () async throws -> Void = {}
  ) async throws -> [UInt8] {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      try await outbound.write(ByteBuffer(string: request))
      var received: [UInt8] = []
      for try await buffer in inbound {
        let isFirst = received.isEmpty
        received += buffer.readableBytesView
        if isFirst { try await afterFirstBytes() }
        if enough(received) { break }
      }
      return received
    }
  }

  /// A GET whose connection closes after the answer.
  static func get(port: Int, _ target: String, token: String? = nil) async throws -> (head: String, body: [UInt8]) {
    let authorization = token.map { "Authorization: Bearer \($0)\r\n" } ?? ""
    let bytes = try await exchange(
      port: port, "GET \(target) HTTP/1.1\r\nHost: test\r\n\(authorization)Connection: close\r\n\r\n")
    return split(bytes)
  }

  /// Head and body of an answer; chunks are put together.
  static func split(_ bytes: [UInt8]) -> (head: String, body: [UInt8]) {
    guard let end = bytes.firstRange(of: [13, 10, 13, 10]) else { return (String(decoding: bytes, as: UTF8.self), []) }
    let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
    let body = Array(bytes[end.upperBound...])
    return (head, head.lowercased().contains("transfer-encoding: chunked") ? chunks(body).flatMap(\.self) : body)
  }

  /// The chunks of a body that have arrived, the last one possibly cut.
  static func chunks(_ body: [UInt8]) -> [[UInt8]] {
    var chunks: [[UInt8]] = []
    var rest = body[...]
    while let line = rest.firstRange(of: [13, 10]),
      let size = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16), size > 0
    {
      chunks.append(Array(rest[line.upperBound...].prefix(size)))
      rest = rest[line.upperBound...].dropFirst(size + 2)
    }
    return chunks
  }
}

extension Collection where Element == UInt8 {
  /// Whether the bytes hold a text.
  func holds(_ text: String) -> Bool {
    Array(self).firstRange(of: Array(text.utf8)) != nil
  }
}
