internal import Contract
internal import GRPCCore
internal import GRPCProtobuf
internal import Synchronization
internal import Testing

@testable internal import OrchestratorClient

/// The two transports under GRPCCore's own client and server.
@Suite(.timeLimit(.minutes(15)))
struct TransportTests {
  typealias Client = GRPCClient<OrchestratorTransport>

  static func withClient(
    _ service: any RegistrableRPCService, _ body: @Sendable (Client, OrchestratorServerTransport) async throws -> Void
  ) async throws {
    try await withServer(service) { port, server in
      let client = Client(
        transport: OrchestratorTransport(endpoint: try OrchestratorEndpoint(url: "http://127.0.0.1:\(port)")))
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await client.runConnections() }
        try await body(client, server)
        client.beginGracefulShutdown()
        try await group.waitForAll()
      }
    }
  }

  static func exchange(_ client: Client, _ ids: [String], options: CallOptions = .defaults) async throws -> [String] {
    try await KMIncidentService.Client(wrapping: client).streamIncidents(options: options) { writer in
      for id in ids {
        var incident = KMIncidentContext()
        incident.incidentID = id
        try await writer.write(incident)
      }
    } onResponse: { response in
      var answers: [String] = []
      for try await acknowledgement in response.messages { answers.append(acknowledgement.incidentID) }
      return answers
    }
  }

  @Test func moreCallsThanTheServerTakesAtOnceAllEnd() async throws {
    try await Self.withClient(TestService()) { client, _ in
      try await withThrowingTaskGroup(of: [String].self) { group in
        for call in 0..<250 {
          group.addTask { try await Self.exchange(client, ["\(call)-a", "\(call)-b"]) }
        }
        var count = 0
        for try await answers in group {
          #expect(answers.count == 2)
          count += 1
        }
        #expect(count == 250)
      }
    }
  }

  @Test func aCallWithoutMessagesEnds() async throws {
    try await Self.withClient(TestService()) { client, _ in
      let answers = try await Self.exchange(client, [])
      #expect(answers.isEmpty)
    }
  }

  @Test func aDeadlineEndsTheCallOnBothSides() async throws {
    let service = TestService { _, _ in .silence }
    try await Self.withClient(service) { client, _ in
      var options = CallOptions.defaults
      options.timeout = .milliseconds(50)
      await #expect {
        try await KMIncidentService.Client(wrapping: client).streamIncidents(options: options) { writer in
          while true { try await writer.write(KMIncidentContext()) }
        } onResponse: { response in
          for try await _ in response.messages {}
        }
      } throws: { ($0 as? RPCError)?.code == .deadlineExceeded }
    }
  }

  @Test func metadataTravelsBothWays() async throws {
    let service = MetadataService()
    try await Self.withClient(service) { client, _ in
      var metadata = Metadata()
      metadata.addString("text", forKey: "plain")
      metadata.addBinary([0, 255, 10], forKey: "data-bin")
      let (headers, trailers) = try await KMIncidentService.Client(wrapping: client).streamIncidents(metadata: metadata)
      { _ in
      } onResponse: { response in
        var trailers = Metadata()
        for try await part in try response.accepted.get().bodyParts {
          if case .trailingMetadata(let metadata) = part { trailers = metadata }
        }
        return (response.metadata, trailers)
      }
      #expect(Array(headers["plain"]) == [.string("text")])
      #expect(Array(headers[binaryValues: "data-bin"]) == [[0, 255, 10]])
      #expect(Array(trailers[stringValues: "last"]) == ["word"])
    }
  }

  /// A server that reads nothing: once its window is full nothing more can come, and what a writer got rid of is bounded.
  @Test func aSlowReaderHoldsItsWriterBack() async throws {
    let size = 100_000
    let messages = 40
    let window = Int(HTTP2Settings.server.streamWindow)
    let received = EventLog<Int>()
    let opened = EventLog<(server: ScriptedServer.Handle, stream: Int32)>()
    let written = EventLog<Int>()
    try await ScriptedServer.serve { _, server, event in
      switch event {
      case .headers(let stream, _, _):
        if let handle = server.handle { opened.append((handle, stream)) }
      case .data(let stream, let bytes):
        received.append(bytes.count)
        // Held back before the window was full once, and read at once after that.
        if received.events.reduce(0, +) > window { server.handler?.session.consume(stream: stream, count: bytes.count) }
      case .remoteEnded(let stream): server.accept(stream)
      default: break
      }
    } _: { port in
      let transport = OrchestratorTransport(endpoint: try OrchestratorEndpoint(url: "http://127.0.0.1:\(port)"))
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await transport.connect() }
        group.addTask {
          try await Self.write(messages, size: size, over: transport, written)
          transport.beginGracefulShutdown()
        }
        await received.wait { $0.reduce(0, +) == window }
        // The window, the queue, and the message that overflows it.
        #expect(written.events.count <= (window + SendQueue.highWatermark) / size + 1)
        let (server, stream) = try #require(opened.events.first)
        server.run { $0.handler?.session.consume(stream: stream, count: window) }
        try await group.waitForAll()
      }
      #expect(written.events.count == messages)
    }
  }

  /// Writes messages of a size, and notes each that was taken.
  private static func write(
    _ count: Int, size: Int, over transport: OrchestratorTransport, _ written: EventLog<Int>
  ) async throws {
    try await transport.withStream(
      descriptor: MethodDescriptor(fullyQualifiedService: "s", method: "m"), options: .defaults
    ) { stream, _ in
      try await stream.outbound.write(.metadata([:]))
      for number in 0..<count {
        try await stream.outbound.write(.message([UInt8](repeating: 1, count: size)))
        written.append(number)
      }
      await stream.outbound.finish()
      for try await _ in stream.inbound {}
    }
  }

  @Test func aServerThatAnswersEarlyEndsTheWriter() async throws {
    try await Self.withClient(RefusingService()) { client, _ in
      await #expect {
        try await KMIncidentService.Client(wrapping: client).streamIncidents { writer in
          var incident = KMIncidentContext()
          incident.incidentID = String(repeating: "x", count: 100_000)
          while true { try await writer.write(incident) }
        } onResponse: { response in
          for try await _ in response.messages {}
        }
      } throws: { ($0 as? RPCError)?.code == .permissionDenied }
    }
  }

  @Test func anUnknownMethodIsUnimplemented() async throws {
    try await Self.withClient(TestService()) { client, _ in
      await #expect {
        try await client.unary(
          request: ClientRequest(message: KMIncidentContext()),
          descriptor: MethodDescriptor(fullyQualifiedService: "no.Service", method: "None"),
          serializer: ProtobufSerializer<KMIncidentContext>(), deserializer: ProtobufDeserializer<KMIncidentAck>(),
          options: .defaults
        ) { try $0.message }
      } throws: { ($0 as? RPCError)?.code == .unimplemented }
    }
  }

  @Test func callsThatDoNotWaitFailAtOnce() async throws {
    let port = try await withServer(TestService()) { port, _ in port }
    let log = EventLog<TransportEvent>()
    let transport = OrchestratorTransport(
      endpoint: try OrchestratorEndpoint(url: "http://127.0.0.1:\(port)"), onEvent: { log.append($0) })
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await transport.connect() }
      await log.wait { !$0.isEmpty }
      var options = CallOptions.defaults
      options.waitForReady = false
      await #expect {
        try await transport.withStream(
          descriptor: MethodDescriptor(fullyQualifiedService: "s", method: "m"), options: options
        ) { _, _ in }
      } throws: { ($0 as? RPCError)?.code == .unavailable }
      transport.beginGracefulShutdown()
      try await group.waitForAll()
    }
  }

  @Test func aTakenPortIsNamed() async throws {
    try await withServer(TestService()) { port, _ in
      let second = try OrchestratorServerTransport(host: "127.0.0.1", port: port)
      await #expect {
        try await second.listen { _, _ in }
      } throws: { ($0 as? OrchestratorError)?.message == "cannot listen on 127.0.0.1:\(port): Address already in use" }
      await #expect(throws: OrchestratorError.self) { try await second.boundPort }
    }
  }
}

/// Sends the request's metadata back.
struct MetadataService: KMIncidentService.ServiceProtocol {
  func streamIncidents(
    request: StreamingServerRequest<KMIncidentContext>, context: ServerContext
  ) async throws -> StreamingServerResponse<KMIncidentAck> {
    var metadata = Metadata()
    for (key, value) in request.metadata where key == "plain" || key == "data-bin" {
      switch value {
      case .string(let text): metadata.addString(text, forKey: key)
      case .binary(let bytes): metadata.addBinary(bytes, forKey: key)
      }
    }
    return StreamingServerResponse(metadata: metadata) { _ in ["last": "word"] }
  }
}

/// Refuses before it has read anything.
struct RefusingService: KMIncidentService.SimpleServiceProtocol {
  func streamIncidents(
    request: RPCAsyncSequence<KMIncidentContext, any Error>, response: RPCWriter<KMIncidentAck>, context: ServerContext
  ) async throws {
    throw RPCError(code: .permissionDenied, message: "not you")
  }
}
