// The one file that touches CScan. Tables, text and places are borrowed for the call; CScan keeps nothing and allocates nothing.

internal import CScan

/// Looks up many windows of four bytes of a text in a bitmap at once. What it finds depends on the tables and the text alone,
/// with or without the wide instructions that it uses where the processor has them.
enum WindowLookup {
  /// The tables for trigger words: see `Prefilter`.
  struct Triggers {
    /// 8,192 words.
    let words: UnsafeMutablePointer<UInt32>
    /// 1,024 words.
    let fronts: UnsafeMutablePointer<UInt32>
  }

  /// Writes down the places from `start` on, before `end`, whose window passes, counted from `start`; returns how many there are.
  /// `places` has room for one more than there are bytes between. The three bytes at `end` have to be there.
  static func triggers(
    _ tables: Triggers, _ bytes: Bytes, from start: Int, to end: Int, _ places: UnsafeMutablePointer<UInt32>
  ) -> Int {
    guard let base = bytes.baseAddress else { return 0 }
    var tables = cscan_triggers_tables(words: tables.words, fronts: tables.fronts)
    return cscan_triggers(&tables, base + start, 0, end - start, places)
  }

  /// The same for every third place, in a bitmap of 2^`bits` bits: see `KnownMatcher`.
  static func known(
    _ bitmap: [UInt32], bits: UInt32, _ bytes: Bytes, from start: Int, to end: Int,
    _ places: UnsafeMutablePointer<UInt32>
  ) -> Int {
    guard let base = bytes.baseAddress else { return 0 }
    return cscan_known(bitmap, bits, base + start, 0, end - start, places)
  }
}
