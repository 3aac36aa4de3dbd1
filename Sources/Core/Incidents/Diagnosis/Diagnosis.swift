internal import Contract
internal import SwiftProtobuf

/// What an incident's evidence points to: a fixed table of rules over masked texts, no model and no guess that could differ the next
/// time. A hint for the reader, with the lines that show it.
enum Diagnosis {
  /// Causes that are given: more would be a list of words that were found.
  private static let limit = 4
  /// Characters of a line that is quoted.
  private static let quoteLength = 300

  /// The causes, the most telling first: what the kubelet says outright, then what the program said last, then a young rollout, then
  /// what an exit code alone tells, if nothing else does.
  static func causes(of message: KMIncidentContext) -> [KMLikelyCause] {
    // A light reference has no evidence of its own.
    guard !message.hasReference else { return [] }
    let clues = Clues(message)
    var found = StatusRules.all.compactMap { $0(clues) }
    let inLogs = clues.search(LogRules.table)
    for rule in LogRules.all.indices {
      if let lines = inLogs[rule] { found.append(LogRules.all[rule].cause(lines)) }
    }
    if let trace = StatusRules.stackTrace(clues) { found.append(trace) }
    if found.isEmpty, let end = StatusRules.exitCode(clues) { found.append(end) }
    if let rollout = StatusRules.rollout(clues) { found.insert(rollout, at: min(found.count, 1)) }
    return Array(found.prefix(limit))
  }

  /// A cause with its evidence.
  static func cause(
    _ rule: String, _ summary: String, _ advice: String, _ evidence: [(source: String, text: String)]
  ) -> KMLikelyCause {
    .with {
      $0.rule = rule
      $0.summary = quoted(summary)
      $0.advice = advice
      $0.evidence = evidence.map { line in
        .with {
          $0.source = line.source
          $0.text = quoted(line.text)
        }
      }
    }
  }

  /// A line without the white space around it, cut where it is too long.
  private static func quoted(_ text: some StringProtocol) -> String {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    let start = line.drop { $0 == " " || $0 == "\t" }
    return start.count > quoteLength ? start.prefix(quoteLength) + "…" : String(start)
  }
}
