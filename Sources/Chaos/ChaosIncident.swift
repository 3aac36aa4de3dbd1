internal import Incidents
internal import Redaction

/// The incidents of a run. Everything about one follows from its number, so that each process knows it.
enum ChaosIncident {
  /// Pods that fail in turn: incident `n` is of pod `n % podCount`.
  static let podCount = 40
  /// Every so many-th incident is large: half a megabyte, more than fits into a window of HTTP/2.
  static let largeInterval = 100

  /// incident_id: the number in 32 hexadecimal digits.
  static func id(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 32 - digits.utf8.count) + digits
  }

  /// The number of an id; nil of an id that no incident of a run has.
  static func number(of id: String) -> Int? { Int(id, radix: 16) }

  /// The incident, through the real redaction.
  static func make(_ number: Int, with redactor: Redactor) throws -> SealedIncident {
    let lines = number % largeInterval == 0 ? 6_000 : 60
    let log = (0..<lines).map {
      "2026-11-23 12:00:00 INFO request \($0) of \(number) served, password=chaos\($0 % 7)xyz"
    }
    let json = """
      {"schemaVersion":2,"incidentId":"\(id(number))","cluster":{"name":"chaos","uid":"chaos"},
       "workload":{"namespace":"chaos","pod":"pod-\(number % podCount)","podUid":"uid-\(number % podCount)"},
       "failure":{"container":"app","reason":"OOMKilled"},
       "logs":[{"container":"app","text":"\(log.joined(separator: "\\n"))"}]}
      """
    return try redactor.redact(try Incident(json: Array(json.utf8))).sealed()
  }
}
