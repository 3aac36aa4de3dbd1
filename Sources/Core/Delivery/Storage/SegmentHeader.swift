/// The first 40 bytes of a segment, little-endian: magic (8), version (4), zero (4), number (8), salt (8), checksum of the 32
/// bytes before it (8).
package struct SegmentHeader: Sendable, Equatable {
  /// Bytes of a header.
  package static let size = 40
  /// The version that this program writes and reads.
  package static let version: UInt32 = 1
  private static let magic: [UInt8] = Array("KMOUTBOX".utf8)

  /// Number of the segment; later segments have greater ones.
  package let number: UInt64
  /// Goes into every checksum of the folder. Whoever writes the log lines that end up in an incident does not know it, and
  /// cannot make them look like a record of the outbox.
  package let salt: UInt64

  package init(number: UInt64, salt: UInt64) {
    self.number = number
    self.salt = salt
  }

  /// What the first bytes of a file are.
  package enum Reading: Sendable, Equatable {
    /// A segment of this version.
    case segment(SegmentHeader)
    /// A segment whose beginning never reached the disk, or was damaged there.
    case damaged
    /// A segment of another version.
    case foreignVersion(UInt32)
    /// Not a segment.
    case foreign
  }

  /// The bytes.
  package var encoded: [UInt8] {
    var bytes = Self.magic
    bytes.appendLittleEndian(Self.version)
    bytes.appendLittleEndian(UInt32(0))
    bytes.appendLittleEndian(number)
    bytes.appendLittleEndian(salt)
    bytes.appendLittleEndian(bytes.withUnsafeBytes { XXHash64.hash($0, seed: 0) })
    return bytes
  }

  /// Reads the beginning of a file.
  package static func read(_ bytes: [UInt8]) -> Reading {
    let start = bytes.prefix(size)
    // After a crash a file may have its length and not yet its content: it reads as zeros then.
    if start.allSatisfy({ $0 == 0 }) { return .damaged }
    guard start.count == size else {
      return start.starts(with: magic.prefix(start.count)) ? .damaged : .foreign
    }
    guard start.starts(with: magic) else { return .foreign }
    return bytes.withUnsafeBytes { bytes in
      let found: UInt32 = bytes.littleEndian(at: 8)
      guard found == version else { return .foreignVersion(found) }
      let covered = UnsafeRawBufferPointer(rebasing: bytes[..<(size - 8)])
      guard XXHash64.hash(covered, seed: 0) == bytes.littleEndian(at: size - 8) else { return .damaged }
      return .segment(SegmentHeader(number: bytes.littleEndian(at: 16), salt: bytes.littleEndian(at: 24)))
    }
  }
}

extension [UInt8] {
  /// Appends a number, least significant byte first.
  mutating func appendLittleEndian(_ number: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
  }
}

extension UnsafeRawBufferPointer {
  /// The number at this offset, least significant byte first. The bytes must be there.
  func littleEndian<Number: FixedWidthInteger>(at offset: Int) -> Number {
    Number(littleEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
  }
}
