/// Reads a tar archive (POSIX ustar and pax, GNU long names) as it comes: entry by entry, holding one block.
///
/// Names are names here: nothing is ever written to a path that an archive gives. Links, devices and sparse files are passed over.
package struct TarReader {
  /// A regular file in the archive.
  package struct Entry: Sendable, Equatable {
    /// Its name, e.g. "bundle/cluster-resources/pods/shop.json".
    package let path: String
    /// Bytes of its content.
    package let size: Int
  }

  /// Entries that are read. A must-gather of a large cluster has some 50,000.
  package static let entryLimit = 500_000
  /// Bytes of a name.
  private static let nameLimit = 4 << 10
  private static let blockSize = 512

  private let source: ByteSource
  private var bytes: [UInt8] = []
  private var position = 0
  /// Bytes of the current entry that were not read, with those that fill its last block.
  private var left = 0
  private var padding = 0
  private var entries = 0

  package init(_ source: @escaping ByteSource) {
    self.source = source
  }

  /// The next regular file; nil at the end. What was not read of the one before is passed over.
  package mutating func next() throws(ArchiveError) -> Entry? {
    var longName: String?
    var longSize: Int?
    while true {
      try pass(left + padding)
      (left, padding) = (0, 0)
      guard let header = try block(), header.contains(where: { $0 != 0 }) else { return nil }
      entries += 1
      guard entries <= Self.entryLimit else {
        throw ArchiveError(.tooLarge, "the archive has more than \(Self.entryLimit) entries")
      }
      guard Self.isIntact(header) else {
        throw ArchiveError(.corrupt, "not a tar archive: a header's checksum is wrong")
      }
      guard let size = Self.number(header[124..<136]), size >= 0, size <= 1 << 50 else {
        throw ArchiveError(.corrupt, "an entry's size is no number")
      }
      left = size
      padding = (Self.blockSize - size % Self.blockSize) % Self.blockSize
      switch header[156] {
      case 0x4C:  // L: the next entry's name
        longName = Self.text(try content(limit: Self.nameLimit)[...])
      case 0x78:  // x: of the next entry, records "length key=value"
        for (key, value) in Self.records(try content(limit: 64 << 10)) {
          if key == "path" { longName = value }
          if key == "size" { longSize = Int(value) }
        }
      case 0, 0x30, 0x37:  // a regular file
        if let longSize {
          guard longSize >= 0, longSize <= 1 << 50 else { throw ArchiveError(.corrupt, "an entry's size is no number") }
          left = longSize
          padding = (Self.blockSize - longSize % Self.blockSize) % Self.blockSize
        }
        let path = longName ?? Self.name(header)
        return Entry(path: path, size: left)
      default: (longName, longSize) = (nil, nil)
      }
    }
  }

  /// The rest of the current entry's content. Throws where it has more than `limit` bytes.
  package mutating func content(limit: Int) throws(ArchiveError) -> [UInt8] {
    guard left <= limit else { throw ArchiveError(.tooLarge, "an entry has \(left) bytes, more than \(limit)") }
    return try end(limit: limit).bytes
  }

  /// The end of the current entry's content, and how much of it stood before.
  package mutating func end(limit: Int) throws(ArchiveError) -> (bytes: [UInt8], omitted: Int) {
    let omitted = max(0, left - limit)
    try pass(omitted)
    left -= omitted
    var content: [UInt8] = []
    content.reserveCapacity(min(left, 1 << 20))
    while left > 0 {
      guard try fill() else { throw ArchiveError(.truncated, "the archive ends in the middle") }
      let count = min(left, bytes.count - position)
      content += bytes[position..<position + count]
      position += count
      left -= count
    }
    return (content, omitted)
  }

  // MARK: Bytes

  /// True if there is at least one byte.
  private mutating func fill() throws(ArchiveError) -> Bool {
    while position == bytes.count {
      bytes = try source()
      position = 0
      if bytes.isEmpty { return false }
    }
    return true
  }

  private mutating func pass(_ count: Int) throws(ArchiveError) {
    var left = count
    while left > 0 {
      // A last block that is not filled up is common.
      guard try fill() else { return }
      let step = min(left, bytes.count - position)
      position += step
      left -= step
    }
  }

  /// The next block; nil where nothing follows.
  private mutating func block() throws(ArchiveError) -> [UInt8]? {
    var block: [UInt8] = []
    while block.count < Self.blockSize {
      guard try fill() else {
        if block.isEmpty { return nil }
        throw ArchiveError(.truncated, "the archive ends in the middle")
      }
      let count = min(Self.blockSize - block.count, bytes.count - position)
      block += bytes[position..<position + count]
      position += count
    }
    return block
  }

  // MARK: Headers

  /// True if a block may be a header: its checksum, over itself with the sum as spaces, is the one that it gives.
  package static func isIntact(_ header: [UInt8]) -> Bool {
    guard header.count >= blockSize, let given = number(header[148..<156]) else { return false }
    let sum = header[..<blockSize].enumerated().reduce(0) {
      $0 + ((148..<156).contains($1.offset) ? 0x20 : Int($1.element))
    }
    return sum == given
  }

  /// Octal digits, or GNU's base 256 where the first bit is set.
  private static func number(_ field: ArraySlice<UInt8>) -> Int? {
    if let first = field.first, first & 0x80 != 0 {
      guard first == 0x80, field.dropFirst().prefix(field.count - 8).allSatisfy({ $0 == 0 }) else { return nil }
      let value = field.suffix(7).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return Int(exactly: value)
    }
    let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
    return digits.isEmpty ? 0 : Int(String(decoding: digits, as: UTF8.self), radix: 8)
  }

  private static func name(_ header: [UInt8]) -> String {
    let name = text(header[0..<100])
    // ustar's prefix; GNU's old format has other things there.
    guard header[257..<263].elementsEqual("ustar\0".utf8) else { return name }
    let prefix = text(header[345..<500])
    return prefix.isEmpty ? name : "\(prefix)/\(name)"
  }

  private static func text(_ field: ArraySlice<UInt8>) -> String {
    String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// `27 path=some/long/name\n`.
  private static func records(_ bytes: [UInt8]) -> [(key: String, value: String)] {
    var found: [(String, String)] = []
    var rest = bytes[...]
    while let space = rest.firstIndex(of: 0x20), let length = Int(String(decoding: rest[..<space], as: UTF8.self)),
      length > space - rest.startIndex + 1, length <= rest.count
    {
      let record = rest[(space + 1)..<(rest.startIndex + length)]
      if let equals = record.firstIndex(of: 0x3D) {
        found.append(
          (
            String(decoding: record[..<equals], as: UTF8.self),
            String(decoding: record[(equals + 1)...].dropLast(), as: UTF8.self)
          ))
      }
      rest = rest.dropFirst(length)
    }
    return found
  }
}
