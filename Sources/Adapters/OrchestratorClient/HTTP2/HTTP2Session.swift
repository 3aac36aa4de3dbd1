internal import CNGHTTP2
internal import NIOCore

/// Bytes before each frame (RFC 9113, 4.1).
private let frameHeaderLength = 9

/// One HTTP/2 connection without its socket: bytes in, events out; requests in, bytes out. The only file that touches nghttp2.
///
/// Lives on one event loop. Memory: this object owns the `nghttp2_session` from `init` to `deinit`. nghttp2 keeps an
/// unretained pointer to this object for its callbacks, which run only inside our own calls into it (`receive`, `pull`,
/// `deinit`'s delete calls none), so the pointer never outlives the object. Header arrays are copied by nghttp2 while
/// they are submitted; what `nghttp2_session_mem_send` hands out is copied before the next call. The content of messages never
/// passes through nghttp2: it makes the frame's header, and the content goes from the stream's queue to the output.
final class HTTP2Session {
  enum Role { case client, server }

  /// Bytes of names and values that one header block may have; a peer that sends more is refused that stream. nghttp2's
  /// own limit is per field. gRPC's usual limit is 8 KiB, and a status message may be longer than that.
  static let headerBlockLimit = 64 * 1024

  /// The version of nghttp2 that is loaded. The text is nghttp2's own and constant.
  static var libraryVersion: String { String(cString: nghttp2_version(0).pointee.version_str) }

  private let session: OpaquePointer
  private var events: [HTTP2Event] = []
  private var blocks: [Int32: HeaderBlock] = [:]
  private var outgoing: [Int32: SendQueue] = [:]
  private var pulledStreams: Set<Int32> = []
  private var output = OutputBuffer()
  /// Bytes of output at which `gather` ends.
  private var outputLimit = 0
  /// What nghttp2 found wrong last, in its words; where it cannot go on, it also ends the session by itself.
  private(set) var problem: String?

  private struct HeaderBlock {
    var fields: [HTTP2Header] = []
    var bytes = 0
  }

