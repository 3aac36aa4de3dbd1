/// Globs over the names of keys, so arranged that most names are compared with none of them: by the byte that a name ends in, then
/// by its first and last eight bytes.
struct GlobSet: Sendable {
  /// What a name must begin and end with, as far as a glob says.
  private struct Border {
    var head = EightLetters()
    var tail = EightLetters()
    /// Bytes of the shortest name that the glob can match.
    var least: Int
    /// The letters that a name must hold.
    var letters: UInt32 = 0

    init(_ glob: [UInt8]) {
      for (place, byte) in glob.prefix(8).enumerated() {
        if byte == 0x2A { break }
        head.set(byte, place)
      }
      for (place, byte) in glob.reversed().prefix(8).enumerated() {
        if byte == 0x2A { break }
        tail.set(byte, 7 - place)
      }
      least = glob.count { $0 != 0x2A }
      for byte in glob where byte != 0x2A && byte != 0x3F { letters |= GlobSet.letter(byte) }
    }
  }

  /// Eight bytes of which some do not matter.
  private struct EightLetters {
    var word: UInt64 = 0
    var mask: UInt64 = 0

    mutating func set(_ byte: UInt8, _ place: Int) {
      guard byte != 0x3F else { return }
      word |= UInt64(byte) << UInt64(8 * place)
      mask |= 0xFF << UInt64(8 * place)
    }

    @inline(__always) func admits(_ eight: UInt64) -> Bool { eight & mask == word }
  }

  /// In lower case, those that end in the same byte side by side; behind them those that end in `*` or `?`.
  private let globs: [[UInt8]]
  /// The border of each.
  private let borders: [Border]
  /// Where the globs begin that end in each byte; then those that may end in any; then where they end.
  private let starts: [Int]

  /// The globs are in lower case.
  init(_ all: [[UInt8]]) {
    var groups = [[[UInt8]]](repeating: [], count: 257)
    for glob in all {
      guard let last = glob.last else { continue }
      groups[last == 0x2A || last == 0x3F ? 256 : Int(last)].append(glob)
    }
    globs = Array(groups.joined())
    borders = globs.map { Border($0) }
    var starts = [0]
    for group in groups { starts.append(starts[starts.count - 1] + group.count) }
    self.starts = starts
  }

  /// True if some glob matches a name.
  func matches(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    guard !globs.isEmpty, let last = range.last else { return false }
    let group = Int(bytes[last].lowered)
    var letters: UInt32 = 0
    for index in range { letters |= Self.letter(bytes[index]) }
    return matches(starts[group]..<starts[group + 1], letters, bytes, range)
      || matches(starts[256]..<starts[257], letters, bytes, range)
  }

  /// A bit for a byte: the same one for a letter in either case.
  @inline(__always) private static func letter(_ byte: UInt8) -> UInt32 { 1 &<< UInt32(byte & 31) }

  @inline(__always) private func matches(
    _ some: Range<Int>, _ letters: UInt32, _ bytes: Bytes, _ range: Range<Int>
  ) -> Bool {
    for index in some where borders[index].least <= range.count && borders[index].letters & ~letters == 0 {
      if isFramed(by: borders[index], bytes, range), Glob.matches(globs[index][...], bytes, range) { return true }
    }
    return false
  }

  /// True if a name begins and ends as a border says.
  private func isFramed(by border: Border, _ bytes: Bytes, _ range: Range<Int>) -> Bool {
    var head: UInt64 = 0
    var tail: UInt64 = 0
    for place in 0..<min(8, range.count) {
      head |= UInt64(bytes[range.lowerBound + place].lowered) &<< UInt64(8 * place)
      tail |= UInt64(bytes[range.upperBound - 1 - place].lowered) &<< UInt64(56 - 8 * place)
    }
    return border.head.admits(head) && border.tail.admits(tail)
  }
}

/// Shell-like patterns with `*` and `?`, without regard to case.
enum Glob {
  /// Longest glob, in bytes: longer than any key that people write.
  static let longest = 128

  /// What is wrong with a glob; nil where nothing is.
  static func problem(_ glob: String) -> String? {
    if glob.isEmpty { return "it is empty" }
    if glob.utf8.count > longest { return "it has more than \(longest) bytes" }
    for byte in glob.utf8 where byte != 0x2A && byte != 0x3F && !byte.isKey {
      return "a key name is made of letters, digits, _, - and ., and a glob of these with * and ?"
    }
    guard let literal = longestLiteral(Array(glob.utf8)), literal.count >= 3 else {
      return "it needs three characters in a row that are neither * nor ?"
    }
    return nil
  }

  /// The longest run without `*` and `?`.
  static func longestLiteral(_ glob: [UInt8]) -> [UInt8]? {
    glob.split { $0 == 0x2A || $0 == 0x3F }.max { $0.count < $1.count }.map { Array($0) }
  }

  /// Linear but for `*`, which goes back to the last one only.
  static func matches(_ glob: ArraySlice<UInt8>, _ bytes: Bytes, _ range: Range<Int>) -> Bool {
    var pattern = glob.startIndex
    var index = range.lowerBound
    var star: (pattern: Int, index: Int)?
    while index < range.upperBound {
      if pattern < glob.endIndex, glob[pattern] == 0x2A {
        star = (pattern, index)
        pattern += 1
      } else if pattern < glob.endIndex, glob[pattern] == 0x3F || glob[pattern] == bytes[index].lowered {
        pattern += 1
        index += 1
      } else if let last = star {
        star = (last.pattern, last.index + 1)
        pattern = last.pattern + 1
        index = last.index + 1
      } else {
        return false
      }
    }
    while pattern < glob.endIndex, glob[pattern] == 0x2A { pattern += 1 }
    return pattern == glob.endIndex
  }
}
