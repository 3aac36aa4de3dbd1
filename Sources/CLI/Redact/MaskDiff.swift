internal import Redaction

/// The lines that redaction changes, as a unified diff without context. Where the old line has a secret, the rule stands
/// between ‹ ›: neither the value nor its length is shown, for a diff ends up in the log of a CI.
struct MaskDiff {
  let colour: Bool

  /// Bytes on each side of a change that are shown of a longer line.
  private static let reach = 512

  /// The diff of a file; empty where nothing changes.
  func text(_ name: String, _ bytes: [UInt8], _ places: [LocatedPlace]) -> [UInt8] {
    guard !places.isEmpty else { return [] }
    var out = line("--- \(name)", "1") + line("+++ \(name) (redacted)", "1")
    var index = 0
    while index < places.count {
      // Places whose lines touch are one change.
      var last = index
      let start = lineStart(bytes, places[index].place.range.lowerBound)
      var end = lineEnd(bytes, places[index].place.range.upperBound)
      while last + 1 < places.count, places[last + 1].place.range.lowerBound <= end {
        last += 1
        end = lineEnd(bytes, places[last].place.range.upperBound)
      }
      let group = places[index...last]
      let old = replaced(bytes, start..<end, group) { "‹\($0.rule)\(Self.lines(bytes, $0.range))›".utf8.map { $0 } }
      let new = replaced(bytes, start..<end, group) { $0.replacement }
      out += line("@@ -\(places[index].line) +\(places[index].line) @@", "36")
      for text in old { out += line("-", text, "31") }
      for text in new { out += line("+", text, "32") }
      index = last + 1
    }
    return out
  }

  private static func lines(_ bytes: [UInt8], _ range: Range<Int>) -> String {
    let count = bytes[range].count { $0 == 0x0A }
    return count == 0 ? "" : ", \(count + 1) lines"
  }

  private func lineStart(_ bytes: [UInt8], _ index: Int) -> Int {
    var start = index
    while start > 0, index - start < Self.reach, bytes[start - 1] != 0x0A { start -= 1 }
    return start
  }

  private func lineEnd(_ bytes: [UInt8], _ index: Int) -> Int {
    var end = index
    while end < bytes.count, end - index < Self.reach, bytes[end] != 0x0A { end += 1 }
    return end
  }

  private func replaced(
    _ bytes: [UInt8], _ range: Range<Int>, _ places: ArraySlice<LocatedPlace>, _ text: (MaskedPlace) -> [UInt8]
  ) -> [[UInt8]] {
    var out: [UInt8] = []
    var index = range.lowerBound
    for found in places {
      out += bytes[index..<max(index, found.place.range.lowerBound)] + text(found.place)
      index = max(index, found.place.range.upperBound)
    }
    out += bytes[index..<max(index, range.upperBound)]
    return out.split(separator: 0x0A, omittingEmptySubsequences: false).map { Array($0) }
  }

  private func line(_ text: String, _ code: String) -> [UInt8] { line("", Array(text.utf8), code) }

  private func line(_ sign: String, _ text: [UInt8], _ code: String) -> [UInt8] {
    // Control characters of the file must not drive a terminal.
    let shown = text.map { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F ? 0x3F : $0 }
    let line = Array(sign.utf8) + shown
    return (colour ? Array("\u{1B}[\(code)m".utf8) + line + Array("\u{1B}[0m".utf8) : line) + [0x0A]
  }
}
