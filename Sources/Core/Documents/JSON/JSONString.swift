/// A string of a JSON document as it stands there: compared as bytes, decoded only on demand.
///
/// It points into the bytes that the scanner was lent and must not outlive them.
package struct JSONString {
  /// The bytes between the quotes.
  package let content: UnsafeRawBufferPointer
  /// True if they hold a backslash, so that they are not the text itself.
  package let hasEscapes: Bool

  /// The text; escapes resolved, broken UTF-8 and lone surrogates replaced by U+FFFD.
  package var text: String {
    hasEscapes ? String(decoding: unescaped, as: UTF8.self) : String(decoding: content, as: UTF8.self)
  }

  /// The text's bytes with the escapes resolved; bytes that are not UTF-8 stay as they are.
  package var unescaped: [UInt8] {
    guard hasEscapes else { return Array(content) }
    var output: [UInt8] = []
    output.reserveCapacity(content.count)
    var position = 0
    while position < content.count {
      let byte = content[position]
      guard byte == .backslash else {
        output.append(byte)
        position += 1
        continue
      }
      let escape = content[position + 1]
      position += 2
      switch escape {
      case 0x62: output.append(0x08)
      case 0x66: output.append(0x0C)
      case 0x6E: output.append(0x0A)
      case 0x72: output.append(0x0D)
      case 0x74: output.append(0x09)
      case 0x75:
        var scalar = UInt32(codeUnit(at: position))
        position += 4
        // A high surrogate counts only with the low one that follows it (RFC 8259 section 7).
        if (0xD800..<0xDC00).contains(scalar), position + 6 <= content.count, content[position] == .backslash,
          content[position + 1] == 0x75
        {
          let low = UInt32(codeUnit(at: position + 2))
          if (0xDC00..<0xE000).contains(low) {
            scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
            position += 6
          }
        }
        output += Array(String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
      default: output.append(escape)
      }
    }
    return output
  }

  /// True if the text is `other`. Inlined where it is called: most keys differ in length from what is asked for.
  @inlinable
  package func isEqual(to other: StaticString) -> Bool {
    guard !hasEscapes else { return isEqualUnescaped(to: other) }
    guard content.count == other.utf8CodeUnitCount else { return false }
    for index in 0..<content.count where content[index] != other.utf8Start[index] { return false }
    return true
  }

  @usableFromInline
  func isEqualUnescaped(to other: StaticString) -> Bool {
    unescaped.elementsEqual(UnsafeBufferPointer(start: other.utf8Start, count: other.utf8CodeUnitCount))
  }

  /// Lets a `switch` over a key name the keys.
  @inlinable
  package static func ~= (pattern: StaticString, value: JSONString) -> Bool {
    value.isEqual(to: pattern)
  }

  private func codeUnit(at position: Int) -> UInt16 {
    content[position..<position + 4].reduce(0) { $0 << 4 | ($1.hexDigit ?? 0) }
  }
}
