/// One header field. Names are lower case; values are the bytes of the field read as UTF-8.
struct HTTP2Header: Sendable, Equatable {
  var name: String
  var value: String

  init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// What the peer did, in the order in which it arrived.
enum HTTP2Event: Equatable {
  /// The peer's first SETTINGS, or a later one.
  case settings
  /// A complete header block: request, response, 1xx or trailers.
  case headers(stream: Int32, [HTTP2Header], endStream: Bool)
  /// Bytes of a DATA frame. They count against the windows until `HTTP2Session.consume`.
  case data(stream: Int32, [UInt8])
  /// The peer will send nothing more on this stream.
  case remoteEnded(stream: Int32)
  /// The stream is gone, in both directions.
  case closed(stream: Int32, code: HTTP2ErrorCode)
  /// A request of ours that was never written: the peer cannot have seen any of it.
  case notSent(stream: Int32)
  /// Answer to one of our pings.
  case pingAcknowledged
  /// The peer will take no stream above `lastStream`.
  case goAway(lastStream: Int32, code: HTTP2ErrorCode, message: String)
}

/// Error code of RST_STREAM and GOAWAY (RFC 9113, 7).
struct HTTP2ErrorCode: RawRepresentable, Sendable, Hashable {
  var rawValue: UInt32

  static let noError = HTTP2ErrorCode(rawValue: 0)
  static let protocolError = HTTP2ErrorCode(rawValue: 1)
  static let internalError = HTTP2ErrorCode(rawValue: 2)
  static let refusedStream = HTTP2ErrorCode(rawValue: 7)
  static let cancel = HTTP2ErrorCode(rawValue: 8)
  static let enhanceYourCalm = HTTP2ErrorCode(rawValue: 11)
  static let inadequateSecurity = HTTP2ErrorCode(rawValue: 12)

  /// The name in RFC 9113, or the number.
  var name: String {
    let names = [
      "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
      "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
      "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
    ]
    return rawValue < names.count ? names[Int(rawValue)] : "error \(rawValue)"
  }
}

/// The connection cannot go on.
struct HTTP2Error: Error, Equatable {
  var message: String
}

/// What this side announces when a connection begins.
struct HTTP2Settings: Sendable, Equatable {
  /// Streams that the peer may have open at a time.
  var maxConcurrentStreams: UInt32
  /// Bytes that the peer may send on a stream before they are consumed.
  var streamWindow: Int32
  /// Bytes that the peer may send on all streams together before they are consumed.
  var connectionWindow: Int32
  /// Bytes that a stream's reader may have consumed before the windows hear of it (`TakenMessages`). All streams together must
  /// stay below half of the connection's window, by which nghttp2 opens it: else it could close for good.
  var untoldBytes: Int

  /// A client of this contract receives acknowledgements of some 60 bytes: HTTP/2's own default window (64 KiB less one)
  /// holds a thousand. A server may open no stream at all. Untold: 60 acknowledgements; the connection's window bears that of 500
  /// streams, and the contract has two.
  static let client = HTTP2Settings(
    maxConcurrentStreams: 0, streamWindow: 65_535, connectionWindow: 4 << 20, untoldBytes: 4 << 10)
  /// A server takes incidents of up to 3.5 MiB; 1 MiB a stream keeps a sender on a fast network busy, and 4 MiB bounds what
  /// one connection can make this process hold. Untold: a hundred streams together have 1.6 MiB.
  static let server = HTTP2Settings(
    maxConcurrentStreams: 100, streamWindow: 1 << 20, connectionWindow: 4 << 20, untoldBytes: 16 << 10)
}
