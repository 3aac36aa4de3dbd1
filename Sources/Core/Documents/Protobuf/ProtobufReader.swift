/// A pull reader over the bytes of one protobuf message (https://protobuf.dev/programming-guides/encoding/): no tree, no copy,
/// nothing decoded that is not asked for.
///
/// The caller takes each field it knows and skips the rest, whatever their order. A nested message is a reader of its own over
/// its part of the bytes, so that nesting costs a reader only where the caller goes into it. The reader borrows the bytes and must
/// not outlive the closure that lent them.
package struct ProtobufReader {
  /// How a field's value is written. Groups (3 and 4) are long gone from the format, and nothing here has any.
  package enum WireType: UInt8, Sendable {
    case varint = 0
    case fixed64 = 1
    case bytes = 2
    case fixed32 = 5
  }

  /// What stands before a value.
  package struct Field: Sendable, Equatable {
    /// Field number, from 1 to 2²⁹ − 1.
    package var number: Int
    /// How the value is written.
    package var type: WireType
  }

  private let bytes: UnsafeRawBufferPointer
  /// The next byte to read.
  package private(set) var offset = 0

  /// A reader at the start of a message, whose bytes are lent for as long as it is used.
  package init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// The next field, whose value must be read or skipped next; nil at the end of the message.
  package mutating func nextField() throws(ProtobufError) -> Field? {
    guard offset < bytes.count else { return nil }
    let start = offset
    let key = try varint()
    guard let type = WireType(rawValue: UInt8(key & 7)), key >> 3 > 0, key >> 3 < 1 << 29 else {
      throw ProtobufError(offset: start, problem: .syntax)
    }
    return Field(number: Int(key >> 3), type: type)
  }

  /// Passes over the value of `field`.
  package mutating func skip(_ field: Field) throws(ProtobufError) {
    switch field.type {
    case .varint: _ = try varint()
    case .fixed64: try pass(8)
    case .bytes: _ = try lengthDelimited()
    case .fixed32: try pass(4)
    }
  }

  // MARK: Values

  /// The value of a string; bytes that are no UTF-8 are replaced by U+FFFD.
  package mutating func text(_ field: Field) throws(ProtobufError) -> String {
    String(decoding: try bytes(field), as: UTF8.self)
  }

  /// The value of a `bytes` field, as it lies in the message.
  package mutating func bytes(_ field: Field) throws(ProtobufError) -> UnsafeRawBufferPointer {
    try expect(.bytes, field)
    return try lengthDelimited()
  }

  /// A nested message.
  package mutating func message(_ field: Field) throws(ProtobufError) -> ProtobufReader {
    ProtobufReader(try bytes(field))
  }

  /// The value of an int32, int64 or enum; negative ones are written as ten bytes.
  package mutating func integer(_ field: Field) throws(ProtobufError) -> Int {
    try expect(.varint, field)
    return Int(truncatingIfNeeded: Int64(bitPattern: try varint()))
  }

  /// The value of a bool.
  package mutating func bool(_ field: Field) throws(ProtobufError) -> Bool {
    try expect(.varint, field)
    return try varint() != 0
  }

  private func expect(_ type: WireType, _ field: Field) throws(ProtobufError) {
    guard field.type == type else { throw ProtobufError(offset: offset, problem: .unexpectedType) }
  }

  // MARK: Bytes

  private mutating func varint() throws(ProtobufError) -> UInt64 {
    // Nearly all keys, and lengths below 128, have one byte.
    if offset < bytes.count, bytes[offset] < 0x80 {
      offset += 1
      return UInt64(bytes[offset - 1])
    }
    let start = offset
    var value: UInt64 = 0
    // Ten bytes hold 64 bits; the tenth has one of them.
    for position in 0..<10 {
      guard offset < bytes.count else { throw ProtobufError(offset: offset, problem: .truncated) }
      let byte = bytes[offset]
      offset += 1
      value |= UInt64(byte & 0x7F) << UInt64(7 * position)
      if byte < 0x80 {
        guard position < 9 || byte < 2 else { break }
        return value
      }
    }
    throw ProtobufError(offset: start, problem: .syntax)
  }

  /// The length that stands before a `bytes` value, for a caller that does not have the value yet.
  package mutating func length() throws(ProtobufError) -> Int {
    let start = offset
    // Lengths are 31 bits by the format's own limit of 2 GiB a message.
    guard let length = Int32(exactly: try varint()) else { throw ProtobufError(offset: start, problem: .tooLong) }
    return Int(length)
  }

  private mutating func lengthDelimited() throws(ProtobufError) -> UnsafeRawBufferPointer {
    let length = try length()
    guard length <= bytes.count - offset else { throw ProtobufError(offset: offset, problem: .truncated) }
    defer { offset += length }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])
  }

  private mutating func pass(_ count: Int) throws(ProtobufError) {
    guard count <= bytes.count - offset else { throw ProtobufError(offset: offset, problem: .truncated) }
    offset += count
  }
}
