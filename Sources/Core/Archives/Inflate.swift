/// Decompresses DEFLATE (RFC 1951) from a source of bytes, some 64 KiB at a time. Written for archives of strangers: everything it
/// holds is bounded (a window of 32 KiB, the tables of one block), and what is no DEFLATE ends with an error.
struct Inflate {
  /// Bytes that are given at a time; the last call of a stream gives fewer.
  static let chunkSize = 64 << 10
  /// How far back a copy may reach.
  private static let windowSize = 32 << 10

  private enum State {
    case header
    case stored(left: Int)
    case compressed(literals: Huffman, distances: Huffman)
    case done
  }

  private var bits: BitReader
  private var state = State.header
  private var isLastBlock = false
  /// The window, and behind it what has not been given yet.
  private var output: [UInt8] = []
  private var given = 0

  init(_ bits: BitReader) {
    self.bits = bits
  }

  /// What remains once the stream has ended: the reader, at the next whole byte.
  consuming func finish() -> BitReader {
    bits.alignToByte()
    return bits
  }

  /// The next bytes; empty once the stream has ended.
  mutating func next() throws(ArchiveError) -> [UInt8] {
    if given > Self.windowSize {
      output.removeFirst(given - Self.windowSize)
      given = Self.windowSize
    }
    while output.count - given < Self.chunkSize {
      switch state {
      case .header: try readHeader()
      case .stored(let left): try copyStored(left)
      case .compressed(let literals, let distances): try decode(literals, distances)
      case .done:
        defer { given = output.count }
        return Array(output[given...])
      }
    }
    defer { given = output.count }
    return Array(output[given...])
  }

  private mutating func readHeader() throws(ArchiveError) {
    if isLastBlock {
      state = .done
      return
    }
    isLastBlock = try bits.take(1) == 1
    switch try bits.take(2) {
    case 0:
      bits.alignToByte()
      let length = try bits.take(16)
      guard try bits.take(16) == ~length & 0xFFFF else {
        throw ArchiveError(.corrupt, "a stored block's length is wrong")
      }
      state = .stored(left: length)
    case 1: state = .compressed(literals: Huffman.fixedLiterals, distances: Huffman.fixedDistances)
    case 2: try readTables()
    default: throw ArchiveError(.corrupt, "a block of an unknown type")
    }
  }

  private mutating func copyStored(_ left: Int) throws(ArchiveError) {
    let count = min(left, Self.chunkSize)
    for _ in 0..<count { output.append(UInt8(truncatingIfNeeded: try bits.take(8))) }
    state = left == count ? .header : .stored(left: left - count)
  }

  /// The tables of a dynamic block (RFC 1951 section 3.2.7).
  private mutating func readTables() throws(ArchiveError) {
    let literalCount = try bits.take(5) + 257
    let distanceCount = try bits.take(5) + 1
    let lengthCount = try bits.take(4) + 4
    guard literalCount <= 286, distanceCount <= 30 else { throw ArchiveError(.corrupt, "a block has too many codes") }
    var lengths = [UInt8](repeating: 0, count: 19)
    for index in 0..<lengthCount { lengths[Self.lengthOrder[index]] = UInt8(try bits.take(3)) }
    let lengthCode = try Huffman(lengths)
    var all: [UInt8] = []
    while all.count < literalCount + distanceCount {
      let symbol = try lengthCode.decode(&bits)
      switch symbol {
      case 0..<16: all.append(UInt8(symbol))
      case 16:
        guard let last = all.last else { throw ArchiveError(.corrupt, "a code length repeats nothing") }
        all += Array(repeating: last, count: 3 + (try bits.take(2)))
      case 17: all += Array(repeating: 0, count: 3 + (try bits.take(3)))
      default: all += Array(repeating: 0, count: 11 + (try bits.take(7)))
      }
    }
    guard all.count == literalCount + distanceCount, all[256] > 0 else {
      throw ArchiveError(.corrupt, "a block's code lengths are wrong")
    }
    state = .compressed(
      literals: try Huffman(Array(all[..<literalCount])), distances: try Huffman(Array(all[literalCount...])))
  }

  private mutating func decode(_ literals: Huffman, _ distances: Huffman) throws(ArchiveError) {
    while output.count - given < Self.chunkSize {
      let symbol = try literals.decode(&bits)
      if symbol < 256 {
        output.append(UInt8(symbol))
      } else if symbol == 256 {
        state = .header
        return
      } else {
        guard symbol <= 285 else { throw ArchiveError(.corrupt, "an unknown length") }
        let length = Self.lengthBase[symbol - 257] + (try bits.take(Self.lengthBits[symbol - 257]))
        let code = try distances.decode(&bits)
        guard code < 30 else { throw ArchiveError(.corrupt, "an unknown distance") }
        let distance = Self.distanceBase[code] + (try bits.take(Self.distanceBits[code]))
        guard distance <= output.count, distance <= Self.windowSize else {
          throw ArchiveError(.corrupt, "a copy from before the start")
        }
        let start = output.count - distance
        for offset in 0..<length { output.append(output[start + offset]) }
      }
    }
  }

