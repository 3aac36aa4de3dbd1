/// Eight bytes in a word, tested all at once: the highest bit of each byte of a sum says whether it passed a limit.
struct EightBytes {
  private let word: UInt64

  /// The bytes from `index` on, all of which must be there.
  @inline(__always) init(_ bytes: Bytes, _ index: Int) {
    word = UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped + index).loadUnaligned(as: UInt64.self)
  }

  /// The same byte eight times.
  @inline(__always) private static func all(_ byte: UInt64) -> UInt64 { byte &* 0x0101_0101_0101_0101 }

  /// True if `UInt8.isBase64` is true for each.
  @inline(__always) var areBase64: Bool {
    let high = Self.all(0x80)
    let low = word & Self.all(0x7F)
    let folded = low | Self.all(0x20)
    // A sum of two bytes below 0x80 carries nothing into the next byte. `a...z` once letters have no case, `/...9`, `+ - _`.
    let letters = (folded &+ Self.all(0x80 - 0x61)) & ~(folded &+ Self.all(0x7F - 0x7A))
    let digits = (low &+ Self.all(0x80 - 0x2F)) & ~(low &+ Self.all(0x7F - 0x39))
    let plus = (low ^ Self.all(0x2B)) &+ Self.all(0x7F)
    let dash = (low ^ Self.all(0x2D)) &+ Self.all(0x7F)
    let underscore = (low ^ Self.all(0x5F)) &+ Self.all(0x7F)
    return (letters | digits | ~(plus & dash & underscore)) & ~word & high == high
  }

  /// True if `UInt8.isHexDigit` is true for each.
  @inline(__always) var areHexDigits: Bool {
    let high = Self.all(0x80)
    let low = word & Self.all(0x7F)
    let folded = low | Self.all(0x20)
    let letters = (folded &+ Self.all(0x80 - 0x61)) & ~(folded &+ Self.all(0x7F - 0x66))
    let digits = (low &+ Self.all(0x80 - 0x30)) & ~(low &+ Self.all(0x7F - 0x39))
    return (letters | digits) & ~word & high == high
  }

  /// True if all bytes of a range are hexadecimal digits.
  static func areHex(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    var index = range.lowerBound
    while index + 8 <= range.upperBound {
      guard EightBytes(bytes, index).areHexDigits else { return false }
      index += 8
    }
    while index < range.upperBound {
      guard bytes[index].isHexDigit else { return false }
      index += 1
    }
    return true
  }

  /// How many of them, from the first one on, are word characters, `-`, `.` or `/`.
  @inline(__always) var leadingPathCharacters: Int {
    let high = Self.all(0x80)
    let low = word & Self.all(0x7F)
    let folded = low | Self.all(0x20)
    let letters = (folded &+ Self.all(0x80 - 0x61)) & ~(folded &+ Self.all(0x7F - 0x7A))
    // `-`, `.`, `/` and the digits follow each other.
    let digits = (low &+ Self.all(0x80 - 0x2D)) & ~(low &+ Self.all(0x7F - 0x39))
    let underscore = ~((low ^ Self.all(0x5F)) &+ Self.all(0x7F))
    return (~((letters | digits | underscore) & ~word) & high).trailingZeroBitCount &>> 3
  }

  /// How many of them, from the first one on, neither end a JSON string nor need a second look in one: no quote, no backslash, no
  /// control character.
  @inline(__always) var leadingPlainInJSON: Int {
    let quote = word ^ Self.all(0x22)
    let slash = word ^ Self.all(0x5C)
    // A byte is zero, or below 0x20, if taking one away borrows from a highest bit that was not set. A borrow may go on into the
    // next byte and show too much there, never too little.
    let found =
      (quote &- Self.all(1)) & ~quote | (slash &- Self.all(1)) & ~slash | (word &- Self.all(0x20)) & ~word
    // What a borrow shows too much stands behind what it shows rightly. No bit at all counts as eight bytes.
    return (found & Self.all(0x80)).trailingZeroBitCount &>> 3
  }

  /// True if one of them may be of `Engine.marks`: a control character, one of `$%&'`, `@` or a backslash. It may be true where none
  /// is, never false where one is.
  @inline(__always) var mayHoldMark: Bool {
    let group = word & Self.all(0xFC) ^ Self.all(0x24)
    let at = word ^ Self.all(0x40)
    let slash = word ^ Self.all(0x5C)
    let found =
      (group &- Self.all(1)) & ~group | (at &- Self.all(1)) & ~at | (slash &- Self.all(1)) & ~slash
      | (word &- Self.all(0x20)) & ~word
    return found & Self.all(0x80) != 0
  }

  /// True if one of them is a colon or `#`.
  @inline(__always) var holdColonOrHash: Bool { hold(0x3A, or: 0x23) }

  /// True if one of them is a line feed or a carriage return.
  @inline(__always) var holdLineEnd: Bool { hold(0x0A, or: 0x0D) }

  /// True if one of them is a line feed.
  @inline(__always) var holdLineFeed: Bool { hold(0x0A, or: 0x0A) }

  /// A borrow goes up from a byte that is zero alone, so that some bit is set only where some byte is.
  @inline(__always) private func hold(_ one: UInt64, or other: UInt64) -> Bool {
    let one = word ^ Self.all(one)
    let other = word ^ Self.all(other)
    return ((one &- Self.all(1)) & ~one | (other &- Self.all(1)) & ~other) & Self.all(0x80) != 0
  }
}
