import Documents
import Randomness
import Testing
import Time

@testable import Kubernetes

/// One event in the form of `pods.projection.txt`.
private func projection(_ event: WatchEvent) -> String {
  switch event {
  case .added(let pod): "ADDED " + projection(pod)
  case .modified(let pod): "MODIFIED " + projection(pod)
  case .deleted(let pod): "DELETED " + projection(pod)
  case .bookmark(let version, _): "BOOKMARK \(version)"
  case .error(let status): "ERROR \(status.code)"
  case .undecodable: "UNDECODABLE"
  }
}

private func projection(_ pod: PodSnapshot) -> String {
  var fields = [
    pod.namespace, pod.name, pod.uid, pod.resourceVersion, pod.node.isEmpty ? "-" : pod.node, "\(pod.deleting)",
  ]
  fields += [pod.controller.map { "\($0.kind)/\($0.name)" } ?? "-", pod.phase]
  fields += pod.containers.map { container in
    [
      "\(container.kind)", container.name, container.image, container.imageID, container.containerID,
      "\(container.restartCount)", projection(container.state), container.lastTermination.map(projection) ?? "-",
    ].joined(separator: "|")
  }
  return fields.joined(separator: " ")
}

private func projection(_ state: ContainerState) -> String {
  switch state {
  case .unknown: "unknown"
  case .waiting(let reason, let message): "waiting(\(reason),\(message.utf8.count))"
  case .running(let time): "running(\(time?.formatted(.seconds) ?? "-"))"
  case .terminated(let termination): "terminated(\(projection(termination)))"
  }
}

private func projection(_ end: Termination) -> String {
  let times = [end.startedAt, end.finishedAt].map { $0?.formatted(.seconds) ?? "-" }
  return "\(end.exitCode),\(end.reason),\(times[0]),\(times[1]),\(end.containerID)"
}

private func event(_ text: String) throws(JSONError) -> WatchEvent {
  let result: Result<WatchEvent, JSONError> = Array(text.utf8).withUnsafeBytes { bytes in
    do throws(JSONError) { return .success(try WatchEvent(line: bytes)) } catch { return .failure(error) }
  }
  return try result.get()
}

