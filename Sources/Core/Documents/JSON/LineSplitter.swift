/// Cuts a stream of bytes into lines, whatever the chunks it comes in. Lines that lie in one chunk are not copied.
package struct LineSplitter: Sendable {
  private let limit: Int
  private var pending: [UInt8] = []

  /// A splitter that keeps at most `limit` bytes of an unfinished line.
  package init(limit: Int) {
    self.limit = limit
  }

  /// Bytes of the line that has no end yet.
  package var pendingCount: Int { pending.count }

  /// Hands each line that `chunk` ends to `body`, without its line feed. False once a line is longer than the limit: its
  /// bytes are dropped, and the stream cannot be trusted any more.
  package mutating func receive(_ chunk: [UInt8], _ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
    chunk.withUnsafeBytes { bytes in
      var start = 0
      while let end = Self.lineFeed(in: bytes, from: start) {
        if pending.isEmpty {
          body(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
        } else {
          pending += bytes[start..<end]
          pending.withUnsafeBytes(body)
          pending.removeAll(keepingCapacity: pending.count <= 64 << 10)
        }
        start = end + 1
      }
      guard pending.count + bytes.count - start <= limit else {
        pending = []
        return false
      }
      pending += bytes[start...]
      return true
    }
  }

  /// The next line feed, eight bytes at a time: each byte of a watch passes here.
  private static func lineFeed(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    let ones: UInt64 = 0x0101_0101_0101_0101
    var position = start
    while position + 8 <= bytes.count {
      let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)) ^ (ones &* 0x0A)
      let hits = (word &- ones) & ~word & (ones &* 0x80)
      if hits != 0 { return position + hits.trailingZeroBitCount / 8 }
      position += 8
    }
    while position < bytes.count {
      if bytes[position] == 0x0A { return position }
      position += 1
    }
    return nil
  }
}
