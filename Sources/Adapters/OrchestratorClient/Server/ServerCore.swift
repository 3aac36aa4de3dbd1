internal import GRPCCore
internal import NIOCore

/// A call on its way from the event loop to the task that runs its service.
struct AcceptedCall: Sendable {
  let method: MethodDescriptor
  let peer: String
  let inbound: InboundQueue<RPCRequestPart<[UInt8]>>
  let stream: NIOLoopBound<ServerStream>
  let allowance: WriteAllowance
}

/// The connections of a server. Lives on the event loop.
final class ServerCore {
  /// Connections at a time: each may hold some MiB in its windows.
  private static let connectionLimit = 64

  private let loop: any EventLoop
  private let tls: TLSContext?
  private let messageLimit: Int
  private let calls: AsyncStream<AcceptedCall>.Continuation
  private var listener: (any Channel)?
  private var connections: [Int: ServerConnection] = [:]
  private var nextID = 0
  private var isStopping = false

  init(
    tls: TLSContext?, messageLimit: Int, calls: AsyncStream<AcceptedCall>.Continuation, loop: any EventLoop
  ) {
    self.tls = tls
    self.messageLimit = messageLimit
    self.calls = calls
    self.loop = loop
  }

  func listening(on channel: any Channel) {
    guard !isStopping else { return channel.close(promise: nil) }
    listener = channel
  }

  /// Takes a new connection; its handler, or nil if there are too many.
  func connected(_ channel: any Channel) throws -> ConnectionHandler? {
    guard !isStopping, connections.count < Self.connectionLimit else { return nil }
    nextID += 1
    let peer = channel.remoteAddress?.description ?? "unknown"
    let connection = ServerConnection(id: nextID, peer: peer, messageLimit: messageLimit, server: self, loop: loop)
    let session = try tls.map { context in try TLSSession(context: context, serverName: nil) }
    let handler = ConnectionHandler(
      session: try HTTP2Session(role: .server, settings: .server), tls: session, owner: connection)
    connections[nextID] = connection
    connection.attach(handler)
    return handler
  }

  func accept(_ stream: ServerStream, from connection: ServerConnection) {
    calls.yield(
      AcceptedCall(
        method: stream.method, peer: connection.peer, inbound: stream.inbound,
        stream: NIOLoopBound(stream, eventLoop: loop), allowance: stream.outbound.allowance))
  }

  func connectionClosed(_ connection: ServerConnection) {
    connections[connection.id] = nil
    finishIfDone()
  }

  /// Takes no new connection and no new call; calls may end within `grace`, and are told that they should.
  func stop(grace: TimeAmount) {
    guard !isStopping else { return }
    isStopping = true
    listener?.close(promise: nil)
    for connection in Array(connections.values) {
      connection.leave()
      connection.cancelCalls()
    }
    loop.assumeIsolated().scheduleTask(in: grace) { [weak self] in self?.disconnectAll("the server shut down") }
    finishIfDone()
  }

  /// Ends everything at once.
  func abort() {
    isStopping = true
    listener?.close(promise: nil)
    disconnectAll("the server was cancelled")
    finishIfDone()
  }

  func disconnectAll(_ reason: String) {
    for connection in Array(connections.values) { connection.close(reason) }
  }

  /// Drops every connection as a broken network would: no GOAWAY, no goodbye of TLS.
  func cutAll() {
    for connection in Array(connections.values) { connection.cut() }
  }

  /// Sends GOAWAY on every connection; new ones are still taken.
  func leaveAll() {
    for connection in Array(connections.values) { connection.leave() }
  }

  private func finishIfDone() {
    if isStopping, connections.isEmpty { calls.finish() }
  }
}