@Suite("Watch events")
struct WatchEventTests {
  @Test("a recorded watch reads as another program reads it", arguments: [1_233_763, 16_384, 4_096, 777, 61])
  func recordedWatch(chunkSize: Int) throws {
    let bytes = try Fixture.bytes("pods.jsonl")
    let expected = String(decoding: try Fixture.bytes("pods.projection.txt"), as: UTF8.self).split(separator: "\n")
    var decoder = WatchDecoder()
    var seen: [WatchEvent] = []
    for start in stride(from: 0, to: bytes.count, by: chunkSize) {
      try decoder.receive(Array(bytes[start..<min(start + chunkSize, bytes.count)]), into: &seen)
    }
    #expect(seen.count == expected.count)
    for (event, line) in zip(seen, expected) { #expect(projection(event) == line) }
  }

  @Test func expiredInsideTheStream() throws {
    let line = try Fixture.bytes("410-watch-events-rv1.jsonl")
    var decoder = WatchDecoder()
    var events: [WatchEvent] = []
    try decoder.receive(line, into: &events)
    guard case .error(let status) = events.first else {
      Issue.record("no error")
      return
    }
    #expect(status.code == 410)
    #expect(status.reason == "Expired" || status.reason == "Gone")
    #expect(status.message.hasSuffix("too old."))
  }

  @Test func sidecarsAndImagesOfTheSpec() throws {
    let line = #"""
      {"object":{"status":{"initContainerStatuses":[{"name":"proxy","image":"","state":{}},{"name":"setup","image":"s:1"}],
      "ephemeralContainerStatuses":[{"name":"debug","image":"d:1","lastState":null,"state":null}]},
      "spec":{"ephemeralContainers":null,"initContainers":[{"name":"proxy","image":"p:2","restartPolicy":"Always"},{"name":"setup"}]},
      "metadata":{"uid":"u","name":"n","deletionTimestamp":null}},"type":"ADDED"}
      """#.filter { $0 != "\n" }
    guard case .added(let pod) = try event(line) else {
      Issue.record("not added")
      return
    }
    #expect(pod.containers.map(\.kind) == [.sidecar, .initial, .ephemeral])
    #expect(pod.containers.map(\.image) == ["p:2", "s:1", "d:1"])
    #expect(!pod.deleting)
  }

  @Test func bookmarks() throws {
    let plain =
      #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7"},"spec":{"containers":null},"status":{}}}"#
    #expect(try event(plain) == .bookmark(resourceVersion: "7", endsInitialEvents: false))
    let last =
      #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"8","annotations":{"k8s.io/initial-events-end":"true"}}}}"#
    #expect(try event(last) == .bookmark(resourceVersion: "8", endsInitialEvents: true))
  }

  @Test(
    "one object that cannot be read is no end of the stream",
    arguments: [
      #"{"type":"ADDED","object":{"metadata":{"name":5,"resourceVersion":"9"}}}"#,
      #"{"type":"ADDED","object":{"metadata":{"resourceVersion":"9"},"status":[]}}"#,
      #"{"type":"ADDED","object":{"metadata":{"name":"n","uid":"","resourceVersion":"9"}}}"#,
      #"{"type":"RENAMED","object":{"metadata":{"name":"n","uid":"u","resourceVersion":"9"}}}"#,
      #"{"type":"MODIFIED","object":{"metadata":{"name":"n","uid":"u","resourceVersion":"9"},"status":{"containerStatuses":[{"restartCount":1.5}]}}}"#,
    ])
  func undecodable(line: String) throws {
    #expect(try event(line) == .undecodable(resourceVersion: "9"))
  }

  @Test(arguments: ["{}", #"{"type":"ADDED"}"#, #"{"type":5,"object":{}}"#, #"{"type":"ADDED","object":5}"#])
  func undecodableWithoutVersion(line: String) throws {
    #expect(try event(line) == .undecodable(resourceVersion: nil))
  }

  @Test(arguments: [#"{"type":"ADDED","object":{"metadata""#, "x", "[]x", #"{"type":"ADDED"}}"#])
  func brokenStream(line: String) {
    var decoder = WatchDecoder()
    var events: [WatchEvent] = []
    #expect(throws: JSONError.self) { try decoder.receive(Array((line + "\n").utf8), into: &events) }
  }

  @Test func aLineWithoutEndIsRefused() throws {
    var decoder = WatchDecoder()
    let chunk = [UInt8](repeating: 0x20, count: 1 << 20)
    var events: [WatchEvent] = []
    for _ in 0..<8 { try decoder.receive(chunk, into: &events) }
    #expect(throws: JSONError.self) { try decoder.receive(chunk, into: &events) }
    #expect(events.isEmpty)
  }

  @Test("no mutation of a recorded watch makes the decoder trap")
  func mutated() throws {
    let lines = try Fixture.bytes("pods.jsonl").split(separator: 0x0A).prefix(40).map(Array.init)
    var random = SplitMix64(seed: 1)
    for _ in 0..<600 {
      var line = lines.randomElement(using: &random) ?? []
      for _ in 0..<3 {
        let at = Int.random(in: 0..<line.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: line[at] = UInt8.random(in: 0...255, using: &random)
        case 1: line.removeSubrange(at..<min(line.count, at + Int.random(in: 1...30, using: &random)))
        default: line.insert(contentsOf: line[at..<min(line.count, at + 20)], at: at)
        }
      }
      var decoder = WatchDecoder()
      var events: [WatchEvent] = []
      try? decoder.receive(line + [0x0A], into: &events)
    }
  }
}