  // RFC 1951 sections 3.2.5 and 3.2.7.
  private static let lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
  private static let lengthBase = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
  ]
  private static let lengthBits = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
  ]
  private static let distanceBase = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1_025, 1_537, 2_049, 3_073, 4_097,
    6_145, 8_193,
    12_289, 16_385, 24_577,
  ]
  private static let distanceBits = [
    0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
  ]
}

/// A canonical Huffman code (RFC 1951 section 3.2.2) as a table over the next 15 bits.
struct Huffman {
  private static let longest = 15
  /// Symbol and length of the code that the bits begin with; length 0 where none does.
  private let table: [(symbol: UInt16, length: UInt8)]

  /// From the length of each symbol's code; 0: it has none. Throws where the lengths are no code. An incomplete one is taken: a block
  /// with a single distance has one.
  init(_ lengths: [UInt8]) throws(ArchiveError) {
    var counts = [Int](repeating: 0, count: Self.longest + 1)
    for length in lengths { counts[Int(length)] += 1 }
    counts[0] = 0
    var next = [Int](repeating: 0, count: Self.longest + 1)
    var code = 0
    for length in 1...Self.longest {
      code = (code + counts[length - 1]) << 1
      guard code + counts[length] <= 1 << length else { throw ArchiveError(.corrupt, "a block's codes overlap") }
      next[length] = code
    }
    var table = [(symbol: UInt16, length: UInt8)](repeating: (0, 0), count: 1 << Self.longest)
    for (symbol, length) in lengths.enumerated() where length > 0 {
      // Codes stand with their first bit lowest.
      var reversed = 0
      for bit in 0..<Int(length) where next[Int(length)] >> bit & 1 == 1 { reversed |= 1 << (Int(length) - 1 - bit) }
      next[Int(length)] += 1
      for entry in stride(from: reversed, to: 1 << Self.longest, by: 1 << Int(length)) {
        table[entry] = (UInt16(symbol), length)
      }
    }
    self.table = table
  }

  private init(fixed lengths: [UInt8]) {
    // The RFC's own lengths are a code.
    self = (try? Huffman(lengths)) ?? Huffman()
  }

  private init() {
    table = Array(repeating: (0, 0), count: 1 << Self.longest)
  }

  func decode(_ bits: inout BitReader) throws(ArchiveError) -> Int {
    let entry = table[try bits.peek(Self.longest)]
    guard entry.length > 0 else { throw ArchiveError(.corrupt, "an unknown code") }
    try bits.drop(Int(entry.length))
    return Int(entry.symbol)
  }

  static let fixedLiterals = Huffman(
    fixed: Array(repeating: 8, count: 144) + Array(repeating: 9, count: 112) + Array(repeating: 7, count: 24)
      + Array(repeating: 8, count: 8))
  static let fixedDistances = Huffman(fixed: Array(repeating: 5, count: 30))
}

/// Reads bits, the lowest of each byte first.
struct BitReader {
  private let source: ByteSource
  private var bytes: [UInt8] = []
  private var position = 0
  private var held: UInt64 = 0
  private var count = 0

  init(_ source: @escaping ByteSource) {
    self.source = source
  }

  /// The next bits, at most 16.
  mutating func take(_ wanted: Int) throws(ArchiveError) -> Int {
    try fill(wanted)
    guard count >= wanted else { throw ArchiveError(.truncated, "the archive ends in the middle") }
    let value = Int(held & (1 << UInt64(wanted) - 1))
    held >>= UInt64(wanted)
    count -= wanted
    return value
  }

  /// The next bits without reading them; zeros beyond the end.
  mutating func peek(_ wanted: Int) throws(ArchiveError) -> Int {
    try fill(wanted)
    return Int(held & (1 << UInt64(wanted) - 1))
  }

  /// Reads bits that were peeked at.
  mutating func drop(_ wanted: Int) throws(ArchiveError) {
    guard count >= wanted else { throw ArchiveError(.truncated, "the archive ends in the middle") }
    held >>= UInt64(wanted)
    count -= wanted
  }

  /// Leaves out what is left of the current byte.
  mutating func alignToByte() {
    held >>= UInt64(count % 8)
    count -= count % 8
  }

  /// True if nothing follows.
  mutating func isAtEnd() throws(ArchiveError) -> Bool {
    try fill(8)
    return count == 0
  }

  private mutating func fill(_ wanted: Int) throws(ArchiveError) {
    while count < wanted {
      if position == bytes.count {
        bytes = try source()
        position = 0
        if bytes.isEmpty { return }
      }
      held |= UInt64(bytes[position]) << UInt64(count)
      position += 1
      count += 8
    }
  }
}
