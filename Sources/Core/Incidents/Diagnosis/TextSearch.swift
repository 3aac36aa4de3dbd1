/// Substrings by their bytes. The standard library's own come with its regular expressions, which this program does without.
extension StringProtocol {
  /// The first occurrence of a text; nil where there is none, or the text is empty.
  func firstRange(ofText text: String) -> Range<Index>? {
    let wanted = Array(text.utf8)
    guard let first = wanted.first else { return nil }
    var start = utf8.startIndex
    while let found = utf8[start...].firstIndex(of: first) {
      if utf8[found...].starts(with: wanted) { return found..<utf8.index(found, offsetBy: wanted.count) }
      start = utf8.index(after: found)
    }
    return nil
  }

  /// The last occurrence of a text.
  func lastRange(ofText text: String) -> Range<Index>? {
    var last: Range<Index>?
    var rest = self[...]
    while let found = rest.firstRange(ofText: text) {
      last = found
      rest = self[found.upperBound...]
    }
    return last
  }

  /// True if the text stands somewhere in this one.
  func has(text: String) -> Bool { firstRange(ofText: text) != nil }
}
