import FoundationEssentials
internal import GRPCCore
internal import GRPCProtobuf
internal import SwiftProtobuf
internal import Synchronization
internal import Testing

@testable internal import OrchestratorClient

#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// Every kind of call against the Echo service (Tests/Peers/echo.proto): of this process, or of the peer that scripts/peers.sh
/// started, which is Python's grpcio or gRPC's C++ library. The same tests for all of them.
@Suite(.timeLimit(.minutes(15)))
struct ConformanceTests {
  typealias Client = GRPCClient<OrchestratorTransport>
  typealias Bytes = Google_Protobuf_BytesValue

  private static let service = "kubemind.test.v1.Echo"

  private static func method(_ name: String, _ kind: MethodDescriptor.RPCType) -> MethodDescriptor {
    MethodDescriptor(fullyQualifiedService: service, method: name, type: kind)
  }

  static func bytes(_ text: String) -> Bytes {
    .with { $0.value = .init(text.utf8) }
  }

  private static func bytes(of size: Int) -> Bytes {
    .with { $0.value = .init(repeating: 0x61, count: size) }
  }

  private static func text(_ bytes: Bytes) -> String {
    String(decoding: bytes.value, as: UTF8.self)
  }

  /// Runs with a client of the peer, or of a server of this process where there is none.
  static func withClient(
    isCompressing: Bool = false, _ body: @Sendable (Client) async throws -> Void
  ) async throws {
    @Sendable func run(_ endpoint: OrchestratorEndpoint) async throws {
      let client = Client(transport: OrchestratorTransport(endpoint: endpoint))
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await client.runConnections() }
        try await body(client)
        client.beginGracefulShutdown()
        try await group.waitForAll()
      }
    }
    if Peer.isThere {
      try await run(try Peer.endpoint(isCompressing: isCompressing))
    } else {
      try await withServer(EchoService()) { port, _ in
        try await run(
          try OrchestratorEndpoint(url: "http://127.0.0.1:\(port)", isCompressing: isCompressing))
      }
    }
  }

  static func unary(
    _ client: Client, _ message: Bytes, method name: String = "Unary", options: CallOptions = .defaults
  ) async throws -> Bytes {
    try await client.unary(
      request: ClientRequest(message: message), descriptor: method(name, .unary),
      serializer: ProtobufSerializer<Bytes>(), deserializer: ProtobufDeserializer<Bytes>(), options: options
    ) { try $0.message }
  }

  private static func collect(_ client: Client, _ messages: [Bytes]) async throws -> String {
    try await client.clientStreaming(
      request: StreamingClientRequest { writer in for message in messages { try await writer.write(message) } },
      descriptor: method("Collect", .clientStreaming), serializer: ProtobufSerializer<Bytes>(),
      deserializer: ProtobufDeserializer<Bytes>(), options: .defaults
    ) { text(try $0.message) }
  }

  private static func chat(
    _ client: Client, _ messages: [Bytes], options: CallOptions = .defaults,
    _ each: @escaping @Sendable (Bytes) async throws -> Void = { _ in }
  ) async throws {
    try await client.bidirectionalStreaming(
      request: StreamingClientRequest { writer in for message in messages { try await writer.write(message) } },
      descriptor: method("Chat", .bidirectionalStreaming), serializer: ProtobufSerializer<Bytes>(),
      deserializer: ProtobufDeserializer<Bytes>(), options: options
    ) { response in
      for try await message in response.messages { try await each(message) }
    }
  }

  // 3.5 MiB is the contract's largest incident.
  @Test(arguments: [0, 1, 1_023, 1_024, 16_384, 65_535, 65_536, 3_670_016], [false, true])
  func messagesOfAllSizesComeBack(size: Int, isCompressing: Bool) async throws {
    try await Self.withClient(isCompressing: isCompressing) { client in
      let message = Self.bytes(of: size)
      #expect(try await Self.unary(client, message) == message)
      let received = Mutex<[Int]>([])
      try await Self.chat(client, [message, Self.bytes(""), message]) { answer in
        received.withLock { $0.append(answer.value.count) }
      }
      #expect(received.withLock { $0 } == [size, 0, size])
    }
  }

  @Test func clientStreamsAreCounted() async throws {
    try await Self.withClient { client in
      let many = [Bytes](repeating: Self.bytes(of: 10_000), count: 300)
      for (messages, count) in [([], "0 0"), ([Self.bytes("")], "1 0"), (many, "300 3000000")] {
        let counted = try await Self.collect(client, messages)
        #expect(counted == count)
      }
    }
  }

  @Test(arguments: [(0, 0), (1, 0), (1_000, 10), (40, 200_000)])
  func serverStreamsArrive(count: Int, size: Int) async throws {
    try await Self.withClient { client in
      let received = Mutex<[Int]>([])
      try await client.serverStreaming(
        request: ClientRequest(message: Self.bytes("\(count) \(size)")),
        descriptor: Self.method("Expand", .serverStreaming), serializer: ProtobufSerializer<Bytes>(),
        deserializer: ProtobufDeserializer<Bytes>(), options: .defaults
      ) { response in
        for try await message in response.messages {
          received.withLock { $0.append(message.value.count) }
          // A reader that is slower than the server: the windows hold the rest back.
          if size > 100_000 { try await Task.sleep(for: .milliseconds(1)) }
        }
      }
      #expect(received.withLock { $0 } == [Int](repeating: size, count: count))
    }
  }

  @Test func aServerThatReadsSlowlyIsWaitedFor() async throws {
    try await Self.withClient { client in
      let received = Mutex(0)
      let messages = (0..<8).flatMap { _ in [Self.bytes("slow"), Self.bytes(of: 400_000)] }
      try await Self.chat(client, messages) { _ in received.withLock { $0 += 1 } }
      #expect(received.withLock { $0 } == 16)
    }
  }

  /// What the readers of all of them took together is more than the windows of one connection hold.
  @Test func manyStreamsAtOnceComeToTheirEnd() async throws {
    try await Self.withClient { client in
      let received = EventLog<Int>()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<40 {
          group.addTask {
            try await Self.chat(client, [Bytes](repeating: Self.bytes(of: 1_000), count: 150)) { _ in
              received.append(number)
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(received.events.count == 40 * 150)
    }
  }

  @Test func metadataTravelsBothWays() async throws {
    try await Self.withClient { client in
      var metadata = Metadata()
      metadata.addString("one", forKey: "echo")
      metadata.addString("two, three", forKey: "echo")
      let binary: [[UInt8]] = [[0, 255, 10, 13], [], Array(0...255)]
      for value in binary { metadata.addBinary(value, forKey: "echo-bin") }
      let (initial, trailing) = try await client.unary(
        request: ClientRequest(message: Self.bytes("x"), metadata: metadata),
        descriptor: Self.method("Unary", .unary), serializer: ProtobufSerializer<Bytes>(),
        deserializer: ProtobufDeserializer<Bytes>(), options: .defaults
      ) { ($0.metadata, $0.trailingMetadata) }
      #expect(Array(initial[stringValues: "echo"]) == ["one", "two, three"])
      // Some servers fold the values of one key into one field, divided by commas.
      let values = Array(trailing[stringValues: "echo-bin"]).flatMap {
        $0.split(separator: ",", omittingEmptySubsequences: false)
      }
      let decoded = values.map { text -> [UInt8] in
        var one = Metadata()
        one.addString(String(text), forKey: "v-bin")
        return one[binaryValues: "v-bin"].first { _ in true } ?? []
      }
      #expect(decoded == binary)
    }
  }

  @Test func anErrorIsTold() async throws {
    try await Self.withClient { client in
      for call in [
        { try await Self.chat(client, [Self.bytes("a"), Self.bytes("fail"), Self.bytes("b")]) },
        { _ = try await Self.unary(client, Self.bytes("fail")) },
      ] as [@Sendable () async throws -> Void] {
        let error = await #expect(throws: RPCError.self) { try await call() }
        #expect(error?.code == .aborted && error?.message == "said so")
      }
      let unknown = await #expect(throws: RPCError.self) {
        try await Self.unary(client, Self.bytes(""), method: "None")
      }
      #expect(unknown?.code == .unimplemented)
    }
  }

  @Test(arguments: [false, true])
  func aDeadlineEndsACall(isStream: Bool) async throws {
    try await Self.withClient { client in
      var options = CallOptions.defaults
      options.timeout = .milliseconds(300)
      let error = await #expect(throws: RPCError.self) {
        if isStream {
          try await Self.chat(client, [Self.bytes("a"), Self.bytes("hang")], options: options)
        } else {
          _ = try await Self.unary(client, Self.bytes("hang"), options: options)
        }
      }
      #expect(error?.code == .deadlineExceeded)
    }
  }

  /// The server learns of it, and the connection goes on.
  @Test func aCancelledCallEndsAtTheServer() async throws {
    try await Self.withClient { client in
      func cancelled() async throws -> Int {
        Int(Self.text(try await Self.unary(client, Self.bytes(""), method: "Cancelled"))) ?? -1
      }
      let before = try await cancelled()
      // The answer to "a" may come before "hang" is read, and then there is nothing to count: again, until there is. A server
      // that never learns of it runs into the time limit.
      repeat {
        let begun = EventLog<Bool>()
        await withTaskGroup(of: Void.self) { group in
          group.addTask {
            try? await Self.chat(client, [Self.bytes("a"), Self.bytes("hang")]) { _ in begun.append(true) }
          }
          await begun.wait { !$0.isEmpty }
          group.cancelAll()
        }
      } while try await cancelled() == before
      #expect(Self.text(try await Self.unary(client, Self.bytes("still here"))) == "still here")
    }
  }
}

