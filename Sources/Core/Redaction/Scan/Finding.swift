/// A secret in a text.
struct Finding: Sendable, Equatable {
  /// Where it stands, in bytes.
  var range: Range<Int>
  /// Which rule found it: index in `RuleSet.names`.
  var rule: Int
  /// True if the same value is to be masked wherever else it stands in the incident.
  var propagates: Bool

  /// The same in a text that begins elsewhere.
  func shifted(by offset: Int) -> Finding {
    Finding(range: range.lowerBound + offset..<range.upperBound + offset, rule: rule, propagates: propagates)
  }
}

extension [Finding] {
  /// Sorted, with overlapping ones joined: of two, the earlier one's rule is kept. A finding that touches another one
  /// stays apart. What is a mask already is none.
  mutating func normalize(in bytes: Bytes) {
    join()
    spareMasks(in: bytes)
  }

  private mutating func join() {
    guard count > 1 else { return }
    sort { $0.range.lowerBound < $1.range.lowerBound }
    var write = 0
    for read in 1..<count {
      if self[read].range.lowerBound < self[write].range.upperBound {
        let upper = Swift.max(self[write].range.upperBound, self[read].range.upperBound)
        self[write].range = self[write].range.lowerBound..<upper
      } else {
        write += 1
        self[write] = self[read]
      }
    }
    removeLast(count - write - 1)
  }
}
