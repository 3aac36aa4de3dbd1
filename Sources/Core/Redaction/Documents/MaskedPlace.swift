/// Where something was masked, for reports to people. Holds no part of a value.
package struct MaskedPlace: Sendable, Equatable {
  /// The place in the text as it was before, in bytes from its beginning.
  package var range: Range<Int>
  /// The name of the rule.
  package var rule: String
  /// What stands there now: the mask, with quotes where the document needs them.
  package var replacement: [UInt8]
}

extension [Edit] {
  /// One list of edits that does what these do, and then `later`, whose ranges are places in the text that these make. Both
  /// have to be normalized.
  func followed(by later: [Edit]) -> [Edit] {
    var out: [Edit] = []
    var (first, second) = (0, 0)
    /// Bytes that these edits, up to `first`, have made the text longer.
    var growth = 0
    while first < count || second < later.count {
      // What overlaps in the text between the two becomes one edit. Its places there run from `start` to `end`.
      let (firstBegin, secondBegin, growthBefore) = (first, second, growth)
      let start = Swift.min(
        first < count ? self[first].range.lowerBound + growth : .max,
        second < later.count ? later[second].range.lowerBound : .max)
      var end = start
      var made: [(start: Int, text: [UInt8])] = []
      while true {
        if first < count, case let place = self[first].range.lowerBound + growth,
          place < end || place == start && first == firstBegin
        {
          made.append((place, self[first].replacement))
          end = Swift.max(end, place + self[first].replacement.count)
          growth += self[first].replacement.count - self[first].range.count
          first += 1
        } else if second < later.count, case let place = later[second].range.lowerBound,
          place < end || place == start && second == secondBegin
        {
          end = Swift.max(end, later[second].range.upperBound)
          second += 1
        } else {
          break
        }
      }
      guard second > secondBegin else {
        out += self[firstBegin..<first]
        continue
      }
      // Every byte between two of the later edits is one that these made.
      var text: [UInt8] = []
      var place = start
      func keep(upTo limit: Int) {
        for part in made {
          let end = part.start + part.text.count
          let lower = Swift.min(Swift.max(place, part.start), end)
          let upper = Swift.max(lower, Swift.min(limit, end))
          text += part.text[lower - part.start..<upper - part.start]
        }
      }
      for edit in later[secondBegin..<second] {
        keep(upTo: edit.range.lowerBound)
        text += edit.replacement
        place = edit.range.upperBound
      }
      keep(upTo: end)
      out.append(
        Edit(range: start - growthBefore..<end - growth, replacement: text, rule: later[secondBegin].rule))
    }
    return out
  }
}
