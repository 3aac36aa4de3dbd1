import Kubernetes
import KubernetesClient
import Synchronization
import Testing
import Time

private let status403 = Array(
  #"{"kind":"Status","code":403,"reason":"Forbidden","message":"pods is forbidden:\n User \"x\""}"#.utf8)

@Suite("API client", .timeLimit(.minutes(15)))
struct APIClientTests {
  @Test func callsAndHeaders() async throws {
    let answer = ScriptedServer.Answer(headers: [("X-Y", " z ")], parts: [Array("ab".utf8), Array("c".utf8)])
    try await ScriptedServer.run({ _, _ in answer }) { server in
      try await withClient(of: server) { access in
        access.server.prefix = "/k8s"
        access.credential = .token("secret")
        access.impersonation = .init(user: "jane", groups: ["dev"], extra: [.init(key: "a/b", values: ["1"])])
      } _: { client async throws in
        let answer = try await client.send(.version)
        #expect(answer.status == 200)
        #expect(answer.body == Array("abc".utf8))
        #expect(answer.headers["x-y"] == "z")
        _ = try await client.send(APIRequest(method: .put, path: "/x", body: Array("{}".utf8)))
        _ = try await client.send(APIRequest(method: .post, path: "/y", body: []))
      }
      let requests = server.requests
      #expect(requests.map(\.method) == ["GET", "PUT", "POST"])
      #expect(requests.map(\.target) == ["/k8s/version", "/k8s/x", "/k8s/y"])
      #expect(requests[1].body == Array("{}".utf8))
      #expect(requests[1].headers["content-type"] == "application/json")
      #expect(requests[0].headers["authorization"] == "Bearer secret")
      #expect(requests[0].headers["impersonate-user"] == "jane")
      #expect(requests[0].headers["impersonate-group"] == "dev")
      #expect(requests[0].headers["impersonate-extra-a%2fb"] == "1")
      #expect(requests[0].headers["user-agent"] == "kube-mind")
      #expect(Set(requests.map(\.connection)).count == 1, "short calls share a connection")
    }
  }

  @Test(
    "refusals are errors with the server's words",
    arguments: [
      (401, APIError.Code.unauthorized), (403, .forbidden), (404, .notFound), (410, .expired), (400, .status(400)),
      (500, .status(500)),
    ])
  func refusals(status: Int, code: APIError.Code) async throws {
    try await ScriptedServer.run({ _, _ in .init(status: status, parts: [status403]) }) { server in
      try await withClient(of: server) { client async throws in
        let error = await #expect(throws: APIError.self) { try await client.send(.version) }
        #expect(error?.code == code)
        #expect(error?.message.contains("pods is forbidden:  User") == true)
        #expect(error?.message.contains("\n") == false)
        let streamError = await #expect(throws: APIError.self) { try await client.stream(.version) }
        #expect(streamError == error)
      }
    }
  }

  @Test func waitsAsTheServerSays() async throws {
    let time = TestTime()
    try await ScriptedServer.run({ _, index in
      index < 2 ? .init(status: index == 0 ? 429 : 503, headers: [("Retry-After", "\(index + 1)")]) : .init()
    }) { server in
      try await withClient(of: server, time: time) { client async throws in
        #expect(try await client.send(.version).status == 200)
      }
    }
    #expect(time.sleeps == [.seconds(1), .seconds(2)])
  }

  @Test func aGetThatIsCutOffIsSentAgain() async throws {
    try await ScriptedServer.run({ _, index in
      index < 2 ? .init(parts: [[1]], end: .cut) : .init(parts: [[2]])
    }) { server in
      try await withClient(of: server, time: TestTime()) { client async throws in
        #expect(try await client.send(.version).body == [2])
        #expect(server.requests.count == 3)
      }
    }
  }

  @Test func aWriteThatIsCutOffIsNot() async throws {
    try await ScriptedServer.run({ _, _ in .init(parts: [[1]], end: .cut) }) { server in
      try await withClient(of: server) { client async throws in
        let error = await #expect(throws: APIError.self) {
          try await client.send(APIRequest(method: .put, path: "/", body: [0x7B, 0x7D], timeout: nil))
        }
        #expect(error?.code == .unreachable)
        #expect(server.requests.count == 1)
      }
    }
  }

  @Test func limits() async throws {
    let parts = (0..<100).map { [UInt8](repeating: UInt8($0), count: 1_000) }
    try await ScriptedServer.run({ _, _ in .init(parts: parts) }) { server in
      try await withClient(of: server) { client async throws in
        let kept = try await client.send(APIRequest(path: "/", responseLimit: .keepEnd(bytes: 1_500)))
        #expect(kept.body == [UInt8](repeating: 98, count: 500) + [UInt8](repeating: 99, count: 1_000))
        #expect(kept.omittedBytes == 98_500)
        let exact = try await client.send(APIRequest(path: "/", responseLimit: .refuse(bytes: 100_000)))
        #expect(exact.body.count == 100_000)
        let error = await #expect(throws: APIError.self) {
          try await client.send(APIRequest(path: "/", responseLimit: .refuse(bytes: 99_999)))
        }
        #expect(error?.code == .tooLarge)
      }
    }
  }

  @Test func refusedConnection() async throws {
    try await ScriptedServer.run({ _, _ in .init() }) { server in
      try await withClient(
        of: server,
        {
          $0.server.port = 1; $0.source = "context a of /x"
        }
      ) { client async throws in
        let error = await #expect(throws: APIError.self) { try await client.send(.version) }
        #expect(error?.code == .unreachable)
        #expect(
          error?.message
            == "cannot reach http://127.0.0.1:1: Connection refused; is the API server up, and the address right? (context a of /x)"
        )
      }
    }
  }

  @Test("proxy-url is used, and by it alone the server's name is resolved")
  func proxy() async throws {
    try await ScriptedServer.run({ _, _ in .init(parts: [[7]]) }) { server in
      try await withClient(
        of: server,
        {
          $0.proxy = "http://127.0.0.1:\(server.port)"
          $0.server = ServerURL(isTLS: false, host: "cluster.invalid", port: 8080)
        }
      ) { client async throws in
        #expect(try await client.send(.version).body == [7])
        #expect(server.requests.map(\.target) == ["http://cluster.invalid:8080/version"])
      }
    }
  }

  @Test("logs of a node that does not answer keep nothing else waiting")
  func hangingLogs() async throws {
    let (arrivals, arrived) = AsyncStream<Void>.makeStream()
    try await ScriptedServer.run({ request, _ in
      guard request.target.contains("/log?") else { return .init(parts: [[7]]) }
      arrived.yield()
      return .init(parts: [[1]], end: .stall)
    }) { server in
      try await withClient(of: server) { client async throws in
        let logs = (0..<20).map { number in
          Task {
            try? await client.send(
              .podLog(namespace: "n", name: "p\(number)", container: "c", tailLines: 10, limit: 100))
          }
        }
        defer { for log in logs { log.cancel() } }
        // As many as short calls have connections.
        var waiting = arrivals.makeAsyncIterator()
        for _ in 0..<8 { await waiting.next() }
        #expect(try await client.send(.pod(namespace: "n", name: "p")).body == [7])
      }
    }
  }

  @Test func timeouts() async throws {
    try await ScriptedServer.run({ _, _ in .init(parts: [[1]], end: .stall) }) { server in
      try await withClient(of: server) { client async throws in
        let error = await #expect(throws: APIError.self) {
          try await client.send(APIRequest(path: "/", timeout: .milliseconds(50)))
        }
        #expect(error?.code == .timeout)
        let idle = await #expect(throws: APIError.self) {
          let stream = try await client.stream(APIRequest(path: "/", timeout: nil), idleLimit: .milliseconds(50))
          while try await stream.next() != nil {}
        }
        #expect(idle?.code == .timeout)
      }
    }
  }

  @Test func tokenIsReadAgainAfterA401() async throws {
    try await ScriptedServer.run({ _, index in .init(status: index == 0 ? 401 : 200) }) { server in
      try await withClient(of: server, { $0.credential = .token("same") }) { client async throws in
        let error = await #expect(throws: APIError.self) { try await client.send(.version) }
        #expect(error?.code == .unauthorized)
        #expect(server.requests.count == 1, "a fixed token is not tried twice")
      }
    }
  }

  @Test(arguments: ["a\nX-Evil: 1", "a\r", "\u{0}"])
  func headersCannotBeSmuggled(token: String) async throws {
    try await ScriptedServer.run({ _, _ in .init() }) { server in
      try await withClient(of: server, { $0.credential = .token(token) }) { client async throws in
        let error = await #expect(throws: APIError.self) { try await client.send(.version) }
        #expect(error?.code == .configuration)
        #expect(server.requests.isEmpty)
      }
    }
  }
}

