/// Finds the places where some trigger stands, in one pass.
///
/// Every window of 4 bytes, with bit 5 set so that letters lose their case, is looked up in a bitmap of 32 KiB, which stays
/// in the first-level cache: a hash of the first three bytes selects a word of 64 bits, the fourth byte a bit of it. A
/// literal of 3 bytes sets a whole word, for any byte may follow it. Only a window whose bit is set is compared with
/// literals.
///
/// `@unchecked Sendable`: the tables are written in `init` and only read from then on, until `deinit` frees them.
final class Prefilter: @unchecked Sendable {
  /// Words of the bitmap, as a power of two: 4,096 words for some 700 triggers let one window in twenty pass in logs.
  private static let wordBits: UInt32 = 12
  private static let words = 1 << Int(wordBits)

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
    /// Next entry with the same hash, or -1.
    var next: Int32
  }

  private let triggers: [Trigger]
  private let bitmap: UnsafeMutablePointer<UInt64>
  private let heads: UnsafeMutablePointer<Int32>
  private let entries: UnsafeMutablePointer<Entry>

  init(_ triggers: [Trigger]) {
    self.triggers = triggers
    bitmap = .allocate(capacity: Self.words)
    bitmap.initialize(repeating: 0, count: Self.words)
    heads = .allocate(capacity: Self.words)
    heads.initialize(repeating: -1, count: Self.words)
    entries = .allocate(capacity: max(1, triggers.count))
    for (index, trigger) in triggers.enumerated() {
      var entry = Entry(
        head: 0, fold: 0, mask: 0, verifier: trigger.verifier, startsWord: trigger.startsWord,
        length: Int32(trigger.literal.count), next: -1)
      for (offset, byte) in trigger.literal.prefix(8).enumerated() {
        entry.head |= UInt64(byte) << UInt64(offset * 8)
        entry.mask |= 0xFF << UInt64(offset * 8)
        if byte.isLetter, !trigger.caseSensitive { entry.fold |= 0x20 << UInt64(offset * 8) }
      }
      let window = UInt32(truncatingIfNeeded: entry.head) | 0x2020_2020
      let word = Self.word(window)
      bitmap[word] |= trigger.literal.count == 3 ? ~0 : 1 &<< UInt64(window >> 24)
      entry.next = heads[word]
      heads[word] = Int32(index)
      (entries + index).initialize(to: entry)
    }
  }

  deinit {
    bitmap.deallocate()
    heads.deallocate()
    entries.deallocate()
  }

  /// The word for a window: a multiplicative hash (Knuth's) of its first three bytes; the fourth drops out at the top.
  @inline(__always) private static func word(_ window: UInt32) -> Int {
    Int(truncatingIfNeeded: (window &* 0x9E37_7900) &>> (32 - wordBits))
  }

  @inline(__always) private func passes(_ window: UInt32) -> UInt64 {
    bitmap[Self.word(window)] &>> UInt64(truncatingIfNeeded: window &>> 24)
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
      if passes(Self.window(bytes, place)) & 1 != 0 { return place }
      place += 1
    }
    return end
  }

  /// The window at `index`. Beyond the end stand zeros.
  @inline(__always) private static func window(_ bytes: Bytes, _ index: Int) -> UInt32 {
    if index + 4 <= bytes.count {
      return UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped + index).loadUnaligned(as: UInt32.self) | 0x2020_2020
    }
    var window: UInt32 = 0x2020_2020
    for offset in 0..<4 where index + offset < bytes.count {
      window |= UInt32(bytes[index + offset]) << UInt32(offset * 8)
    }
    return window
  }

  /// The first entry whose literal may stand at `index`, or -1.
  @inline(__always) func firstEntry(_ bytes: Bytes, at index: Int) -> Int {
    Int(heads[Self.word(Self.window(bytes, index))])
  }

  /// True if the literal of `entry` stands at `index`; and the entry after it, or -1.
  @inline(__always) func match(_ entry: Int, _ bytes: Bytes, at index: Int) -> (stands: Bool, next: Int) {
    let wanted = entries + entry
    let next = Int(wanted.pointee.next)
    if wanted.pointee.startsWord, index > 0, bytes[index - 1].isAlphanumeric { return (false, next) }
    if index + 8 <= bytes.count {
      let eight = UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped + index).loadUnaligned(as: UInt64.self)
      if (eight | wanted.pointee.fold) & wanted.pointee.mask != wanted.pointee.head { return (false, next) }
      if wanted.pointee.length <= 8 { return (true, next) }
    }
    return (Self.stands(triggers[entry], bytes, index), next)
  }

  /// What verifies an entry, and the bytes of its literal.
  @inline(__always) func verifier(of entry: Int) -> (verifier: Trigger.Verifier, length: Int) {
    (entries[entry].verifier, Int(entries[entry].length))
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
