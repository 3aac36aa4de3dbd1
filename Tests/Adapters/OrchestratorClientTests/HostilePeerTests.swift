internal import GRPCCore
internal import NIOCore
internal import NIOPosix
internal import Randomness
internal import Testing

@testable internal import Incidents
@testable internal import OrchestratorClient

/// Bytes that no honest peer sends. Each must end in an error or in nothing, never in a crash or in memory without bound.
@Suite(.timeLimit(.minutes(15)))
struct HostilePeerTests {
  /// Everything that a session has to send now.
  static func drain(_ session: HTTP2Session) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while let next = try session.gather(1) { bytes += next.readableBytesView }
    return bytes
  }

  /// The bytes of a whole call as a client sends them, and as a server answers them.
  static func honestExchange() throws -> (client: [UInt8], server: [UInt8]) {
    let client = try HTTP2Session(role: .client, settings: .client)
    let server = try HTTP2Session(role: .server, settings: .server)
    let body = SendQueue()
    body.append([0, 0, 0, 0, 3, 1, 2, 3])
    body.finish(.endStream)
    let stream = try client.submitRequest(
      HeaderFields.request(path: "/s/m", authority: "a", scheme: "http", metadata: ["key": "value"]), body: body)
    let fromClient = try Self.drain(client)
    try fromClient.withUnsafeBytes { try server.receive($0) }
    let answer = SendQueue()
    answer.append([0, 0, 0, 0, 1, 9])
    answer.finish(.trailers(HeaderFields.trailers(Status(code: .ok, message: ""), [:])))
    server.submitResponse(stream: stream, try HeaderFields.response([:]), body: answer)
    server.submitPing()
    server.submitGoAway(.noError)
    let fromServer = try Self.drain(server)
    return (fromClient, fromServer)
  }

  @Test func anHonestExchangeIsUnderstood() throws {
    let (client, server) = try Self.honestExchange()
    let receiver = try HTTP2Session(role: .server, settings: .server)
    try client.withUnsafeBytes { try receiver.receive($0) }
    let events = receiver.takeEvents()
    #expect(events.contains(.data(stream: 1, [0, 0, 0, 0, 3, 1, 2, 3])))
    #expect(events.contains(.remoteEnded(stream: 1)))
    #expect(server.count > 30)
  }

  /// Changes, cuts or repeats of what an honest peer sends reach deeper than noise.
  @Test(arguments: 0..<8)
  func mutatedBytesDoNoHarm(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let honest = try Self.honestExchange()
    for round in 0..<400 {
      let isServer = round % 2 == 0
      let session = try HTTP2Session(role: isServer ? .server : .client, settings: isServer ? .server : .client)
      let queue = SendQueue()
      if !isServer {
        _ = try session.submitRequest(
          HeaderFields.request(path: "/s/m", authority: "a", scheme: "http", metadata: [:]), body: queue)
        _ = try Self.drain(session)
      }
      var bytes = isServer ? honest.client : honest.server
      // The preface stays, most of the time: without it nothing else is looked at.
      let start = isServer && round % 10 != 0 ? 24 : 0
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let at = Int.random(in: start..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: bytes.insert(contentsOf: bytes[at..<min(at + 40, bytes.count)], at: at)
        default: bytes.removeSubrange(at..<min(at + Int.random(in: 1...20, using: &random), bytes.count - 1))
        }
      }
      var call = ClientCallMachine(messageLimit: 100)
      var streams: [Int32: ServerCallMachine] = [:]
      do {
        while !bytes.isEmpty {
          let size = min(Int.random(in: 1...64, using: &random), bytes.count)
          try bytes[..<size].withUnsafeBytes { try session.receive($0) }
          bytes.removeFirst(size)
          for event in session.takeEvents() {
            switch event {
            case .headers(let id, let headers, let endStream):
              if isServer {
                _ = ServerCallMachine.open(headers)
              } else {
                _ = call.headersReceived(headers, endStream: endStream)
              }
              if streams[id] == nil { streams[id] = ServerCallMachine(messageLimit: 100) }
            case .data(let id, let data):
              _ = streams[id]?.dataReceived(data)
              _ = call.dataReceived(data)
              session.consume(stream: id, count: data.count)
            case .closed(_, let code): _ = call.streamClosed(code)
            default: break
            }
          }
          _ = try Self.drain(session)
        }
      } catch is HTTP2Error {
        // One of the two proper ends.
      }
    }
  }

  @Test(arguments: [TLSContext.Role.client, .server])
  func noiseIsNoHandshake(role: TLSContext.Role) async throws {
    try await TestFiles.with { files in
      let context = try (role == .client ? files.client() : files.server).makeContext(role)
      var random = SplitMix64(seed: 11)
      for _ in 0..<200 {
        let session = try TLSSession(context: context, serverName: role == .client ? "localhost" : nil)
        var noise = (0..<Int.random(in: 1...600, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        // A record's header makes OpenSSL look further.
        if Bool.random(using: &random), noise.count > 5 { noise.replaceSubrange(0..<3, with: [0x16, 3, 3]) }
        do {
          try noise.withUnsafeBytes { try session.receive($0) }
          #expect(try session.handshake() == false)
        } catch is TLSError {
          // The other proper end.
        }
      }
    }
  }

  @Test func aHeaderBlockWithoutEndIsRefused() throws {
    let server = try HTTP2Session(role: .server, settings: .server)
    let client = try HTTP2Session(role: .client, settings: .client)
    var metadata = Metadata()
    for number in 0..<30 { metadata.addString(String(repeating: "x", count: 4_000), forKey: "key-\(number)") }
    let headers = try HeaderFields.request(path: "/s/m", authority: "a", scheme: "http", metadata: metadata)
    _ = try? client.submitRequest(headers, body: SendQueue())
    let bytes = try Self.drain(client)
    try bytes.withUnsafeBytes { try server.receive($0) }
    #expect(!server.takeEvents().contains { if case .headers = $0 { true } else { false } })
  }

  /// A server goes on serving whatever single connections bring.
  @Test func noiseOnTheSocketDoesNotDisturbOthers() async throws {
    try await withServer(TestService()) { port, _ in
      var random = SplitMix64(seed: 3)
      for _ in 0..<20 {
        let noise = (0..<Int.random(in: 1...2_000, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
        }
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
          .connect(host: "127.0.0.1", port: port).get()
        // The server may hang up first.
        try? await channel.writeAndFlush(ByteBuffer(bytes: noise))
        try? await channel.close()
      }
      let results = try await OneShotDeliveryTests.deliver([.sample("a")], port: port)
      #expect(results.count { if case .acknowledged = $0.outcome { true } else { false } } == 1)
    }
  }
}
