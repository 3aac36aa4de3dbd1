internal import GRPCCore
package import OrchestratorClient
package import Time

/// An orchestrator in this process: `IncidentReceiver` behind real HTTP/2, with TLS or mTLS where wanted. For the demo,
/// for `bench` and `replay --mock`, and for tests.
package final class MockOrchestrator: Sendable {
  /// What it received, and how it behaves.
  package let receiver: IncidentReceiver
  private let transport: OrchestratorServerTransport
  private let server: GRPCServer<OrchestratorServerTransport>
  private let host: String
  private let isSecure: Bool

  /// A server that will listen on this address; port 0 takes a free one. A receiver of before may be handed on: then it is
  /// the same orchestrator, come back.
  package init(
    host: String = "127.0.0.1", port: Int = 0, tls: TLSFiles? = nil, receiver: IncidentReceiver
  ) throws(OrchestratorError) {
    self.receiver = receiver
    self.host = host
    isSecure = tls != nil
    let transport = try OrchestratorServerTransport(host: host, port: port, tls: tls)
    self.transport = transport
    server = GRPCServer(transport: transport, services: [receiver])
  }

  /// As above with a receiver of its own.
  package convenience init(
    host: String = "127.0.0.1", port: Int = 0, tls: TLSFiles? = nil, time: any TimeSource,
    behaviour: OrchestratorBehaviour = .willing
  ) throws(OrchestratorError) {
    try self.init(host: host, port: port, tls: tls, receiver: IncidentReceiver(time: time, behaviour: behaviour))
  }

  /// Serves until `stop`, or until the task is cancelled. Call it once.
  package func run() async throws {
    let transport = transport
    receiver.onGoAway { transport.sendGoAway() }
    defer { receiver.onGoAway(nil) }
    try await server.serve()
  }

  /// `https://host:port`, or `http://` without TLS; waits until the server listens, throws where it cannot.
  package var url: String {
    get async throws {
      let host = host.contains(":") ? "[\(host)]" : host
      return "\(isSecure ? "https" : "http")://\(host):\(try await transport.boundPort)"
    }
  }

  /// Lets streams end and takes no new ones; `run` returns then.
  package func stop() {
    server.beginGracefulShutdown()
  }

  /// Cuts every connection and goes on serving.
  package func cutConnections() {
    transport.cutConnections()
  }

  /// Serves while `body` runs, and hands it the URL.
  package func serving<Result: Sendable>(
    _ body: @Sendable (_ url: String) async throws -> Result
  ) async throws -> Result {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await self.run() }
      let result = try await body(url)
      group.cancelAll()
      return result
    }
  }
}
