/// The trivial encodings, written apart from those of the program, so that a fault in one shows.
enum Encodings {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func base64(_ bytes: [UInt8]) -> String {
    var out: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = Array(bytes[start..<min(start + 3, bytes.count)])
      let word = (0..<3).reduce(UInt32(0)) { $0 << 8 | ($1 < group.count ? UInt32(group[$1]) : 0) }
      for index in 0..<4 {
        out.append(index <= group.count ? alphabet[Int(word >> UInt32(18 - 6 * index) & 63)] : 0x3D)
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// What base64 with padding stands for; nil where it is none.
  static func plain(_ text: String) -> [UInt8]? {
    var out: [UInt8] = []
    var word: UInt32 = 0
    var count = 0
    for byte in text.utf8 where byte != 0x3D {
      guard let digit = alphabet.firstIndex(of: byte) else { return nil }
      word = word << 6 | UInt32(digit)
      count += 1
      if count % 4 == 0 { out += [UInt8(word >> 16 & 255), UInt8(word >> 8 & 255), UInt8(word & 255)] }
    }
    if count % 4 == 3 { out += [UInt8(word >> 10 & 255), UInt8(word >> 2 & 255)] }
    if count % 4 == 2 { out.append(UInt8(word >> 4 & 255)) }
    return count % 4 == 1 ? nil : out
  }

  static func percent(_ bytes: [UInt8]) -> String {
    let hex = Array("0123456789ABCDEF".utf8)
    return String(
      decoding: bytes.flatMap { byte -> [UInt8] in
        let isPlain = byte >= 0x30 && byte <= 0x39 || (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A
        return isPlain ? [byte] : [0x25, hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      }, as: UTF8.self)
  }

  static func json(_ bytes: [UInt8]) -> String {
    var out = ""
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      if scalar == "\"" || scalar == "\\" { out += "\\" }
      out.unicodeScalars.append(scalar)
    }
    return out
  }

  /// All texts in which a value would be seen: plain, percent-encoded, JSON-escaped, and the part of its base64 that does not
  /// depend on what stands beside it, at each of the three alignments.
  static func all(_ value: [UInt8]) -> [[UInt8]] {
    var out = [value, Array(percent(value).utf8), Array(json(value).utf8)]
    for before in 0..<3 {
      let text = Array(base64(Array(repeating: 0x2E, count: before) + value).utf8).filter { $0 != 0x3D }
      let skipped = (before * 8 + 5) / 6
      let complete = (before + value.count) * 8 / 6
      if complete > skipped + 6 { out.append(Array(text[skipped..<complete])) }
    }
    return out
  }
}

extension [UInt8] {
  /// True if `part` stands anywhere in it.
  func holds(_ part: [UInt8]) -> Bool {
    guard let first = part.first, part.count <= count else { return false }
    for start in 0...(count - part.count) where self[start] == first {
      if self[start..<start + part.count].elementsEqual(part) { return true }
    }
    return false
  }
}
