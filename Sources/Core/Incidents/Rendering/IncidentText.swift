internal import Contract
package import Redaction
package import Time

/// What a person wants to read first of an incident: what failed, why, since when, the last lines, the events, the gaps.
package struct IncidentText: Sendable {
  /// How it is drawn.
  package struct Style: Sendable, Equatable {
    /// ANSI colours.
    package var color: Bool
    /// Lines of a log that are shown. Default: 20, so that an incident fits on a screen.
    package var logLines: Int
    /// Events that are shown, the newest. Default: 12.
    package var events: Int
    /// Likely causes with what shows them, in the place of logs and events.
    package var explains: Bool

    package init(color: Bool, logLines: Int = 20, events: Int = 12, explains: Bool = false) {
      self.color = color
      self.logLines = logLines
      self.events = events
      self.explains = explains
    }
  }

  private let message: KMIncidentContext
  private let style: Style
  private let now: Timestamp
  private var lines: [String] = []

  /// The text, with a newline at its end.
  package static func render(_ incident: Redacted<Incident>, style: Style, now: Timestamp) -> String {
    var text = IncidentText(message: incident.value.message, style: style, now: now)
    text.write()
    return text.lines.joined(separator: "\n") + "\n"
  }

  private init(message: KMIncidentContext, style: Style, now: Timestamp) {
    self.message = message
    self.style = style
    self.now = now
  }

  private mutating func write() {
    writeHeadline()
    writeWorkload()
    writeRollout()
    if style.explains {
      writeCauses()
    } else {
      if let cause = message.likelyCauses.first { field("likely", Self.oneLine(cause.summary)) }
      writeLogs()
      writeEvents()
    }
    writeGaps()
    writeFooter()
  }

  private mutating func writeHeadline() {
    let failure = message.failure
    let container = failure.container.isEmpty ? "" : " container \(failure.container)"
    lines.append(
      paint("\(message.workload.namespace)/\(message.workload.pod)", .bold) + container + "  "
        + paint(failure.class.word, .red))
    if failure.hasLastTermination {
      let end = failure.lastTermination
      var how = "exit code \(end.exitCode)"
      if end.signal != 0 { how += ", signal \(end.signal)" }
      if !end.reason.isEmpty { how += ", \(end.reason)" }
      if end.hasStartedAt, end.hasFinishedAt {
        how += ", after \(Self.span(Timestamp(end.startedAt).duration(to: Timestamp(end.finishedAt))))"
      }
      field("why", how)
      if !end.message.isEmpty { field("said", Self.oneLine(end.message)) }
    }
    if !failure.message.isEmpty, failure.message != failure.lastTermination.message {
      field(failure.hasLastTermination ? "state" : "why", Self.oneLine(failure.message))
    }
    if failure.hasFailedAt {
      let failedAt = Timestamp(failure.failedAt)
      field(
        "since",
        "\(failedAt.formatted(.seconds)) (\(Self.span(failedAt.duration(to: now))) ago), \(failure.restarts) restarts")
    }
    if message.suppressed.count > 0 {
      field(
        "also",
        "\(message.suppressed.count) more since the last incident: \(message.suppressed.reasons.joined(separator: ", "))"
      )
    }
    field("image", failure.image)
  }

  private mutating func writeWorkload() {
    let owners = message.workload.owners.map { "\($0.kind)/\($0.name)" }
    if !owners.isEmpty { field("owner", owners.joined(separator: " < ")) }
    field("node", message.workload.node.isEmpty ? "(not scheduled)" : message.workload.node)
    if message.workload.deleting { field("note", "the pod is being deleted") }
    if !message.manifests.isEmpty {
      field("read", message.manifests.map { "\($0.kind)/\($0.name)" }.joined(separator: ", "))
    }
  }

  /// What came shortly before, with the first of its changes.
  private mutating func writeRollout() {
    guard message.hasRollout else { return }
    let rollout = message.rollout
    let shown = rollout.changes.prefix(3).map { change in
      let path = change.path.split(separator: ".").suffix(2).joined(separator: ".")
      return switch change.kind {
      case .added: "\(path) is new"
      case .removed: "\(path) is gone"
      default: "\(path) \(change.oldValue) → \(change.newValue)"
      }
    }
    let more = rollout.changes.count > shown.count ? ", \(rollout.changes.count - shown.count) more changes" : ""
    // Without a gap there is none before it.
    let isFirst = rollout.previousReplicaSet.isEmpty && !message.gaps.contains { $0.source == "rollout" }
    let what = shown.isEmpty ? (isFirst ? ", for the first time" : "") : ": " + shown.joined(separator: ", ") + more
    field("new", "rolled out \(rollout.secondsBeforeFailure) s before\(Self.oneLine(what))")
  }

  private mutating func writeCauses() {
    section("likely causes")
    if message.likelyCauses.isEmpty { lines.append("  none that a rule knows: read the logs (without --explain)") }
    for (index, cause) in message.likelyCauses.enumerated() {
      lines.append("  \(index + 1). " + paint(Self.oneLine(cause.summary), .bold))
      for evidence in cause.evidence {
        lines.append("     " + paint(evidence.source + ":", .dim) + " " + Self.oneLine(evidence.text))
      }
      lines.append("     → " + Self.oneLine(cause.advice))
    }
  }

  /// The run that failed first: the previous one where there is one.
  private mutating func writeLogs() {
    for log in message.logs.sorted(by: { $0.previous && !$1.previous }) {
      let all = log.text.split(separator: "\n", omittingEmptySubsequences: false).map {
        $0.hasSuffix("\r") ? $0.dropLast() : $0
      }
      let text = all.last == "" ? all.dropLast() : all[...]
      let which = log.alsoCurrent ? "last run" : log.previous ? "previous run" : "current run"
      section("log of \(log.container), \(which): last \(min(style.logLines, text.count)) of \(text.count) lines")
      for line in text.suffix(style.logLines) { lines.append("  " + Self.printable(line)) }
    }
  }

  private mutating func writeEvents() {
    guard !message.events.isEmpty else { return }
    section("events")
    for event in message.events.suffix(style.events) {
      let age = event.hasLastSeen ? Self.span(Timestamp(event.lastSeen).duration(to: now)) : "?"
      let count = event.count > 1 ? " (x\(event.count))" : ""
      let reason = event.type == "Warning" ? paint(event.reason, .yellow) : event.reason
      lines.append("  \(Self.padded(age, 5)) \(reason)\(count): \(Self.oneLine(event.message))")
    }
  }

  private mutating func writeGaps() {
    guard !message.gaps.isEmpty else { return }
    section("gaps")
    for gap in message.gaps {
      let status = gap.httpStatus == 0 ? "" : " (HTTP \(gap.httpStatus))"
      let detail = gap.detail.isEmpty ? "" : ": \(Self.oneLine(gap.detail))"
      lines.append("  \(gap.source) \(paint(gap.reason.word, .yellow))\(status)\(detail)")
    }
  }

  private mutating func writeFooter() {
    lines.append("")
    let harvest = Double(message.timings.harvestUs) / 1_000
    lines.append(
      paint(
        "incident \(message.incidentID)  harvested in \(Self.fixed(harvest)) ms  \(message.redaction.masked) masked",
        .dim))
  }

  private mutating func field(_ name: String, _ value: String) {
    guard !value.isEmpty else { return }
    lines.append("  " + paint(Self.padded(name, 6), .dim) + " " + Self.printable(value[...]))
  }

  private mutating func section(_ title: String) {
    lines.append("")
    lines.append(paint(title, .bold))
  }
}

