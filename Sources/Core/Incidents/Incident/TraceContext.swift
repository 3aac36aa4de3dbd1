/// The trace context of an incident, as OpenTelemetry's tools take it (https://www.w3.org/TR/trace-context/, version 00): the incident's
/// id is the trace id, and the sensor's own work on it is the parent span of whatever the orchestrator does.
///
/// Made from the id alone, so that a retry, a failover and a replay continue the same trace.
package enum TraceContext {
  /// `00-TRACE-PARENT-01`, sampled: an incident is rare, and never one too many. Empty for an id that is no trace id, which is none of
  /// 32 digits or nothing but zeros.
  package static func traceparent(ofIncident id: String) -> String {
    guard isTraceID(id) else { return "" }
    return "00-\(id)-\(spanID(ofIncident: id))-01"
  }

  /// The sensor's span: 16 hexadecimal digits, never all zero, for that would mean none.
  package static func spanID(ofIncident id: String) -> String {
    var hash = StableHash()
    hash.add(id)
    hash.add("span")
    let digits = hash.hexadecimal.suffix(16)
    return digits.allSatisfy { $0 == "0" } ? "0000000000000001" : String(digits)
  }

  private static func isTraceID(_ id: String) -> Bool {
    let isHexadecimal = id.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    return id.utf8.count == 32 && isHexadecimal && id.utf8.contains { $0 != 0x30 }
  }
}
