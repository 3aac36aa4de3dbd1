/// Parts of one document that were read and brought nothing: collections, and lines of YAML. Where the same bytes come again,
/// and what stands around means as little, they are stepped over: lists of objects consist of such parts for the most part (probes,
/// resources, ports, tolerations, managed fields).
///
/// Pointers alone, so that passing it on counts no references: who made it ends it with `deallocate`.
struct QuietParts {
  /// A collection that is being read.
  struct Open {
    /// Where it began; -1 where it is not to be remembered, for what stands around it means something.
    var start: Int32 = -1
    /// Edits, and learned values, before it began, and how far the walk had reached out of collections.
    var edits = 0
    var learned = 0
    var reach = 0

    /// True if it is to be remembered, and nothing has come of it: what edits, learned values and the walk's reach are now.
    @inline(__always) func isQuiet(_ edits: Int, _ learned: Int, _ reach: Int) -> Bool {
      start >= 0 && edits == self.edits && learned == self.learned && reach == self.reach
    }
  }

  private struct Slot {
    var start: Int32 = 0
    /// Bytes of the part; 0 in an empty slot.
    var count: Int32 = 0
    /// Of a collection, the column where it stands, for documents whose layout means something; of a line, where its colon stands.
    var note: Int32 = 0
  }

  /// Slots for collections, and for lines; a part that falls on another one's takes its place.
  private static let size = 512
  /// Collections of fewer bytes are read as fast as they are found; longer ones are few, and comparing them would not be bounded by
  /// what reading them costs.
  private static let lengths = 24...32_768
  /// Longest line, in bytes.
  private static let longestLine = 256
  /// Bytes by which a collection is looked up; a line by all it has.
  private static let head = 24
  /// Shortest document for which it is worth it, in bytes.
  static let shortest = 2_048
  /// Deepest collection that is looked up: a byte is compared once for each one around it.
  static let deepest = 64

  private let collections: UnsafeMutablePointer<Slot>
  private let lines: UnsafeMutablePointer<Slot>

  init() {
    collections = .allocate(capacity: 2 * Self.size)
    collections.initialize(repeating: Slot(), count: 2 * Self.size)
    lines = collections + Self.size
  }

  func deallocate() { collections.deallocate() }

  /// Bytes of the collection that begins at `start`; nil where it was not met before.
  @inline(__always) func collection(_ bytes: Bytes, at start: Int, column: Int = 0) -> Int? {
    guard start + Self.head <= bytes.count else { return nil }
    let found = (collections + Self.slot(bytes, start)).pointee
    return Int(found.note) == column && Self.isSame(found, bytes, start) ? Int(found.count) : nil
  }

  /// Remembers a collection.
  @inline(__always) func add(collection range: Range<Int>, _ bytes: Bytes, column: Int = 0) {
    guard Self.lengths.contains(range.count) else { return }
    collections[Self.slot(bytes, range.lowerBound)] = Slot(
      start: Int32(range.lowerBound), count: Int32(range.count), note: Int32(column))
  }

  /// How far from its beginning the colon of a line stands; nil where the line was not met before.
  @inline(__always) func colon(_ bytes: Bytes, ofLine range: Range<Int>) -> Int? {
    guard range.count <= Self.longestLine, range.lowerBound + 8 <= bytes.count else { return nil }
    let found = (lines + Self.slot(bytes, range)).pointee
    return Int(found.count) == range.count && Self.isSame(found, bytes, range.lowerBound) ? Int(found.note) : nil
  }

  /// Remembers a line.
  @inline(__always) func add(line range: Range<Int>, _ bytes: Bytes, colon: Int) {
    guard range.count <= Self.longestLine, range.lowerBound + 8 <= bytes.count else { return }
    lines[Self.slot(bytes, range)] = Slot(
      start: Int32(range.lowerBound), count: Int32(range.count), note: Int32(colon))
  }

  /// The slot of a collection.
  @inline(__always) private static func slot(_ bytes: Bytes, _ start: Int) -> Int {
    let text = UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped) + start
    let hash =
      text.loadUnaligned(as: UInt64.self) &* 0x9E37_79B9_7F4A_7C15
      ^ (text + 8).loadUnaligned(as: UInt64.self) &* 0xC2B2_AE3D_27D4_EB4F
      ^ (text + 16).loadUnaligned(as: UInt64.self) &* 0x1656_67B1_9E37_79F9
    return Int(truncatingIfNeeded: hash &>> 55)
  }

  /// The slot of a line, by its first and its last eight bytes.
  @inline(__always) private static func slot(_ bytes: Bytes, _ range: Range<Int>) -> Int {
    let text = UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped)
    let first = (text + range.lowerBound).loadUnaligned(as: UInt64.self)
    // Of a shorter line what stands behind it counts as well: it is mostly found where that is the same.
    let last = (text + max(range.lowerBound, range.upperBound - 8)).loadUnaligned(as: UInt64.self)
    let hash = (first &* 0x9E37_79B9_7F4A_7C15 ^ last &* 0xC2B2_AE3D_27D4_EB4F) &+ UInt64(range.count)
    return Int(truncatingIfNeeded: (hash &* 0x1656_67B1_9E37_79F9) &>> 55)
  }

  @inline(__always) private static func isSame(_ slot: Slot, _ bytes: Bytes, _ start: Int) -> Bool {
    let (before, count) = (Int(slot.start), Int(slot.count))
    guard count > 0, start + count <= bytes.count else { return false }
    return bytes.isSame(start, as: Bytes(rebasing: bytes[before..<before + count]))
  }
}
