/// Answers requests of the probe port, without any I/O.
struct ProbeResponder: Sendable {
  /// An answer with a whole body.
  struct Answer: Sendable, Equatable {
    var status: Int
    var contentType = "text/plain; charset=utf-8"
    var body: [UInt8]
  }

  let checks: HealthChecks
  let metrics: PrometheusRegistry?

  /// `accept` is the request's Accept field: it chooses the format of the metrics.
  func answer(method: String, target: String, accept: String = "") -> Answer {
    let path = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
    guard method == "GET" || method == "HEAD" else { return text(405, "only GET and HEAD\n") }
    switch path {
    case "/healthz", "/livez": return probe(checks.live)
    case "/readyz": return probe(checks.ready)
    case "/startupz": return probe(checks.startup)
    case "/metrics":
      guard let metrics else { return text(404, "no metrics\n") }
      let format = MetricsFormat(accept: accept)
      return Answer(status: 200, contentType: format.contentType, body: metrics.text(as: format))
    default: return text(404, "not found\n")
    }
  }

  /// 200 where all checks pass, else 503; a line for each check either way, as the API server's own probes have it.
  private func probe(_ checks: [HealthCheck]) -> Answer {
    var passed = true
    var lines = ""
    for check in checks {
      switch check.result() {
      case .passed: lines += "[+] \(check.name) ok\n"
      case .failed(let reason):
        passed = false
        lines += "[-] \(check.name) failed: \(TerminalText.safe(reason))\n"
      }
    }
    return text(passed ? 200 : 503, lines + (passed ? "ok\n" : "failed\n"))
  }

  private func text(_ status: Int, _ text: String) -> Answer {
    Answer(status: status, body: Array(text.utf8))
  }
}
