internal import GRPCCore
internal import Testing

@testable internal import OrchestratorClient

struct ClientCallMachineTests {
  typealias Output = ClientCallMachine.Output

  static let ok = [HTTP2Header(":status", "200"), HTTP2Header("content-type", "application/grpc+proto")]

  static func trailers(_ code: Int, _ message: String? = nil) -> [HTTP2Header] {
    [HTTP2Header("grpc-status", "\(code)")] + (message.map { [HTTP2Header("grpc-message", $0)] } ?? [])
  }

  /// The status that an output ends with.
  static func status(_ output: Output) -> Status? {
    if case .status(let status, _)? = output.parts.last { status } else { nil }
  }

  @Test func aCallRunsItsCourse() {
    var call = ClientCallMachine(messageLimit: 100)
    #expect(call.headersReceived([HTTP2Header(":status", "103")], endStream: false) == Output())
    let opening = call.headersReceived(
      Self.ok + [HTTP2Header("a", "1"), HTTP2Header("b-bin", "AQI")], endStream: false)
    var metadata = Metadata()
    metadata.addString("1", forKey: "a")
    metadata.addString("AQI", forKey: "b-bin")
    #expect(opening == Output(parts: [.metadata(metadata)]))
    #expect(Array(metadata[binaryValues: "b-bin"]) == [[1, 2]])
    #expect(call.dataReceived([0, 0, 0, 0, 2, 5]) == Output())
    #expect(call.dataReceived([6, 0, 0, 0, 0, 0]) == Output(parts: [.message([5, 6]), .message([])]))
    let end = call.headersReceived(Self.trailers(0), endStream: true)
    #expect(Self.status(end) == Status(code: .ok, message: ""))
    #expect(end.isDone && end.reset == nil)
    // Whatever comes after the status changes nothing.
    #expect(call.streamClosed(.internalError) == Output())
    #expect(call.connectionLost("gone") == Output())
  }

  @Test(arguments: [
    (ok + trailers(12, "no%20such%20service"), true, Status(code: .unimplemented, message: "no such service")),
    (ok + trailers(7, "%E2%82%AC%zz%4"), true, Status(code: .permissionDenied, message: "€%zz%4")),
    (ok + trailers(99), true, Status(code: .unknown, message: "grpc-status 99: ")),
    (ok, true, Status(code: .unknown, message: "the server's answer has no grpc-status")),
    (
      [HTTP2Header(":status", "503")], true,
      Status(code: .unavailable, message: "the server answered with HTTP status 503 and no gRPC status")
    ),
    (
      [HTTP2Header(":status", "404"), HTTP2Header("content-type", "text/html")], false,
      Status(code: .unimplemented, message: "the server answered with HTTP status 404 and no gRPC status")
    ),
    (
      [HTTP2Header(":status", "200"), HTTP2Header("content-type", "text/html")], false,
      Status(code: .unknown, message: "the answer is not gRPC: content-type text/html")
    ),
    (
      ok + [HTTP2Header("grpc-encoding", "zstd")], false,
      Status(code: .internalError, message: "the server compresses with zstd, which was not offered")
    ),
  ])
  func refusalsAreUnderstood(headers: [HTTP2Header], endStream: Bool, status: Status) {
    var call = ClientCallMachine(messageLimit: 100)
    let output = call.headersReceived(headers, endStream: endStream)
    #expect(Self.status(output) == status)
    #expect(output.isDone)
    #expect((output.reset == nil) == endStream)
  }

  @Test func aMessageOverTheLimitEndsTheCall() {
    var call = ClientCallMachine(messageLimit: 3)
    _ = call.headersReceived(Self.ok, endStream: false)
    let output = call.dataReceived([0, 0, 0, 0, 4])
    #expect(Self.status(output)?.code == .resourceExhausted)
    #expect(output.reset == .cancel)
  }

  @Test func anOkayStatusAfterACutMessageIsAnError() {
    var call = ClientCallMachine(messageLimit: 3)
    _ = call.headersReceived(Self.ok, endStream: false)
    _ = call.dataReceived([0, 0, 0])
    #expect(Self.status(call.headersReceived(Self.trailers(0), endStream: true))?.code == .internalError)
  }

  @Test(arguments: [
    (HTTP2ErrorCode.refusedStream, Status.Code.unavailable), (.cancel, .cancelled),
    (.enhanceYourCalm, .resourceExhausted), (.inadequateSecurity, .permissionDenied), (.noError, .internalError),
    (HTTP2ErrorCode(rawValue: 77), .internalError),
  ])
  func resetsHaveAStatus(reset: HTTP2ErrorCode, code: Status.Code) {
    var call = ClientCallMachine(messageLimit: 3)
    #expect(Self.status(call.streamClosed(reset))?.code == code)
  }

