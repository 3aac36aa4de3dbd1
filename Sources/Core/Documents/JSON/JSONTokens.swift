/// The grammar of RFC 8259 below containers: what a value, a key and a token look like, and how one is passed over.
extension JSONScanner {
  /// Passes over an object or array and all in it, without recursion: one bit remembers the kind of each open container.
  mutating func passContainers() throws(JSONError) {
    var objects: UInt128 = 0
    var open = 0
    values: repeat {
      let first = try significantByte()
      if first == .openBrace || first == .openBracket {
        guard depth + open < Self.depthLimit else { throw fail(.tooDeep) }
        let isObject = first == .openBrace
        offset += 1
        open += 1
        objects = objects &<< 1 | (isObject ? 1 : 0)
        if try significantByte() != first + 2 {  // { and }, [ and ] lie two apart
          if isObject { try passKey() }
          continue values
        }
      } else {
        try passScalar(first)
      }
      while open > 0 {
        let isObject = objects & 1 == 1
        let byte = try significantByte()
        if byte == .comma {
          offset += 1
          if isObject { try passKey() }
          continue values
        }
        guard byte == (isObject ? .closeBrace : .closeBracket) else { throw fail(.syntax) }
        offset += 1
        open -= 1
        objects = objects &>> 1
      }
    } while open > 0
  }

  private mutating func passKey() throws(JSONError) {
    guard try significantByte() == .quote else { throw fail(.syntax) }
    _ = try passString()
    try passColon()
  }

  mutating func passColon() throws(JSONError) {
    guard try significantByte() == .colon else { throw fail(.syntax) }
    offset += 1
  }

  mutating func passScalar(_ first: UInt8) throws(JSONError) {
    switch first {
    case .quote: _ = try passString()
    case 0x74: try passLiteral("true")
    case 0x66: try passLiteral("false")
    case 0x6E: try passLiteral("null")
    default:
      guard Self.startsNumber(first) else { throw fail(.syntax) }
      try passNumber()
    }
    needsComma = true
  }

  private mutating func passLiteral(_ literal: StaticString) throws(JSONError) {
    for index in 0..<literal.utf8CodeUnitCount {
      guard offset < bytes.count else { throw fail(.truncated) }
      guard bytes[offset] == literal.utf8Start[index] else { throw fail(.syntax) }
      offset += 1
    }
  }

  static func startsNumber(_ byte: UInt8) -> Bool {
    byte == .minus || (.zero ... .nine).contains(byte)
  }

  mutating func passNumber() throws(JSONError) {
    if bytes[offset] == .minus { offset += 1 }
    let start = offset
    try passDigits()
    guard bytes[start] != .zero || offset == start + 1 else { throw fail(.syntax) }
    if offset < bytes.count, bytes[offset] == 0x2E {
      offset += 1
      try passDigits()
    }
    if offset < bytes.count, bytes[offset] | 0x20 == 0x65 {
      offset += 1
      if offset < bytes.count, bytes[offset] == 0x2B || bytes[offset] == .minus { offset += 1 }
      try passDigits()
    }
  }

  private mutating func passDigits() throws(JSONError) {
    let start = offset
    while offset < bytes.count, (.zero ... .nine).contains(bytes[offset]) { offset += 1 }
    guard offset > start else { throw fail(offset < bytes.count ? .syntax : .truncated) }
  }

  /// Passes over a string, eight bytes at a time: most of a document lies in its strings.
  mutating func passString() throws(JSONError) -> JSONString {
    guard offset < bytes.count, bytes[offset] == .quote else { throw fail(.syntax) }
    let start = offset + 1
    var position = start
    var hasEscapes = false
    while true {
      while position + 8 <= bytes.count {
        let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
        let hits = Self.specials(in: word)
        if hits != 0 {
          position += hits.trailingZeroBitCount / 8
          break
        }
        position += 8
      }
      guard position < bytes.count else {
        offset = position
        throw fail(.truncated)
      }
      switch bytes[position] {
      case .quote:
        offset = position + 1
        return JSONString(content: UnsafeRawBufferPointer(rebasing: bytes[start..<position]), hasEscapes: hasEscapes)
      case .backslash:
        hasEscapes = true
        position = try passEscape(at: position)
      case 0..<0x20:
        offset = position
        throw fail(.syntax)
      default: position += 1
      }
    }
  }

  /// The high bit of each byte that is a quote, a backslash or a control character. Borrows make bits above a true hit
  /// uncertain, never the lowest one, and only that is used.
  private static func specials(in word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quotes = word ^ (ones &* 0x22)
    let backslashes = word ^ (ones &* 0x5C)
    let found =
      (quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes | (word &- ones &* 0x20) & ~word
    return found & (ones &* 0x80)
  }

  /// The position after the escape that begins at `position`.
  private mutating func passEscape(at position: Int) throws(JSONError) -> Int {
    offset = position
    guard position + 1 < bytes.count else { throw fail(.truncated) }
    switch bytes[position + 1] {
    case .quote, .backslash, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: return position + 2
    case 0x75:
      for digit in position + 2..<position + 6 {
        guard digit < bytes.count else { throw fail(.truncated) }
        guard bytes[digit].hexDigit != nil else { throw fail(.syntax) }
      }
      return position + 6
    default: throw fail(.syntax)
    }
  }

  mutating func passSpace() {
    while offset < bytes.count, bytes[offset] <= 0x20 {
      guard [0x20, 0x0A, 0x0D, 0x09].contains(bytes[offset]) else { return }
      offset += 1
    }
  }

  /// The next byte that is not white space, which stays unread.
  @inline(__always)
  mutating func significantByte() throws(JSONError) -> UInt8 {
    if offset < bytes.count, bytes[offset] > 0x20 { return bytes[offset] }
    passSpace()
    guard offset < bytes.count else { throw fail(.truncated) }
    return bytes[offset]
  }

  /// Where the text behind the comma begins that has to come next; the current offset where none does.
  var offsetAfterComma: Int {
    var ahead = self
    ahead.passSpace()
    return ahead.offset < bytes.count && bytes[ahead.offset] == .comma ? ahead.offset + 1 : offset
  }

  func fail(_ problem: JSONError.Problem) -> JSONError {
    JSONError(offset: offset, problem: problem)
  }

  /// The error for a value of another kind than asked for, or for no value at all.
  mutating func mismatch() -> JSONError {
    do throws(JSONError) {
      _ = try peek()
      return fail(.unexpectedType)
    } catch { return error }
  }
}

extension UInt8 {
  static let quote: UInt8 = 0x22
  static let comma: UInt8 = 0x2C
  static let minus: UInt8 = 0x2D
  static let zero: UInt8 = 0x30
  static let nine: UInt8 = 0x39
  static let colon: UInt8 = 0x3A
  static let openBracket: UInt8 = 0x5B
  static let backslash: UInt8 = 0x5C
  static let closeBracket: UInt8 = 0x5D
  static let openBrace: UInt8 = 0x7B
  static let closeBrace: UInt8 = 0x7D

  /// The value of an ASCII hexadecimal digit.
  var hexDigit: UInt16? {
    switch self {
    case 0x30...0x39: UInt16(self) - 0x30
    case 0x41...0x46: UInt16(self) - 0x37
    case 0x61...0x66: UInt16(self) - 0x57
    default: nil
    }
  }
}
