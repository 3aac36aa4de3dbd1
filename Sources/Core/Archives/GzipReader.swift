/// Decompresses a gzip file (RFC 1952), one member after the other, checking each one's sum.
package struct GzipReader {
  private enum State {
    case header(BitReader)
    case body(Inflate)
    case done
  }

  private var state: State
  private var hasMember = false
  private var checksum = Checksum()
  private var size: UInt32 = 0
  private var total = 0
  private let limit: Int

  /// `limit` is the most bytes that may come out: a few kilobytes can say that they are a terabyte.
  package init(limit: Int, _ source: @escaping ByteSource) {
    self.limit = limit
    state = .header(BitReader(source))
  }

  /// True for the first bytes of a gzip file.
  package static func recognises(_ start: some Collection<UInt8>) -> Bool {
    start.starts(with: [0x1F, 0x8B])
  }

  /// The next bytes; empty at the end.
  package mutating func next() throws(ArchiveError) -> [UInt8] {
    while true {
      switch state {
      case .done: return []
      case .header(var bits):
        // Behind the last member, zeros may fill a block.
        let isOver = try bits.isAtEnd()
        if isOver {
          guard hasMember else { throw ArchiveError(.truncated, "the archive is empty") }
          state = .done
          return []
        }
        if hasMember, try bits.peek(8) == 0 {
          state = .done
          return []
        }
        try Self.readHeader(&bits)
        hasMember = true
        checksum = Checksum()
        size = 0
        state = .body(Inflate(bits))
      case .body(var inflate):
        // Moved out, so that the one that is worked on has its buffers for itself.
        state = .done
        let bytes = try inflate.next()
        guard bytes.isEmpty else {
          total += bytes.count
          guard total <= limit else {
            throw ArchiveError(.tooLarge, "the archive has more than \(limit >> 20) MiB decompressed")
          }
          checksum.add(bytes)
          size &+= UInt32(truncatingIfNeeded: bytes.count)
          state = .body(inflate)
          return bytes
        }
        var bits = inflate.finish()
        let sum = UInt32(try bits.take(16)) | UInt32(try bits.take(16)) << 16
        let length = UInt32(try bits.take(16)) | UInt32(try bits.take(16)) << 16
        guard sum == checksum.value, length == size else {
          throw ArchiveError(.corrupt, "the archive's checksum is wrong")
        }
        state = .header(bits)
      }
    }
  }

  private static func readHeader(_ bits: inout BitReader) throws(ArchiveError) {
    guard try bits.take(8) == 0x1F, try bits.take(8) == 0x8B, try bits.take(8) == 8 else {
      throw ArchiveError(.corrupt, "not a gzip file")
    }
    let flags = try bits.take(8)
    for _ in 0..<6 { _ = try bits.take(8) }  // time, extra flags, operating system
    if flags & 4 != 0 {
      for _ in 0..<(try bits.take(16)) { _ = try bits.take(8) }
    }
    // A name and a comment, each with a zero at its end.
    for flag in [8, 16] where flags & flag != 0 {
      while try bits.take(8) != 0 {}
    }
    if flags & 2 != 0 { _ = try bits.take(16) }
  }
}

/// CRC-32 as gzip has it (RFC 1952 section 8).
struct Checksum {
  private var state: UInt32 = 0xFFFF_FFFF

  var value: UInt32 { ~state }

  mutating func add(_ bytes: [UInt8]) {
    for byte in bytes { state = Self.table[Int((state ^ UInt32(byte)) & 0xFF)] ^ (state >> 8) }
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
  }
}
