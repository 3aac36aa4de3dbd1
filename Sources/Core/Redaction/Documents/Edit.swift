/// A change to a text: the bytes that take the place of a range, and the rule that asked for it.
struct Edit: Sendable, Equatable {
  var range: Range<Int>
  var replacement: [UInt8]
  var rule: Int
}

extension [Edit] {
  /// Sorted; of two that overlap, the one that covers more stays (a whole value before a part of it).
  mutating func normalize() {
    guard count > 1 else { return }
    sort { ($0.range.lowerBound, -$0.range.upperBound) < ($1.range.lowerBound, -$1.range.upperBound) }
    var out: [Edit] = []
    out.reserveCapacity(count)
    for edit in self {
      if let last = out.last, edit.range.lowerBound < last.range.upperBound { continue }
      out.append(edit)
    }
    self = out
  }

  /// The text with the edits made. They have to be normalized.
  func applied(to bytes: Bytes) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    var place = 0
    for edit in self {
      out.append(contentsOf: Bytes(rebasing: bytes[place..<edit.range.lowerBound]))
      out.append(contentsOf: edit.replacement)
      place = edit.range.upperBound
    }
    out.append(contentsOf: Bytes(rebasing: bytes[place...]))
    return out
  }
}

/// How text is written in the formats that are masked in place.
enum Rendering {
  /// The inside of a JSON string.
  static func jsonEscaped(_ text: [UInt8], slashes: Bool = false) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(text.count)
    for byte in text {
      switch byte {
      case 0x22: out += [0x5C, 0x22]
      case 0x5C: out += [0x5C, 0x5C]
      case 0x2F where slashes: out += [0x5C, 0x2F]
      case 0x0A: out += [0x5C, 0x6E]
      case 0x0D: out += [0x5C, 0x72]
      case 0x09: out += [0x5C, 0x74]
      case 0..<0x20:
        out += Array("\\u00".utf8)
        out.append(hexDigit(byte >> 4, upper: false))
        out.append(hexDigit(byte & 15, upper: false))
      default: out.append(byte)
      }
    }
    return out
  }

  /// The inside of a YAML scalar in single quotes.
  static func singleQuoteEscaped(_ text: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(text.count)
    for byte in text {
      if byte == 0x27 { out.append(byte) }
      out.append(byte)
    }
    return out
  }

  /// The unreserved characters of RFC 3986.
  static func isUnreserved(_ byte: UInt8) -> Bool { byte.isWord || byte == 0x2D || byte == 0x2E || byte == 0x7E }

  /// `%XX` for all but the unreserved characters of RFC 3986.
  static func percentEncoded(_ text: [UInt8], upper: Bool) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(text.count)
    for byte in text {
      if isUnreserved(byte) {
        out.append(byte)
      } else {
        out.append(0x25)
        out.append(hexDigit(byte >> 4, upper: upper))
        out.append(hexDigit(byte & 15, upper: upper))
      }
    }
    return out
  }

  private static func hexDigit(_ value: UInt8, upper: Bool) -> UInt8 {
    value < 10 ? 0x30 + value : (upper ? 0x41 : 0x61) + value - 10
  }
}
