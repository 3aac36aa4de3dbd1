internal import GRPCCore
internal import NIOCore
internal import Time

/// The driver of `ClientChannelMachine`: makes connections, hands calls to them, keeps those that wait. Lives on the event
/// loop.
final class ClientChannel {
  private let loop: any EventLoop
  private let target: ChannelTarget
  private let report: @Sendable (TransportEvent) -> Void
  private var machine: ClientChannelMachine
  private var keepalive: Keepalive
  private var connections: [Int: ClientConnection] = [:]
  private var waitingForReady: [OpenTicket] = []
  private var waitingForConnection: [ClientStream] = []
  private var openCalls = 0
  private var running: CheckedContinuation<Void, any Error>?
  private var timer: Scheduled<Void>?
  private var attemptTimer: Scheduled<Void>?
  private var lastFailure = "no connection yet"
  private(set) var isStopping = false

  init(target: ChannelTarget, loop: any EventLoop, report: @escaping @Sendable (TransportEvent) -> Void) {
    self.target = target
    self.loop = loop
    self.report = report
    machine = ClientChannelMachine(target.backoff)
    keepalive = target.keepalive
  }

  // MARK: Running

  /// Connects, and stays connected until `stop` or `abort`; then resumes the continuation.
  func run(_ continuation: CheckedContinuation<Void, any Error>) {
    // Shut down before it began: there is nothing to run, and that is no fault.
    guard !isStopping else { return continuation.resume() }
    guard running == nil else {
      return continuation.resume(throwing: RPCError(code: .failedPrecondition, message: "the transport runs already"))
    }
    running = continuation
    perform(machine.started(at: .current))
  }

  /// Takes no new call, and ends once those that run are over.
  func stop() {
    guard !isStopping else { return }
    isStopping = true
    machine.stopped()
    timer?.cancel()
    let error = RPCError(code: .failedPrecondition, message: "the transport is shut down")
    for ticket in take(&waitingForReady) { ticket.resume(.failure(error)) }
    for stream in take(&waitingForConnection) { stream.fail(error) }
    for connection in Array(connections.values) where !connection.hasStreams {
      connection.close("the transport is shut down")
    }
    finishIfDone()
  }

  /// Ends at once, whatever runs.
  func abort() {
    stop()
    for connection in Array(connections.values) { connection.close("the transport was cancelled") }
    finishIfDone()
  }

  /// Asks the server in use for a sign of life.
  func probe() {
    if let current = machine.current { connections[current]?.probe() }
  }

  /// Goes over to a new connection; the one in use drains.
  func renew(_ reason: String) {
    if let current = machine.current { connections[current]?.retire(reason) }
  }

  private func finishIfDone() {
    guard isStopping, connections.isEmpty, let continuation = running else { return }
    running = nil
    attemptTimer?.cancel()
    continuation.resume()
  }

  // MARK: Calls

  /// Resumes the ticket once there is a connection.
  func awaitReady(_ ticket: OpenTicket, waits: Bool) {
    if isStopping {
      ticket.resume(.failure(RPCError(code: .failedPrecondition, message: "the transport is shut down")))
    } else if machine.current != nil {
      ticket.resume(.success(()))
    } else if !waits, machine.isFailing {
      ticket.resume(.failure(RPCError(code: .unavailable, message: lastFailure)))
    } else {
      waitingForReady.append(ticket)
    }
  }

  /// The ticket's caller gave up.
  func cancelled(_ ticket: OpenTicket) {
    waitingForReady.removeAll { $0 === ticket }
    ticket.resume(.failure(CancellationError()))
  }

  /// Sends a call over the connection in use, or keeps it until there is one.
  func submit(_ stream: ClientStream) {
    guard !stream.isClosed else { return }
    if isStopping {
      stream.fail(RPCError(code: .unavailable, message: "the transport is shut down"))
    } else if let current = machine.current, let connection = connections[current] {
      connection.open(stream)
    } else {
      waitingForConnection.append(stream)
    }
  }

  // MARK: Connections

