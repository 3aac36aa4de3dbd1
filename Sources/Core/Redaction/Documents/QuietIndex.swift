/// Where something may stand in a document that a rule would find: a bit for each byte, made for some thousand bytes at once, so
/// that a scalar without one is done with. What it calls quiet is what `DocumentRedactor.isClean` calls clean, where no value is
/// known and there are no expressions of a user.
///
/// Pointers alone, so that passing it on counts no references: who made it ends it with `deallocate`, which
/// `DocumentRedactor.deinit` does. `bytes` and the prefilter have to stay as long as it is used.
struct QuietIndex {
  /// Bytes that are looked at at once.
  private static let window = 32_768
  /// Bytes of a block, whose places are written down before their bits are set.
  private static let block = 2_048
  /// Shortest document for which it is worth it, in bytes.
  static let shortest = 512

  private let bytes: Bytes
  private let prefilter: Unmanaged<Prefilter>
  /// Where the window begins and ends.
  private let window: UnsafeMutablePointer<(base: Int, end: Int)>
  /// A bit for each of its bytes: a run begins there, or digits of a card, or the byte is a mark.
  private let bits: UnsafeMutablePointer<UInt64>
  /// A bit for each of its bytes where a trigger may stand: most stand in keys, and need not be compared with any.
  private let candidates: UnsafeMutablePointer<UInt64>
  /// A bit for each of its bytes that ends a JSON string or needs a second look in one.
  private let stops: UnsafeMutablePointer<UInt64>
  /// Room for the places of a block.
  private let places: UnsafeMutablePointer<UInt32>

  init(_ bytes: Bytes, _ prefilter: Prefilter) {
    self.bytes = bytes
    self.prefilter = .passUnretained(prefilter)
    window = .allocate(capacity: 1)
    window.initialize(to: (0, 0))
    bits = .allocate(capacity: Self.window / 64)
    candidates = .allocate(capacity: Self.window / 64)
    stops = .allocate(capacity: Self.window / 64)
    places = .allocate(capacity: 2 * Self.block + 1)
  }

  func deallocate() {
    window.deallocate()
    bits.deallocate()
    candidates.deallocate()
    stops.deallocate()
    places.deallocate()
  }

  private var base: Int { window.pointee.base }
  private var end: Int { window.pointee.end }

  /// True if nothing can be found in a part of the document. The byte before it must be of none of the alphabets of base64. Parts
  /// are to be asked for in their order; what stands before the last one may be told not to be quiet though it is.
  @inline(__always) func isQuiet(_ range: Range<Int>) -> Bool {
    if range.upperBound > end {
      guard range.count <= Self.window else { return false }
      look(from: range.lowerBound)
    }
    guard range.lowerBound >= base, let last = range.last else { return range.isEmpty }
    // What looks like a document is read as one.
    let first = bytes[range.lowerBound]
    if first == 0x7B || first == 0x5B || first == 0x20 { return false }
    let front = (range.lowerBound - base) &>> 6
    let back = (last - base) &>> 6
    let head = ~UInt64(0) &<< UInt64((range.lowerBound - base) & 63)
    let tail = ~UInt64(0) &>> UInt64(63 - (last - base) & 63)
    var word = front
    while word <= back {
      let mask = (word == front ? head : ~0) & (word == back ? tail : ~0)
      if bits[word] & mask != 0 { return false }
      if candidates[word] & mask != 0, hasTrigger(candidates[word] & mask, in: word) { return false }
      word += 1
    }
    return true
  }

  /// True if some trigger stands where a word of `candidates` has one of these bits.
  private func hasTrigger(_ some: UInt64, in word: Int) -> Bool {
    prefilter._withUnsafeGuaranteedRef { prefilter in
      var some = some
      while some != 0 {
        if prefilter.isTrigger(bytes, at: base + word &<< 6 + some.trailingZeroBitCount) { return true }
        some &= some &- 1
      }
      return false
    }
  }

  /// The first place from `start` on where a JSON string ends or needs a second look; the document's end where there is none.
  @inline(__always) func stop(from start: Int) -> Int {
    var start = start
    while start < bytes.count {
      if start >= end || start < base { look(from: start) }
      var word = (start - base) &>> 6
      var found = stops[word] & ~UInt64(0) &<< UInt64((start - base) & 63)
      let words = (end - base + 63) &>> 6
      while found == 0 {
        word += 1
        if word == words { break }
        found = stops[word]
      }
      if found != 0 { return base + word &<< 6 + found.trailingZeroBitCount }
      start = end
    }
    return bytes.count
  }

  /// Moves the window.
  private func look(from start: Int) {
    window.pointee = (start, min(start + Self.window, bytes.count))
    WindowLookup.marks(bytes, from: base, to: end, bits, stops: stops)
    candidates.update(repeating: 0, count: (end - base + 63) / 64)
    var index = base
    while index < end {
      let next = min(index + Self.block, end)
      let runs = WindowLookup.runs(bytes, from: index, to: next, places, cards: places + Self.block)
      set(bits, places, runs.runs, from: index)
      set(bits, places + Self.block, runs.cards, from: index)
      // The three bytes behind a trigger's place have to be there: the last places may all hold one.
      let last = max(index, min(next, bytes.count - 3))
      if index < last {
        let count = prefilter._withUnsafeGuaranteedRef { $0.candidates(in: bytes, from: index, to: last, places) }
        set(candidates, places, count, from: index)
      }
      for place in last..<next { set(candidates, place) }
      index = next
    }
  }

  private func set(
    _ bits: UnsafeMutablePointer<UInt64>, _ places: UnsafeMutablePointer<UInt32>, _ count: Int, from start: Int
  ) {
    for place in 0..<count { set(bits, start + Int(places[place])) }
  }

  @inline(__always) private func set(_ bits: UnsafeMutablePointer<UInt64>, _ place: Int) {
    bits[(place - base) &>> 6] |= 1 &<< UInt64((place - base) & 63)
  }
}
