/// Finds the places where some trigger stands, in one pass.
///
/// Every window of 4 bytes, with bit 5 set so that letters lose their case, is looked up in a bitmap of 32 KiB, which stays
/// in the first-level cache: a hash of the first three bytes selects a word of 32 bits, the fourth byte a bit of it. A
/// literal of 3 bytes sets a whole word, for any byte may follow it. Only a window whose bit is set is compared with
/// literals: those of one hash lie side by side.
///
/// `@unchecked Sendable`: the tables are written in `init` and only read from then on, until `deinit` frees them.
final class Prefilter: @unchecked Sendable {
  /// Words of the bitmap, as a power of two, which is `CScan`'s, too.
  private static let wordBits: UInt32 = 13
  private static let words = 1 << Int(wordBits)
  /// Bytes of each of `CScan`'s sets.
  private static let setBytes = 512

  /// What a candidate is compared with: the literal's first 8 bytes.
  private struct Entry {
    /// The bytes, the first one lowest; zeros where the literal is shorter.
    var head: UInt64
    /// 0x20 where a letter's case does not matter.
    var fold: UInt64
    /// Ones where the literal has bytes.
    var mask: UInt64
    /// What verifies it: here, so that nothing of the trigger has to be kept while it works.
    var verifier: Trigger.Verifier
    /// `Trigger.startsWord`.
    var startsWord: Bool
    /// Bytes of the literal.
    var length: Int32
    /// The trigger.
    var trigger: Int32
  }

  private let triggers: [Trigger]
  private let bitmap: UnsafeMutablePointer<UInt32>
  /// The bitmap, and two smaller sets of the first three bytes.
  private let tables: WindowLookup.Triggers
  /// Where the entries of each word begin; those of the word after it follow.
  private let starts: UnsafeMutablePointer<Int32>
  private let entries: UnsafeMutablePointer<Entry>

  init(_ triggers: [Trigger]) {
    self.triggers = triggers
    bitmap = .allocate(capacity: Self.words)
    bitmap.initialize(repeating: 0, count: Self.words)
    tables = WindowLookup.Triggers(
      words: bitmap, fronts: .allocate(capacity: Self.setBytes), backs: .allocate(capacity: Self.setBytes))
    tables.fronts.initialize(repeating: 0, count: Self.setBytes)
    tables.backs.initialize(repeating: 0, count: Self.setBytes)
    starts = .allocate(capacity: Self.words + 1)
    starts.initialize(repeating: 0, count: Self.words + 1)
    entries = .allocate(capacity: max(1, triggers.count))
    var made: [(word: Int, entry: Entry)] = []
    for (index, trigger) in triggers.enumerated() {
      var entry = Entry(
        head: 0, fold: 0, mask: 0, verifier: trigger.verifier, startsWord: trigger.startsWord,
        length: Int32(trigger.literal.count), trigger: Int32(index))
      for (offset, byte) in trigger.literal.prefix(8).enumerated() {
        entry.head |= UInt64(byte) << UInt64(offset * 8)
        entry.mask |= 0xFF << UInt64(offset * 8)
        if byte.isLetter, !trigger.caseSensitive { entry.fold |= 0x20 << UInt64(offset * 8) }
      }
      let window = UInt32(truncatingIfNeeded: entry.head) | 0x2020_2020
      let word = Self.word(window)
      tables.add(window, isThree: trigger.literal.count == 3)
      made.append((word, entry))
    }
    // Of two triggers at one place the one that was entered last comes first.
    made.sort { ($0.word, -$0.entry.trigger) < ($1.word, -$1.entry.trigger) }
    for (index, item) in made.enumerated() {
      (entries + index).initialize(to: item.entry)
      starts[item.word + 1] += 1
    }
    for word in 0..<Self.words { starts[word + 1] += starts[word] }
  }

  deinit {
    bitmap.deallocate()
    tables.fronts.deallocate()
    tables.backs.deallocate()
    starts.deallocate()
    entries.deallocate()
  }

  /// The word for a window: a multiplicative hash (Knuth's) of its first three bytes; the fourth drops out at the top.
  @inline(__always) private static func word(_ window: UInt32) -> Int {
    Int(truncatingIfNeeded: (window &* 0x9E37_7900) &>> (32 - wordBits))
  }

  @inline(__always) private func passes(_ window: UInt32) -> UInt32 {
    bitmap[Self.word(window)] &>> (window &>> 24)
  }

