/// A pull scanner over the bytes of a JSON document (RFC 8259): no tree, no copy, nothing decoded that is not asked for.
///
/// The caller walks the document it expects and skips the rest; what is skipped is checked to be JSON all the same. The
/// scanner is a value: a copy of it is a bookmark to go back to. It borrows the bytes, so it (and each `JSONString` it
/// gave) must not outlive the closure that lent them.
///
/// Strings are checked for control characters and escapes, not for UTF-8: text is repaired when it is decoded.
package struct JSONScanner {
  /// Containers that may be open at once. Kubernetes objects have fewer than 40; a bound keeps hostile input cheap.
  package static let depthLimit = 128

  private let bytes: UnsafeRawBufferPointer
  /// The next byte to read.
  package private(set) var offset = 0
  private var depth = 0
  /// True once the container that is open has had a member or element, so that a comma has to come before the next.
  private var needsComma = false

  /// A scanner at the start of `bytes`, which are lent for as long as it is used.
  package init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// Where a walk stands between two members or elements, so that it can go on in another buffer that begins there.
  package struct Checkpoint: Sendable, Equatable {
    fileprivate var depth = 0
    fileprivate var needsComma = false

    /// The start of a document.
    package init() {}
  }

  /// The walk's place at `offset`.
  package var checkpoint: Checkpoint {
    var checkpoint = Checkpoint()
    checkpoint.depth = depth
    checkpoint.needsComma = needsComma
    return checkpoint
  }

  /// A scanner that goes on where another one stood, in a buffer that begins at that one's `offset`.
  package init(_ bytes: UnsafeRawBufferPointer, resuming checkpoint: Checkpoint) {
    self.bytes = bytes
    depth = checkpoint.depth
    needsComma = checkpoint.needsComma
  }

  /// What a value is, told from its first byte.
  package enum Kind: Sendable, Equatable {
    case object, array, string, number, bool, null
  }

  /// The kind of the value that comes next, which stays unread.
  package mutating func peek() throws(JSONError) -> Kind {
    switch try significantByte() {
    case .openBrace: return .object
    case .openBracket: return .array
    case .quote: return .string
    case .minus, .zero ... .nine: return .number
    case 0x74, 0x66: return .bool
    case 0x6E: return .null
    default: throw fail(.syntax)
    }
  }

  // MARK: Containers

  /// Enters an object. Then `nextKey` until it gives nil, and one value read or skipped after each key.
  package mutating func beginObject() throws(JSONError) {
    try begin(.openBrace)
  }

  /// Enters an object; false for null, which Go writes for an object that is not set, and which is read then.
  package mutating func enterObject() throws(JSONError) -> Bool {
    if try null() { return false }
    try begin(.openBrace)
    return true
  }

  /// Enters an array; false for null, which Go writes for an array that is not set, and which is read then.
  package mutating func enterArray() throws(JSONError) -> Bool {
    if try null() { return false }
    try begin(.openBracket)
    return true
  }

  /// Enters an array. Then `nextElement` until it gives false, and one value read or skipped after each true.
  package mutating func beginArray() throws(JSONError) {
    try begin(.openBracket)
  }

  /// The next key of the object that is open; nil once it has ended.
  package mutating func nextKey() throws(JSONError) -> JSONString? {
    guard try advance(closing: .closeBrace) else { return nil }
    let key = try passString()
    try passColon()
    return key
  }

  /// True if the array that is open has a further element; false once it has ended.
  package mutating func nextElement() throws(JSONError) -> Bool {
    try advance(closing: .closeBracket)
  }

  private mutating func begin(_ bracket: UInt8) throws(JSONError) {
    guard try significantByte() == bracket else { throw mismatch() }
    guard depth < Self.depthLimit else { throw fail(.tooDeep) }
    depth += 1
    offset += 1
    needsComma = false
  }

  private mutating func advance(closing bracket: UInt8) throws(JSONError) -> Bool {
    var byte = try significantByte()
    if byte == bracket {
      offset += 1
      depth -= 1
      needsComma = true
      return false
    }
    if needsComma {
      guard byte == .comma else { throw fail(.syntax) }
      offset += 1
      byte = try significantByte()
      guard byte != bracket else { throw fail(.syntax) }
    }
    return true
  }

  // MARK: Values

  /// Reads a string.
  package mutating func string() throws(JSONError) -> JSONString {
    guard try significantByte() == .quote else { throw mismatch() }
    needsComma = true
    return try passString()
  }

  /// Reads a string and decodes it; null reads as an empty one, as Go's decoder has it.
  package mutating func text() throws(JSONError) -> String {
    try null() ? "" : string().text
  }

  /// Reads an integer; null reads as 0. A number with a fraction, an exponent or too many digits is of another type.
  package mutating func integer() throws(JSONError) -> Int {
    if try null() { return 0 }
    let start = offset
    guard Self.startsNumber(try significantByte()) else { throw mismatch() }
    let (negative, from) = bytes[offset] == .minus ? (true, offset + 1) : (false, offset)
    try passNumber()
    needsComma = true
    var value = 0
    for position in from..<offset {
      let digit = Int(bytes[position]) - 0x30
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (next, overflowed) = tens.subtractingReportingOverflow(digit)
      guard (0...9).contains(digit), !overflow, !overflowed, negative || next != .min else {
        throw JSONError(offset: start, problem: .unexpectedType)
      }
      value = next
    }
    return negative ? value : -value
  }

  /// Reads a boolean; null reads as false.
  package mutating func bool() throws(JSONError) -> Bool {
    switch try significantByte() {
    case 0x74:
      try passScalar(0x74)
      return true
    case 0x66:
      try passScalar(0x66)
      return false
    default:
      guard try null() else { throw mismatch() }
      return false
    }
  }

  /// Reads null and says true; another value stays unread.
  package mutating func null() throws(JSONError) -> Bool {
    guard try significantByte() == 0x6E else { return false }
    try passScalar(0x6E)
    return true
  }

  /// Passes over the next value, whatever it is, checking that it is JSON. Gives the bytes it stands at.
  @discardableResult
  package mutating func skipValue() throws(JSONError) -> Range<Int> {
    let first = try significantByte()
    let start = offset
    if first == .openBrace || first == .openBracket {
      try passContainers()
    } else {
      try passScalar(first)
    }
    needsComma = true
    return start..<offset
  }

  /// Checks that nothing but white space follows.
  package mutating func finish() throws(JSONError) {
    passSpace()
    guard offset == bytes.count else { throw fail(.syntax) }
  }

  /// True if nothing but white space follows.
  package mutating func isAtEnd() -> Bool {
    passSpace()
    return offset == bytes.count
  }
}

