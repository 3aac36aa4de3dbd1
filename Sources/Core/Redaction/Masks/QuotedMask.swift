/// Quotes around a mask in a document that is read as text, because it is too large to be held or does not parse as a whole: a number
/// or a word of JSON has none of its own, and without them YAML reads the brackets as a list.
extension MaskStyle {
  /// The mask of a part of a text, in quotes where what stands around it asks for them. `isYAML` says that the text is YAML.
  func mask(_ range: Range<Int>, in text: Bytes, isYAML: Bool = false) -> [UInt8] {
    let mask = mask(text[range])
    let isQuoted = Self.isLiteral(range, in: text) || isYAML && Self.isPlainScalar(range, in: text)
    return isQuoted ? [0x22] + mask + [0x22] : mask
  }

  /// Longest number that JSON is written with in practice; a longer run of digits is none that anything reads.
  private static let longestNumber = 64

  /// True if a number, `true`, `false` or `null` is all that stands between a key in quotes with its colon and the end of a member.
  private static func isLiteral(_ range: Range<Int>, in text: Bytes) -> Bool {
    guard let first = text[range].first, range.count <= longestNumber else { return false }
    switch first {
    case 0x2D, 0x30...0x39:
      guard text[range].allSatisfy({ $0.isDigit || [0x2D, 0x2B, 0x2E, 0x45, 0x65].contains($0) }) else { return false }
    case 0x74: guard range.count == 4, text.has("true", at: range.lowerBound) else { return false }
    case 0x66: guard range.count == 5, text.has("false", at: range.lowerBound) else { return false }
    case 0x6E: guard range.count == 4, text.has("null", at: range.lowerBound) else { return false }
    default: return false
    }
    let colon = skipBlanks(before: range.lowerBound, in: text)
    guard text.at(colon - 1) == 0x3A else { return false }
    let quote = skipBlanks(before: colon - 1, in: text)
    // A quote behind a backslash stands in a string, and so does the value.
    guard text.at(quote - 1) == 0x22, text.at(quote - 2) != 0x5C else { return false }
    var end = range.upperBound
    while end < text.count, text[end].isBlank { end += 1 }
    return end == text.count || text[end].isLineEnd || [0x2C, 0x7D, 0x5D].contains(text[end])
  }

  /// True if the range is all that stands behind `key:` or `-` on its line, but for a comment.
  private static func isPlainScalar(_ range: Range<Int>, in text: Bytes) -> Bool {
    let before = skipBlanks(before: range.lowerBound, in: text)
    guard before < range.lowerBound, text.at(before - 1) == 0x3A || text.at(before - 1) == 0x2D else { return false }
    var end = range.upperBound
    while end < text.count, text[end].isBlank { end += 1 }
    return end == text.count || text[end].isLineEnd || text[end] == 0x23 && end > range.upperBound
  }

  private static func skipBlanks(before place: Int, in text: Bytes) -> Int {
    let floor = max(0, place - longestNumber)
    var place = place
    while place > floor, text[place - 1].isBlank { place -= 1 }
    return place
  }
}