  /// The first place from `start` on, before `end`, where a trigger may stand; `end` where there is none.
  @inline(__always) func candidate(in bytes: Bytes, from start: Int, to end: Int) -> Int {
    guard let base = bytes.baseAddress else { return end }
    let text = UnsafeRawPointer(base)
    var place = start
    // Four windows at a time, from one load of 8 bytes: one branch for the four.
    let fast = min(end, bytes.count - 8) - 3
    while place < fast {
      let eight = (text + place).loadUnaligned(as: UInt64.self) | 0x2020_2020_2020_2020
      let first = passes(UInt32(truncatingIfNeeded: eight))
      let second = passes(UInt32(truncatingIfNeeded: eight &>> 8))
      let third = passes(UInt32(truncatingIfNeeded: eight &>> 16))
      let fourth = passes(UInt32(truncatingIfNeeded: eight &>> 24))
      if (first | second | third | fourth) & 1 != 0 {
        return place + (first & 1 != 0 ? 0 : second & 1 != 0 ? 1 : third & 1 != 0 ? 2 : 3)
      }
      place += 4
    }
    while place < end {
      if passes(UInt32(truncatingIfNeeded: Self.eight(bytes, place)) | 0x2020_2020) & 1 != 0 { return place }
      place += 1
    }
    return end
  }

  /// Bytes that `candidates` looks at in one call.
  static let block = 2_048
  /// Shortest stretch for which a call is worth it, in bytes.
  static let shortestBlock = 64

  /// Writes down the places from `start` on, before `end`, where a trigger may stand, counted from `start`. `places` has room for
  /// one more than there are bytes between. The three bytes at `end` have to be there.
  func candidates(
    in bytes: Bytes, from start: Int, to end: Int, _ places: UnsafeMutablePointer<UInt32>
  ) -> Int {
    WindowLookup.triggers(tables, bytes, from: start, to: end, places)
  }

  /// The eight bytes from `index` on. Beyond the end stand zeros, which no literal holds.
  @inline(__always) private static func eight(_ bytes: Bytes, _ index: Int) -> UInt64 {
    if index + 8 <= bytes.count {
      return UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped + index).loadUnaligned(as: UInt64.self)
    }
    var eight: UInt64 = 0
    for place in index..<bytes.count { eight |= UInt64(bytes[place]) &<< UInt64((place - index) * 8) }
    return eight
  }

  /// A candidate, and the entries that are left to compare with it.
  struct Candidate {
    fileprivate let eight: UInt64
    fileprivate let index: Int
    fileprivate var next: Int
    fileprivate let end: Int
  }

  /// The entries whose literals may stand at `index`.
  @inline(__always) func candidate(_ bytes: Bytes, at index: Int) -> Candidate {
    let eight = Self.eight(bytes, index)
    let word = Self.word(UInt32(truncatingIfNeeded: eight) | 0x2020_2020)
    return Candidate(eight: eight, index: index, next: Int(starts[word]), end: Int(starts[word + 1]))
  }

  /// The next trigger that stands at a candidate's place: what verifies it, and the bytes of its literal; nil where there is none.
  @inline(__always) func next(
    _ candidate: inout Candidate, _ bytes: Bytes
  ) -> (verifier: Trigger.Verifier, length: Int)? {
    while candidate.next < candidate.end {
      let entry = entries + candidate.next
      candidate.next += 1
      if (candidate.eight | entry.pointee.fold) & entry.pointee.mask != entry.pointee.head { continue }
      if entry.pointee.startsWord, candidate.index > 0, bytes[candidate.index - 1].isAlphanumeric { continue }
      if entry.pointee.length > 8, !Self.stands(triggers[Int(entry.pointee.trigger)], bytes, candidate.index) {
        continue
      }
      return (entry.pointee.verifier, Int(entry.pointee.length))
    }
    return nil
  }

  /// True if some trigger stands at a candidate's place.
  @inline(__always) func isTrigger(_ bytes: Bytes, at index: Int) -> Bool {
    var candidate = candidate(bytes, at: index)
    return next(&candidate, bytes) != nil
  }

  private static func stands(_ trigger: Trigger, _ bytes: Bytes, _ index: Int) -> Bool {
    let count = trigger.literal.count
    guard index + count <= bytes.count else { return false }
    return trigger.literal.withUnsafeBufferPointer { literal in
      for offset in 0..<count {
        let byte = bytes[index + offset]
        if literal[offset] != (trigger.caseSensitive ? byte : byte.lowered) { return false }
      }
      return true
    }
  }
}
