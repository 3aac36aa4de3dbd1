/// Where literals may stand: as many neighbouring windows of each as there are places from one that is looked up to the next, so that
/// one of them is met wherever the literal stands. A place whose window's bits are set in a bitmap is compared with the
/// literals that have such a window.
///
/// Which windows of a literal are entered: those that fewest others share, for secrets of one kind often begin alike.
struct WindowTable: Sendable {
  private let kind: WindowLookup.Known
  private let literals: [KnownMatcher.Literal]
  /// Two bits for each window.
  private let bitmap: [UInt32]
  /// Bits of the bitmap, as a power of two: 16 for each window let pass one in seventy that is none; 4,194,304 are half a
  /// megabyte, which the second-level cache holds.
  private let bits: UInt32
  /// Where the entries for each word of the bitmap begin; those for the next one follow.
  private let starts: [UInt32]
  /// Of each window: its literal (20 bits: 12,000 values have no more than 132,000 encodings), which of the literal's windows
  /// it is (3 bits), and a part of its hash (9 bits), which spares most comparisons.
  private let entries: [UInt32]
  /// How far the last window of any literal stands from its beginning.
  private let farthest: Int

  /// Places in a literal where its windows may begin: every fourth up to here, and the last one.
  private static let choices = 32
  /// Most windows with which those of one long literal share their words. Of one that shares more, which a text could be made for,
  /// short windows are taken.
  private static let mostShared: UInt32 = 256
  /// Bytes that are looked up in one call: a multiple of both steps.
  private static let block = 6_144
  /// Shortest stretch for which a call is worth it, in bytes.
  private static let shortestBlock = 256

  var isEmpty: Bool { literals.isEmpty }

  /// `crowded` takes those literals for which every choice of windows is shared by too many others.
  init(
    _ kind: WindowLookup.Known, _ all: [KnownMatcher.Literal], _ arena: Bytes,
    crowded: inout [KnownMatcher.Literal]
  ) {
    self.kind = kind
    guard !all.isEmpty else {
      (literals, bitmap, bits, starts, entries, farthest) = ([], [], 13, [], [], 0)
      return
    }
    var bits: UInt32 = 13
    while bits < 22, 1 << Int(bits) < all.count * kind.step * 16 { bits += 1 }
    var literals: [KnownMatcher.Literal] = []
    literals.reserveCapacity(all.count)
    var bitmap = [UInt32](repeating: 0, count: 1 << Int(bits - 5))
    // How many entries each word has; then where they end; then where they begin.
    var starts = [UInt32](repeating: 0, count: bitmap.count + 1)
    var farthest = 0
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 2 * kind.step) { room in
      for var literal in all {
        let (first, shared) = Self.leastShared(kind, literal, arena, bits, starts, room)
        if kind == .long, shared > Self.mostShared {
          crowded.append(literal)
          continue
        }
        literal.first = UInt32(first)
        literals.append(literal)
        farthest = max(farthest, first + kind.step - 1)
        for hash in room[..<kind.step] {
          let place = WindowLookup.place(of: hash, bits: bits)
          bitmap[place.word] |= place.mask
          starts[place.word] += 1
        }
      }
    }
    var sum: UInt32 = 0
    for word in starts.indices {
      sum += starts[word]
      starts[word] = sum
    }
    var entries = [UInt32](repeating: 0, count: Int(sum))
    // The hashes are made anew: to keep them would take as much memory as the entries do.
    for index in literals.indices {
      let window = Int(literals[index].start) + Int(literals[index].first)
      for number in 0..<kind.step {
        let hash = kind.hash(arena, window + number)
        let word = WindowLookup.place(of: hash, bits: bits).word
        starts[word] -= 1
        entries[Int(starts[word])] = UInt32(index) << 12 | UInt32(number) << 9 | Self.tag(hash)
      }
    }
    (self.literals, self.bitmap, self.bits) = (literals, bitmap, bits)
    (self.starts, self.entries, self.farthest) = (starts, entries, farthest)
  }

  /// The part of a hash that is kept beside its window.
  @inline(__always) private static func tag(_ hash: UInt32) -> UInt32 { hash &>> 5 & 511 }

  /// Where the windows of a literal begin that fewest others share by now, and how many these are. Their hashes are written to the
  /// first half of `room`, which has room for those of two choices.
  private static func leastShared(
    _ kind: WindowLookup.Known, _ literal: KnownMatcher.Literal, _ arena: Bytes, _ bits: UInt32, _ load: [UInt32],
    _ room: UnsafeMutableBufferPointer<UInt32>
  ) -> (first: Int, shared: UInt32) {
    let last = Int(literal.count) - kind.width - kind.step + 1
    var best = 0
    var least = UInt32.max
    var place = 0
    while place <= last {
      // The first choice is the best one so far.
      let half = place == 0 ? 0 : kind.step
      var sum: UInt32 = 0
      for offset in 0..<kind.step {
        let hash = kind.hash(arena, Int(literal.start) + place + offset)
        room[half + offset] = hash
        sum += load[WindowLookup.place(of: hash, bits: bits).word]
      }
      if sum < least {
        least = sum
        best = place
        if half > 0 { for offset in 0..<kind.step { room[offset] = room[half + offset] } }
      }
      // As many as all windows share by chance are few enough.
      if least <= UInt32(kind.step) * 8 || place == last { break }
      place = place + 4 <= min(last, choices) ? place + 4 : last
    }
    return (best, least)
  }

  /// Calls `body` with each literal of which a window stands in the text where the literal would begin in `range`, and with that
  /// beginning.
  @inline(__always) func eachHit<Failure: Error>(
    in bytes: Bytes, from range: Range<Int>, _ body: (KnownMatcher.Literal, Int) throws(Failure) -> Void
  ) throws(Failure) {
    guard !literals.isEmpty, !range.isEmpty else { return }
    let end = min(range.upperBound + farthest, bytes.count - kind.width + 1)
    var index = range.lowerBound
    guard index < end else { return }
    if end - index < Self.shortestBlock {
      while index < end {
        let hash = kind.hash(bytes, index)
        if WindowLookup.holds(bitmap, bits: bits, hash) { try compare(hash, at: index, range, body) }
        index += kind.step
      }
      return
    }
    let places = UnsafeMutablePointer<UInt32>.allocate(capacity: min(Self.block, end - index) + 1)
    defer { places.deallocate() }
    while index < end {
      let stop = min(index + Self.block, end)
      let count = WindowLookup.known(kind, bitmap, bits: bits, bytes, from: index, to: stop, places)
      for place in 0..<count {
        let hit = index + Int(places[place])
        try compare(kind.hash(bytes, hit), at: hit, range, body)
      }
      index = stop
    }
  }

  @inline(__always) private func compare<Failure: Error>(
    _ hash: UInt32, at hit: Int, _ range: Range<Int>, _ body: (KnownMatcher.Literal, Int) throws(Failure) -> Void
  ) throws(Failure) {
    let word = WindowLookup.place(of: hash, bits: bits).word
    let tag = Self.tag(hash)
    for place in Int(starts[word])..<Int(starts[word + 1]) {
      let entry = entries[place]
      guard entry & 511 == tag else { continue }
      let literal = literals[Int(entry &>> 12)]
      let start = hit - Int(literal.first) - Int(entry &>> 9 & 7)
      if range.contains(start) { try body(literal, start) }
    }
  }
}
