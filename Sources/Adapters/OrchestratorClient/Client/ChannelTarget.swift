internal import Delivery
internal import NIOCore
internal import NIOPosix
internal import Time

#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// What a client's channel connects to, and its timing.
struct ChannelTarget: Sendable {
  var endpoint: OrchestratorEndpoint
  var backoff = Backoff.Policy.connection
  var keepalive = Keepalive()
  /// gRPC's minimum connect time-out (connection-backoff.md); here for address, handshake and first SETTINGS together.
  var connectTimeout = Duration.seconds(20)

  /// Who looks names up; nil: the system.
  var resolver: (@Sendable (any EventLoop) -> any Resolver & Sendable)?

  var scheme: String { endpoint.isSecure ? "https" : "http" }
  var authority: String { endpoint.authority }

  /// A socket to the target, or to the proxy before it. A name is looked up anew each time. Of several addresses the next is tried
  /// after 250 ms while the ones before it go on, and the first that answers is taken (Happy Eyeballs, RFC 8305): NIO does that.
  func dial(on loop: any EventLoop) -> EventLoopFuture<any Channel> {
    let bootstrap = ClientBootstrap(group: loop).connectTimeout(.nanoseconds(connectTimeout.wholeNanoseconds))
    let internet = bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1).resolver(resolver?(loop))
    // Only a target of one host has a proxy.
    if let proxy = endpoint.proxy { return internet.connect(host: proxy.host, port: proxy.port) }
    switch endpoint.target {
    case .host(let place): return internet.connect(host: place.host, port: place.port)
    case .addresses(let list):
      return internet.resolver(AddressList(list.compactMap(\.address), loop: loop)).connect(
        host: endpoint.host, port: 0)
    case .socket(let path): return bootstrap.connect(unixDomainSocketPath: path)
    }
  }

  /// A handler for one connection; certificates are read anew for each.
  func makeHandler(for connection: ClientConnection) throws -> ConnectionHandler {
    let tls: TLSSession?
    if endpoint.isSecure {
      let context = try endpoint.tls.makeContext(.client)
      tls = try TLSSession(context: context, serverName: endpoint.tls.serverName ?? endpoint.host)
    } else {
      tls = nil
    }
    return ConnectionHandler(session: try HTTP2Session(role: .client, settings: .client), tls: tls, owner: connection)
  }
}

/// Addresses that need no name server.
struct AddressList: Resolver, Sendable {
  private let addresses: [SocketAddress]
  private let loop: any EventLoop

  init(_ addresses: [SocketAddress], loop: any EventLoop) {
    self.addresses = addresses
    self.loop = loop
  }

  func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
    loop.makeSucceededFuture(addresses.filter { $0.protocol == .inet })
  }

  func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
    loop.makeSucceededFuture(addresses.filter { $0.protocol == .inet6 })
  }

  func cancelQueries() {}
}

/// Why a connection could not be made, in one line.
enum ConnectError {
  static func describe(_ error: any Error) -> String {
    switch error {
    case let error as NIOConnectionError:
      guard let attempt = error.connectionErrors.last else { return "cannot find the address of \(error.host)" }
      return describe(attempt.error)
    case let error as IOError: return String(cString: strerror(error.errnoCode))
    case ChannelError.connectTimeout: return "the connection timed out"
    default: return ConnectionHandler.describe(error)
    }
  }
}
