internal import Contract
internal import Documents

/// What the rules of a diagnosis look at: the parts of a masked incident, read once.
struct Clues {
  /// Lines from the end of each log that are looked at: what ended a run stands in its last lines.
  private static let lineCount = 80
  /// Bytes of a line that are looked at.
  private static let lineLength = 2 << 10

  /// A line with the place it is from.
  struct Line {
    let source: String
    let text: Substring
  }

  let message: KMIncidentContext
  /// The last lines of the logs, the newest first, the run that failed before the one after it; heads of stack traces behind them.
  let logLines: [Line]

  init(_ message: KMIncidentContext) {
    self.message = message
    var lines: [Line] = []
    for log in message.logs.sorted(by: { $0.previous && !$1.previous }) {
      let source = "log/\(log.container)/\(log.previous ? "previous" : "current")"
      // From the end, so that a long log costs no more than a short one.
      var rest = log.text.utf8[...]
      var count = 0
      while !rest.isEmpty, count < Self.lineCount {
        if rest.last == 0x0A { rest.removeLast() }
        let start = rest.lastIndex(of: 0x0A).map { rest.index(after: $0) } ?? rest.startIndex
        let line = Substring(rest[start...])
        if !line.isEmpty { lines.append(Line(source: source, text: line)) }
        rest = rest[..<start]
        count += 1
      }
      for trace in log.stackTraces.reversed() where !trace.headline.isEmpty {
        lines.append(Line(source: source, text: trace.headline[...]))
      }
    }
    logLines = lines
  }

  var failure: KMFailure { message.failure }

  /// How the last run ended; nil where none has.
  var end: KMTermination? { failure.hasLastTermination ? failure.lastTermination : nil }

  /// What the kubelet and the runtime say: the failure's own messages, then events, the newest first.
  var statements: [Line] {
    var lines: [Line] = []
    for text in [failure.message, end?.message ?? ""] where !text.isEmpty {
      lines.append(Line(source: "failure", text: text[...]))
    }
    return lines + message.events.reversed().map { Line(source: "events", text: "\($0.reason): \($0.message)"[...]) }
  }

  /// Events of a reason, the newest first.
  func events(_ reason: String) -> [KMEvent] {
    message.events.reversed().filter { $0.reason == reason }
  }

  /// The failing container in the pod's manifest; nil where that was not read.
  var container: JSONDocument? {
    guard let pod, let document = try? JSONDocument(Array(pod.content.utf8)) else { return nil }
    for list in ["containers", "initContainers", "ephemeralContainers"] {
      if let found = document.elements("spec", list).first(where: { $0.string("name") == failure.container }) {
        return found
      }
    }
    return nil
  }

  /// The pod's manifest.
  var pod: KMManifest? {
    message.manifests.first { $0.kind == "Pod" && !$0.content.isEmpty }
  }

  /// Searches the last lines of the logs for every rule at once, line by line from the newest. Gives, by rule, the lines that match it,
  /// at most three each.
  func search(_ table: NeedleTable) -> [Int: [Line]] {
    var found: [Int: [Line]] = [:]
    for line in logLines {
      for rule in table.rules(in: line.text, limit: Self.lineLength) where found[rule]?.count ?? 0 < 3 {
        if found[rule]?.contains(where: { $0.text == line.text }) != true { found[rule, default: []].append(line) }
      }
    }
    return found
  }
}

/// The words of many rules, found in one pass over a line, whatever their case.
struct NeedleTable: Sendable {
  private struct Needle: Sendable {
    let bytes: [UInt8]
    let rule: Int
  }

  /// By first byte.
  private var needles: [[Needle]] = Array(repeating: [], count: 256)

  /// `words` of each rule, in lower case.
  init(_ words: [[String]]) {
    for (rule, words) in words.enumerated() {
      for word in words {
        let bytes = Array(word.utf8)
        if let first = bytes.first { needles[Int(first)].append(Needle(bytes: bytes, rule: rule)) }
      }
    }
  }

  /// The rules of which a word stands in the first `limit` bytes of a line.
  func rules(in line: Substring, limit: Int) -> Set<Int> {
    var lowered = Array(line.utf8.prefix(limit))
    for index in lowered.indices where (0x41...0x5A).contains(lowered[index]) { lowered[index] |= 0x20 }
    var found: Set<Int> = []
    for position in lowered.indices {
      for needle in needles[Int(lowered[position])] where !found.contains(needle.rule) {
        if lowered[position...].starts(with: needle.bytes) { found.insert(needle.rule) }
      }
    }
    return found
  }
}
