/// Quotes around a mask in a document that is read as text, because it is too large to be held or does not parse as a whole: a number
/// or a word of JSON has none of its own, and without them YAML reads the brackets as a list.
extension MaskStyle {
  /// What a text is, as far as quotes around masks go.
  enum Quoting {
    /// None but those of JSON, which shows itself.
    case none
    case yaml
    case toml

    /// What a text asks for that is not read as a document, by its name.
    init(name: String) { self = name.lowercased().hasSuffix(".toml") ? .toml : .none }
  }

  /// The mask of a part of a text, in quotes where what stands around it asks for them.
  func mask(_ range: Range<Int>, in text: Bytes, _ quoting: Quoting = .none) -> [UInt8] {
    let mask = mask(text[range])
    if let escapes = Self.escapes(ofLiteral: range, in: text) {
      let quote = [UInt8](repeating: 0x5C, count: escapes) + [0x22]
      return quote + mask + quote
    }
    let isQuoted =
      switch quoting {
      case .none: false
      case .yaml: Self.isPlainScalar(range, in: text)
      case .toml: Self.isBareValue(range, in: text)
      }
    return isQuoted ? [0x22] + mask + [0x22] : mask
  }

  /// Longest number that JSON is written with in practice; a longer run of digits is none that anything reads.
  private static let longestNumber = 64
  /// Most backslashes before a quote: three documents in each other.
  private static let mostEscapes = 7

  /// For a number, `true`, `false` or `null` that is all between a key in quotes with its colon and the end of a member: how many
  /// backslashes stand before the quotes, for JSON in a string. Nil for anything else.
  private static func escapes(ofLiteral range: Range<Int>, in text: Bytes) -> Int? {
    guard let first = text[range].first, range.count <= longestNumber else { return nil }
    switch first {
    case 0x2D, 0x30...0x39:
      guard text[range].allSatisfy({ $0.isDigit || [0x2D, 0x2B, 0x2E, 0x45, 0x65].contains($0) }) else { return nil }
    case 0x74: guard range.count == 4, text.has("true", at: range.lowerBound) else { return nil }
    case 0x66: guard range.count == 5, text.has("false", at: range.lowerBound) else { return nil }
    case 0x6E: guard range.count == 4, text.has("null", at: range.lowerBound) else { return nil }
    default: return nil
    }
    let colon = skipBlanks(before: range.lowerBound, in: text)
    guard text.at(colon - 1) == 0x3A else { return nil }
    let quote = skipBlanks(before: colon - 1, in: text) - 1
    guard text.at(quote) == 0x22 else { return nil }
    var escapes = 0
    while text.at(quote - 1 - escapes) == 0x5C, escapes < mostEscapes { escapes += 1 }
    let end = skipBlanks(behind: range.upperBound, in: text)
    let isEnd = end == text.count || text[end].isLineEnd || [0x2C, 0x7D, 0x5D].contains(text[end])
    // A line end in such a string is escaped like its quotes.
    return isEnd || escapes > 0 && text[end] == 0x5C ? escapes : nil
  }

  /// True if the range is all that stands behind `key:` or `-` on its line, but for a comment.
  private static func isPlainScalar(_ range: Range<Int>, in text: Bytes) -> Bool {
    let before = skipBlanks(before: range.lowerBound, in: text)
    guard before < range.lowerBound, text.at(before - 1) == 0x3A || text.at(before - 1) == 0x2D else { return false }
    let end = skipBlanks(behind: range.upperBound, in: text)
    return end == text.count || text[end].isLineEnd || text[end] == 0x23 && end > range.upperBound
  }

  /// True if the range is all that stands behind an equals sign: a number, a boolean or a date of TOML.
  private static func isBareValue(_ range: Range<Int>, in text: Bytes) -> Bool {
    guard text.at(skipBlanks(before: range.lowerBound, in: text) - 1) == 0x3D,
      text[range].first != 0x22, text[range].first != 0x27
    else { return false }
    let end = skipBlanks(behind: range.upperBound, in: text)
    return end == text.count || text[end].isLineEnd || [0x2C, 0x7D, 0x5D, 0x23].contains(text[end])
  }

  private static func skipBlanks(before place: Int, in text: Bytes) -> Int {
    let floor = max(0, place - longestNumber)
    var place = place
    while place > floor, text[place - 1].isBlank { place -= 1 }
    return place
  }

  private static func skipBlanks(behind place: Int, in text: Bytes) -> Int {
    let limit = min(text.count, place + longestNumber)
    var place = place
    while place < limit, text[place].isBlank { place += 1 }
    return place
  }
}
