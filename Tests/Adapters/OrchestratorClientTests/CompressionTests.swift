internal import Archives
internal import GRPCCore
internal import NIOCore
internal import Randomness
internal import Synchronization
internal import Testing

@testable internal import Incidents
@testable internal import OrchestratorClient

/// gzip: as bytes, in messages, and as two sides agree on it.
@Suite(.timeLimit(.minutes(15)))
struct CompressionTests {
  private static let text = Array(
    String(repeating: "2026-11-23T02:05:35Z INFO request served in 12 ms\n", count: 200).utf8)

  @Test func whatIsPackedIsUnpacked() throws {
    let packed = try #require(Gzip.compress(Self.text))
    #expect(packed.count < Self.text.count / 10)
    #expect(packed.starts(with: [0x1F, 0x8B]))
    #expect(try Gzip.decompress(packed, limit: Self.text.count) == Self.text)
  }

  @Test func whatDoesNotShrinkIsNotPacked() {
    var random = SplitMix64(seed: 1)
    #expect(Gzip.compress((0..<5_000).map { _ in UInt8.random(in: 0...255, using: &random) }) == nil)
    #expect(Gzip.compress([]) == nil)
    #expect(Gzip.compress([1, 2, 3]) == nil)
  }

  /// 64 MiB of zeros are some 64 KiB packed: they may not be had, and not even half of them is kept.
  @Test func aBombIsStoppedAtTheLimit() throws {
    let bomb = try #require(Gzip.compress([UInt8](repeating: 0, count: 64 << 20)))
    #expect(bomb.count < 400_000)
    #expect(throws: Gzip.Failure.tooLarge(limit: 1 << 20)) { try Gzip.decompress(bomb, limit: 1 << 20) }
    var decoder = MessageDecoder(limit: 1 << 20, encoding: .gzip)
    #expect(throws: MessageDecoder.Failure.unpacksTooLarge) {
      try decoder.append(MessageDecoder.prefix(forLength: bomb.count, isPacked: true) + bomb)
    }
  }

  @Test(arguments: 0..<4)
  func mutatedBytesAreUnpackedOrRefused(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let honest = try #require(Gzip.compress(Self.text))
    for _ in 0..<300 {
      var bytes = honest
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes.removeSubrange(at...)
        default: bytes.insert(.random(in: 0...255, using: &random), at: at)
        }
        if bytes.isEmpty { break }
      }
      // Its checksum stands at the end: whatever comes out unharmed is what went in.
      if let output = try? Gzip.decompress(bytes, limit: 1 << 20) { #expect(output == Self.text) }
    }
    #expect(throws: Gzip.Failure.corrupt) { try Gzip.decompress([], limit: 10) }
    #expect(throws: Gzip.Failure.corrupt) { try Gzip.decompress(honest + [0], limit: 1 << 20) }
    #expect(throws: Gzip.Failure.corrupt) { try Gzip.decompress(honest.dropLast(), limit: 1 << 20) }
  }

  @Test func messagesOfBothKindsMayMix() throws {
    let packed = try #require(Gzip.compress(Self.text))
    let stream =
      MessageDecoder.prefix(forLength: packed.count, isPacked: true) + packed + MessageDecoder.prefix(forLength: 1) + [
        7
      ]
      + MessageDecoder.prefix(forLength: packed.count, isPacked: true) + packed
    var decoder = MessageDecoder(limit: 100_000, encoding: .gzip)
    var messages: [[UInt8]] = []
    for byte in stream { messages += try decoder.append([byte]) }
    #expect(messages == [Self.text, [7], Self.text])
    #expect(decoder.isBetweenMessages)
    var strict = MessageDecoder(limit: 100_000)
    #expect(throws: MessageDecoder.Failure.compressed) { try strict.append(stream) }
    var wrong = MessageDecoder(limit: 100_000, encoding: .gzip)
    #expect(throws: MessageDecoder.Failure.compressed) { try wrong.append([2, 0, 0, 0, 0]) }
    #expect(throws: MessageDecoder.Failure.corrupt) { try decoder.append([1, 0, 0, 0, 1, 9]) }
  }

  @Test func itIsOfferedUntilAServerSaysNo() {
    let compression = MessageCompression(isOffered: true)
    compression.serverAccepts("identity, deflate ,gzip")
    #expect(compression.isOffered)
    compression.serverAccepts("identity,deflate")
    #expect(!compression.isOffered)
    compression.serverAccepts("gzip")
    #expect(!compression.isOffered)
    let other = MessageCompression(isOffered: true)
    other.serverAccepts(nil)
    #expect(!other.isOffered)
    #expect(!MessageCompression(isOffered: false).isOffered)
  }

  /// Bytes on the wire, and what arrives.
  @Test(arguments: [false, true])
  func incidentsArrivePackedWhereThatIsWanted(isCompressing: Bool) async throws {
    let service = TestService()
    let wire = Relay.Count()
    try await withServer(service) { port, _ in
      try await Relay.counted(to: port, wire) { front in
        let endpoint = try OrchestratorEndpoint(url: "http://127.0.0.1:\(front)", isCompressing: isCompressing)
        let events = try await DeliveryOverTheWireTests.deliver(to: endpoint) { delivery, log in
          for number in 0..<10 { try delivery.submit(.sample("incident-\(number)", bytes: 100_000)) }
          try delivery.submit(.sample("small"))
          await log.wait { DeliveryOverTheWireTests.acknowledged($0).count == 11 }
        }
        #expect(PeerTests.disconnections(events).isEmpty)
      }
    }
    #expect(service.received.withLock { $0.count } == 11)
    if isCompressing { #expect(wire.bytes < 100_000) } else { #expect(wire.bytes > 1_000_000) }
  }

  /// A server without gzip refuses the call; the next one goes unpacked.
  @Test func aServerThatTakesNoGzipGetsNone() async throws {
    let encodings = Mutex<[String?]>([])
    try await ScriptedServer.serve { _, server, event in
      guard case .headers(let stream, let headers, _) = event else { return }
      let encoding = HeaderFields.first("grpc-encoding", in: headers)
      encodings.withLock { $0.append(encoding) }
      if encoding == nil { return server.accept(stream) }
      server.handler?.session.submitTrailersOnly(
        stream: stream,
        [
          HTTP2Header(":status", "200"), HTTP2Header("content-type", "application/grpc"),
          HTTP2Header("grpc-accept-encoding", "identity"),
        ] + HeaderFields.trailers(Status(code: .unimplemented, message: "no gzip here"), [:]))
    } _: { port in
      let transport = OrchestratorTransport(
        endpoint: try OrchestratorEndpoint(url: "http://127.0.0.1:\(port)", isCompressing: true))
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await transport.connect() }
        #expect(try await GoAwayTests.status(of: transport)?.code == .unimplemented)
        #expect(try await GoAwayTests.status(of: transport)?.code == .ok)
        transport.beginGracefulShutdown()
        try await group.waitForAll()
      }
    }
    #expect(encodings.withLock { $0 } == ["gzip", nil])
  }
}