@Suite("API streams", .timeLimit(.minutes(15)))
struct APIStreamTests {
  private func read(_ stream: APIStream) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    while let chunk = try await stream.next() { bytes += chunk.bytes }
    return bytes
  }

  @Test("a reader that waits stops the server, and loses nothing")
  func backpressure() async throws {
    let parts = (0..<1_000).map { [UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: 16 << 10) }
    let written = Mutex(0)
    try await ScriptedServer.run({ _, _ in
      .init(parts: parts, written: { index in written.withLock { $0 = index + 1 } })
    }) { server in
      try await withClient(of: server) { client async throws in
        let stream = try await client.stream(APIRequest(path: "/", timeout: nil))
        let first = try #require(try await stream.next())
        // While this reader is away, other exchanges go on.
        for _ in 0..<20 {
          let other = try await client.stream(APIRequest(path: "/", timeout: nil))
          _ = try await other.next()
        }
        var bytes = first.bytes
        while let chunk = try await stream.next() {
          #expect(chunk.bytes.count <= (64 << 10) + (16 << 10))
          bytes += chunk.bytes
        }
        #expect(bytes == parts.flatMap { $0 })
      }
    }
  }

  @Test func aCutIsAnError() async throws {
    try await ScriptedServer.run({ _, _ in .init(parts: [[1, 2]], end: .cut) }) { server in
      try await withClient(of: server) { client async throws in
        let stream = try await client.stream(.version)
        let error = await #expect(throws: APIError.self) { try await read(stream) }
        #expect(error?.code == .unreachable)
      }
    }
  }

  @Test("cancelling a task ends its exchange, at whatever point", arguments: 0..<20)
  func cancellation(round: Int) async throws {
    try await ScriptedServer.run({ _, _ in .init(parts: [[1]], end: .stall) }) { server in
      try await withClient(of: server) { client async throws in
        for _ in 0..<10 {
          let call = Task { try await client.send(APIRequest(path: "/", timeout: nil)) }
          let stream = Task {
            let stream = try await client.stream(APIRequest(path: "/", timeout: nil))
            return try await read(stream)
          }
          for _ in 0..<round * 3 { await Task.yield() }
          call.cancel()
          stream.cancel()
          let failure = await #expect(throws: APIError.self) { try await call.value }
          #expect(failure?.code == .cancelled)
          let other = await #expect(throws: APIError.self) { try await stream.value }
          #expect(other?.code == .cancelled)
        }
      }
    }
  }

  @Test func shutdownEndsAll() async throws {
    try await ScriptedServer.run({ _, _ in .init(parts: [[1]], end: .stall) }) { server in
      try await withClient(of: server) { client async throws in
        let stream = try await client.stream(.version)
        _ = try await stream.next()
        let call = Task { try await client.send(APIRequest(path: "/", timeout: nil)) }
        while server.requests.count < 2 { await Task.yield() }
        client.shutdown()
        let error = await #expect(throws: APIError.self) { try await stream.next() }
        #expect(error?.code == .cancelled)
        await #expect(throws: APIError.self) { try await call.value }
        let late = await #expect(throws: APIError.self) { try await client.send(.version) }
        #expect(late?.code == .cancelled)
      }
    }
  }

  @Test func streamsHaveConnectionsOfTheirOwn() async throws {
    try await ScriptedServer.run({ request, _ in
      request.target == "/watch" ? .init(parts: [[1]], end: .stall) : .init()
    }) { server in
      try await withClient(of: server) { client async throws in
        var streams: [APIStream] = []
        for _ in 0..<12 { streams.append(try await client.stream(APIRequest(path: "/watch", timeout: nil))) }
        for _ in 0..<3 { _ = try await client.send(.version) }
        #expect(Set(server.requests.map(\.connection)).count == 13)
        for stream in streams { #expect(try await stream.next()?.bytes == [1]) }
      }
    }
  }
}
