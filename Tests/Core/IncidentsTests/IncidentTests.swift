import Contract
import Kubernetes
import SwiftProtobuf
import Testing
import Time

@testable import Incidents
@testable import Redaction

private let now = Timestamp(seconds: 1_795_000_000)

private func occurrence(message: String = "back-off 40s restarting failed container") -> Occurrence {
  let run = Termination(
    exitCode: 1, reason: "Error", message: "", startedAt: now.advanced(by: .seconds(-5)), finishedAt: now,
    containerID: "containerd://1")
  let container = ContainerSnapshot(
    name: "api", image: "shop/api:1", restartCount: 4, state: .waiting(reason: "CrashLoopBackOff", message: ""),
    lastTermination: run)
  let pod = PodSnapshot(namespace: "shop", name: "api-1", uid: "uid-1", node: "node-1", containers: [container])
  return Occurrence(
    identity: .init(
      podUID: "uid-1", container: "api", failureClass: .crashLoopBackOff, subject: "containerd://1", time: 1),
    pod: pod, container: container, reason: "CrashLoopBackOff", message: message, termination: run, failedAt: now)
}

private func incident(_ evidence: Evidence, budget: EvidenceBudget = .standard) -> Incident {
  Incident(
    occurrence(), in: ClusterIdentity(name: "test", uid: "cluster-1"), evidence: evidence,
    timings: StageTimings(detectedAt: now, harvest: .milliseconds(12)), toolVersion: "1.2.3", budget: budget)
}

private func log(_ text: [UInt8], omitted: Int = 0) -> LogEvidence {
  LogEvidence(container: "api", kind: .regular, previous: true, text: text, omittedBytes: omitted)
}

private func manifest(_ size: Int, name: String = "m") -> ManifestEvidence {
  ManifestEvidence(
    apiVersion: "v1", kind: "ConfigMap", namespace: "shop", name: name, uid: "u", resourceVersion: "1",
    json: Array(repeating: 0x61, count: size))
}

private func event(_ reason: String, _ message: String) -> EventSnapshot {
  var event = EventSnapshot()
  event.type = "x"
  event.reason = reason
  event.message = message
  event.component = "x"
  event.fieldPath = "x"
  return event
}

/// What the redaction engine would return for a value with nothing to mask.
private func redacted(_ incident: Incident) -> Redacted<Incident> {
  var value = incident
  value.recordRedaction(RedactionReport(ruleSetVersion: "t"))
  return Redacted(value, report: RedactionReport(ruleSetVersion: "t"))
}

@Suite("Incident")
struct IncidentTests {
  @Test("JSON and binary both come back, and both are the same incident")
  func roundTrips() throws {
    var evidence = Evidence()
    evidence.logs = [log(Array("one\ntwo".utf8))]
    evidence.gaps = [EvidenceGap(source: "log/api/current", reason: .unavailable, detail: "gone", httpStatus: 400)]
    let original = redacted(incident(evidence))
    let sealed = try original.sealed()
    #expect(try Incident(binary: sealed.encoded) == original.value)
    #expect(try Incident(json: original.json()) == original.value)
    #expect(sealed.id == occurrence().identity.incidentID(clusterUID: "cluster-1"))
    #expect(sealed.headline.pod == "api-1")
    #expect(original.value.message.logs[0].lines == 2)
  }

  @Test(
    "what is no incident is refused with a reason",
    arguments: [
      "", "{", "[]", "{}", "{\"incidentId\":\"x\",\"schemaVersion\":2}", "{\"schemaVersion\":99,\"incidentId\":\"0\"}",
      "{\"schemaVersion\":2,\"incidentId\":\"da9edfcff418d9eea4e7074a828ace8F\"}", "null",
      // No redaction rule reads an id: a text in its place would pass unmasked.
      "{\"schemaVersion\":2,\"incidentId\":\"da9edfcff418d9eea4e7074a828ace8f\",\"reference\":{\"incidentId\":\"hunter2\"}}",
    ])
  func refuses(json: String) {
    #expect(throws: IncidentFormatError.self) { try Incident(json: Array(json.utf8)) }
    #expect(throws: IncidentFormatError.self) { try Incident(binary: Array(json.utf8)) }
  }

  @Test("fields of a newer schema that no rule could look into are dropped")
  func unknownFields() throws {
    var bytes = try redacted(incident(Evidence())).sealed().encoded
    // Field 1000, length-delimited, on the top level.
    bytes += [0xC2, 0x3E, 0x06] + Array("secret".utf8)
    let read = try redacted(Incident(binary: bytes)).sealed()
    #expect(!String(decoding: read.encoded, as: UTF8.self).contains("secret"))
  }

