/// What tells a configuration in YAML from lines of text with colons in them: it has no name, no `apiVersion:` and no `---`.
///
/// A guess that costs little where it is wrong: what does not parse is read as text all the same.
struct YAMLLayout {
  private let bytes: Bytes
  /// True once something stands there that a log does not have: a key above what stands deeper, a block, a tag, a quote that is still
  /// open at the end of its line.
  private var isShown = false
  /// Indentation of the last key.
  private var indent = 0
  /// True where nothing stands behind the last key's colon.
  private var isOpen = false
  /// Lines that stand deeper than this belong to a value of several lines; nil where none has begun.
  private var value: Int?

  private init(_ bytes: Bytes) { self.bytes = bytes }

  /// True if every line could be one of a YAML document in block style, and one of them could hardly be anything else. With `isCut`
  /// the last line may be a piece of one.
  static func isShown(by bytes: Bytes, isCut: Bool) -> Bool {
    var layout = YAMLLayout(bytes)
    var start = 0
    while start < bytes.count {
      let end = bytes.lineEnd(from: start, limit: bytes.count)
      if isCut, end == bytes.count { break }
      guard layout.takes(start..<end) else { return false }
      start = end + 1
    }
    return layout.isShown
  }

  /// False if a line is none of a YAML document.
  private mutating func takes(_ line: Range<Int>) -> Bool {
    var end = line.upperBound
    while end > line.lowerBound, bytes[end - 1].isSpace { end -= 1 }
    var start = line.lowerBound
    while start < end, bytes[start] == 0x20 { start += 1 }
    if start == end || bytes[start] == 0x23 { return true }
    var depth = start - line.lowerBound
    if let value, depth > value { return true }
    value = nil
    let isItem = isMarker(start, end)
    let isBelow = isOpen && (depth > indent || isItem && depth == indent)
    let marker = depth
    while isMarker(start, end) {
      // `? key` stands in no log.
      if bytes[start] == 0x3F { isShown = true }
      start += 2
      while start < end, bytes[start] == 0x20 { start += 1 }
      depth = start - line.lowerBound
    }
    guard let colon = colon(from: start, to: end) else {
      guard isItem else { return false }
      isShown = isShown || isBelow
      isOpen = false
      take(value: start..<end, below: marker)
      return true
    }
    isShown = isShown || isBelow
    indent = depth
    isOpen = colon + 1 == end
    if !isOpen { take(value: colon + 2..<end, below: depth) }
    return true
  }

  /// True where `- `, `? ` or `: ` stands in front of what it belongs to.
  private func isMarker(_ start: Int, _ end: Int) -> Bool {
    start + 1 < end && [0x2D, 0x3F, 0x3A].contains(bytes[start]) && bytes[start + 1] == 0x20
  }

  /// The colon behind a key at `start`; nil where there is no key. Blanks may stand in one with nothing behind it, as the titles of
  /// `helm get values` have it.
  private func colon(from start: Int, to end: Int) -> Int? {
    var index = start
    var hasBlanks = false
    if bytes[index].isQuote {
      guard let close = bytes.firstByte(bytes[index], from: index + 1), close < end else { return nil }
      index = close + 1
    } else {
      while index < end, bytes[index].isKey || bytes[index] == 0x2F || bytes[index] == 0x20 {
        if bytes[index] == 0x20 { hasBlanks = true }
        index += 1
      }
    }
    guard index > start, index < end, bytes[index] == 0x3A else { return nil }
    if index + 1 == end { return index }
    return !hasBlanks && bytes[index + 1] == 0x20 ? index : nil
  }

  /// Looks at the first line of a value, whose others stand deeper than `depth`.
  private mutating func take(value range: Range<Int>, below depth: Int) {
    value = depth
    var start = range.lowerBound
    while start < range.upperBound, bytes[start] == 0x20 { start += 1 }
    guard start < range.upperBound else { return }
    switch bytes[start] {
    case 0x7C, 0x3E:  // | >
      if bytes[(start + 1)..<range.upperBound].allSatisfy({ $0.isDigit || $0 == 0x2B || $0 == 0x2D }) { isShown = true }
    case 0x21: if bytes.at(start + 1) == 0x21 { isShown = true }
    case 0x22, 0x27:
      if !bytes[(start + 1)..<range.upperBound].contains(bytes[start]) { isShown = true }
    default: break
    }
  }
}
