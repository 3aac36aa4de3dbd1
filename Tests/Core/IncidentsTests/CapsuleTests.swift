import Contract
import Documents
import FoundationEssentials
import Randomness
import SwiftProtobuf
import Testing
import Time

@testable import Incidents
@testable import Redaction

/// An incident as redaction leaves it.
private func redacted(_ id: Int = 1, log: String = "panic: password=[REDACTED]") -> Redacted<Incident> {
  let message = KMIncidentContext.with {
    $0.schemaVersion = 2
    $0.incidentID = String(repeating: "0", count: 30) + (id < 10 ? "0\(id)" : "\(id)")
    $0.traceparent = TraceContext.traceparent(ofIncident: $0.incidentID)
    $0.workload.pod = "api-\(id)"
    $0.timings.detectedAt = .init(Timestamp(seconds: 1_000))
    $0.logs = [.with { $0.text = log }]
  }
  var incident = Incident(message: message)
  let report = RedactionReport(ruleSetVersion: "7", counts: ["key-value": 2, "url \"x\"": 1])
  incident.recordRedaction(report)
  return Redacted(incident, report: report)
}

@Suite("Capsule")
struct CapsuleTests {
  /// FIPS 180-4's own examples, and lengths around a block's end (checked with sha256sum).
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (String(repeating: "a", count: 55), "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
    (String(repeating: "a", count: 56), "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
    (String(repeating: "a", count: 64), "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
    (String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
  ])
  func digests(text: String, digest: String) {
    #expect(SHA256.hexadecimal(of: Array(text.utf8)) == digest)
  }

  @Test func whatIsWrittenIsReadAndTellsOfItself() throws {
    let incident = redacted()
    let bytes = try incident.capsule(toolVersion: "1.2.3")
    var position = 0
    let (read, manifest) = try Capsule.read(bytes, at: &position)
    #expect(position == bytes.count)
    #expect(read.message == incident.value.message)
    #expect(manifest.incidentID == incident.value.id)
    #expect(manifest.schemaVersion == 2)
    #expect(manifest.toolName == "kube-mind")
    #expect(manifest.toolVersion == "1.2.3")
    #expect(manifest.redaction == incident.report)
    #expect(Capsule.begins(bytes))
    // Its second line is JSON for anybody, and the incident can be cut out with its length alone.
    let lines = bytes.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false)
    let line = try JSONDocument(Array(lines[1]))
    #expect(line.integer("redaction", "masked") == 3)
    let size = try #require(line.integer("incident", "bytes"))
    #expect(try KMIncidentContext(serializedBytes: Array(lines[2].prefix(size))) == incident.value.message)
  }

  @Test func capsulesMayFollowEachOther() throws {
    let all = try (1...3).flatMap { try redacted($0).capsule(toolVersion: "1") }
    var position = 0
    var pods: [String] = []
    while position < all.count { pods.append(try Capsule.read(all, at: &position).incident.message.workload.pod) }
    #expect(pods == ["api-1", "api-2", "api-3"])
  }

  @Test func anyAlteredByteIsRefused() throws {
    let bytes = try redacted(log: "short").capsule(toolVersion: "1")
    for index in bytes.indices {
      var altered = bytes
      altered[index] ^= 1
      var position = 0
      #expect(throws: IncidentFormatError.self, "byte \(index)") { try Capsule.read(altered, at: &position) }
    }
    for count in bytes.indices {
      var position = 0
      #expect(throws: IncidentFormatError.self, "\(count) bytes") {
        try Capsule.read(Array(bytes.prefix(count)), at: &position)
      }
    }
  }

