/// The regular expressions of a user's rules.
extension TextScan {
  /// Largest piece of a text that is searched at once, in bytes: it ends with a line where it can. A pattern that looks far
  /// ahead of a short match costs the square of this and not of the text.
  private static let piece = 65_536
  /// What two pieces of one longer line have in common, in bytes: the longest match that is found whole wherever it stands.
  private static let overlap = 4_096

  /// Searches a part of the text for the patterns that are on.
  mutating func userPatterns(within range: Range<Int>) throws(RedactionError) {
    // What begins before the part, in one line with it, was cut off there: seen from a little before.
    var start = range.lowerBound
    if start > 0, bytes[start - 1] != 0x0A { start = max(0, start - Self.overlap) }
    while start < range.upperBound {
      if isOverTime() { throw RedactionError(.timeout, place: "", message: "the time for redaction is used up") }
      let limit = min(range.upperBound, start + Self.piece)
      var end = limit
      while limit < range.upperBound, end > start, bytes[end - 1] != 0x0A { end -= 1 }
      let isCut = end == start
      if isCut { end = limit }
      try userPatterns(in: start..<end)
      start = isCut && end < range.upperBound ? end - Self.overlap : end
    }
  }

  private mutating func userPatterns(in range: Range<Int>) throws(RedactionError) {
    let part = Bytes(rebasing: bytes[range])
    for pattern in engine.regexes.matching(part) {
      let rule = engine.regexRules[pattern]
      guard try enter(rule) else { continue }
      engine.regexes.each(pattern, in: part) { match in
        found(match.lowerBound + range.lowerBound..<match.upperBound + range.lowerBound, rule)
      }
    }
  }
}
