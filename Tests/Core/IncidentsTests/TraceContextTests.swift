import Contract
import Testing

@testable import Incidents

/// The trace context that goes to the orchestrator: W3C's format, and the same for the same incident.
@Suite("Trace context")
struct TraceContextTests {
  private static let id = "b87aa81c7aad5f3638d60d23481ec517"

  @Test func isWhatTheFormatAsks() {
    let text = TraceContext.traceparent(ofIncident: Self.id)
    let parts = text.split(separator: "-").map(String.init)
    #expect(text.utf8.count == 55)
    #expect(parts.map(\.utf8.count) == [2, 32, 16, 2])
    #expect(parts[0] == "00" && parts[1] == Self.id && parts[3] == "01")
    #expect(text.allSatisfy { $0 == "-" || ($0.isHexDigit && !$0.isUppercase) })
    #expect(parts[2].contains { $0 != "0" }, "a span of zeros is none")
    #expect(text == TraceContext.traceparent(ofIncident: Self.id))
    #expect(parts[2] != TraceContext.spanID(ofIncident: String(Self.id.reversed())))
  }

  @Test(arguments: ["", "abc", String(repeating: "0", count: 32), "B87AA81C7AAD5F3638D60D23481EC517"])
  func anIDThatIsNoTraceIDGivesNone(_ id: String) {
    #expect(TraceContext.traceparent(ofIncident: id).isEmpty)
  }

  @Test func aFileCannotBringItsOwn() throws {
    let json = #"{"schemaVersion":2,"incidentId":"\#(Self.id)","traceparent":"password=hunter2"}"#
    let incident = try Incident(json: Array(json.utf8))
    #expect(incident.message.traceparent == TraceContext.traceparent(ofIncident: Self.id))
    let renamed = incident.renamed(series: "a", round: 1)
    #expect(renamed.message.traceparent == TraceContext.traceparent(ofIncident: renamed.id))
    #expect(renamed.message.traceparent != incident.message.traceparent)
  }
}
