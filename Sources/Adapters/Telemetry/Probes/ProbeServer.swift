internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import ServiceLifecycle
internal import Synchronization

/// Serves `/healthz`, `/readyz`, `/startupz` and `/metrics` over HTTP/1.1.
///
/// Bounded: 64 connections, each closed after 30 s without a request.
package final class ProbeServer: Service {
  /// A kubelet and a Prometheus need two; more than 64 is someone's mistake.
  static let connectionLimit = 64
  /// Longer than the usual scrape interval of 15 s, so that a scraper keeps its connection.
  static let idleLimit = TimeAmount.seconds(30)

  private let host: String
  private let port: Int
  private let responder: ProbeResponder
  private let group: any EventLoopGroup
  private let open = Mutex<Int>(0)
  private let bound = Mutex<Int?>(nil)

  /// A server that will listen on this address; port 0 takes a free one. Without `metrics` there is no `/metrics`.
  package convenience init(host: String, port: Int, checks: HealthChecks, metrics: PrometheusRegistry?) {
    self.init(
      host: host, port: port, checks: checks, metrics: metrics, group: MultiThreadedEventLoopGroup.singleton)
  }

  init(host: String, port: Int, checks: HealthChecks, metrics: PrometheusRegistry?, group: any EventLoopGroup) {
    self.host = host
    self.port = port
    responder = ProbeResponder(checks: checks, metrics: metrics)
    self.group = group
  }

  /// The port it listens on; nil before it does.
  package var boundPort: Int? { bound.withLock { $0 } }

  /// Serves until the task is cancelled or shut down gracefully: probes are answered to the last.
  package func run() async throws {
    let channel: any Channel
    do {
      channel = try await bootstrap().bind(host: host, port: port).get()
    } catch {
      throw TelemetryError(.cannotListen, "cannot listen on \(host):\(port): \(error)")
    }
    bound.withLock { $0 = channel.localAddress?.port }
    defer { bound.withLock { $0 = nil } }
    await withTaskCancellationOrGracefulShutdownHandler {
      try? await channel.closeFuture.get()
    } onCancelOrGracefulShutdown: {
      channel.close(promise: nil)
    }
  }

  private func bootstrap() -> ServerBootstrap {
    ServerBootstrap(group: group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { [self] channel in
        let count = open.withLock { open in
          open += 1
          return open
        }
        channel.closeFuture.whenComplete { _ in self.open.withLock { $0 -= 1 } }
        guard count <= Self.connectionLimit else { return channel.close() }
        return channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(IdleStateHandler(allTimeout: Self.idleLimit))
          try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
          try pipeline.addHandler(ProbeConnection(responder: self.responder))
        }
      }
  }
}
