import Documents
import FoundationEssentials
import Randomness
import Testing
import Time

@testable import Kubernetes

/// What a real API server (1.20.2) answered in protobuf; the same answer in JSON lies beside it.
private func recorded(_ name: String) throws -> [UInt8] {
  let text = Data(try Fixture.bytes("protobuf-\(name).base64"))
  return Array(try #require(Data(base64Encoded: text, options: .ignoreUnknownCharacters)))
}

private func chunks(_ bytes: [UInt8], of size: Int) -> [[UInt8]] {
  stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
}

private func events(_ bytes: [UInt8], _ encoding: PodEncoding, chunk: Int = 16_384) throws -> [WatchEvent] {
  var reader = PodWatchReader(encoding)
  var events: [WatchEvent] = []
  for part in chunks(bytes, of: chunk) { try reader.receive(part, into: &events) }
  return events
}

private func pods(
  _ bytes: [UInt8], _ encoding: PodEncoding, chunk: Int = 16_384
) throws -> (pods: [PodSnapshot], metadata: ListMetadata) {
  var reader = PodListReader(encoding)
  let pods = try chunks(bytes, of: chunk).flatMap { try reader.receive($0) }
  let (rest, metadata) = try reader.finish()
  return (pods + rest, metadata)
}

/// Protobuf by hand.
private func field(_ number: Int, _ value: [UInt8]) -> [UInt8] {
  var length: [UInt8] = []
  var rest = value.count
  repeat {
    length.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
    rest >>= 7
  } while rest > 0
  // Two bytes hold the numbers above 15.
  let key = number << 3 | 2
  return (key < 0x80 ? [UInt8(key)] : [UInt8(key & 0x7F) | 0x80, UInt8(key >> 7)]) + length + value
}

private func field(_ number: Int, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

private func enveloped(_ kind: String, _ object: [UInt8]) -> [UInt8] {
  Array("k8s\0".utf8) + field(1, field(1, "v1") + field(2, kind)) + field(2, object)
}

private func frame(_ type: String, _ object: [UInt8], kind: String = "Pod") -> [UInt8] {
  let event = field(1, type) + field(2, field(1, enveloped(kind, object)))
  return withUnsafeBytes(of: UInt32(event.count).bigEndian) { Array($0) } + event
}

/// metadata of a pod with uid "u" and version 9.
private let metadata = field(1, field(1, "n") + field(5, "u") + field(6, "9"))

@Suite("Protobuf of the API server")
struct ProtobufTests {
  @Test("a list reads as its JSON does", arguments: [1, 7, 100, 3_000, 16_384])
  func list(chunk: Int) throws {
    let json = try pods(try Fixture.bytes("protobuf-list.json"), .json)
    let protobuf = try pods(try recorded("list"), .protobuf, chunk: chunk)
    #expect(protobuf.pods == json.pods)
    #expect(protobuf.metadata == json.metadata)
    // So that two decoders that read nothing do not agree on it.
    let pod = try #require(protobuf.pods.first)
    #expect(pod.containers.map(\.name) == ["setup", "app", "side", "quiet", "debug"])
    #expect(pod.containers[1].lastTermination?.reason == "OOMKilled")
    #expect(pod.containers[1].lastTermination?.signal == 9)
    #expect(pod.containers[3].image == "example.com/quiet:3")
    #expect(pod.containers[3].state == .terminated(Termination(exitCode: -1)))
    #expect(pod.controller?.uid == "aaaaaaaa-2222-3333-4444-555555555555")
    #expect(pod.message == "what — it says")
  }

  @Test("a watch reads as its JSON does", arguments: [1, 13, 4_096, 65_536])
  func watch(chunk: Int) throws {
    let json = try events(try Fixture.bytes("protobuf-watch.jsonl"), .json)
    let protobuf = try events(try recorded("watch"), .protobuf, chunk: chunk)
    #expect(protobuf == json)
    #expect(protobuf.count == 5)
    #expect(protobuf.last == .bookmark(resourceVersion: "28517", endsInitialEvents: false))
  }

  @Test func refusals() throws {
    guard case .error(let expired) = try events(try recorded("410-watch"), .protobuf).first else {
      Issue.record("no error")
      return
    }
    #expect(expired.code == 410)
    #expect(expired.reason == "Expired")
    let missing = try #require(StatusBody(body: try recorded("404")))
    #expect(missing.code == 404)
    #expect(missing.message == #"pods "nix" not found"#)
    #expect(StatusBody(body: try recorded("list")) == nil)
    #expect(StatusBody(body: try Fixture.bytes("403-secrets.json"))?.code == 403)
    let throttled = enveloped("Status", field(5, [0x28, 0x07]) + [0x30, 0xAD, 0x03])
    #expect(StatusBody(body: throttled)?.retryAfterSeconds == 7)
    #expect(StatusBody(body: throttled)?.code == 429)
  }

  @Test func contentTypes() {
    let types: [(String?, PodEncoding)] = [
      ("application/vnd.kubernetes.protobuf", .protobuf),
      ("application/vnd.kubernetes.protobuf;stream=watch", .protobuf),
      ("Application/vnd.kubernetes.protobuf ; x=y", .protobuf), ("application/json", .json), ("text/plain", .json),
      ("", .json), (nil, .json), ("application/vnd.kubernetes.protobuf2", .json),
    ]
    for (type, encoding) in types { #expect(PodEncoding(contentType: type) == encoding, "\(type ?? "none")") }
  }

  @Test func sidecarsProbesAndUnscheduledPods() throws {
    func container(_ name: String, _ more: [UInt8] = []) -> [UInt8] { field(1, name) + field(2, name + ":1") + more }
    let killed = field(3, field(3, [0x08, 0x89, 0x01] + field(3, "Error")))
    let spec =
      field(20, container("proxy", field(24, "Always"))) + field(20, container("setup", field(24, "Never")))
      + field(2, container("app", field(10, []))) + field(34, field(1, container("debug")))
    let status =
      field(13, field(1, "debug")) + field(8, field(1, "app") + killed) + field(10, field(1, "setup"))
      + field(10, field(1, "proxy"))
    // The status before the spec: the order of fields is free.
    let object = field(3, status) + field(2, spec) + metadata
    guard case .added(let pod) = try events(frame("ADDED", object), .protobuf).first else {
      Issue.record("not added")
      return
    }
    #expect(pod.containers.map(\.kind) == [.initial, .sidecar, .regular, .ephemeral])
    #expect(pod.containers.map(\.image) == ["setup:1", "proxy:1", "app:1", "debug:1"])
    #expect(pod.containers.map(\.isProbed) == [false, false, true, false])

    let condition =
      field(1, "PodScheduled") + field(2, "False") + field(5, "Unschedulable") + field(6, "0/3 nodes")
      + field(4, [0x08, 0x05])
    let pending = metadata + field(3, field(1, "Pending") + field(2, condition))
    guard case .modified(let waiting) = try events(frame("MODIFIED", pending), .protobuf).first else {
      Issue.record("not modified")
      return
    }
    #expect(waiting.unscheduled == Unscheduled(since: Timestamp(seconds: 5), message: "0/3 nodes"))
  }

  @Test func theBookmarkThatEndsAStreamingList() throws {
    func bookmark(_ value: String) -> [UInt8] {
      field(1, field(6, "8") + field(12, field(1, "k8s.io/initial-events-end") + field(2, value)))
    }
    #expect(
      try events(frame("BOOKMARK", bookmark("true")) + frame("BOOKMARK", bookmark("no")), .protobuf) == [
        .bookmark(resourceVersion: "8", endsInitialEvents: true),
        .bookmark(resourceVersion: "8", endsInitialEvents: false),
      ])
  }

  @Test(
    "one object that cannot be read is no end of the stream",
    arguments: [
      (frame("RENAMED", metadata), "9"), (frame("ADDED", field(1, field(1, "n") + field(6, "9"))), "9"),
      (frame("ADDED", field(1, [0x08, 0x01] + field(6, "9"))), "9"),
      (frame("MODIFIED", metadata + [0x18, 0x01]), "9"), (frame("ADDED", []), nil), (frame("", metadata), "9"),
    ] as [([UInt8], String?)])
  func undecodable(bytes: [UInt8], version: String?) throws {
    #expect(
      try events(bytes + frame("ADDED", metadata), .protobuf) == [
        .undecodable(resourceVersion: version), .added(PodSnapshot(name: "n", uid: "u", resourceVersion: "9")),
      ])
  }

  @Test func anItemThatIsNoPodIsCounted() throws {
    let list = field(1, field(2, "7") + field(3, "T")) + field(2, [0x08, 0x01]) + field(2, metadata) + [0x48, 0x01]
    let (pods, read) = try pods(enveloped("PodList", list) + field(3, ""), .protobuf, chunk: 3)
    #expect(pods.map(\.uid) == ["u"])
    #expect(read == ListMetadata(resourceVersion: "7", continueToken: "T", skipped: 1))
  }

  @Test(
    "a broken list",
    arguments: [
      Array("k8s\0".utf8), Array("k8".utf8), [], Array(#"{"items":[]}"#.utf8), field(2, metadata),
      // Cut in an item, at its end, and in the envelope; an item longer than its list; one longer than is taken in.
      Array(enveloped("PodList", field(2, metadata) + field(2, metadata)).dropLast(3)),
      Array(enveloped("PodList", field(2, metadata) + field(2, metadata)).dropLast(field(2, metadata).count)),
      enveloped("PodList", field(2, metadata)) + [0x1A, 0x05],
      enveloped("PodList", Array(field(2, metadata).dropLast())),
      Array("k8s\0".utf8) + [0x12, 0xFF, 0xFF, 0xFF, 0x7F, 0x12, 0xFF, 0xFF, 0xFF, 0x3F],
      Array("k8s\0".utf8) + [0x0A, 0xFF, 0xFF, 0xFF, 0x7F],
    ] as [[UInt8]])
  func brokenList(bytes: [UInt8]) {
    for chunk in [1, 5, 1_000] {
      let error = #expect(throws: APIError.self) { try pods(bytes, .protobuf, chunk: chunk) }
      #expect(error?.code == .malformed)
    }
  }

  @Test(
    "a broken watch",
    arguments: [
      [0, 0, 0, 0], [0, 0, 0, 2, 0x0A, 0x09], [0x7F, 0, 0, 0], Array("HTTP/1.1 502".utf8),
      Array(#"{"type":"ADDED"}"#.utf8) + [0x0A], [0, 0, 0, 4, 0x12, 0x02, 0x0A, 0x00],
      frame("ADDED", metadata + [0x12, 0x05]), frame("ADDED", [0x0B]),
    ] as [[UInt8]])
  func brokenWatch(bytes: [UInt8]) {
    let error = #expect(throws: APIError.self) { try events(bytes, .protobuf) }
    #expect(error?.code == .malformed)
  }

  @Test("no mutation of recorded bytes makes a decoder trap", arguments: ["watch", "list", "410-watch", "404"])
  func mutated(name: String) throws {
    let whole = try recorded(name)
    var random = SplitMix64(seed: 7)
    for _ in 0..<1_500 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...30, using: &random)))
        case 2: bytes.replaceSubrange(at...at, with: [UInt8](repeating: 0xFF, count: 10))
        default: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 20)], at: at)
        }
        if bytes.isEmpty { bytes = [0] }
      }
      let chunk = Int.random(in: 1...bytes.count, using: &random)
      _ = try? events(bytes, .protobuf, chunk: max(64, chunk))
      _ = try? pods(bytes, .protobuf, chunk: max(64, chunk))
      _ = StatusBody(body: bytes)
    }
  }
}