extension IncidentText {
  fileprivate enum Paint: String {
    case bold = "1"
    case dim = "2"
    case red = "1;31"
    case yellow = "33"
  }

  fileprivate func paint(_ text: String, _ paint: Paint) -> String {
    let safe = Self.printable(text[...])
    return style.color ? "\u{1B}[\(paint.rawValue)m\(safe)\u{1B}[0m" : safe
  }

  /// Without control characters: a log must not be able to steer the reader's terminal.
  static func printable(_ text: some StringProtocol) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return String(text) }
    var clean = ""
    var isEscape = false
    for scalar in text.unicodeScalars {
      if isEscape {
        // A CSI sequence ends with its first byte from @ to ~, other than its own bracket.
        if (0x40...0x7E).contains(scalar.value), scalar != "[" { isEscape = false }
      } else if scalar.value == 0x1B {
        isEscape = true
      } else if scalar == "\t" {
        clean += "  "
      } else if isControl(scalar) {
        clean += "\u{FFFD}"
      } else {
        clean.unicodeScalars.append(scalar)
      }
    }
    return clean
  }

  /// C0, DEL and C1, and the marks that turn the direction of writing, with which a line can be made to read as another.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  fileprivate static func oneLine(_ text: String) -> String {
    printable(text.split(whereSeparator: \.isNewline).joined(separator: " "))
  }

  fileprivate static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// One digit behind the point.
  static func fixed(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(abs(tenths % 10))"
  }

  /// As kubectl writes ages: 42s, 7m, 3h, 12d.
  static func span(_ duration: Duration) -> String {
    let seconds = max(0, duration.components.seconds)
    switch seconds {
    case ..<120: return "\(seconds)s"
    case ..<7_200: return "\(seconds / 60)m"
    case ..<172_800: return "\(seconds / 3_600)h"
    default: return "\(seconds / 86_400)d"
    }
  }
}

extension KMGapReason {
  fileprivate var word: String {
    switch self {
    case .forbidden: "forbidden"
    case .notFound: "not found"
    case .timeout: "timed out"
    case .truncated: "cut"
    case .unavailable: "not available"
    case .error: "error"
    case .disabled: "switched off"
    case .replaced: "replaced"
    case .unspecified, .UNRECOGNIZED: "unknown"
    }
  }
}
