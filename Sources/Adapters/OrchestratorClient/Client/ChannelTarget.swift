internal import Delivery
internal import NIOCore
internal import NIOPosix

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

  var host: String { endpoint.host }
  var port: Int { endpoint.port }
  var scheme: String { endpoint.isSecure ? "https" : "http" }
  var authority: String { endpoint.authority }

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
