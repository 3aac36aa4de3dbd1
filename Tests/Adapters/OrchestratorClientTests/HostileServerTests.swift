internal import GRPCCore
internal import Randomness
internal import Testing

@testable internal import OrchestratorClient

/// Frames that no honest server sends, to a client with a call under way. Each must end in an error or in nothing.
@Suite(.timeLimit(.minutes(15)))
struct HostileServerTests {
  /// A frame (RFC 9113, 4.1).
  private static func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 1, _ payload: [UInt8]) -> [UInt8] {
    let length = payload.count
    return [UInt8(length >> 16 & 0xFF), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF), type, flags]
      + stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: stream >> UInt32($0)) } + payload
  }

  /// A client whose call is on the wire, with so many bytes to send, after the server's first SETTINGS.
  private static func client(
    sending count: Int = 0, settings: [UInt8] = []
  ) throws -> (session: HTTP2Session, body: SendQueue) {
    let session = try HTTP2Session(role: .client, settings: .client)
    let body = SendQueue()
    body.append([UInt8](repeating: 1, count: count))
    try receive(frame(4, stream: 0, settings), session)
    _ = try session.submitRequest(
      HeaderFields.request(path: "/s/m", authority: "a", scheme: "http", metadata: [:]), body: body)
    return (session, body)
  }

  private static func receive(_ bytes: [UInt8], _ session: HTTP2Session) throws {
    try bytes.withUnsafeBytes { try session.receive($0) }
  }

  @Test func endlessContinuationsAreCut() throws {
    let (session, _) = try Self.client()
    _ = try HostilePeerTests.drain(session)
    // A literal header without indexing, name "a", value of 100 bytes; never END_HEADERS.
    let field: [UInt8] = [0, 1, 0x61, 100] + [UInt8](repeating: 0x62, count: 100)
    try Self.receive(Self.frame(1, field), session)
    var sent = 0
    do {
      while sent < 10_000, !session.isFinished {
        try Self.receive(Self.frame(9, field), session)
        sent += 1
        _ = try HostilePeerTests.drain(session)
      }
    } catch is HTTP2Error {
      // One of the two proper ends.
    }
    // 64 KiB of fields are 630 of them.
    #expect(sent < 1_000)
    #expect(!session.takeEvents().contains { if case .headers = $0 { true } else { false } })
  }

  @Test func aWindowOfNothingHoldsTheBodyAndNothingElse() throws {
    // SETTINGS_INITIAL_WINDOW_SIZE: 0.
    let (session, body) = try Self.client(sending: 1_000, settings: [0, 4, 0, 0, 0, 0])
    let first = try HostilePeerTests.drain(session)
    #expect(!first.isEmpty)
    #expect(body.pulled == 0 && body.pending == 1_000)
    // A ping is answered all the same.
    try Self.receive(Self.frame(6, stream: 0, [1, 2, 3, 4, 5, 6, 7, 8]), session)
    #expect(try HostilePeerTests.drain(session).count == 17)
    try Self.receive(Self.frame(8, [0, 0, 1, 0]), session)
    _ = try HostilePeerTests.drain(session)
    #expect(body.pulled == 256)
    // A window beyond 2^31 is an error of the server's.
    try? Self.receive(Self.frame(8, stream: 0, [0x7F, 0xFF, 0xFF, 0xFF]), session)
    _ = try? HostilePeerTests.drain(session)
    #expect(session.isFinished)
  }

  @Test func aServerMayOpenNoStream() throws {
    let (session, _) = try Self.client()
    _ = try HostilePeerTests.drain(session)
    // The server has read our SETTINGS, which switch PUSH_PROMISE off.
    try Self.receive(Self.frame(4, flags: 1, stream: 0, []), session)
    try? Self.receive(Self.frame(5, flags: 4, [0, 0, 0, 2, 0x82]), session)
    _ = try? HostilePeerTests.drain(session)
    #expect(session.isFinished)
  }

  /// Frames of all types with plausible heads and wild payloads.
  @Test(arguments: 0..<8)
  func wildFramesDoNoHarm(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed) + 100)
    for _ in 0..<300 {
      let (session, body) = try Self.client(sending: 50_000)
      var call = ClientCallMachine(messageLimit: 1_000)
      var events = 0
      do {
        for _ in 0..<Int.random(in: 1...40, using: &random) {
          let type = UInt8.random(in: 0...10, using: &random)
          // What a type wants, or something else.
          let usual = [9, 20, 5, 4, 6, 12, 8, 8, 4, 20, 3][Int(type)]
          let size = Bool.random(using: &random) ? usual : Int.random(in: 0...64, using: &random)
          let payload = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
          let stream: UInt32 = [0, 1, 1, 1, 2, 3, 0x7FFF_FFFF].randomElement(using: &random) ?? 1
          let flags = UInt8.random(in: 0...255, using: &random) & 0x2D
          try Self.receive(Self.frame(type, flags: flags, stream: stream, payload), session)
          for event in session.takeEvents() {
            events += 1
            switch event {
            case .headers(_, let headers, let endStream):
              _ = call.headersReceived(headers, endStream: endStream)
            case .data(let id, let data):
              _ = call.dataReceived(data)
              session.consume(stream: id, count: data.count)
            case .closed(_, let code): _ = call.streamClosed(code)
            default: break
            }
          }
          _ = try HostilePeerTests.drain(session)
          if session.isFinished { break }
        }
      } catch is HTTP2Error {
        // One of the two proper ends.
      }
      #expect(events < 10_000)
      #expect(body.pulled + body.pending <= 50_000)
    }
  }
}
