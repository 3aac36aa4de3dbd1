/// Writes JSON as block-style YAML for people: the same keys in the same order, long texts as literal blocks.
package struct YAMLWriter {
  private let source: [UInt8]
  private var output: [UInt8] = []

  private init(source: [UInt8]) {
    self.source = source
  }

  /// The YAML of a JSON document, with a newline at its end.
  package static func write(json: [UInt8]) throws(JSONError) -> [UInt8] {
    try JSONDocument.scan(json) { scanner throws(JSONError) in
      var writer = YAMLWriter(source: json)
      writer.output.reserveCapacity(json.count + json.count / 4)
      try writer.writeValue(&scanner, indent: 0, place: .top)
      try scanner.finish()
      return writer.output
    }
  }

  /// What stands before a value on its line.
  private enum Place {
    /// Nothing.
    case top
    /// `key:`.
    case member
    /// `-`.
    case element
  }

  private mutating func writeValue(_ scanner: inout JSONScanner, indent: Int, place: Place) throws(JSONError) {
    switch try scanner.peek() {
    case .object: try writeObject(&scanner, indent: indent, place: place)
    case .array: try writeArray(&scanner, indent: indent, place: place)
    case .string:
      if place != .top { output.append(0x20) }
      writeString(try scanner.text(), indent: indent)
      output.append(0x0A)
    case .number, .bool, .null:
      if place != .top { output.append(0x20) }
      let range = try scanner.skipValue()
      output += source[range]
      output.append(0x0A)
    }
  }

  private mutating func writeObject(_ scanner: inout JSONScanner, indent: Int, place: Place) throws(JSONError) {
    try scanner.beginObject()
    var isFirst = true
    while let key = try scanner.nextKey() {
      // The first member of a sequence's element stands on the line of its dash.
      begin(isFirst: isFirst, indent: indent, place: place)
      isFirst = false
      writeString(key.text, indent: indent, isKey: true)
      output.append(0x3A)
      try writeValue(&scanner, indent: indent + 2, place: .member)
    }
    if isFirst { output += (place == .top ? "{}\n" : " {}\n").utf8 }
  }

  private mutating func writeArray(_ scanner: inout JSONScanner, indent: Int, place: Place) throws(JSONError) {
    try scanner.beginArray()
    var isFirst = true
    while try scanner.nextElement() {
      begin(isFirst: isFirst, indent: indent, place: place)
      isFirst = false
      output.append(0x2D)
      try writeValue(&scanner, indent: indent + 2, place: .element)
    }
    if isFirst { output += (place == .top ? "[]\n" : " []\n").utf8 }
  }

  private mutating func begin(isFirst: Bool, indent: Int, place: Place) {
    if isFirst, place == .element {
      output.append(0x20)
      return
    }
    if isFirst, place == .member { output.append(0x0A) }
    output += repeatElement(0x20, count: indent)
  }

  private mutating func writeString(_ text: String, indent: Int, isKey: Bool = false) {
    if Self.isPlain(text) {
      output += text.utf8
    } else if !isKey, Self.isLiteral(text) {
      output += (text.hasSuffix("\n") ? "|" : "|-").utf8
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      for line in text.hasSuffix("\n") ? lines.dropLast() : lines[...] {
        output.append(0x0A)
        guard !line.isEmpty else { continue }
        output += repeatElement(0x20, count: max(indent, 2))
        output += line.utf8
      }
    } else {
      writeQuoted(text)
    }
  }

  /// A text that YAML 1.1 and 1.2 read as the same string without quotes: letters, digits and a few marks, and nothing that
  /// could be a number, a time, a boolean or null.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, isLetter(first) || first == 0x2F else { return false }
    let allowed = text.utf8.allSatisfy { isLetter($0) || (0x2D...0x39).contains($0) || $0 == 0x5F }
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
    return allowed && !words.contains(text.lowercased())
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }

  /// Several lines that a literal block holds as they are: printable, the first not indented, at most one newline at the end.
  private static func isLiteral(_ text: String) -> Bool {
    guard text.utf8.contains(0x0A), let first = text.utf8.first, first != 0x0A, first != 0x20, first != 0x09,
      !text.hasSuffix("\n\n")
    else { return false }
    return text.unicodeScalars.allSatisfy { scalar in
      switch scalar.value {
      case 0x0A, 0x20..<0x7F, 0xA0..<0x2028, 0x202A..<0xD800, 0xE000..<0xFEFF, 0xFF00..<0xFFFE: true
      default: false
      }
    }
  }

  private mutating func writeQuoted(_ text: String) {
    output.append(0x22)
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x22: output += "\\\"".utf8
      case 0x5C: output += "\\\\".utf8
      case 0x0A: output += "\\n".utf8
      case 0x0D: output += "\\r".utf8
      case 0x09: output += "\\t".utf8
      case 0x20..<0x7F, 0xA0..<0x2028, 0x202A..<0xD800, 0xE000..<0xFEFF, 0xFF00..<0xFFFE:
        output += String(scalar).utf8
      default:
        let digits = String(scalar.value, radix: 16)
        let width = scalar.value > 0xFFFF ? 8 : 4
        output += (width == 8 ? "\\U" : "\\u").utf8
        output += repeatElement(0x30, count: width - digits.utf8.count)
        output += digits.utf8
      }
    }
    output.append(0x22)
  }
}
