/// The checksum inside tokens of GitHub and npm: 30 random characters and 6 that are their CRC-32 in base62 (GitHub, "Behind
/// GitHub's new authentication token formats", 2021; npm took it over the same year).
///
/// A right checksum proves a token even where it is glued to other letters, which would otherwise speak against it. A wrong one
/// changes nothing: a token with a damaged character, or one that the documentation does not foresee, is masked all the same.
enum TokenChecksum {
  /// Characters of the token's random part, and of its checksum.
  private static let random = 30
  private static let check = 6

  /// The bytes of a token whose front, of `front` bytes, begins at `index`, if its checksum is right; nil else.
  static func token(_ bytes: Bytes, at index: Int, front: Int) -> Range<Int>? {
    let start = index + front
    let end = start + random + check
    guard end <= bytes.count else { return nil }
    var value: UInt64 = 0
    for place in start..<end {
      guard let digit = digit(bytes[place]) else { return nil }
      if place >= start + random { value = value * 62 + digit }
    }
    return value == UInt64(crc32(bytes[start..<start + random])) ? index..<end : nil
  }

  /// 0–9, A–Z, a–z.
  private static func digit(_ byte: UInt8) -> UInt64? {
    if byte.isDigit { return UInt64(byte - 0x30) }
    if byte.isUpper { return UInt64(byte - 0x41) + 10 }
    return byte.isLower ? UInt64(byte - 0x61) + 36 : nil
  }

  /// CRC-32 of IEEE 802.3, bit by bit: it runs over 30 bytes, and only where a token's front stands.
  static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var crc: UInt32 = ~0
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0xEDB8_8320 }
    }
    return ~crc
  }
}
