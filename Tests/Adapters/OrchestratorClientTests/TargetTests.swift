import Delivery
internal import NIOCore
internal import NIOPosix
internal import Synchronization
internal import Testing

@testable internal import Incidents
@testable internal import OrchestratorClient

#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// gRPC target names, several addresses, sockets, and names that mean another address tomorrow.
@Suite(.timeLimit(.minutes(15)))
struct TargetTests {
  private static func host(_ host: String, _ port: Int) -> OrchestratorTarget {
    .host(HostAndPort(host: host, port: port))
  }

  @Test(
    arguments: [
      ("orchestrator:443", host("orchestrator", 443), true, "orchestrator:443"),
      ("orchestrator", host("orchestrator", 443), true, "orchestrator:443"),
      ("[::1]:50051", host("::1", 50_051), true, "[::1]:50051"),
      ("dns:orchestrator:1", host("orchestrator", 1), true, "orchestrator:1"),
      ("dns:///orchestrator.ns.svc:50051", host("orchestrator.ns.svc", 50_051), true, "orchestrator.ns.svc:50051"),
      ("dns:///orchestrator", host("orchestrator", 443), true, "orchestrator:443"),
      ("unix:/run/brain.sock", .socket(path: "/run/brain.sock"), false, "localhost"),
      ("unix:///run/brain.sock", .socket(path: "/run/brain.sock"), false, "localhost"),
      ("unix:brain.sock", .socket(path: "brain.sock"), false, "localhost"),
      (
        "ipv4:10.0.0.1:1,10.0.0.2",
        .addresses([HostAndPort(host: "10.0.0.1", port: 1), HostAndPort(host: "10.0.0.2", port: 443)]),
        true, "10.0.0.1:1"
      ),
      (
        "ipv6:[2001:db8::1]:1,2001:db8::2,[::3]",
        .addresses([
          HostAndPort(host: "2001:db8::1", port: 1), HostAndPort(host: "2001:db8::2", port: 443),
          HostAndPort(host: "::3", port: 443),
        ]), true, "[2001:db8::1]:1"
      ),
    ] as [(String, OrchestratorTarget, Bool, String)])
  func targetsAreRead(url: String, target: OrchestratorTarget, isSecure: Bool, authority: String) throws {
    let endpoint = try OrchestratorEndpoint(url: url)
    #expect(endpoint.target == target)
    #expect(endpoint.isSecure == isSecure)
    #expect(endpoint.authority == authority)
  }

  @Test(arguments: [
    "dns://8.8.8.8/orchestrator:1", "dns:", "dns:///", "dns:///a/b", "dns:///:1", "unix:", "unix://", "unix://a/b",
    "unix:" + String(repeating: "x", count: 104), "ipv4:", "ipv4:name:1", "ipv4:10.0.0.1:0", "ipv4:::1",
    "ipv4:10.0.0.1,",
    "ipv6:10.0.0.1", "ipv6:[::1", "ipv4:" + Array(repeating: "10.0.0.1", count: 33).joined(separator: ","),
    "xds:///a", "vsock:1:2", "a:b", "a:1:2",
  ])
  func othersAreRefused(url: String) {
    #expect { try OrchestratorEndpoint(url: url) } throws: { ($0 as? OrchestratorError)?.code == .invalidURL }
  }

  @Test func aSocketWithCertificatesUsesTLS() async throws {
    try await TestFiles.with { files in
      let endpoint = try OrchestratorEndpoint(url: "unix:/x", tls: files.client())
      #expect(endpoint.isSecure)
    }
  }

  /// One incident to an endpoint, acknowledged.
  private static func deliver(
    to endpoint: OrchestratorEndpoint, _ change: (inout ChannelTarget) -> Void = { _ in }
  ) async throws {
    var target = ChannelTarget(endpoint: endpoint)
    change(&target)
    try await DeliveryOverTheWireTests.deliver(to: target) { delivery, log in
      try delivery.submit(.sample("a"))
      await log.wait { DeliveryOverTheWireTests.acknowledged($0) == ["a"] }
    }
  }

  @Test(arguments: [false, true])
  func aSocketIsReached(isSecure: Bool) async throws {
    try await TestFiles.with { files in
      try await withServer(TestService(), tls: isSecure ? files.server : nil) { port, _ in
        let path = files.path("extra.pem")
        try await Relay.socket(at: path, to: port) {
          for scheme in ["unix:", "unix://"] {
            try await Self.deliver(
              to: OrchestratorEndpoint(url: scheme + path, tls: isSecure ? files.client() : TLSFiles()))
          }
        }
      }
    }
  }

