import Contract
import Delivery
import Documents
import Incidents
import OrchestratorClient
import Redaction
import SwiftProtobuf
import Testing

@testable import kube_mind

/// Incidents as files of each kind have them.
enum RecordedIncidents {
  static func message(_ number: Int, detectedAt: Int64? = nil, log: String = "started\n") -> KMIncidentContext {
    .with {
      $0.schemaVersion = 2
      $0.incidentID = String(repeating: "0", count: 28) + "\(1_000 + number)"
      $0.workload.namespace = "shop"
      $0.workload.pod = "api-\(number)"
      $0.workload.podUid = "uid-\(number)"
      $0.failure.class = .crashLoopBackOff
      $0.failure.reason = "CrashLoopBackOff"
      $0.timings.detectedAt.seconds = detectedAt ?? 1_790_000_000 + Int64(number)
      $0.logs = [.with { $0.text = log }]
    }
  }

  static func incident(_ number: Int, log: String = "started\n") throws -> Incident {
    try Incident(binary: try message(number, log: log).serializedBytes())
  }

  /// An incident that `strict` cannot vouch for: its log is longer than that redactor takes.
  static func withheld(_ number: Int) throws -> Incident {
    try incident(number, log: String(repeating: "ghp_", count: 1_000))
  }

  /// A redactor of texts of at most 1,000 bytes.
  static func strict() throws -> Redactor {
    try Redactor(options: RedactionOptions(largestText: 1_000))
  }
}

@Suite("incident files")
struct IncidentFilesTests {
  private func ids(_ bytes: [UInt8]) throws -> [String] {
    try IncidentFiles.parse(bytes, name: "f").map { String($0.id.suffix(4)) }
  }

  @Test func everyKindIsRead() throws {
    let redactor = try Redactor()
    let messages = (1...3).map { RecordedIncidents.message($0) }
    let json = try messages.map { try $0.jsonUTF8Bytes() as [UInt8] }
    #expect(try ids(json[0]) == ["1001"])
    #expect(try ids(json[0] + Array("\n".utf8)) == ["1001"])
    #expect(try ids(Array(json.joined(separator: Array("\n".utf8)))) == ["1001", "1002", "1003"])
    #expect(try ids(Array(json.joined(separator: Array("\r\n\n \n".utf8)))) == ["1001", "1002", "1003"])
    let pretty = String(decoding: json[0], as: UTF8.self).split(separator: ",", omittingEmptySubsequences: false)
      .joined(separator: ",\n  ")
    #expect(try ids(Array(pretty.utf8)) == ["1001"])
    #expect(try ids(messages[1].serializedBytes()) == ["1002"])
    var capsules: [UInt8] = []
    for message in messages {
      capsules += try redactor.redact(try Incident(binary: message.serializedBytes())).capsule(toolVersion: "1")
    }
    #expect(try ids(capsules) == ["1001", "1002", "1003"])
  }

  @Test(arguments: [
    ("", "f: empty"), (" \n\t", "f: empty"), ("hello", "f: neither JSON, nor a capsule, nor a binary incident"),
    ("{}", "f: not an incident"), ("{", "f: not an incident"), ("[]", "f: neither JSON"),
    ("kube-mind-capsule 1\n{}\n", "f: capsule 1 at byte 0: not a capsule: its second line lacks"),
    ("kube-mind-capsule 9\n", "f: capsule 1 at byte 0: a capsule of a version"),
  ])
  func whatIsNoIncidentIsNamed(text: String, message: String) {
    let failure = #expect(throws: CommandFailure.self) { try IncidentFiles.parse(Array(text.utf8), name: "f") }
    #expect(failure?.status == .failure)
    #expect(failure?.message.hasPrefix(message) == true, "\(failure?.message ?? "")")
  }

  @Test func theBadLineIsNamed() throws {
    let json: [UInt8] = try RecordedIncidents.message(1).jsonUTF8Bytes()
    let failure = #expect(throws: CommandFailure.self) {
      try IncidentFiles.parse(json + Array("\n\n{\"schemaVersion\":2}\n".utf8), name: "f")
    }
    #expect(failure?.message.hasPrefix("f:3: not an incident") == true)
  }

  @Test func anAlteredCapsuleAmongOthersIsNamed() throws {
    let redactor = try Redactor()
    var bytes = try redactor.redact(try RecordedIncidents.incident(1)).capsule(toolVersion: "1")
    let length = bytes.count
    bytes += try redactor.redact(try RecordedIncidents.incident(2)).capsule(toolVersion: "1")
    bytes[bytes.count - 80] ^= 1
    let failure = #expect(throws: CommandFailure.self) { try IncidentFiles.parse(bytes, name: "f") }
    #expect(failure?.message == "f: capsule 2 at byte \(length): the capsule was altered: its sha256 does not fit")
  }

  @Test func aSecretInAFileDoesNotLeave() throws {
    let incident = try RecordedIncidents.incident(1, log: "login with password=corr3ct-h0rse-battery\n")
    let sealed = try Resealing.seal(incident, with: try Redactor())
    #expect(sealed.headline.masked > 0)
    #expect(!String(decoding: sealed.encoded, as: UTF8.self).contains("corr3ct-h0rse-battery"))
  }

  @Test func recordsAreWrittenAsJSON() throws {
    let redactor = try Redactor()
    let sealed = try Resealing.seal(try RecordedIncidents.incident(1), with: redactor)
    let receipt = DeliveryEvent.Receipt(
      isDuplicate: true, receivedAt: nil, latency: .microseconds(1_234), age: .seconds(1))
    for (record, outcome, reason) in [
      (DeliveryRecord(sealed.label, .acknowledged(receipt)), "duplicate", nil),
      (DeliveryRecord(sealed.label, .rejected(reason: "no \"x\"\n")), "rejected", "no \"x\"\n"),
      (DeliveryRecord(sealed.label, .failed(reason: "gone")), "failed", "gone"),
      (DeliveryRecord(withheld: "1", reason: "why"), "withheld", "why"),
    ] {
      let json = try JSONDocument(Array(record.json.utf8))
      #expect(json.string("outcome") == outcome)
      #expect(json.string("reason") == reason)
      #expect(!record.json.contains("\n"))
    }
    #expect(DeliveryRecord(sealed.label, .acknowledged(receipt)).json.contains("\"ms\":1.234"))
    let failure = #expect(throws: CommandFailure.self) {
      try SendCommand.check(
        [DeliveryRecord(sealed.label, .failed(reason: "gone")), DeliveryRecord(withheld: "1", reason: "why")], at: "o:1"
      )
    }
    #expect(failure?.status == .withheld)
    #expect(
      failure?.message
        == "1 of 2 incidents were not acknowledged by o:1: failed: gone; 1 of 2 incidents were withheld and not sent")
    #expect(throws: Never.self) {
      try SendCommand.check([DeliveryRecord(sealed.label, .acknowledged(receipt))], at: "o:1")
    }
  }
}
