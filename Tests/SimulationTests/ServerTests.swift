import Testing
import Time

@testable import Simulation

/// Over a real socket.
@Suite("API server on a socket", .timeLimit(.minutes(15)))
struct ServerTests {
  private let cluster = SimulatedCluster(time: ManualTime())

  private func pod(_ name: String, _ phase: String = "Running") -> JSONValue {
    [
      "metadata": ["name": .string(name), "namespace": "s"], "spec": ["nodeName": "n"],
      "status": ["phase": .string(phase)],
    ]
  }

  private func withServer(_ body: (Int) async throws -> Void) async throws {
    let port = try await cluster.start()
    do {
      try await body(port)
    } catch {
      await cluster.stop()
      throw error
    }
    await cluster.stop()
  }

  @Test func listAndGet() async throws {
    try cluster.create(.pod, pod("a"))
    try await withServer { port in
      let list = try await RawHTTP.get(port: port, "/api/v1/pods?resourceVersion=0")
      #expect(list.head.hasPrefix("HTTP/1.1 200 OK"))
      #expect(list.body.holds(#"{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":""#))
      let missing = try await RawHTTP.get(port: port, "/api/v1/namespaces/s/pods/none")
      #expect(missing.head.hasPrefix("HTTP/1.1 404 Not Found"))
      let version = try await RawHTTP.get(port: port, "/version")
      #expect(version.body.holds("v1.20.2"))
      #expect(cluster.requestCounts == [.list: 1, .get: 1, .other: 1])
      #expect(cluster.requestLog.map(\.verb) == ["list", "get", ""])
      #expect(cluster.requestLog[1].resource == "pods" && cluster.requestLog[1].name == "none")
    }
  }