// MARK: - Tokens

extension JSONScanner {
  /// Passes over an object or array and all in it, without recursion: one bit remembers the kind of each open container.
  private mutating func passContainers() throws(JSONError) {
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

  private mutating func passColon() throws(JSONError) {
    guard try significantByte() == .colon else { throw fail(.syntax) }
    offset += 1
  }

  private mutating func passScalar(_ first: UInt8) throws(JSONError) {
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

  private static func startsNumber(_ byte: UInt8) -> Bool {
    byte == .minus || (.zero ... .nine).contains(byte)
  }

  private mutating func passNumber() throws(JSONError) {
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
  private mutating func passString() throws(JSONError) -> JSONString {
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

  private mutating func passSpace() {
    while offset < bytes.count, bytes[offset] <= 0x20 {
      guard [0x20, 0x0A, 0x0D, 0x09].contains(bytes[offset]) else { return }
      offset += 1
    }
  }

  /// The next byte that is not white space, which stays unread.
  @inline(__always)
  private mutating func significantByte() throws(JSONError) -> UInt8 {
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

  private func fail(_ problem: JSONError.Problem) -> JSONError {
    JSONError(offset: offset, problem: problem)
  }

  /// The error for a value of another kind than asked for, or for no value at all.
  private mutating func mismatch() -> JSONError {
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