  #if os(Linux)
    /// An address of this machine where nobody answers: its queue of connections is full, so the kernel drops what comes.
    private struct BlackHole: ~Copyable {
      let port: Int
      private let listener: Int32
      private let fillers: [Int32]

      init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, "127.0.0.2", &address.sin_addr)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { address in
          address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(listener, $0, size) == 0 && listen(listener, 0) == 0 && getsockname(listener, $0, &size) == 0
          }
        }
        try #require(isBound)
        port = Int(UInt16(bigEndian: address.sin_port))
        self.listener = listener
        fillers = (0..<4).map { _ in
          let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
          withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = connect(filler, $0, size) }
          }
          return filler
        }
      }

      deinit {
        for filler in fillers { close(filler) }
        close(listener)
      }
    }

    @Test func anAddressThatSwallowsEverythingHoldsNothingUp() async throws {
      try await TestFiles.with { files in
        try await withServer(TestService(), tls: files.server) { port, _ in
          let hole = try BlackHole()
          let tls = files.client(serverName: "orchestrator.example")
          let endpoint = try OrchestratorEndpoint(url: "ipv4:127.0.0.2:\(hole.port),127.0.0.1:\(port)", tls: tls)
          // Longer than the test may take: only another address can help.
          try await Self.deliver(to: endpoint) { $0.connectTimeout = .seconds(300) }
        }
      }
    }
  #endif

  /// gRPC's schemes for addresses; port 1 has nobody.
  @Test(arguments: [
    ("127.0.0.1", "ipv4:127.0.0.1"), ("127.0.0.1", "ipv4:127.0.0.1:1,127.0.0.1"), ("::1", "ipv6:[::1]"),
    ("::1", "ipv6:[::1]:1,[::1]"),
  ])
  func addressesAreReached(host: String, target: String) async throws {
    try await TestFiles.with { files in
      try await withServer(TestService(), tls: files.server, host: host) { port, _ in
        let tls = files.client(serverName: "orchestrator.example")
        try await Self.deliver(to: OrchestratorEndpoint(url: "\(target):\(port)", tls: tls))
      }
    }
  }

  @Test func aRefusingAddressIsPassedOver() async throws {
    try await withServer(TestService()) { port, _ in
      let dead = try await ConnectionFaultTests.withRawServer({ _ in }) { $0 }
      try await Self.deliver(to: OrchestratorEndpoint(url: "http://127.0.0.1:1")) { target in
        let addresses = [dead, port].compactMap { try? SocketAddress(ipAddress: "127.0.0.1", port: $0) }
        target.resolver = { AddressList(addresses, loop: $0) }
      }
    }
  }

  /// A name that a new pod took over: the next connection goes where it points then.
  @Test func aNameIsLookedUpAnewForEachConnection() async throws {
    let ports = Mutex<[Int]>([])
    let lookups = Mutex(0)
    var target = ChannelTarget(endpoint: try OrchestratorEndpoint(url: "http://localhost:1"))
    target.resolver = { loop in
      lookups.withLock { $0 += 1 }
      let addresses = ports.withLock { $0 }.compactMap { try? SocketAddress(ipAddress: "127.0.0.1", port: $0) }
      return AddressList(addresses, loop: loop)
    }
    let channel = target
    let services = (TestService(), TestService())
    try await withServer(services.0) { first, transport in
      try await withServer(services.1) { second, _ in
        ports.withLock { $0 = [first] }
        try await DeliveryOverTheWireTests.deliver(to: channel) { delivery, log in
          try delivery.submit(.sample("a"))
          await log.wait { DeliveryOverTheWireTests.acknowledged($0) == ["a"] }
          ports.withLock { $0 = [second] }
          transport.sendGoAway()
          await log.wait { $0.count { $0 == .connected } == 2 }
          try delivery.submit(.sample("b"))
          await log.wait { DeliveryOverTheWireTests.acknowledged($0) == ["a", "b"] }
        }
      }
    }
    #expect(services.0.received.withLock { $0 } == ["a"])
    #expect(services.1.received.withLock { $0 } == ["b"])
    #expect(lookups.withLock { $0 } == 2)
  }
}