  @Test("a watch gets a change as a chunk of its own, and ends cleanly at its time-out")
  func watch() async throws {
    try cluster.create(.pod, pod("a"))
    let version = cluster.resourceVersion
    try await withServer { port in
      let request = "GET /api/v1/pods?watch=1&resourceVersion=\(version)"
      let bytes = try await RawHTTP.exchange(
        port: port, "\(request) HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n",
        until: { $0.holds("}\n") },
        afterFirstBytes: { try cluster.update(.pod, "s", "a") { $0["status"]?["phase"] = "Failed" } })
      let (head, body) = RawHTTP.split(bytes)
      #expect(head.lowercased().contains("transfer-encoding: chunked"))
      #expect(body.holds(#"{"type":"MODIFIED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a""#))
      let ended = try await RawHTTP.exchange(
        port: port, "\(request)&timeoutSeconds=1 HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
      #expect(ended.suffix(5) == [0x30, 13, 10, 13, 10])
    }
    #expect(cluster.openWatches == 0)
  }

  @Test("a cut line ends without the last chunk")
  func cut() async throws {
    cluster.inject(.cutMidLine)
    let version = cluster.resourceVersion
    try cluster.create(.pod, pod("a"))
    try await withServer { port in
      let bytes = try await RawHTTP.exchange(
        port: port, "GET /api/v1/pods?watch=1&resourceVersion=\(version) HTTP/1.1\r\nHost: t\r\n\r\n")
      #expect(bytes.holds(#"{"type":"ADDED""#))
      #expect(!bytes.holds("}}}\n"))
      #expect(bytes.suffix(5) != [0x30, 13, 10, 13, 10])
    }
  }

  @Test("stop cuts an open watch, and start brings back what is stored")
  func restart() async throws {
    try cluster.create(.pod, pod("a"))
    // Below the ports that the system gives to whoever asks for any: another test could have this one when the server comes back.
    let port = try await cluster.start(port: Int.random(in: 20_000..<30_000))
    _ = try await RawHTTP.exchange(
      port: port, "GET /api/v1/pods?watch=1&resourceVersion=\(cluster.resourceVersion) HTTP/1.1\r\nHost: t\r\n\r\n",
      afterFirstBytes: { await cluster.stop() })
    #expect(cluster.openWatches == 0)
    // A process that another test has just started may hold the old listener until it runs its own program. The suite's limit ends this.
    var again: Int?
    while again == nil {
      do { again = try await cluster.start(port: port) } catch {
        guard error.message.contains("Address already in use") else { throw error }
        try await Task.sleep(for: .milliseconds(10))
      }
    }
    #expect(again == port)
    let list = try await RawHTTP.get(port: port, "/api/v1/pods")
    #expect(list.body.holds(#""name":"a""#))
    await cluster.stop()
  }

  @Test("a client that leaves ends its watch")
  func leaving() async throws {
    try await withServer { port in
      _ = try await RawHTTP.exchange(
        port: port, "GET /api/v1/pods?watch=1&resourceVersion=\(cluster.resourceVersion) HTTP/1.1\r\nHost: t\r\n\r\n",
        until: { _ in true })
      while cluster.openWatches > 0 { await Task.yield() }
    }
  }

  @Test(
    "faults instead of an answer",
    arguments: [
      (APIFault.tooManyRequests(retryAfter: 7), "HTTP/1.1 429 Too Many Requests", "retry-after: 7"),
      (.forbidden, "HTTP/1.1 403 Forbidden", "application/json"), (.internalError, "HTTP/1.1 500", "application/json"),
      (.gone, "HTTP/1.1 410 Gone", "application/json"), (.unauthorized, "HTTP/1.1 401", "application/json"),
      (.slow(.milliseconds(30)), "HTTP/1.1 200 OK", "application/json"), (.hangUp, "", ""),
    ])
  func faults(fault: APIFault, status: String, header: String) async throws {
    cluster.inject(fault, on: .list)
    try await withServer { port in
      let first = try await RawHTTP.get(port: port, "/api/v1/pods")
      #expect(first.head.hasPrefix(status))
      #expect(first.head.lowercased().contains(header))
      let second = try await RawHTTP.get(port: port, "/api/v1/pods")
      #expect(second.head.hasPrefix("HTTP/1.1 200 OK"))
    }
  }

  @Test("leases: update, conflict, create, and only the one of the role; access reviews answer what the role allows")
  func writes() async throws {
    cluster.setAccess(.observer(token: "t"))
    try cluster.create(.lease, ["metadata": ["name": "kube-mind-observer", "namespace": "kube-mind"]])
    try await withServer { port in
      func send(_ method: String, _ path: String, _ body: String) async throws -> (head: String, body: [UInt8]) {
        RawHTTP.split(
          try await RawHTTP.exchange(
            port: port,
            "\(method) \(path) HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer t\r\nConnection: close\r\n"
              + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"))
      }
      let leases = "/apis/coordination.k8s.io/v1/namespaces/kube-mind/leases"
      let lease = #"{"metadata":{"name":"l","namespace":"kube-mind"},"spec":{"holderIdentity":"a"}}"#
      #expect(try await send("POST", leases, lease).head.hasPrefix("HTTP/1.1 403"))
      #expect(try await send("PUT", leases + "/l", lease).head.hasPrefix("HTTP/1.1 403"))
      let read = try await send("GET", leases + "/kube-mind-observer", "")
      let held = String(decoding: read.body, as: UTF8.self)
      #expect(try await send("PUT", leases + "/kube-mind-observer", held).head.hasPrefix("HTTP/1.1 200"))
      let conflict = try await send("PUT", leases + "/kube-mind-observer", held)
      #expect(conflict.head.hasPrefix("HTTP/1.1 409"))
      #expect(conflict.body.holds("the object has been modified; please apply your changes to the latest version"))
      let review = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
      for (resource, allowed) in [("pods", true), ("secrets", false)] {
        let answer = try await send(
          "POST", review, #"{"spec":{"resourceAttributes":{"verb":"list","resource":"\#(resource)"}}}"#)
        #expect(answer.body.holds(#""allowed":\#(allowed)"#))
      }
      cluster.setAccess(nil)
      #expect(try await send("POST", leases, lease).head.hasPrefix("HTTP/1.1 201"))
      #expect(try await send("POST", leases, lease).body.holds(#"leases.coordination.k8s.io \"l\" already exists"#))
      #expect(try await send("POST", leases, "k8s\u{0}").head.hasPrefix("HTTP/1.1 400"))
    }
  }

  @Test("the recorded watch is served byte for byte, and goes on after a version")
  func recorded() async throws {
    let file = try Fixture.bytes("watch/pods.jsonl")
    var traffic = try RecordedTraffic.load(folder: Fixture.folder + "/objects")
    traffic.merge(try RecordedTraffic.load(folder: Fixture.folder + "/logs"))
    traffic.add(
      try RecordedStream.load(path: Fixture.folder + "/watch/pods.jsonl", endsAfterLastLine: true), podsOf: "shop",
      openedAt: 408)
    cluster.serve(traffic)
    try await withServer { port in
      let path = "/api/v1/namespaces/shop/pods"
      #expect(try await RawHTTP.get(port: port, path + "?watch=1&resourceVersion=408").body == file)
      let rest = try await RawHTTP.get(port: port, path + "?watch=1&resourceVersion=1289").body
      #expect(rest.count < file.count && file.suffix(rest.count) == rest[...])
      #expect(
        try JSONValue(parsing: await RawHTTP.get(port: port, "/api/v1/pods").body)
          == ["kind": "PodList", "apiVersion": "v1", "metadata": ["resourceVersion": "408"], "items": []])
      let other = try await RawHTTP.get(port: port, path + "/payments-api-65d9d4fdd-j9rrz").body
      #expect(try JSONValue(parsing: other).at("metadata", "uid") == "478b4df0-b019-4813-bbd8-5180be1cfbc1")
      #expect(file.holds(String(decoding: other, as: UTF8.self)))
      let pod = try Fixture.target("objects/pod-payments-api.json")
      #expect(try await RawHTTP.get(port: port, pod).body == (try Fixture.bytes("objects/pod-payments-api.json")))
      let log = try await RawHTTP.get(port: port, pod + "/log?container=api&previous=true&tailLines=50")
      #expect(log.body.holds("payments-api"))
      let events = try Fixture.target("objects/events-ledger.json")
      #expect(try await RawHTTP.get(port: port, events).body == (try Fixture.bytes("objects/events-ledger.json")))
    }
  }
}
