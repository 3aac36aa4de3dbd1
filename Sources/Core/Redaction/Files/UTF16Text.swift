/// Text in UTF-16, as PowerShell and Windows write it: read as UTF-8, for which all rules are, and written as it came.
///
/// Nothing is lost on the way: half a pair of surrogates goes through as three bytes of its own, which UTF-8 does not have, and
/// a byte too many at the end comes back as it was.
package struct UTF16Text: Sendable {
  /// Which byte of two comes first.
  private let isLittleEndian: Bool
  /// A byte of a unit whose other one is still to come, and at the end the byte too many.
  private var odd: UInt8?
  /// The first half of a pair.
  private var high: UInt32?
  /// Bytes of a character of UTF-8 whose others are still to come.
  private var partial: [UInt8] = []

  /// Fewest bytes by which text without a mark of its order is told.
  private static let shortest = 16

  /// Tells by the first bytes of a text; nil if it is something else. Without a mark it is text of which nine of ten characters are
  /// ASCII: each second byte is zero, and the others are not.
  package init?(first bytes: some Collection<UInt8>) {
    let head = Array(bytes.prefix(FileFormat.headLength))
    if head.starts(with: [0xFF, 0xFE]), !head.dropFirst(2).starts(with: [0, 0]) {
      isLittleEndian = true
    } else if head.starts(with: [0xFE, 0xFF]) {
      isLittleEndian = false
    } else {
      guard head.count >= Self.shortest else { return nil }
      var zeros = (even: 0, odd: 0)
      for index in head.indices where head[index] == 0 {
        if index.isMultiple(of: 2) { zeros.even += 1 } else { zeros.odd += 1 }
      }
      let many = head.count / 2 * 9 / 10
      let few = head.count / 20
      guard zeros.even >= many && zeros.odd <= few || zeros.odd >= many && zeros.even <= few else { return nil }
      isLittleEndian = zeros.odd > zeros.even
    }
  }

  /// The next bytes of the text, however they are cut, as UTF-8.
  package mutating func decode(_ bytes: [UInt8], isEnd: Bool) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count / 2 + 4)
    for byte in bytes {
      guard let first = odd else {
        odd = byte
        continue
      }
      odd = nil
      let unit = isLittleEndian ? UInt32(byte) << 8 | UInt32(first) : UInt32(first) << 8 | UInt32(byte)
      if let half = high {
        high = nil
        if 0xDC00..<0xE000 ~= unit {
          Self.append(0x10000 + (half - 0xD800) << 10 + unit - 0xDC00, to: &out)
          continue
        }
        Self.append(half, to: &out)
      }
      if 0xD800..<0xDC00 ~= unit { high = unit } else { Self.append(unit, to: &out) }
    }
    if isEnd, let half = high {
      high = nil
      Self.append(half, to: &out)
    }
    return out
  }

  /// UTF-8 that was made by `decode`, and masked, in the form that the text came in.
  package mutating func encode(_ bytes: [UInt8], isEnd: Bool) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count * 2 + 2)
    for byte in bytes {
      partial.append(byte)
      guard partial.count == Self.length(of: partial[0]) else { continue }
      append(Self.scalar(partial), to: &out)
      partial.removeAll(keepingCapacity: true)
    }
    if isEnd {
      // Never made by `decode`: but nothing may be lost.
      for byte in partial { append(UInt32(byte), to: &out) }
      partial = []
      if let odd { out.append(odd) }
    }
    return out
  }

  /// Takes over the byte too many that a text ended with, if it had one: the last piece that is encoded ends with it.
  package mutating func end(like decoder: UTF16Text) { odd = decoder.odd }

  private func append(_ scalar: UInt32, to out: inout [UInt8]) {
    if scalar >= 0x10000 {
      append(unit: 0xD800 + (scalar - 0x10000) >> 10, to: &out)
      append(unit: 0xDC00 + (scalar - 0x10000) & 0x3FF, to: &out)
    } else {
      append(unit: scalar, to: &out)
    }
  }

  private func append(unit: UInt32, to out: inout [UInt8]) {
    let (low, top) = (UInt8(unit & 0xFF), UInt8(unit >> 8 & 0xFF))
    out.append(isLittleEndian ? low : top)
    out.append(isLittleEndian ? top : low)
  }

  private static func append(_ scalar: UInt32, to out: inout [UInt8]) {
    func rest(_ shift: UInt32) -> UInt8 { UInt8(0x80 | scalar >> shift & 0x3F) }
    switch scalar {
    case ..<0x80: out.append(UInt8(scalar))
    case ..<0x800: out += [UInt8(0xC0 | scalar >> 6), rest(0)]
    case ..<0x10000: out += [UInt8(0xE0 | scalar >> 12), rest(6), rest(0)]
    default: out += [UInt8(0xF0 | scalar >> 18 & 7), rest(12), rest(6), rest(0)]
    }
  }

  private static func length(of lead: UInt8) -> Int { lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4 }

  private static func scalar(_ bytes: [UInt8]) -> UInt32 {
    let mask: UInt32 = [0x7F, 0x1F, 0x0F, 0x07][bytes.count - 1]
    return bytes.dropFirst().reduce(UInt32(bytes[0]) & mask) { $0 << 6 | UInt32($1 & 0x3F) }
  }
}