  /// Begins a connection: the preface and SETTINGS are the first bytes that `pull` returns.
  init(role: Role, settings: HTTP2Settings) throws(HTTP2Error) {
    var callbacks: OpaquePointer?
    var options: OpaquePointer?
    guard nghttp2_session_callbacks_new(&callbacks) == 0, nghttp2_option_new(&options) == 0 else {
      throw HTTP2Error(message: "out of memory")
    }
    // Both are copied by session_*_new2 and freed here.
    defer {
      nghttp2_session_callbacks_del(callbacks)
      nghttp2_option_del(options)
    }
    // Windows are opened by `consume`, when a reader has taken the bytes: that is the flow control.
    nghttp2_option_set_no_auto_window_update(options, 1)
    // Do not keep closed streams for their priorities: a long connection would grow.
    nghttp2_option_set_no_closed_streams(options, 1)
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, user in
      guard let frame, let user else { return 0 }
      HTTP2Session.from(user).headersBegan(stream: frame.pointee.hd.stream_id)
      return 0
    }
    nghttp2_session_callbacks_set_on_header_callback(callbacks) {
      _, frame, name, nameLength, value, valueLength, _, user in
      guard let frame, let user else { return 0 }
      let fits = HTTP2Session.from(user).headerReceived(
        stream: frame.pointee.hd.stream_id, name: UnsafeBufferPointer(start: name, count: nameLength),
        value: UnsafeBufferPointer(start: value, count: valueLength))
      return fits ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
    }
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, user in
      guard let frame, let user else { return 0 }
      HTTP2Session.from(user).frameReceived(frame)
      return 0
    }
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, stream, bytes, count, user in
      guard let user else { return 0 }
      let chunk = [UInt8](UnsafeBufferPointer(start: bytes, count: count))
      HTTP2Session.from(user).events.append(.data(stream: stream, chunk))
      return 0
    }
    nghttp2_session_callbacks_set_send_data_callback(callbacks) { _, frame, header, count, _, user in
      guard let frame, let header, let user else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
      return HTTP2Session.from(user).sendData(
        stream: frame.pointee.hd.stream_id, header: UnsafeRawBufferPointer(start: header, count: frameHeaderLength),
        count: count)
    }
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, stream, code, user in
      guard let user else { return 0 }
      HTTP2Session.from(user).streamClosed(stream, HTTP2ErrorCode(rawValue: code))
      return 0
    }
    nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks) { _, frame, _, user in
      guard let frame, let user else { return 0 }
      let isRequest =
        frame.pointee.hd.type == UInt8(NGHTTP2_HEADERS.rawValue) && frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST
      if isRequest { HTTP2Session.from(user).requestNotSent(frame.pointee.hd.stream_id) }
      return 0
    }
    nghttp2_session_callbacks_set_error_callback2(callbacks) { _, _, text, count, user in
      guard let user, let text else { return 0 }
      let bytes = UnsafeRawBufferPointer(start: text, count: min(count, 256))
      HTTP2Session.from(user).problem = String(decoding: bytes, as: UTF8.self)
      return 0
    }

    var created: OpaquePointer?
    let result =
      switch role {
      case .client: nghttp2_session_client_new2(&created, callbacks, nil, options)
      case .server: nghttp2_session_server_new2(&created, callbacks, nil, options)
      }
    guard result == 0, let created else { throw HTTP2Error(message: "cannot make an HTTP/2 session") }
    session = created
    nghttp2_session_set_user_data(session, Unmanaged.passUnretained(self).toOpaque())

    var entries = [
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue), value: UInt32(settings.streamWindow)),
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue), value: UInt32(Self.headerBlockLimit)),
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue), value: settings.maxConcurrentStreams),
    ]
    if role == .client {
      entries.append(nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_ENABLE_PUSH.rawValue), value: 0))
    }
    guard nghttp2_submit_settings(session, 0, &entries, entries.count) == 0,
      nghttp2_session_set_local_window_size(session, 0, 0, settings.connectionWindow) == 0
    else { throw HTTP2Error(message: "cannot queue the first SETTINGS") }
  }

  deinit {
    nghttp2_session_del(session)
  }

  private static func from(_ user: UnsafeMutableRawPointer) -> HTTP2Session {
    Unmanaged<HTTP2Session>.fromOpaque(user).takeUnretainedValue()
  }

  // MARK: Receiving

  /// Takes bytes from the peer. What they mean is in `takeEvents`.
  func receive(_ bytes: UnsafeRawBufferPointer) throws(HTTP2Error) {
    let consumed = nghttp2_session_mem_recv(
      session, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
    guard consumed >= 0 else {
      throw HTTP2Error(message: "HTTP/2: " + String(cString: nghttp2_strerror(Int32(consumed))))
    }
  }

  /// The events since the last call.
  func takeEvents() -> [HTTP2Event] {
    defer { events.removeAll() }
    return events
  }

  /// Gives `count` received bytes of a stream back to the windows.
  func consume(stream: Int32, count: Int) {
    // Fails only for a stream that is gone, whose share of the connection's window must still be given back.
    if nghttp2_session_consume(session, stream, count) != 0 { nghttp2_session_consume_connection(session, count) }
  }

  private func headersBegan(stream: Int32) {
    blocks[stream] = HeaderBlock()
  }

  private func headerReceived(
    stream: Int32, name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    guard var block = blocks.removeValue(forKey: stream) else { return true }
    block.bytes += name.count + value.count
    guard block.bytes <= Self.headerBlockLimit else { return false }
    block.fields.append(HTTP2Header(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
    blocks[stream] = block
    return true
  }

  private func frameReceived(_ frame: UnsafePointer<nghttp2_frame>) {
    let header = frame.pointee.hd
    let endStream = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
    switch UInt32(header.type) {
    case NGHTTP2_SETTINGS.rawValue where header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0:
      events.append(.settings)
    case NGHTTP2_HEADERS.rawValue:
      guard let block = blocks.removeValue(forKey: header.stream_id) else { return }
      events.append(.headers(stream: header.stream_id, block.fields, endStream: endStream))
    case NGHTTP2_DATA.rawValue where endStream:
      events.append(.remoteEnded(stream: header.stream_id))
    case NGHTTP2_PING.rawValue where header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0:
      events.append(.pingAcknowledged)
    case NGHTTP2_GOAWAY.rawValue:
      let goAway = frame.pointee.goaway
      // A line for a log, from a peer that may be hostile: bounded.
      let text = UnsafeBufferPointer(start: goAway.opaque_data, count: min(goAway.opaque_data_len, 256))
      events.append(
        .goAway(
          lastStream: goAway.last_stream_id, code: HTTP2ErrorCode(rawValue: goAway.error_code),
          message: String(decoding: text, as: UTF8.self)))
    default: break
    }
  }

  private func streamClosed(_ stream: Int32, _ code: HTTP2ErrorCode) {
    blocks[stream] = nil
    outgoing[stream] = nil
    events.append(.closed(stream: stream, code: code))
  }

  private func requestNotSent(_ stream: Int32) {
    outgoing[stream] = nil
    events.append(.notSent(stream: stream))
  }

  // MARK: Sending

  /// Opens a stream of ours; its body comes from the queue.
  func submitRequest(_ headers: [HTTP2Header], body: SendQueue) throws(HTTP2Error) -> Int32 {
    var provider = Self.provider()
    let stream = Self.withFields(headers) { fields in
      nghttp2_submit_request(session, nil, fields.baseAddress, fields.count, &provider, nil)
    }
    guard stream > 0 else { throw HTTP2Error(message: String(cString: nghttp2_strerror(stream))) }
    outgoing[stream] = body
    return stream
  }

  /// Answers a stream of the peer; the body, and the trailers after it, come from the queue.
  func submitResponse(stream: Int32, _ headers: [HTTP2Header], body: SendQueue) {
    var provider = Self.provider()
    outgoing[stream] = body
    // Fails only where the stream is gone, and then its close event follows.
    _ = Self.withFields(headers) { nghttp2_submit_response(session, stream, $0.baseAddress, $0.count, &provider) }
  }

  /// Answers a stream with one header block and nothing else.
  func submitTrailersOnly(stream: Int32, _ headers: [HTTP2Header]) {
    _ = Self.withFields(headers) { nghttp2_submit_response(session, stream, $0.baseAddress, $0.count, nil) }
  }

  /// The stream's queue has something again.
  func resume(stream: Int32) {
    // Fails where nothing was deferred, which is no fault.
    nghttp2_session_resume_data(session, stream)
  }

  func reset(stream: Int32, _ code: HTTP2ErrorCode) {
    nghttp2_submit_rst_stream(session, 0, stream, code.rawValue)
  }

  func submitPing() {
    nghttp2_submit_ping(session, 0, nil)
  }

  /// Tells the peer to open no more streams, while those on the way are still taken (RFC 9113, 6.8).
  func submitShutdownNotice() {
    nghttp2_submit_shutdown_notice(session)
  }

  /// The final GOAWAY: streams above the last one seen are refused.
  func submitGoAway(_ code: HTTP2ErrorCode) {
    nghttp2_submit_goaway(session, 0, nghttp2_session_get_last_proc_stream_id(session), code.rawValue, nil, 0)
  }

  /// Takes the next bytes for the peer: `limit`, a frame more at most, or what there is now; nil if there are none.
  func gather(_ limit: Int) throws(HTTP2Error) -> ByteBuffer? {
    outputLimit = limit
    while output.count < limit {
      var start: UnsafePointer<UInt8>?
      let count = nghttp2_session_mem_send(session, &start)
      guard count >= 0 else { throw HTTP2Error(message: "HTTP/2: " + String(cString: nghttp2_strerror(Int32(count)))) }
      // There is no more, or `sendData` has reached the limit.
      guard count > 0 else { break }
      output.append { _ = $0.writeBytes(UnsafeRawBufferPointer(start: start, count: count)) }
    }
    return output.take()
  }

  /// An idle connection keeps no output's worth of memory.
  func shrink() { output.shrink() }

  /// Wakes the writers of the streams that `gather` made room in.
  func wakeWriters() {
    for stream in pulledStreams { outgoing[stream]?.wakeWriters() }
    pulledStreams.removeAll(keepingCapacity: true)
  }

  /// True once both sides have said all that they will say.
  var isFinished: Bool {
    nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0
  }

  /// True while no stream has a queue of ours.
  var isIdle: Bool { outgoing.isEmpty }

  private static func provider() -> nghttp2_data_provider {
    var provider = nghttp2_data_provider()
    provider.read_callback = { _, stream, _, limit, flags, _, user in
      guard let user, let flags else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
      return HTTP2Session.from(user).offer(stream: stream, limit: limit, flags: flags)
    }
    return provider
  }

  /// How much of a stream goes into the next DATA frame, and whether it ends there. `sendData` follows at once.
  private func offer(stream: Int32, limit: Int, flags: UnsafeMutablePointer<UInt32>) -> Int {
    guard let queue = outgoing[stream] else { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
    let count = min(queue.pending, limit)
    flags.pointee |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue
    guard let ending = queue.pullEnding(after: count) else {
      return count == 0 ? Int(NGHTTP2_ERR_DEFERRED.rawValue) : count
    }
    flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
    if case .trailers(let trailers) = ending {
      flags.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
      _ = Self.withFields(trailers) { nghttp2_submit_trailer(session, stream, $0.baseAddress, $0.count) }
    }
    return count
  }

  /// A DATA frame: its header, which nghttp2 made, and the content. Nothing is padded.
  private func sendData(stream: Int32, header: UnsafeRawBufferPointer, count: Int) -> Int32 {
    guard let queue = outgoing[stream] else { return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue }
    output.append { output in
      output.reserveCapacity(minimumWritableBytes: header.count + count)
      output.writeBytes(header)
      queue.pull(count, into: &output)
    }
    pulledStreams.insert(stream)
    // The frame counts as sent in either case.
    return output.count < outputLimit ? 0 : NGHTTP2_ERR_PAUSE.rawValue
  }

  /// Lends header fields to C for the time of one call; nghttp2 copies them.
  private static func withFields<Result>(
    _ headers: [HTTP2Header], _ body: (UnsafeBufferPointer<nghttp2_nv>) -> Result
  ) -> Result {
    var bytes: [UInt8] = []
    for header in headers {
      bytes += header.name.utf8
      bytes += header.value.utf8
    }
    return bytes.withUnsafeMutableBufferPointer { storage in
      var offset = 0
      func next(_ count: Int) -> UnsafeMutablePointer<UInt8>? {
        defer { offset += count }
        return storage.baseAddress.map { $0 + offset }
      }
      let fields = headers.map { header in
        let nameLength = header.name.utf8.count
        let valueLength = header.value.utf8.count
        return nghttp2_nv(
          name: next(nameLength), value: next(valueLength), namelen: nameLength, valuelen: valueLength,
          flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue))
      }
      return fields.withUnsafeBufferPointer(body)
    }
  }
}
