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

  let bytes: UnsafeRawBufferPointer
  /// The next byte to read.
  package internal(set) var offset = 0
  private(set) var depth = 0
  /// True once the container that is open has had a member or element, so that a comma has to come before the next.
  var needsComma = false

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