  func connectionBecameReady(_ connection: ClientConnection) {
    attemptTimer?.cancel()
    machine.becameReady(connection.id)
    guard machine.current == connection.id else { return connection.close("the connection is no longer needed") }
    report(.ready)
    for stream in take(&waitingForConnection) { submit(stream) }
    for ticket in take(&waitingForReady) { ticket.resume(.success(())) }
  }

  func connectionBecameUnusable(_ connection: ClientConnection, _ reason: String, wasReady: Bool) {
    lastFailure = reason
    let action = machine.becameUnusable(connection.id, at: .current, random: .random(in: 0..<1))
    switch action {
    case .wait(let pause): report(.lost(reason: reason, retryIn: pause))
    case .connect: report(.lost(reason: reason, retryIn: .zero))
    case .none: return
    }
    if !wasReady { failThoseThatDoNotWait() }
    perform(action)
  }

  func connectionClosed(_ connection: ClientConnection, _ reason: String) {
    guard connections.removeValue(forKey: connection.id) != nil else { return }
    connectionBecameUnusable(connection, reason, wasReady: machine.current == connection.id)
    finishIfDone()
  }

  /// The server finds our pings too many.
  func calmDemanded() {
    keepalive.calmDemanded()
    report(.keepaliveSlowed(interval: keepalive.interval))
  }

  private func failThoseThatDoNotWait() {
    for ticket in waitingForReady where !ticket.waits {
      ticket.resume(.failure(RPCError(code: .unavailable, message: lastFailure)))
    }
    waitingForReady.removeAll { !$0.waits }
  }

  private func perform(_ action: ClientChannelMachine.Action) {
    switch action {
    case .none: break
    case .connect(let id): connect(id)
    case .wait(let pause):
      timer?.cancel()
      timer = loop.assumeIsolated().scheduleTask(in: .nanoseconds(pause.wholeNanoseconds)) { [weak self] in
        guard let self else { return }
        perform(machine.timerFired(at: .current))
      }
    }
  }

  private func connect(_ id: Int) {
    let connection = ClientConnection(
      id: id, scheme: target.scheme, authority: target.authority, keepalive: keepalive, channel: self, loop: loop)
    connections[id] = connection
    // One limit for the address, the handshake and the first SETTINGS together: a peer may stall in each.
    attemptTimer?.cancel()
    let limit = target.connectTimeout
    attemptTimer = loop.assumeIsolated().scheduleTask(in: .nanoseconds(limit.wholeNanoseconds)) {
      connection.close("no connection within \(limit)")
    }

    let handler: ConnectionHandler
    do {
      handler = try target.makeHandler(for: connection)
    } catch {
      // Not at once: the machine learns of the failure after this call of it is over.
      let reason = ConnectionHandler.describe(error)
      return loop.assumeIsolated().execute { connection.close(reason) }
    }
    target.dial(on: loop)
      .assumeIsolated()
      .whenComplete { [weak self, target] result in
        switch result {
        case .success(let channel):
          // The transport may have been shut down, or the time may be up.
          guard let self, connections[id] === connection else { return channel.close(promise: nil) }
          begin(connection, handler, on: channel)
        case .failure(let error):
          let proxy = target.endpoint.proxy.map { "the proxy \($0): " } ?? ""
          connection.close(proxy + ConnectError.describe(error))
        }
      }
  }

  /// The socket is there; where a proxy stands between, it is asked for the rest of the way.
  private func begin(_ connection: ClientConnection, _ handler: ConnectionHandler, on channel: any Channel) {
    func attach() {
      connection.attach(handler)
      do { try channel.pipeline.syncOperations.addHandler(handler) } catch {
        connection.close(ConnectionHandler.describe(error))
      }
    }
    guard let proxy = target.endpoint.proxy else { return attach() }
    connection.connected(channel)
    let tunnel = ProxyTunnel(ProxyHandshake(proxy: proxy, authority: target.authority)) { [weak self] refusal in
      if let refusal {
        connection.close(refusal)
      } else if let self, connections[connection.id] === connection {
        attach()
      }
    }
    do { try channel.pipeline.syncOperations.addHandler(tunnel) } catch {
      connection.close(ConnectionHandler.describe(error))
    }
  }

  private func take<Element>(_ list: inout [Element]) -> [Element] {
    defer { list = [] }
    return list
  }
}
