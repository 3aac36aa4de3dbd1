// The one file that touches CScan. Tables, text and places are borrowed for the call; CScan keeps nothing and allocates nothing.

internal import CScan

/// Looks up many windows of four bytes of a text in a bitmap at once. What it finds depends on the tables and the text alone,
/// with or without the wide instructions that it uses where the processor has them.
enum WindowLookup {
  /// The tables for trigger words: see `Prefilter`.
  struct Triggers {
    /// 8,192 words.
    let words: UnsafeMutablePointer<UInt32>
    /// 512 bytes each.
    let fronts: UnsafeMutablePointer<UInt8>
    let backs: UnsafeMutablePointer<UInt8>

    /// Enters a window: see `Prefilter`.
    func add(_ window: UInt32, isThree: Bool) { cscan_triggers_add(words, fronts, backs, window, isThree ? 1 : 0) }
  }

  /// Writes down the places from `start` on, before `end`, whose window passes, counted from `start`; returns how many there are.
  /// `places` has room for one more than there are bytes between. The three bytes at `end` have to be there.
  static func triggers(
    _ tables: Triggers, _ bytes: Bytes, from start: Int, to end: Int, _ places: UnsafeMutablePointer<UInt32>
  ) -> Int {
    guard let base = bytes.baseAddress else { return 0 }
    var tables = cscan_triggers_tables(words: tables.words, fronts: tables.fronts, backs: tables.backs)
    return cscan_triggers(&tables, base + start, 0, end - start, places)
  }

  /// Where runs of base64 characters and, if `cards` is there, digits of payment cards may begin: see `CScan`. Both lists have room for
  /// as many places as there are bytes from `start` to `end`; the places count from `start`. Returns how many there are.
  static func runs(
    _ bytes: Bytes, from start: Int, to end: Int, _ runs: UnsafeMutablePointer<UInt32>,
    cards: UnsafeMutablePointer<UInt32>?
  ) -> (runs: Int, cards: Int) {
    guard let base = bytes.baseAddress else { return (0, 0) }
    var cardCount = 0
    let count = cscan_runs(
      base + start, bytes.at(start - 1), end - start, bytes.count - start, runs, cards, &cardCount)
    return (count, cardCount)
  }

  /// True if a text is printable ASCII and line feeds alone.
  static func arePrintable(_ text: Bytes) -> Bool {
    guard let base = text.baseAddress else { return true }
    return cscan_is_printable(base, text.count) != 0
  }

  /// Sets a bit for each of the bytes from `start` to `end`, the first one lowest: in `marks` for those of `Engine.marks`, in `stops` for
  /// those that end a JSON string or need a second look in one. Both have room for a word for each 64 bytes begun.
  static func marks(
    _ bytes: Bytes, from start: Int, to end: Int, _ marks: UnsafeMutablePointer<UInt64>,
    stops: UnsafeMutablePointer<UInt64>
  ) {
    guard let base = bytes.baseAddress else { return }
    cscan_marks(base + start, end - start, marks, stops)
  }

  /// True if a run of base64 characters or the digits of a payment card may stand in a short text; true for a longer one.
  static func mayHoldRun(_ bytes: Bytes) -> Bool {
    guard bytes.count >= shortestCard else { return false }
    guard bytes.count <= shortText else { return true }
    return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 2 * shortText) { lists in
      guard let base = lists.baseAddress else { return true }
      let found = runs(bytes, from: 0, to: bytes.count, base, cards: base + shortText)
      return found.runs + found.cards > 0
    }
  }

  /// Bytes of a payment card in three groups.
  private static let shortestCard = 17
  private static let shortText = 256

  /// Which windows are looked up for known values.
  enum Known: Sendable {
    /// Those of four bytes, at every third place.
    case short
    /// Those of eight bytes, at every eighth place.
    case long

    /// Bytes of a window.
    var width: Int { self == .long ? 8 : 4 }
    /// Distance of the places, in bytes.
    var step: Int { self == .long ? 8 : 3 }

    /// The hash of the window at `index`, all bytes of which must be there.
    @inline(__always) func hash(_ bytes: Bytes, _ index: Int) -> UInt32 {
      let window = bytes.baseAddress.unsafelyUnwrapped + index
      return self == .long ? cscan_known_long_hash(window) : cscan_known_hash(window)
    }
  }

  /// Which word of a bitmap of 2^`bits` bits a hash selects, and its two bits of it.
  @inline(__always) static func place(of hash: UInt32, bits: UInt32) -> (word: Int, mask: UInt32) {
    (Int(hash &>> (37 &- bits)), 1 &<< (hash &>> (32 &- bits) & 31) | 1 &<< (hash & 31))
  }

  /// True if a bitmap of 2^`bits` bits holds both bits of a hash.
  @inline(__always) static func holds(_ bitmap: [UInt32], bits: UInt32, _ hash: UInt32) -> Bool {
    bitmap.withUnsafeBufferPointer { cscan_is_known($0.baseAddress, bits, hash) != 0 }
  }

  /// Writes down those places whose windows a bitmap of 2^`bits` bits holds, counted from `start`, as above: see `WindowTable`.
  static func known(
    _ kind: Known, _ bitmap: [UInt32], bits: UInt32, _ bytes: Bytes, from start: Int, to end: Int,
    _ places: UnsafeMutablePointer<UInt32>
  ) -> Int {
    guard let base = bytes.baseAddress else { return 0 }
    return kind == .long
      ? cscan_known_long(bitmap, bits, base + start, 0, end - start, places)
      : cscan_known(bitmap, bits, base + start, 0, end - start, places)
  }
}