/// Echo in this process: as echo.proto says.
final class EchoService: RegistrableRPCService {
  typealias Bytes = Google_Protobuf_BytesValue

  private let cancelled = Mutex(0)

  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    func register(
      _ name: String,
      _ handler: @escaping @Sendable (StreamingServerRequest<Bytes>) async throws -> StreamingServerResponse<Bytes>
    ) {
      router.registerHandler(
        forMethod: MethodDescriptor(fullyQualifiedService: "kubemind.test.v1.Echo", method: name),
        deserializer: ProtobufDeserializer<Bytes>(), serializer: ProtobufSerializer<Bytes>()
      ) { request, _ in try await handler(request) }
    }
    register("Unary") { request in
      var initial = Metadata()
      var trailing = Metadata()
      for (key, value) in request.metadata where key == "echo" { initial.addString(value.encoded(), forKey: key) }
      for value in request.metadata[binaryValues: "echo-bin"] { trailing.addBinary(value, forKey: "echo-bin") }
      let trailers = trailing
      return StreamingServerResponse(metadata: initial) { writer in
        for try await message in request.messages { try await self.answer(message, writer) }
        return trailers
      }
    }
    register("Chat") { request in
      StreamingServerResponse { writer in
        for try await message in request.messages {
          try await self.answer(message, writer)
          if message.value == .init("slow".utf8) { try await Task.sleep(for: .milliseconds(50)) }
        }
        return [:]
      }
    }
    register("Collect") { request in
      StreamingServerResponse { writer in
        var count = 0
        var size = 0
        for try await message in request.messages {
          count += 1
          size += message.value.count
        }
        try await writer.write(.with { $0.value = .init("\(count) \(size)".utf8) })
        return [:]
      }
    }
    register("Expand") { request in
      StreamingServerResponse { writer in
        for try await message in request.messages {
          let words = String(decoding: message.value, as: UTF8.self).split(separator: " ").compactMap { Int($0) }
          let answer = Bytes.with { $0.value = .init(repeating: 0x78, count: words.last ?? 0) }
          for _ in 0..<(words.first ?? 0) { try await writer.write(answer) }
        }
        return [:]
      }
    }
    register("Cancelled") { request in
      StreamingServerResponse { writer in
        for try await _ in request.messages {}
        let count = self.cancelled.withLock { $0 }
        try await writer.write(.with { $0.value = .init("\(count)".utf8) })
        return [:]
      }
    }
  }

  private func answer(_ message: Bytes, _ writer: RPCWriter<Bytes>) async throws {
    switch String(decoding: message.value.prefix(8), as: UTF8.self) {
    case "fail": throw RPCError(code: .aborted, message: "said so")
    case "hang":
      // Ends with the call: that it is cancelled is told by a handler, and does not cancel the task.
      let over = Alarm()
      await withRPCCancellationHandler {
        await over.wait()
      } onCancelRPC: {
        over.ring()
      }
      cancelled.withLock { $0 += 1 }
      throw RPCError(code: .cancelled, message: "cancelled")
    default: try await writer.write(message)
    }
  }
}
