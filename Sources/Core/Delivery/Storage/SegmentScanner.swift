/// Reads a segment after a restart, whatever happened to it: gives every record that is whole, and says how much is not.
///
/// After a damaged record the next whole one is searched for. What is not whole at the end is the torn tail of a write that a
/// crash cut short: its append had not returned.
package struct SegmentScanner {
  /// What stands at the next place.
  package enum Finding: Sendable, Equatable {
    /// A whole record.
    case record(OutboxRecord, offset: Int, size: Int)
    /// So many bytes before the next whole record are damaged.
    case damaged(bytes: Int)
    /// So many bytes at the end are no whole record.
    case torn(bytes: Int)
  }

  private let bytes: [UInt8]
  private let salt: UInt64
  private var offset: Int

  /// A scanner of a segment's bytes, its header among them.
  package init(_ bytes: [UInt8], salt: UInt64) {
    self.bytes = bytes
    self.salt = salt
    offset = min(SegmentHeader.size, bytes.count)
  }

  /// The next finding; nil at the end.
  package mutating func next() -> Finding? {
    guard offset < bytes.count else { return nil }
    return bytes.withUnsafeBytes { bytes in
      if let (record, size) = read(bytes, at: offset) {
        defer { offset += size }
        return .record(record, offset: offset, size: size)
      }
      let start = offset
      if let whole = nextWhole(bytes, after: start) {
        offset = whole
        return .damaged(bytes: whole - start)
      }
      offset = bytes.count
      return .torn(bytes: bytes.count - start)
    }
  }

  private func read(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> (OutboxRecord, Int)? {
    guard let header = OutboxRecord.header(in: bytes, at: offset, salt: salt),
      let record = OutboxRecord.record(header, in: bytes, at: offset, salt: salt)
    else { return nil }
    return (record, OutboxRecord.headerSize + header.bodySize)
  }

  /// Where the next whole record begins. A header that is right lets its damaged body be stepped over at once; else every
  /// place is looked at, for nothing is known of where records begin.
  private func nextWhole(_ bytes: UnsafeRawBufferPointer, after start: Int) -> Int? {
    var at = start
    while at + OutboxRecord.headerSize <= bytes.count {
      if let header = OutboxRecord.header(in: bytes, at: at, salt: salt) {
        if at > start, OutboxRecord.record(header, in: bytes, at: at, salt: salt) != nil { return at }
        let end = at + OutboxRecord.headerSize + header.bodySize
        // A body that was cut short may have the next record within it.
        if end < bytes.count, OutboxRecord.header(in: bytes, at: end, salt: salt) != nil {
          at = end
          continue
        }
      }
      at += 1
    }
    return nil
  }
}
