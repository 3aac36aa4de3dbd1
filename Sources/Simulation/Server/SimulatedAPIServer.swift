internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// The socket of the simulated API server. It makes no decision: `ClusterModel` answers, `APIConnection` writes.
final class SimulatedAPIServer: Sendable {
  let port: Int
  private let channel: any Channel
  private let connections: OpenConnections

  private init(port: Int, channel: any Channel, connections: OpenConnections) {
    self.port = port
    self.channel = channel
    self.connections = connections
  }

  static func start(
    cluster: SimulatedCluster, host: String, port: Int
  ) async throws(SimulationError) -> SimulatedAPIServer {
    let connections = OpenConnections()
    let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: 256)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        connections.add(channel)
        return channel.eventLoop.makeCompletedFuture {
          // No pipelining assistance: it stops reading during an answer, and a watch would not see its client leave.
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
          try channel.pipeline.syncOperations.addHandler(APIConnection(cluster: cluster))
        }
      }
    do {
      let channel = try await bootstrap.bind(host: host, port: port).get()
      return SimulatedAPIServer(
        port: channel.localAddress?.port ?? port, channel: channel, connections: connections)
    } catch {
      throw SimulationError(.cannotListen, "cannot listen on \(host):\(port): \(error)")
    }
  }

  /// Closes the port first, then every connection.
  func stop() async {
    // A channel that is closed already is as good as one that closes now.
    try? await channel.close()
    await cutConnections()
  }

  func cutConnections() async {
    for connection in connections.all { try? await connection.close() }
  }
}

/// The connections of a server that are open now.
final class OpenConnections: Sendable {
  private let open = Mutex<[ObjectIdentifier: any Channel]>([:])

  var all: [any Channel] { open.withLock { Array($0.values) } }

  func add(_ channel: any Channel) {
    let key = ObjectIdentifier(channel)
    open.withLock { $0[key] = channel }
    channel.closeFuture.whenComplete { _ in self.open.withLock { $0[key] = nil } }
  }
}
