/// Why a line of the form `key: value` or `key=value` stays as it is.
package enum Harmless: Sendable, Equatable, CustomStringConvertible {
  /// No word of the key says that it is secret.
  case key
  /// The key names a secret, and its last word says that the value is none itself: `SECRET_NAME`, `TOKEN_FILE`.
  case describes
  /// The value is empty, a reference such as `${NAME}`, an example or a mask.
  case placeholder
  /// The value is true or false.
  case boolean
  /// The value is the path of a file.
  case path
  /// The key is a plural, and a number under it is a count.
  case count
  /// The key alone does not prove it, and the value reads as a word, a name, a number or an address.
  case ordinary
  /// The key is secret and so would the value be; what stands around it says that it is none, such as code.
  case context

  package var description: String {
    switch self {
    case .key: "no word of the key says that its value is secret"
    case .describes: "the last word of the key says that the value describes a secret or names it"
    case .placeholder: "the value is empty, a reference, an example or a mask"
    case .boolean: "the value is true or false"
    case .path: "the value is the path of a file"
    case .count: "the key is a plural, and a number under it is a count"
    case .ordinary: "the key may be a secret's, but the value reads as a word, a name, a number or an address"
    case .context: "the key is a secret's, but what stands around it reads as code or prose"
    }
  }
}

extension Redactor {
  /// Longest line that is explained, in bytes: a setting, and no log.
  private static let longestExplained = 512

  /// Where the settings of a line stand, as offsets: the members of JSON that stands on one line, else the line itself.
  package static func settings(of line: [UInt8]) -> [Range<Int>] {
    guard let first = line.firstIndex(where: { !$0.isBlank }), line[first] == 0x7B || line[first] == 0x5B else {
      return [line.indices]
    }
    var settings: [Range<Int>] = []
    var start = first
    var isText = false
    var index = first
    while index < line.count {
      switch line[index] {
      case 0x5C where isText: index += 1
      case 0x22: isText.toggle()
      // A member that holds others is no setting itself.
      case 0x7B, 0x5B: if !isText { start = index + 1 }
      case 0x2C, 0x7D, 0x5D:
        guard !isText else { break }
        if start < index { settings.append(start..<index) }
        start = index + 1
      default: break
      }
      index += 1
    }
    return settings
  }

  /// Why nothing in a line is masked: its key, and the reason. Nil where the line is no `key: value` or `key=value`.
  package func explanation(of line: [UInt8]) -> (key: String, reason: Harmless)? {
    guard line.count <= Self.longestExplained else { return nil }
    return line.withUnsafeBufferPointer { bytes in
      var start = 0
      while bytes.at(start).isBlank || bytes.at(start).isQuote || bytes.at(start) == 0x2D { start += 1 }
      if bytes.has("export ", at: start) { start += 7 }
      var end = start
      while bytes.at(end).isKey || bytes.at(end) == 0x2F { end += 1 }
      let key = start..<end
      if bytes.at(end).isQuote { end += 1 }
      while bytes.at(end).isBlank { end += 1 }
      guard !key.isEmpty, bytes.at(end) == 0x3D || bytes.at(end) == 0x3A else { return nil }
      var from = end + 1
      var to = bytes.count
      while from < to, bytes[from].isBlank || bytes[from].isQuote { from += 1 }
      while to > from, bytes[to - 1].isSpace || bytes[to - 1].isQuote || bytes[to - 1] == 0x2C { to -= 1 }
      let reason = reason(bytes, key, value: from..<to)
      return (String(decoding: bytes[key], as: UTF8.self), reason)
    }
  }

  private func reason(_ bytes: Bytes, _ key: Range<Int>, value: Range<Int>) -> Harmless {
    let verdict = engine.verdict(bytes, key)
    if verdict == .none {
      // Without its last words the key would be a secret's.
      let isShorter = key.dropFirst().contains { engine.verdict(bytes, key.lowerBound..<$0) > .none }
      return isShorter ? .describes : .key
    }
    if ValueShape.isBoolean(bytes, value) { return .boolean }
    if ValueShape.isPlaceholder(bytes, value) { return .placeholder }
    if ValueShape.isPath(bytes, value) { return .path }
    if verdict == .plural, ValueShape.isNumber(bytes, value) { return .count }
    return verdict == .likely ? .ordinary : .context
  }
}
