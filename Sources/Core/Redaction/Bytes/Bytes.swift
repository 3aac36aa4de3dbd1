/// The text being looked at. Borrowed: nothing keeps it beyond the call that got it.
typealias Bytes = UnsafeBufferPointer<UInt8>

/// Classes of ASCII bytes as two 64-bit sets, so that a test is two shifts and no memory access.
struct ByteSet: Sendable {
  private var low: UInt64 = 0
  private var high: UInt64 = 0
  /// True if bytes from 0x80 belong to the set.
  private var beyondASCII = false

  init(_ members: StaticString, beyondASCII: Bool = false) {
    members.withUTF8Buffer { for byte in $0 { insert(byte) } }
    self.beyondASCII = beyondASCII
  }

  init(_ members: some Sequence<UInt8>) {
    for byte in members { insert(byte) }
  }

  /// Adds an ASCII byte; others are ignored.
  mutating func insert(_ byte: UInt8) {
    if byte < 64 { low |= 1 << UInt64(byte) } else if byte < 128 { high |= 1 << UInt64(byte & 63) }
  }

  /// Adds the bytes of another set.
  mutating func formUnion(_ other: ByteSet) {
    low |= other.low
    high |= other.high
    beyondASCII = beyondASCII || other.beyondASCII
  }

  @inline(__always) func contains(_ byte: UInt8) -> Bool {
    byte < 64 ? (low &>> UInt64(byte)) & 1 != 0 : byte < 128 ? (high &>> UInt64(byte & 63)) & 1 != 0 : beyondASCII
  }
}

extension UInt8 {
  @inline(__always) var isDigit: Bool { self &- 0x30 < 10 }
  @inline(__always) var isUpper: Bool { self &- 0x41 < 26 }
  @inline(__always) var isLower: Bool { self &- 0x61 < 26 }
  @inline(__always) var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
  @inline(__always) var isAlphanumeric: Bool { isDigit || isLetter }
  @inline(__always) var isHexDigit: Bool { isDigit || (self | 0x20) &- 0x61 < 6 }
  /// Letters, digits, `_`.
  @inline(__always) var isWord: Bool { isAlphanumeric || self == 0x5F }
  /// What a key name is made of: word characters, `-`, `.`, and letters beyond ASCII.
  @inline(__always) var isKey: Bool { isWord || self == 0x2D || self == 0x2E || self >= 0x80 }
  /// The alphabets of base64 and base64url together, without padding.
  @inline(__always) var isBase64: Bool { isWord || self == 0x2B || self == 0x2F || self == 0x2D }
  /// Space, tab.
  @inline(__always) var isBlank: Bool { self == 0x20 || self == 0x09 }
  /// Space, tab, line feed, carriage return.
  @inline(__always) var isSpace: Bool { isBlank || self == 0x0A || self == 0x0D }
  @inline(__always) var isLineEnd: Bool { self == 0x0A || self == 0x0D }
  /// `"`, `'`, backtick.
  @inline(__always) var isQuote: Bool { self == 0x22 || self == 0x27 || self == 0x60 }
  /// The lower-case letter, for ASCII letters.
  @inline(__always) var lowered: UInt8 { isUpper ? self | 0x20 : self }
  /// Value of a hexadecimal digit; nil for another byte.
  @inline(__always) var hexValue: UInt8? {
    isDigit ? self &- 0x30 : isHexDigit ? (self | 0x20) &- 0x61 &+ 10 : nil
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// The byte at a place, or 0 beyond either end: saves a bounds test at every look ahead and behind.
  @inline(__always) func at(_ index: Int) -> UInt8 {
    index >= 0 && index < count ? self[index] : 0
  }

  /// True if `literal` stands at `index`.
  @inline(__always) func has(_ literal: StaticString, at index: Int) -> Bool {
    let length = literal.utf8CodeUnitCount
    guard index >= 0, index + length <= count else { return false }
    let start = literal.utf8Start
    for offset in 0..<length where self[index + offset] != start[offset] { return false }
    return true
  }

  /// True if `literal`, given in lower case, stands at `index` in any case.
  @inline(__always) func hasIgnoringCase(_ literal: StaticString, at index: Int) -> Bool {
    let length = literal.utf8CodeUnitCount
    guard index >= 0, index + length <= count else { return false }
    let start = literal.utf8Start
    for offset in 0..<length where self[index + offset].lowered != start[offset] { return false }
    return true
  }

  /// True if a range ends in one of these words, in any case. Of one letter it has to be all.
  func ends(_ range: Range<Int>, with words: [StaticString]) -> Bool {
    guard let last = range.last else { return false }
    let byte = self[last].lowered
    // Few words end alike: most need no second look.
    for word in words where word.utf8Start[word.utf8CodeUnitCount - 1] == byte {
      let length = word.utf8CodeUnitCount
      if length == 1 ? range.count == 1 : range.count >= length,
        hasIgnoringCase(word, at: range.upperBound - length)
      {
        return true
      }
    }
    return false
  }

  /// First place from `start` on, before `end`, where the line ends (LF or CR), else `end`.
  func lineEnd(from start: Int, limit end: Int) -> Int {
    var index = start
    while index + 8 <= Swift.min(end, count), !EightBytes(self, index).holdLineEnd { index += 8 }
    while index < end, !self[index].isLineEnd { index += 1 }
    return index
  }

  /// First byte of the line that holds `index`, looking back at most `reach` bytes.
  func lineStart(of index: Int, reach: Int) -> Int {
    let floor = Swift.max(0, index - reach)
    var start = index
    while start - 8 >= floor, start <= count, !EightBytes(self, start - 8).holdLineEnd { start -= 8 }
    while start > floor, !self[start - 1].isLineEnd { start -= 1 }
    return start
  }

  /// Behind the last line feed before `index`, looking back no further than `floor`; `floor` where there is none.
  func behindLineFeed(before index: Int, floor: Int) -> Int {
    var start = index
    while start - 8 >= floor, start <= count, !EightBytes(self, start - 8).holdLineFeed { start -= 8 }
    while start > floor, self[start - 1] != 0x0A { start -= 1 }
    return start
  }

  /// First place of `literal` in `range`; nil where it is not.
  func first(_ literal: StaticString, in range: Range<Int>) -> Int? {
    // Texts are full of blanks: behind one at the front the next byte is rarer.
    let rare = literal.utf8Start[0] == 0x20 && literal.utf8CodeUnitCount > 1 ? 1 : 0
    let end = Swift.min(range.upperBound, count) - literal.utf8CodeUnitCount + 1 + rare
    var index = Swift.max(0, range.lowerBound) + rare
    while let place = firstByte(literal.utf8Start[rare], from: index, to: end) {
      if has(literal, at: place - rare) { return place - rare }
      index = place + 1
    }
    return nil
  }

  /// The part as an array.
  func copy(_ range: Range<Int>) -> [UInt8] { Array(self[range]) }
}