  @Test("evidence over the budget is cut, marked and named in a gap")
  func budget() {
    var evidence = Evidence()
    evidence.logs = [
      log(Array(String(repeating: "0123456789\n", count: 100).utf8), omitted: 7), log(Array("short".utf8)),
    ]
    evidence.manifests = [manifest(50), manifest(200, name: "big"), manifest(60, name: "second")]
    evidence.events = (0..<5).map { event("\($0)", String(repeating: "é", count: 50)) }
    EvidenceBudget(log: 100, manifest: 100, manifests: 100, events: 3, message: 11).apply(to: &evidence)
    #expect(evidence.logs[0].text.count == 99)
    #expect(evidence.logs[0].text.starts(with: Array("0123456789\n".utf8)))
    #expect(evidence.logs[0].omittedBytes == 7 + 1100 - 99)
    #expect(evidence.logs[1].omittedBytes == 0)
    #expect(evidence.manifests.map(\.json.count) == [50, 0, 0])
    #expect(evidence.events.map(\.reason) == ["2", "3", "4"])
    #expect(evidence.events[0].message == "ééééé…")
    #expect(
      evidence.gaps.map(\.source) == [
        "log/api/previous", "manifest/ConfigMap/big", "manifest/ConfigMap/second", "events",
      ])
    #expect(evidence.gaps.allSatisfy { $0.reason == .truncated })
  }

  @Test("an incident whose masks made it too long is cut until it fits, the newest lines last")
  func fitsAfterRedaction() throws {
    var evidence = Evidence()
    evidence.logs = [log(Array((0..<30_000).map { "line \($0)\n" }.joined().utf8))]
    evidence.manifests = [manifest(200_000)]
    let tight = EvidenceBudget(log: 1 << 20, manifest: 1 << 20, encoded: 200_000)
    let sealed = try redacted(incident(evidence, budget: tight)).sealed()
    #expect(sealed.encoded.count <= 200_000)
    let read = try KMIncidentContext(serializedBytes: sealed.encoded)
    #expect(read.manifests[0].truncated)
    #expect(read.logs[0].truncated)
    #expect(read.logs[0].text.hasSuffix("line 29999\n"))
  }

  @Test("a second redaction adds to what the first recorded")
  func countsAdd() {
    var value = incident(Evidence())
    value.recordRedaction(RedactionReport(ruleSetVersion: "1", counts: ["a": 2, "b": 1]))
    value.recordRedaction(RedactionReport(ruleSetVersion: "2", counts: ["b": 3]))
    #expect(value.message.redaction.masked == 6)
    #expect(value.message.redaction.rules.map(\.rule) == ["a", "b"])
    #expect(value.message.redaction.rules.map(\.count) == [2, 4])
    #expect(value.message.redaction.ruleSetVersion == "2")
  }

  @Test("every text of the message is shown to the redaction engine")
  func visitsEverything() throws {
    var evidence = Evidence()
    evidence.logs = [log(Array("x".utf8))]
    evidence.manifests = [manifest(1)]
    evidence.owners = [
      OwnerEvidence(reference: OwnerReference(apiVersion: "x", kind: "x", name: "x", uid: "x"), verified: true)
    ]
    evidence.events = [event("x", "x")]
    evidence.gaps = [EvidenceGap(source: "x", reason: .error, detail: "x")]
    var suppressed = SuppressedFailures()
    suppressed.add(reason: "x", at: now)
    var value = Incident(
      occurrence(), in: ClusterIdentity(name: "c", uid: "u"), evidence: evidence,
      timings: StageTimings(detectedAt: now), suppressed: suppressed, toolVersion: "v")
    value.message.failure.imageID = "x"
    value.message.failure.lastTermination.message = "x"
    try value.visitTexts { text, _ throws(RedactionError) in text = "VISITED" }
    // Whatever string is left in the JSON was not shown to the engine.
    value.message.redaction = KMRedactionSummary()
    var left = try value.message.jsonString()
    // Made from the id, here and where a file is read.
    let trace = TraceContext.traceparent(ofIncident: value.message.incidentID)
    for allowed in [trace, value.message.incidentID, "VISITED"] { left = left.split(separator: allowed).joined() }
    var strings: [Substring] = []
    var pieces = left.split(separator: "\"", omittingEmptySubsequences: false)[...]
    while pieces.count >= 2 {
      pieces.removeFirst()
      let string = pieces.removeFirst()
      // Names of fields, enumerations, numbers and times are not texts from outside.
      if pieces.first?.hasPrefix(":") == true || string.isEmpty { continue }
      if string.allSatisfy({ $0.isUppercase || $0 == "_" }) { continue }
      if Timestamp(rfc3339: string) != nil || Int(string) != nil { continue }
      strings.append(string)
    }
    #expect(strings.isEmpty)
  }

  @Test("the text for people names what failed, shows the last lines, and lets no log steer the terminal")
  func text() {
    var evidence = Evidence()
    evidence.logs = [log(Array("first\n\u{1B}[31mred\u{1B}[0m\u{7}\nlast\u{202E}\n".utf8))]
    evidence.gaps = [EvidenceGap(source: "manifest/ConfigMap/settings", reason: .notFound, httpStatus: 404)]
    let rendered = IncidentText.render(
      redacted(incident(evidence)), style: .init(color: false, logLines: 2), now: now.advanced(by: .seconds(90)))
    #expect(rendered.contains("shop/api-1 container api  CrashLoopBackOff"))
    #expect(rendered.contains("exit code 1, Error, after 5s"))
    #expect(rendered.contains("(90s ago), 4 restarts"))
    #expect(rendered.contains("previous run: last 2 of 3 lines\n  red\u{FFFD}\n  last\u{FFFD}\n"))
    #expect(rendered.contains("manifest/ConfigMap/settings not found (HTTP 404)"))
    #expect(!rendered.contains("\u{1B}") && !rendered.contains("first\n"))
  }
}
