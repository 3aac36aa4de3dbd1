/// Decoders of the trivial encodings. All of them are strict about size and none recurses.
enum Decoding {
  /// Base64 or base64url, with or without padding; nil where the length or a byte cannot be that.
  static func base64(_ text: Bytes) -> [UInt8]? {
    var end = text.count
    while end > 0, text[end - 1] == 0x3D { end -= 1 }
    guard end % 4 != 1, text.count - end <= 2 else { return nil }
    var out: [UInt8] = []
    out.reserveCapacity(end * 3 / 4)
    var bits: UInt32 = 0
    var held = 0
    for index in 0..<end {
      guard let value = sextet(text[index]) else { return nil }
      bits = bits << 6 | UInt32(value)
      held += 6
      if held >= 8 {
        held -= 8
        out.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
      }
    }
    return out
  }

  /// The value of a character of base64 or base64url; nil for another byte.
  @inline(__always) static func sextet(_ byte: UInt8) -> UInt8? {
    let value = sextets.utf8Start[Int(byte & 0x7F)] &- 0x30
    return value < 64 && byte < 0x80 ? value : nil
  }

  /// For each ASCII character its value + 0x30, or a blank for one that has none: a constant, which nothing has to make or guard.
  private static let sextets: StaticString = #"""
                                               n n odefghijklm      \#
     0123456789:;<=>?@ABCDEFGHI    o JKLMNOPQRSTUVWXYZ[\]^_`abc     \#

    """#

  /// What four characters of base64 stand for, in the lowest 24 bits; nil where one is none.
  @inline(__always) static func quartet(_ text: Bytes, _ index: Int) -> UInt32? {
    guard let a = sextet(text[index]), let b = sextet(text[index + 1]), let c = sextet(text[index + 2]),
      let d = sextet(text[index + 3])
    else { return nil }
    return UInt32(a) << 18 | UInt32(b) << 12 | UInt32(c) << 6 | UInt32(d)
  }

  /// Pairs of hexadecimal digits; nil where one is missing.
  static func hex(_ text: Bytes) -> [UInt8]? {
    guard text.count % 2 == 0 else { return nil }
    var out: [UInt8] = []
    out.reserveCapacity(text.count / 2)
    for index in stride(from: 0, to: text.count, by: 2) {
      guard let high = text[index].hexValue, let low = text[index + 1].hexValue else { return nil }
      out.append(high << 4 | low)
    }
    return out
  }

  /// True if the bytes read as text: at least `nine tenths` printable ASCII, tab or line ends, or well-formed UTF-8
  /// letters, and at least 6 bytes.
  static func isText(_ bytes: some Collection<UInt8>) -> Bool {
    guard bytes.count >= 6 else { return false }
    var good = 0
    for byte in bytes where byte >= 0x20 && byte != 0x7F || byte == 9 || byte == 10 || byte == 13 {
      good += byte < 0x80 ? 1 : 0
    }
    return good * 10 >= bytes.count * 9
  }

  /// What base64 decodes to, if that reads as text; nil otherwise. Most runs are none: these are given up at the byte that
  /// decides it, mostly among the first, before anything is kept.
  static func base64Text(_ text: Bytes) -> [UInt8]? {
    var end = text.count
    while end > 0, text[end - 1] == 0x3D { end -= 1 }
    let mostBad = end * 6 / 8 / 10
    var bad = 0
    var bits: UInt32 = 0
    var held = 0
    for index in 0..<min(end, probe) {
      guard let value = sextet(text[index]) else { return nil }
      bits = bits << 6 | UInt32(value)
      held += 6
      guard held >= 8 else { continue }
      held -= 8
      if !isPrintable(UInt8(truncatingIfNeeded: bits >> UInt32(held))) { bad += 1 }
      if bad > mostBad { return nil }
    }
    guard let plain = base64(text), isText(plain) else { return nil }
    return plain
  }

  /// What pairs of hexadecimal digits decode to, if that reads as text; nil otherwise.
  static func hexText(_ text: Bytes) -> [UInt8]? {
    let mostBad = text.count / 2 / 10
    var bad = 0
    for index in stride(from: 0, to: min(text.count - 1, probe), by: 2) {
      guard let high = text[index].hexValue, let low = text[index + 1].hexValue else { return nil }
      if !isPrintable(high << 4 | low) { bad += 1 }
      if bad > mostBad { return nil }
    }
    guard let plain = hex(text), isText(plain) else { return nil }
    return plain
  }

  /// Characters of an encoded text that are looked at before all of it is decoded.
  private static let probe = 256

  /// True for what `isText` counts as good.
  @inline(__always) private static func isPrintable(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte < 0x7F || byte == 9 || byte == 10 || byte == 13
  }

  /// The character of base64 for the lowest six bits.
  @inline(__always) static func base64Character(_ bits: UInt32) -> UInt8 { characters.utf8Start[Int(bits & 63)] }

  private static let characters: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

  /// The characters of base64 that depend on these bytes alone where `shift` others (0 to 2) stand before them in their group of
  /// three. There are `(shift + text.count) * 8 / 6 - (shift * 8 + 5) / 6` of them, for which `out` has room. True if `+` or `/` is
  /// among them.
  static func base64Inside(_ text: Bytes, shift: Int, _ out: UnsafeMutableBufferPointer<UInt8>) -> Bool {
    guard text.count >= 2 else { return false }
    var place = 0
    var largest: UInt32 = 0
    func add(_ bits: UInt32) {
      let bits = bits & 63
      largest = max(largest, bits)
      out[place] = base64Character(bits)
      place += 1
    }
    // What ends a group that others have begun.
    var index = (3 - shift) % 3
    if shift == 1 { add(UInt32(text[0]) &<< 2 | UInt32(text[1]) &>> 6) }
    if shift > 0 { add(UInt32(text[index - 1])) }
    while index + 3 <= text.count {
      let group = UInt32(text[index]) &<< 16 | UInt32(text[index + 1]) &<< 8 | UInt32(text[index + 2])
      add(group &>> 18)
      add(group &>> 12)
      add(group &>> 6)
      add(group)
      index += 3
    }
    // What begins a group that others end.
    if index < text.count { add(UInt32(text[index]) &>> 2) }
    if index + 1 < text.count { add(UInt32(text[index]) &<< 4 | UInt32(text[index + 1]) &>> 4) }
    return largest >= 62
  }

  /// Base64 with padding.
  static func base64Encoded(_ bytes: some Collection<UInt8>) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity((bytes.count + 2) / 3 * 4)
    var bits: UInt32 = 0
    var held = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      held += 8
      while held >= 6 {
        held -= 6
        out.append(base64Character(bits >> UInt32(held)))
      }
      bits &= (1 << UInt32(held)) - 1
    }
    if held > 0 { out.append(base64Character(bits << UInt32(6 - held))) }
    while out.count % 4 != 0 { out.append(0x3D) }
    return out
  }

  /// `%XX` decoded, `+` left as it is; bad escapes stay.
  static func percent(_ text: some Sequence<UInt8>) -> [UInt8] {
    let bytes = Array(text)
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      if bytes[index] == 0x25, index + 2 < bytes.count, let high = bytes[index + 1].hexValue,
        let low = bytes[index + 2].hexValue
      {
        out.append(high << 4 | low)
        index += 3
      } else {
        out.append(bytes[index])
        index += 1
      }
    }
    return out
  }
}
