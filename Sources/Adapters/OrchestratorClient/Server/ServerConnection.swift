internal import GRPCCore
internal import NIOCore

/// A server's connection and its calls. Lives on the event loop.
final class ServerConnection: ConnectionOwner {
  private enum State {
    /// Until the client's first SETTINGS.
    case opening
    case open
    /// A shutdown notice is out; the final GOAWAY follows once the client must have seen it.
    case leaving
    case left
    case closed
  }

  /// Time for the handshake and the client's first SETTINGS: a peer that stalls holds memory.
  private static let openTimeout = TimeAmount.seconds(20)

  let id: Int
  let peer: String
  private let loop: any EventLoop
  private let messageLimit: Int
  private weak var server: ServerCore?
  private var handler: ConnectionHandler?
  private var streams: [Int32: ServerStream] = [:]
  private var state = State.opening
  private var timer: Scheduled<Void>?

  init(id: Int, peer: String, messageLimit: Int, server: ServerCore, loop: any EventLoop) {
    self.id = id
    self.peer = peer
    self.messageLimit = messageLimit
    self.server = server
    self.loop = loop
  }

  func attach(_ handler: ConnectionHandler) {
    self.handler = handler
    timer = loop.assumeIsolated().scheduleTask(in: Self.openTimeout) { [weak self] in
      if let self, state == .opening { close("the client did not finish its opening in time") }
    }
  }

  // MARK: For the server

  /// Lets the calls end, and takes no new one.
  func leave() {
    guard state == .open || state == .opening, let handler else { return }
    state = .leaving
    handler.session.submitShutdownNotice()
    handler.session.submitPing()
    handler.scheduleFlush()
  }

  func cancelCalls() {
    for stream in streams.values { stream.cancel() }
  }

  func close(_ reason: String) {
    handler?.session.submitGoAway(.noError)
    handler?.close(reason)
  }

  func cut() {
    handler?.cut()
  }

  // MARK: For the streams

  func respond(_ stream: Int32, _ headers: [HTTP2Header], body: SendQueue) {
    handler?.session.submitResponse(stream: stream, headers, body: body)
    handler?.scheduleFlush()
  }

  func respondTrailersOnly(_ stream: Int32, _ headers: [HTTP2Header]) {
    handler?.session.submitTrailersOnly(stream: stream, headers)
    handler?.scheduleFlush()
  }

  func resume(_ stream: Int32) {
    handler?.session.resume(stream: stream)
    handler?.scheduleFlush()
  }

  func consume(_ stream: Int32, _ count: Int) {
    guard count > 0 else { return }
    handler?.session.consume(stream: stream, count: count)
    handler?.scheduleFlush()
  }

  func reset(_ stream: Int32, _ code: HTTP2ErrorCode) {
    handler?.session.reset(stream: stream, code)
    handler?.scheduleFlush()
  }

  // MARK: ConnectionOwner

  func connectionReceived(_ event: HTTP2Event) {
    switch event {
    case .settings:
      if state == .opening { state = .open }
    case .headers(let id, let headers, let endStream):
      if let stream = streams[id] {
        // Trailers of a request mean nothing in gRPC but its end.
        if endStream { stream.remoteEnded() }
      } else {
        begin(id, headers, endStream: endStream)
      }
    case .data(let id, let bytes):
      if let stream = streams[id] { stream.dataReceived(bytes) } else { consume(id, bytes.count) }
    case .remoteEnded(let id): streams[id]?.remoteEnded()
    case .closed(let id, let code):
      streams.removeValue(forKey: id)?.lost("the client ended the call: \(code.name)")
    case .pingAcknowledged:
      guard state == .leaving else { return }
      state = .left
      handler?.session.submitGoAway(.noError)
      handler?.scheduleFlush()
    case .notSent, .goAway: break
    }
  }

  func connectionClosed(_ reason: String) {
    guard state != .closed else { return }
    state = .closed
    timer?.cancel()
    handler = nil
    let orphans = streams.values
    streams = [:]
    for stream in orphans { stream.lost(reason) }
    server?.connectionClosed(self)
  }

  private func begin(_ id: Int32, _ headers: [HTTP2Header], endStream: Bool) {
    switch ServerCallMachine.open(headers) {
    case .refuse(let answer):
      respondTrailersOnly(id, answer)
      // The client need not send the rest (RFC 9113, 8.1).
      if !endStream { reset(id, .noError) }
    case .accept(let method, let metadata, let encoding):
      let stream = ServerStream(
        id: id, method: method, metadata: metadata,
        machine: ServerCallMachine(messageLimit: messageLimit, encoding: encoding), connection: self, loop: loop)
      streams[id] = stream
      server?.accept(stream, from: self)
      if endStream { stream.remoteEnded() }
    }
  }
}
