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
    var number: UInt128 = 0
    for (index, byte) in uid.utf8.enumerated() {
      if index == 8 || index == 13 || index == 18 || index == 23 {
        guard byte == 0x2D else { return nil }
        continue
      }
      switch byte {
      case 0x30...0x39: number = number << 4 | UInt128(byte - 0x30)
      case 0x61...0x66: number = number << 4 | UInt128(byte - 0x57)
      default: return nil
      }
    }
    return number
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
