internal import NIOCore
internal import Time

/// A client's connection: its streams, its readiness and its keepalive. Lives on the event loop.
final class ClientConnection: ConnectionOwner {
  /// Where a connection stands.
  private enum State { case opening, ready, draining, closed }

  let id: Int
  private let loop: any EventLoop
  private let scheme: String
  private let authority: String
  private weak var channel: ClientChannel?
  private var handler: ConnectionHandler?
  private var streams: [Int32: ClientStream] = [:]
  private var state = State.opening
  private var keepalive: Keepalive
  private var timer: Scheduled<Void>?
  /// The socket before it has a handler: a proxy is asked for the way first.
  private var socket: (any Channel)?

  init(id: Int, scheme: String, authority: String, keepalive: Keepalive, channel: ClientChannel, loop: any EventLoop) {
    self.id = id
    self.scheme = scheme
    self.authority = authority
    self.keepalive = keepalive
    self.channel = channel
    self.loop = loop
  }

  var hasStreams: Bool { !streams.isEmpty }

  /// There is a socket, and no handler yet.
  func connected(_ socket: any Channel) {
    self.socket = socket
  }

  func attach(_ handler: ConnectionHandler) {
    self.handler = handler
    socket = nil
  }

  // MARK: For the channel

  /// Sends a call's request. A call that cannot be sent here goes back to the channel.
  func open(_ stream: ClientStream) {
    guard let handler, state == .ready, let metadata = stream.metadata else { return }
    do {
      let headers = try HeaderFields.request(
        path: stream.path, authority: authority, scheme: scheme, metadata: metadata,
        isPacked: stream.compression != nil)
      let id: Int32
      do {
        id = try handler.session.submitRequest(headers, body: stream.outbound)
      } catch {
        // No stream ids are left, or the session is ending: the next connection takes the call.
        drain("the connection takes no more calls: \(error.message)")
        channel?.submit(stream)
        return
      }
      streams[id] = stream
      stream.opened(on: self, as: id)
      handler.scheduleFlush()
    } catch {
      stream.fail(error)
    }
  }

  /// Asks the server for a sign of life at once.
  func probe() {
    perform(keepalive.doubted(at: .current))
  }

  func close(_ reason: String) {
    if let handler {
      handler.session.submitGoAway(.noError)
      handler.close(reason)
    } else {
      let socket = socket
      self.socket = nil
      connectionClosed(reason)
      // Last: who reads from it, a handshake with a proxy, would take its end for the peer's, and name that.
      socket?.close(promise: nil)
    }
  }

  /// Takes no new call; those that run may end. The next connection is made at once.
  func retire(_ reason: String) {
    drain(reason)
    if streams.isEmpty { becameIdle() }
  }

  // MARK: For the streams

  func resume(_ stream: Int32) {
    handler?.session.resume(stream: stream)
    handler?.scheduleFlush()
  }

  func consume(_ stream: Int32, _ count: Int) {
    guard count > 0 else { return }
    handler?.session.consume(stream: stream, count: count)
    handler?.scheduleFlush()
  }

  /// The call is over for us.
  func forget(_ stream: Int32, reset code: HTTP2ErrorCode?) {
    guard streams.removeValue(forKey: stream) != nil else { return }
    if let code {
      handler?.session.reset(stream: stream, code)
      handler?.scheduleFlush()
    }
    if streams.isEmpty { becameIdle() }
  }

  // MARK: ConnectionOwner

  func connectionReceived(_ event: HTTP2Event) {
    let now = MonotonicInstant.current
    keepalive.heard(at: now)
    switch event {
    case .settings:
      guard state == .opening else { return }
      state = .ready
      perform(keepalive.connected(at: now))
      channel?.connectionBecameReady(self)
    case .headers(let id, _, _), .data(let id, _), .remoteEnded(let id):
      if let stream = streams[id] {
        stream.received(event)
      } else if case .data(_, let bytes) = event {
        consume(id, bytes.count)
      }
    case .closed(let id, let code):
      guard let stream = streams.removeValue(forKey: id) else { return }
      if stream.lost(code) { channel?.submit(stream) }
      if streams.isEmpty { becameIdle() }
    case .notSent(let id):
      guard let stream = streams.removeValue(forKey: id) else { return }
      drain("the connection takes no more calls")
      if stream.neverSent() { channel?.submit(stream) }
      if streams.isEmpty { becameIdle() }
    case .pingAcknowledged: perform(keepalive.pingAnswered(at: now))
    case .goAway(_, let code, let message):
      let reason = "the server said goodbye: \(code.name)" + (message.isEmpty ? "" : " (\(PeerText.oneLine(message)))")
      // "too_many_pings" is gRPC's word for it (gRFC A8).
      if code == .enhanceYourCalm, message == "too_many_pings" { channel?.calmDemanded() }
      drain(reason)
      if streams.isEmpty { becameIdle() }
    }
  }

  func connectionClosed(_ plainReason: String) {
    guard state != .closed else { return }
    var reason = plainReason
    if state == .opening, handler != nil, scheme == "https" { reason += Self.hint(reason) }
    state = .closed
    timer?.cancel()
    handler = nil
    let orphans = streams.values
    streams = [:]
    for stream in orphans { stream.connectionLost(reason) }
    channel?.connectionClosed(self, reason)
  }

  /// What a reason means that ended a connection with TLS before the server was ready. Under TLS 1.3 a server learns of the client's
  /// certificate after the handshake; its alert (RFC 8446, 6.2, in OpenSSL's words) may be lost where it cuts at once.
  private static func hint(_ reason: String) -> String {
    guard reason.contains("TLS") else {
      return " (before the server was ready: it may not accept the client certificate)"
    }
    if reason.contains("alert certificate required") { return " (the server wants a client certificate)" }
    let words = ["unknown ca", "certificate", "access denied"]
    guard reason.contains(" alert "), words.contains(where: { reason.contains($0) }) else { return "" }
    return " (the server does not accept the client certificate)"
  }

  private func drain(_ reason: String) {
    guard state == .opening || state == .ready else { return }
    let wasReady = state == .ready
    state = .draining
    channel?.connectionBecameUnusable(self, reason, wasReady: wasReady)
  }

  /// A connection that drains has nothing left to do once its last call is over.
  private func becameIdle() {
    if state == .draining || channel?.isStopping == true { close("the connection is no longer needed") }
  }

  private func perform(_ action: Keepalive.Action) {
    switch action {
    case .none: return
    case .giveUp: handler?.close("the server did not answer a ping")
    case .wait(let until): setTimer(until)
    case .ping(let until):
      handler?.session.submitPing()
      handler?.scheduleFlush()
      setTimer(until)
    }
  }

  private func setTimer(_ until: MonotonicInstant) {
    timer?.cancel()
    timer = loop.assumeIsolated().scheduleTask(
      in: .nanoseconds(max(0, MonotonicInstant.current.duration(to: until).wholeNanoseconds))
    ) {
      [weak self] in
      guard let self else { return }
      perform(keepalive.timerFired(at: .current))
    }
  }
}

extension MonotonicInstant {
  /// Now, by the clock that the event loop's timers run on.
  static var current: MonotonicInstant {
    MonotonicInstant(nanoseconds: Int64(clamping: NIODeadline.now().uptimeNanoseconds))
  }
}
