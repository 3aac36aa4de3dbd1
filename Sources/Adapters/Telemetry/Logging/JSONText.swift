/// The few pieces of JSON that a log line needs. Text may be hostile: it comes from logs, names and error messages of others.
enum JSONText {
  /// Longest string in a line, in bytes, so that one message cannot fill a disk. 16 KiB holds any stack trace of ours.
  static let stringLimit = 16 << 10

  /// Appends a JSON string: quoted, control characters escaped, cut at `stringLimit` on a character's border.
  ///
  /// U+2028, U+2029 and DEL are escaped too: some log viewers end a line there.
  static func append(_ text: String, to line: inout [UInt8]) {
    line.append(0x22)
    var written = 0
    for scalar in text.unicodeScalars {
      if written >= stringLimit {
        line += "\u{2026}".utf8
        break
      }
      written += UTF8.width(scalar)
      switch scalar.value {
      case 0x22: line += [0x5C, 0x22]
      case 0x5C: line += [0x5C, 0x5C]
      case 0x0A: line += [0x5C, 0x6E]
      case 0x0D: line += [0x5C, 0x72]
      case 0x09: line += [0x5C, 0x74]
      case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029:
        line += [0x5C, 0x75]
        let digits = String(scalar.value, radix: 16)
        line += repeatElement(0x30, count: 4 - digits.utf8.count)
        line += digits.utf8
      default: line += UTF8.encode(scalar).map(Array.init) ?? []
      }
    }
    line.append(0x22)
  }

  /// The name of a metadata key as a field: lower case, words joined by `_`, nothing but letters, digits and `_`.
  static func fieldName(_ key: String) -> String {
    var name: [UInt8] = []
    var previousIsWord = false
    for byte in key.utf8 {
      switch byte {
      case 0x41...0x5A:
        if previousIsWord { name.append(0x5F) }
        name.append(byte | 0x20)
        previousIsWord = false
      case 0x61...0x7A, 0x30...0x39:
        name.append(byte)
        previousIsWord = true
      default:
        if let last = name.last, last != 0x5F { name.append(0x5F) }
        previousIsWord = false
      }
    }
    while name.last == 0x5F { name.removeLast() }
    return name.isEmpty ? "field" : String(decoding: name, as: UTF8.self)
  }
}
