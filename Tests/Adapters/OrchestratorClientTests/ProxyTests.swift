import Delivery
import NIOCore
internal import Testing

@testable internal import OrchestratorClient

/// The way through an HTTP proxy.
@Suite(.timeLimit(.minutes(15)))
struct ProxyTests {
  @Test(
    arguments: [
      ("http://proxy:3128", "proxy:3128", nil), ("proxy:3128", "proxy:3128", nil), ("http://proxy/", "proxy:80", nil),
      ("http://[::1]:8080", "[::1]:8080", nil), ("http://u:p@proxy:1", "proxy:1", "Basic dTpw"),
      ("http://u@proxy:1", "proxy:1", "Basic dTo="), ("http://u%40x:p%3A%2f@proxy:1", "proxy:1", "Basic dUB4OnA6Lw=="),
      ("u:p:q@proxy:1", "proxy:1", "Basic dTpwOnE="),
    ] as [(String, String, String?)])
  func urlsAreRead(url: String, description: String, authorization: String?) throws {
    let proxy = try ProxyServer(url: url)
    #expect(proxy.description == description)
    #expect(proxy.authorization == authorization)
  }

  @Test(arguments: [
    "", "https://proxy:1", "socks5://proxy:1", "http://", "http://proxy:0", "http://proxy:x", "http://s3cret@", "a b:1",
    "http://proxy:1/path", "http://s3cret%0d%0aX:y@proxy:1",
  ])
  func othersAreRefusedWithoutTheirPassword(url: String) {
    #expect { try ProxyServer(url: url) } throws: {
      ($0 as? OrchestratorError)?.code == .invalidURL && !"\($0)".contains("s3cret")
    }
  }

  @Test(arguments: [
    ("orchestrator.example", "", false), ("orchestrator.example", "*", true), ("orchestrator.example", "other", false),
    ("orchestrator.example", "orchestrator.example", true),
    ("orchestrator.example", " a , Orchestrator.Example ", true),
    ("orchestrator.example", "example", true), ("orchestrator.example", ".example", true),
    ("example", ".example", false),
    ("orchestrator.example", "ample", false), ("orchestrator.example", "orchestrator.example:443", true),
    ("orchestrator.example", "orchestrator.example:80", false), ("10.1.2.3", "10.0.0.0/8", true),
    ("10.1.2.3", "10.1.2.3", true), ("11.1.2.3", "10.0.0.0/8", false), ("10.1.2.3", "10.1.2.2/31", true),
    ("10.1.2.3", "0.0.0.0/0", true), ("fd00::1", "fd00::/8", true), ("fe00::1", "fd00::/8", false),
    ("10.1.2.3", "10.0.0.0/33", false), ("orchestrator.example", "10.0.0.0/8", false), ("10.1.2.3", "fd00::/8", false),
  ])
  func exemptionsAreRead(host: String, list: String, isExempt: Bool) throws {
    let url = "https://" + HostAndPort(host: host, port: 443).description
    let environment = ["HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": list]
    #expect(try (OrchestratorEndpoint(url: url, environment: environment).proxy == nil) == isExempt)
  }

  @Test func theChoiceOfAProxy() throws {
    let environment = ["https_proxy": "http://env:1"]
    func proxy(_ url: String, _ text: String = "", plaintext: Bool = false) throws -> String? {
      try OrchestratorEndpoint(url: url, allowsPlaintext: plaintext, proxy: text, environment: environment).proxy?
        .description
    }
    #expect(try proxy("https://o:1") == "env:1")
    #expect(try proxy("o:1") == "env:1")
    #expect(try proxy("https://o:1", "none") == nil)
    #expect(try proxy("https://o:1", "http://mine:2") == "mine:2")
    // What the environment says is about https.
    #expect(try proxy("http://o:1", plaintext: true) == nil)
    #expect(try proxy("http://o:1", "http://mine:2", plaintext: true) == "mine:2")
    // This machine needs no proxy, and an address list or a socket has none.
    #expect(try proxy("https://localhost:1") == nil)
    #expect(try proxy("unix:/tmp/x") == nil)
    #expect(try proxy("ipv4:10.0.0.1:1") == nil)
    #expect(throws: OrchestratorError.self) { try proxy("unix:/tmp/x", "http://mine:2") }
  }

  private static func handshake(_ url: String = "http://proxy:1") throws -> ProxyHandshake {
    ProxyHandshake(proxy: try ProxyServer(url: url), authority: "o:443")
  }

  @Test func theRequestNamesTheTargetAndTheUser() throws {
    #expect(
      String(decoding: try Self.handshake("http://u:p@proxy:1").request, as: UTF8.self)
        == "CONNECT o:443 HTTP/1.1\r\nHost: o:443\r\nUser-Agent: kube-mind\r\nProxy-Authorization: Basic dTpw\r\n\r\n")
  }

  @Test(
    arguments: [
      ("HTTP/1.1 200 OK\r\n\r\n", .open([])), ("HTTP/1.0 200\r\nA: b\r\n\r\nxy", .open([0x78, 0x79])),
      ("HTTP/1.1 200 OK\r\n", .needsMore), ("", .needsMore),
      ("HTTP/1.1 407 Auth\r\n\r\n", .refused("the proxy proxy:1 wants a user and a password (407)")),
      (
        "HTTP/1.1 403 Not\u{1B}[31m you\r\n\r\n<html>",
        .refused("the proxy proxy:1 opens no way to o:443: 403 Not [31m you")
      ),
      ("HTTP/1.1 502\r\n\r\n", .refused("the proxy proxy:1 opens no way to o:443: 502")),
      ("SSH-2.0-x\r\n\r\n", .refused("the proxy proxy:1 does not speak HTTP")),
      ("HTTP/1.1 99 x\r\n\r\n", .refused("the proxy proxy:1 does not speak HTTP")),
      ("HTTP/1.1 2000 x\r\n\r\n", .refused("the proxy proxy:1 does not speak HTTP")),
      (String(repeating: "x", count: 20_000), .refused("the proxy proxy:1 does not speak HTTP")),
    ] as [(String, ProxyHandshake.Outcome)])
  func answersAreUnderstood(answer: String, outcome: ProxyHandshake.Outcome) throws {
    var whole = try Self.handshake()
    #expect(whole.received(Array(answer.utf8)) == outcome)
    // In single bytes it means the same, as long as no byte comes after the end.
    guard case .open(let rest) = outcome else { return }
    var pieces = try Self.handshake()
    let head = Array(answer.utf8).dropLast(rest.count)
    for byte in head.dropLast() { #expect(pieces.received([byte]) == .needsMore) }
    #expect(pieces.received(Array(head.suffix(1))) == .open([]))
  }

  @Test func aRefusedPasswordIsSaidToBeThat() throws {
    var handshake = try Self.handshake("http://u:p@proxy:1")
    #expect(
      handshake.received(Array("HTTP/1.1 407 x\r\n\r\n".utf8))
        == .refused("the proxy proxy:1 does not accept the user or the password (407)"))
  }

  @Test func incidentsGoThroughTheTunnel() async throws {
    try await TestFiles.with { files in
      let service = TestService()
      try await withServer(service, tls: files.server) { port, _ in
        let heads = Relay.Heads()
        // The name is for the proxy to look up: here it means nothing.
        try await Relay.proxy(to: port, heads: heads) { proxyPort in
          let endpoint = try OrchestratorEndpoint(
            url: "https://orchestrator.example:8443", tls: files.client(),
            proxy: "http://me:secret@127.0.0.1:\(proxyPort)")
          let events = try await DeliveryOverTheWireTests.deliver(to: endpoint) { delivery, log in
            try delivery.submit(.sample("a"))
            await log.wait { DeliveryOverTheWireTests.acknowledged($0) == ["a"] }
          }
          #expect(events.first == .connected)
        }
        #expect(
          heads.events == [
            "CONNECT orchestrator.example:8443 HTTP/1.1\r\nHost: orchestrator.example:8443\r\nUser-Agent: kube-mind\r\n"
              + "Proxy-Authorization: Basic bWU6c2VjcmV0"
          ])
      }
    }
  }

  @Test(arguments: [
    ("HTTP/1.1 407 Proxy Authentication Required", "wants a user and a password (407)"),
    ("HTTP/1.1 403 Forbidden", "opens no way to orchestrator.example:8443: 403 Forbidden"),
  ])
  func aRefusalIsClearAndNoBusyLoop(answer: String, words: String) async throws {
    let event = try await Relay.proxy(to: 1, answer: answer) { port in
      try await ConnectionFaultTests.trouble(
        OrchestratorEndpoint(url: "https://orchestrator.example:8443", proxy: "http://127.0.0.1:\(port)"))
    }
    #expect(ConnectionFaultTests.reason(event)?.hasSuffix(words) == true, "\(String(describing: event))")
  }

  @Test func aSilentProxyIsGivenUp() async throws {
    let event = try await ConnectionFaultTests.withRawServer({ _ in }) { port in
      try await ConnectionFaultTests.trouble(
        OrchestratorEndpoint(url: "https://o:1", proxy: "http://127.0.0.1:\(port)"),
        connectTimeout: .milliseconds(100))
    }
    #expect(ConnectionFaultTests.reason(event) == "no connection within 0.1 seconds")
  }

  @Test func aProxyThatIsNotThereIsNamed() async throws {
    let event = try await ConnectionFaultTests.trouble(
      OrchestratorEndpoint(url: "https://o:1", proxy: "http://127.0.0.1:1"))
    #expect(ConnectionFaultTests.reason(event) == "the proxy 127.0.0.1:1: Connection refused")
  }

  @Test func aProxyThatHangsUpIsNamed() async throws {
    let event = try await ConnectionFaultTests.withRawServer({ $0.close(promise: nil) }) { port in
      try await ConnectionFaultTests.trouble(
        OrchestratorEndpoint(url: "https://o:1", proxy: "http://127.0.0.1:\(port)"))
    }
    #expect(ConnectionFaultTests.reason(event) != nil)
  }
}
