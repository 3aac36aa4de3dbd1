internal import Documents

/// What was found out before `watch` is started.
package struct PreflightReport: Sendable, Equatable {
  /// One thing that was looked at.
  package struct Finding: Sendable, Equatable {
    /// How it is.
    package enum Status: String, Sendable {
      case ok
      /// The right is not granted.
      case missing
      /// It does not work.
      case failed
      /// It works, but not for long, or not well.
      case warning
      /// It could not be found out.
      case unknown
    }

    /// What kind of thing: server, clock, permission, orchestrator or certificate.
    package var area: String
    /// What was looked at.
    package var check: String
    /// How it is.
    package var status: Status
    /// Without it `watch` does not work.
    package var isRequired: Bool
    /// What it costs, or what was found. One line; may be empty.
    package var detail: String

    package init(_ area: String, _ check: String, _ status: Status, isRequired: Bool = false, detail: String = "") {
      self.area = area
      self.check = check
      self.status = status
      self.isRequired = isRequired
      self.detail = detail
    }
  }

  /// What it comes to.
  package enum Verdict: String, Sendable {
    /// Everything is there.
    case ready
    /// `watch` works, and incidents will lack something, or something will soon end.
    case incomplete
    /// `watch` would not work.
    case unusable
  }

  /// In the order in which they were looked at.
  package var findings: [Finding]

  package init(findings: [Finding]) {
    self.findings = findings
  }

  /// What it comes to.
  package var verdict: Verdict {
    let bad = findings.filter { $0.status != .ok }
    // A warning about something required is about later: it works now.
    if bad.contains(where: { $0.isRequired && $0.status != .warning }) { return .unusable }
    return bad.isEmpty ? .ready : .incomplete
  }

  /// One JSON object on one line.
  package var json: String {
    let rows = findings.map { finding in
      #"{"area":\#(finding.area.jsonQuoted),"check":\#(finding.check.jsonQuoted),"status":"\#(finding.status.rawValue)","#
        + #""required":\#(finding.isRequired),"detail":\#(finding.detail.jsonQuoted)}"#
    }
    return #"{"verdict":"\#(verdict.rawValue)","findings":[\#(rows.joined(separator: ","))]}"#
  }
}