  @Test func protocolFaultsEndTheCall() {
    var early = ClientCallMachine(messageLimit: 3)
    #expect(early.dataReceived([0]).reset == .protocolError)
    var twice = ClientCallMachine(messageLimit: 3)
    _ = twice.headersReceived(Self.ok, endStream: false)
    #expect(twice.headersReceived(Self.ok, endStream: false).reset == .protocolError)
    var silent = ClientCallMachine(messageLimit: 3)
    _ = silent.headersReceived(Self.ok, endStream: false)
    #expect(Self.status(silent.remoteEnded())?.code == .internalError)
    var bare = ClientCallMachine(messageLimit: 3)
    _ = bare.headersReceived(Self.ok, endStream: false)
    #expect(Self.status(bare.headersReceived([HTTP2Header("a", "b")], endStream: true))?.code == .unknown)
  }

  @Test func aLostConnectionIsNoAnswerOfTheServer() {
    var call = ClientCallMachine(messageLimit: 3)
    #expect(call.connectionLost("cut") == Output(isDone: true, lost: "cut"))
  }
}

struct ServerCallMachineTests {
  static let request = [
    HTTP2Header(":method", "POST"), HTTP2Header(":path", "/pkg.Service/Method"),
    HTTP2Header("content-type", "application/grpc"), HTTP2Header("te", "trailers"),
    HTTP2Header("grpc-timeout", "5S"), HTTP2Header("user", "u"),
  ]

  @Test func aRequestIsAccepted() {
    var metadata = Metadata()
    metadata.addString("5S", forKey: "grpc-timeout")
    metadata.addString("u", forKey: "user")
    #expect(
      ServerCallMachine.open(Self.request)
        == .accept(MethodDescriptor(fullyQualifiedService: "pkg.Service", method: "Method"), metadata, .identity))
    let packed = ServerCallMachine.open(Self.request + [HTTP2Header("grpc-encoding", "gzip")])
    #expect(
      packed == .accept(MethodDescriptor(fullyQualifiedService: "pkg.Service", method: "Method"), metadata, .gzip))
  }

  @Test(arguments: [
    ("content-type", "text/html", ":status", "415"), (":method", "GET", ":status", "405"),
    (":path", "/nothing", "grpc-status", "12"), (":path", "/a/b/c", "grpc-status", "12"),
    (":path", "//b", "grpc-status", "12"), ("grpc-encoding", "zstd", "grpc-status", "12"),
  ])
  func otherRequestsAreRefused(field: String, value: String, answer: String, code: String) {
    var headers = Self.request.filter { $0.name != field }
    headers.append(HTTP2Header(field, value))
    guard case .refuse(let fields) = ServerCallMachine.open(headers) else {
      Issue.record("accepted")
      return
    }
    #expect(HeaderFields.first(answer, in: fields) == code)
  }

  @Test func anAnswerHasHeadersOnceAndAStatusOnce() throws {
    var call = ServerCallMachine(messageLimit: 10)
    guard case .headers = try call.answerBegan([:]) else {
      Issue.record("no headers")
      return
    }
    #expect(try call.answerBegan([:]) == .none)
    #expect(
      call.answerEnded(Status(code: .aborted, message: "100 %\n"), [:])
        == .trailers([HTTP2Header("grpc-status", "10"), HTTP2Header("grpc-message", "100 %25%0A")]))
    #expect(call.answerEnded(Status(code: .ok, message: ""), [:]) == .none)
    #expect(call.isAnswered)
  }

  @Test func aRefusalIsTrailersOnly() {
    var call = ServerCallMachine(messageLimit: 10)
    guard case .trailersOnly(let headers) = call.answerEnded(Status(code: .unauthenticated, message: ""), [:]) else {
      Issue.record("not trailers only")
      return
    }
    #expect(HeaderFields.status(headers) == Status(code: .unauthenticated, message: ""))
  }

  @Test func aRequestEndsOnce() {
    var call = ServerCallMachine(messageLimit: 10)
    #expect(call.dataReceived([0, 0, 0, 0, 1, 7]) == .init(messages: [[7]]))
    #expect(call.remoteEnded() == .init(end: .finished))
    #expect(call.remoteEnded() == .init())
    #expect(call.streamClosed("gone") == .init())
    var cut = ServerCallMachine(messageLimit: 10)
    _ = cut.dataReceived([0, 0])
    #expect(
      cut.remoteEnded() == .init(end: .failed(Status(code: .internalError, message: "the last message is cut off"))))
    var large = ServerCallMachine(messageLimit: 10)
    #expect(
      large.dataReceived([0, 0, 0, 0, 11]).end
        == .failed(Status(code: .resourceExhausted, message: "a message of 11 bytes is over the limit of 10")))
  }

  @Test func metadataThatCannotTravelIsRefused() {
    for (key, value) in [
      ("a b", "x"), ("grpc-status", "0"), ("content-type", "x"), ("ok", "line\nbreak"), ("ok", "ä"), ("", "x"),
    ] {
      var call = ServerCallMachine(messageLimit: 10)
      var metadata = Metadata()
      metadata.addString(value, forKey: key)
      #expect(throws: RPCError.self) { try call.answerBegan(metadata) }
      // A status goes out all the same.
      #expect(call.answerEnded(Status(code: .ok, message: ""), metadata) != .none)
    }
  }
}
