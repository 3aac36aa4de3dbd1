import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Telemetry

@Suite("Probes", .timeLimit(.minutes(15)))
struct ProbeTests {
  private static let checks = HealthChecks(
    live: [HealthCheck("loop") { .passed }],
    ready: [HealthCheck("watch") { .passed }, HealthCheck("outbox") { .failed("full: 64 MiB\nof 64") }])

  @Test(arguments: [
    ("GET", "/healthz", 200, "[+] loop ok\nok\n"), ("GET", "/livez?verbose", 200, "[+] loop ok\nok\n"),
    ("GET", "/readyz", 503, "[+] watch ok\n[-] outbox failed: full: 64 MiB\\nof 64\nfailed\n"),
    ("GET", "/startupz", 200, "ok\n"), ("GET", "/metrics", 200, "# TYPE up gauge\nup 1\n"),
    ("GET", "/", 404, "not found\n"), ("GET", "/healthz/../metrics", 404, "not found\n"),
    ("POST", "/healthz", 405, "only GET and HEAD\n"),
  ])
  func answers(method: String, target: String, status: Int, body: String) {
    let registry = PrometheusRegistry()
    registry.observe(MetricDescription("up", .gauge, help: "")) { 1 }
    let answer = ProbeResponder(checks: Self.checks, metrics: registry).answer(method: method, target: target)
    #expect(answer.status == status)
    #expect(String(decoding: answer.body, as: UTF8.self) == body)
  }

  /// Sends bytes, returns all that comes until the server closes.
  private static func exchange(_ port: Int, _ text: String) async throws -> String {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      try await outbound.write(ByteBuffer(string: text))
      var received = ""
      for try await buffer in inbound { received += String(buffer: buffer) }
      return received
    }
  }

  @Test("over a socket: an answer, two on one connection, HEAD without a body, and nonsense refused")
  func socket() async throws {
    let server = ProbeServer(host: "127.0.0.1", port: 0, checks: Self.checks, metrics: PrometheusRegistry())
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      while server.boundPort == nil { await Task.yield() }
      let port = try #require(server.boundPort)
      let two = try await Self.exchange(
        port, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      #expect(two.hasPrefix("HTTP/1.1 200 OK\r\n"))
      #expect(two.contains("HTTP/1.1 503 Service Unavailable\r\n"))
      let head = try await Self.exchange(port, "HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      #expect(head.hasSuffix("\r\n\r\n"))
      #expect(try await Self.exchange(port, "\u{16}\u{3}\u{1}nonsense\r\n\r\n").hasPrefix("HTTP/1.1 400"))
      group.cancelAll()
      try await group.waitForAll()
    }
    #expect(server.boundPort == nil)
  }

  @Test("an address that is taken is told in one line")
  func taken() async throws {
    let server = ProbeServer(host: "127.0.0.1", port: 0, checks: Self.checks, metrics: nil)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      while server.boundPort == nil { await Task.yield() }
      let second = ProbeServer(
        host: "127.0.0.1", port: try #require(server.boundPort), checks: Self.checks, metrics: nil)
      let error = await #expect(throws: TelemetryError.self) { try await second.run() }
      #expect(error?.code == .cannotListen)
      group.cancelAll()
      try await group.waitForAll()
    }
  }
}
