internal import Redaction
internal import Telemetry

/// Where something was masked, as a person finds it.
struct LocatedPlace {
  let place: MaskedPlace
  /// Line and column in bytes, from 1.
  let line: Int
  let column: Int
  /// Path in a document; nil in a text.
  let path: String?
}

/// What `redact` tells beside, or in place of, the masked text: places and rules, and never a value or its length.
struct RedactTeller {
  /// What goes to standard output.
  enum Output {
    /// The masked text.
    case text
    /// `file:line:column: rule`.
    case places
    /// The same with the reason, and why other settings stay.
    case explanation
    /// The lines that change.
    case diff(colour: Bool)
  }

  let output: Output
  let redactor: Redactor
  private let reasons: [String: String]
  /// One JSON line a file.
  private(set) var report: [String] = []
  private let wantsReport: Bool

  /// Most places of a file that a report names: what is beyond is counted.
  private static let mostPlaces = 10_000
  /// Most settings of a text in which every one is explained; of more only those whose key may be a secret's.
  private static let mostExplained = 50

  init(_ output: Output, redactor: Redactor, wantsReport: Bool) {
    self.output = output
    self.redactor = redactor
    self.wantsReport = wantsReport
    reasons = Dictionary(redactor.rules.descriptions.map { ($0.name, $0.why) }) { first, _ in first }
  }

  /// True if the lines of a file are needed beside its places.
  var wantsLines: Bool {
    switch output {
    case .text, .places: false
    case .explanation, .diff: true
    }
  }

  /// Tells of places as they are found.
  func tell(_ name: String, _ places: [LocatedPlace]) throws(CommandFailure) {
    let name = TerminalText.safe(name)
    var lines: [String] = []
    for found in places {
      let place = "\(name):\(found.line):\(found.column): \(found.place.rule)"
      switch output {
      case .text, .diff: return
      case .places: lines.append(place)
      case .explanation:
        let path = found.path.map { " at \(TerminalText.safe($0))" } ?? ""
        let why = reasons[found.place.rule] ?? ""
        lines.append(place + path + (why.isEmpty ? "" : ": \(why)"))
      }
    }
    try SystemStreams.writeOutput(lines.map { $0 + "\n" }.joined())
  }

  /// Tells of a whole file: what stays and why, and what changes.
  func tell(_ name: String, whole bytes: [UInt8], _ places: [LocatedPlace]) throws(CommandFailure) {
    switch output {
    case .text, .places: return
    case .explanation: try explain(name, bytes, places)
    case .diff(let colour): try SystemStreams.writeOutput(MaskDiff(colour: colour).text(name, bytes, places))
    }
  }

  private func explain(_ name: String, _ bytes: [UInt8], _ places: [LocatedPlace]) throws(CommandFailure) {
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
      let line = Array(line)
      return (bytes: line, settings: Redactor.settings(of: line))
    }
    let count = lines.reduce(0) { $0 + $1.settings.count }
    let masked = Dictionary(grouping: places, by: \.line).mapValues { $0.map { $0.column - 1 } }
    var out = ""
    for (index, line) in lines.enumerated() {
      for setting in line.settings where !(masked[index + 1] ?? []).contains(where: setting.contains) {
        guard let (key, reason) = redactor.explanation(of: Array(line.bytes[setting])) else { continue }
        if reason == .key, count > Self.mostExplained { continue }
        out += "\(TerminalText.safe(name)):\(index + 1): \(TerminalText.safe(key)) stays: \(reason)\n"
      }
    }
    try SystemStreams.writeOutput(out)
  }

  /// `{"file":"a.log","masked":2,"rules":{"key-value":2},"places":[{"rule":"key-value","line":3,"column":13}]}`.
  mutating func report(_ name: String, _ report: RedactionReport, _ places: [LocatedPlace], more: Int) {
    guard wantsReport else { return }
    let rules = report.counts.sorted { $0.key < $1.key }.map { "\(Self.quoted($0.key)):\($0.value)" }
    let shown = places.prefix(Self.mostPlaces).map { found in
      let path = found.path.map { ",\"path\":\(Self.quoted($0))" } ?? ""
      return "{\"rule\":\(Self.quoted(found.place.rule)),\"line\":\(found.line),\"column\":\(found.column)\(path)}"
    }
    let left = places.count - shown.count + more
    self.report.append(
      "{\"file\":\(Self.quoted(name)),\"masked\":\(report.total),\"rules\":{\(rules.joined(separator: ","))},"
        + "\"places\":[\(shown.joined(separator: ","))]\(left > 0 ? ",\"morePlaces\":\(left)" : "")"
        + "\(report.unremembered > 0 ? ",\"unremembered\":\(report.unremembered)" : "")}")
  }

  /// Places of a file that may be kept for its report.
  static func room(_ places: Int) -> Int { max(0, mostPlaces - places) }

  private static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" {
        out += "\\\(scalar)"
      } else if scalar.value < 0x20 {
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      } else {
        out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}