  /// Somebody who alters a capsule may put its hashes right: then the two halves must at least agree.
  @Test(arguments: [
    ("\"incidentId\":\"0", "\"incidentId\":\"f", "second line is about another"),
    ("\"schemaVersion\":2", "\"schemaVersion\":1", "second line is about another"),
    ("\"key-value\":2", "\"key-value\":0", "second line is about another"),
    ("\"key-value\":2", "\"key-value\":x", "lacks something"),
    ("\"sha256\":\"", "\"sha256\":\"0", "sha256 of its incident"),
    ("\"bytes\":", "\"bytes\":-", "announces"), ("\"bytes\":", "\"bytes\":99999999", "announces"),
    ("capsule 1", "capsule 2", "does not know"), ("capsule 1", "capsule 11", "does not know"),
  ])
  func halvesThatDisagreeAreRefused(old: String, new: String, reason: String) throws {
    let bytes = try redacted(log: "x").capsule(toolVersion: "1")
    let split = try #require(bytes.lastIndex(of: UInt8(ascii: "\n"), before: bytes.count - 1))
    var text = Array(bytes[..<split])
    let range = try #require(text.range(of: Array(old.utf8)))
    text.replaceSubrange(range, with: Array(new.utf8))
    text += Array("\nsha256 \(SHA256.hexadecimal(of: text))\n".utf8)
    var position = 0
    #expect {
      try Capsule.read(text, at: &position)
    } throws: { "\($0)".contains(reason) }
  }

  /// Whatever stands in a file ends in an incident or in one line that says why not, and `position` never runs away.
  @Test(arguments: 0..<4)
  func hostileBytesAreRefused(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let honest = try redacted(1).capsule(toolVersion: "1") + redacted(2).capsule(toolVersion: "1")
    for _ in 0..<400 {
      var bytes = honest
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[at] = .random(in: 0...255, using: &random)
        case 1: bytes.insert(contentsOf: bytes[at..<min(at + 30, bytes.count)], at: at)
        case 2: bytes.removeSubrange(at..<min(at + 20, bytes.count - 1))
        default: bytes.replaceSubrange(at..<min(at + 4, bytes.count), with: Array("9999".utf8))
        }
      }
      var position = 0
      var read = 0
      do {
        while position < bytes.count {
          let start = position
          _ = try Capsule.read(bytes, at: &position)
          read += 1
          #expect(position > start && position <= bytes.count)
        }
        // The bytes that were changed happen to be those of before.
        #expect(bytes == honest)
      } catch {
        #expect(read <= 2)
        #expect(!"\(error)".contains("\n"))
      }
    }
  }

  @Test func timesMoveTogetherAndIdsStay() throws {
    var incident = redacted().value
    incident.message.failure.failedAt = .init(Timestamp(seconds: 990))
    incident.message.failure.lastTermination.startedAt = .init(Timestamp(seconds: 900))
    incident.message.failure.lastTermination.finishedAt = .init(Timestamp(seconds: 990))
    incident.message.rollout.rolledOutAt = .init(Timestamp(seconds: 947))
    incident.message.suppressed.firstAt = .init(Timestamp(seconds: 950))
    incident.message.suppressed.lastAt = .init(Timestamp(seconds: 980))
    incident.message.events = [
      .with {
        $0.firstSeen = .init(Timestamp(seconds: 1))
        $0.lastSeen = .init(Timestamp(seconds: 2))
      }, .init(),
    ]
    let moved = incident.detected(at: Timestamp(seconds: 5_000))
    let message = moved.message
    #expect(moved.id == incident.id)
    #expect(moved.detectedAt == Timestamp(seconds: 5_000))
    #expect(message.failure.failedAt.seconds == 4_990)
    #expect(message.failure.lastTermination.startedAt.seconds == 4_900)
    #expect(message.failure.lastTermination.finishedAt.seconds == 4_990)
    #expect(message.rollout.rolledOutAt.seconds == 4_947)
    #expect(message.suppressed.firstAt.seconds == 4_950)
    #expect(message.suppressed.lastAt.seconds == 4_980)
    #expect(message.events[0].firstSeen.seconds == 4_001)
    #expect(message.events[0].lastSeen.seconds == 4_002)
    #expect(!message.events[1].hasFirstSeen && !message.events[1].hasLastSeen)
    // Back again is where it was: nothing else was touched.
    #expect(moved.detected(at: Timestamp(seconds: 1_000)) == incident)
  }

  /// A time that is added to the contract and not moved would tell of two times in one incident: it fails here first.
  @Test func everyTimeOfTheContractIsMoved() throws {
    let file = #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/Protos/kube-mind.proto"
    let contract = String(decoding: try Data(contentsOf: URL(filePath: "/" + file)), as: UTF8.self)
    let times = contract.split(separator: "\n").map { $0.drop { $0 == " " } }
      .filter { $0.hasPrefix("google.protobuf.Timestamp ") }.compactMap { $0.split(separator: " ").dropFirst().first }
    #expect(
      times == [
        "failed_at", "started_at", "finished_at", "rolled_out_at", "first_seen", "last_seen", "detected_at", "first_at",
        "last_at",
        // Of the acknowledgement, which nobody replays.
        "received_at",
      ])
  }

  @Test func newIdsDependOnSeriesAndRoundAlone() throws {
    let incident = redacted().value
    let first = incident.renamed(series: "a", round: 0)
    #expect(first.id == incident.renamed(series: "a", round: 0).id)
    #expect(first.id.utf8.count == 32)
    let others = [
      incident.id, incident.renamed(series: "a", round: 1).id, incident.renamed(series: "b", round: 0).id,
      redacted(2).value.renamed(series: "a", round: 0).id,
    ]
    #expect(Set(others + [first.id]).count == 5)
  }
}

extension [UInt8] {
  fileprivate func lastIndex(of byte: UInt8, before end: Int) -> Int? { self[..<end].lastIndex(of: byte) }

  fileprivate func range(of part: [UInt8]) -> Range<Int>? {
    indices.first { self[$0...].starts(with: part) }.map { $0..<$0 + part.count }
  }
}
