/// The uids of the pods that are held, at 16 bytes each and the table's slack: all that a relist needs to see deletions.
///
/// A uid of the usual form (RFC 4122, lower case) is kept as its 128 bits, any other as text.
package struct UIDSet: Sendable, Equatable {
  private var numbers: Set<UInt128> = []
  private var texts: Set<String> = []

  package init() {}

  /// How many.
  package var count: Int { numbers.count + texts.count }

  /// Adds a uid; false if it was there.
  @discardableResult
  package mutating func insert(_ uid: String) -> Bool {
    if let number = Self.number(uid) { numbers.insert(number).inserted } else { texts.insert(uid).inserted }
  }

  /// Takes a uid out; false if it was not there.
  @discardableResult
  package mutating func remove(_ uid: String) -> Bool {
    if let number = Self.number(uid) { numbers.remove(number) != nil } else { texts.remove(uid) != nil }
  }

  /// Whether a uid is in it.
  package func contains(_ uid: String) -> Bool {
    if let number = Self.number(uid) { numbers.contains(number) } else { texts.contains(uid) }
  }

  /// Adds all of `other`.
  package mutating func formUnion(_ other: UIDSet) {
    numbers.formUnion(other.numbers)
    texts.formUnion(other.texts)
  }

  /// The uids that are here and not in `other`.
  package func subtracting(_ other: UIDSet) -> [String] {
    numbers.lazy.filter { !other.numbers.contains($0) }.map(Self.text) + texts.subtracting(other.texts)
  }

  private static func number(_ uid: String) -> UInt128? {
    guard uid.utf8.count == 36 else { return nil }
    // Each event passes here; a string's own bytes are read some times faster than by its iterator. Every string that a decoder made
    // has them.
    if let number = uid.utf8.withContiguousStorageIfAvailable({ Self.number($0) }) { return number }
    return Array(uid.utf8).withUnsafeBufferPointer { Self.number($0) }
  }

  /// `bytes` are 36.
  private static func number(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt128? {
    guard bytes[8] == 0x2D, bytes[13] == 0x2D, bytes[18] == 0x2D, bytes[23] == 0x2D else { return nil }
    guard let first = digits(bytes, 0..<8), let second = digits(bytes, 9..<13), let third = digits(bytes, 14..<18),
      let fourth = digits(bytes, 19..<23), let last = digits(bytes, 24..<36)
    else { return nil }
    return UInt128(first << 32 | second << 16 | third) << 64 | UInt128(fourth << 48 | last)
  }

  /// The number that at most 16 hexadecimal digits are.
  private static func digits(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> UInt64? {
    var number: UInt64 = 0
    for index in range {
      guard let digit = digit(bytes[index]) else { return nil }
      number = number << 4 | digit
    }
    return number
  }

  private static func digit(_ byte: UInt8) -> UInt64? {
    switch byte {
    case 0x30...0x39: UInt64(byte &- 0x30)
    case 0x61...0x66: UInt64(byte &- 0x57)
    default: nil
    }
  }

  private static func text(_ number: UInt128) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(36)
    for index in 0..<32 {
      if index == 8 || index == 12 || index == 16 || index == 20 { bytes.append(0x2D) }
      bytes.append(digits[Int(truncatingIfNeeded: number >> UInt128(4 * (31 - index))) & 15])
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
