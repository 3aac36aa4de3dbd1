/// Finds known values in their trivial encodings in one pass.
///
/// Every literal has 6 bytes or more, so that one of three neighbouring windows of 4 bytes in it begins at a multiple of 3: only
/// these places are looked up in a bitmap. A place whose bit is set is compared with the literals that may stand there.
/// Which windows of a literal are entered: those that fewest others share, for secrets of one kind often begin alike.
final class KnownMatcher: Sendable {
  private struct Literal: Sendable {
    var start: Int
    var count: Int
    /// True if no letter or digit may stand on either side.
    var whole: Bool
  }

  /// A window of a literal, in the chain of all windows with one hash.
  private struct Window: Sendable {
    var literal: Int32
    /// How far the window stands from the literal's beginning.
    var offset: Int32
    var next: Int32
  }

  /// Distance of the places that are looked up, in bytes.
  private static let step = 3
  /// Bytes that are looked up in one call: a multiple of `step`.
  private static let block = 6_144
  /// Fewest bytes of a literal.
  private static let shortest = 6

  private let arena: [UInt8]
  private let literals: [Literal]
  private let windows: [Window]
  private let bitmap: [UInt32]
  private let heads: [Int32]
  /// Bits of the bitmap, as a power of two: 64 for each window keep the false hits rare; 4,194,304 are half a megabyte, which
  /// the second-level cache holds.
  private let bits: UInt32

  /// Finds nothing.
  static let none = KnownMatcher(bare: [])

  /// True if there is nothing to find.
  var isEmpty: Bool { literals.isEmpty }

  /// Bytes of the longest literal.
  let longest: Int
  /// How far the last window of any literal stands from its beginning.
  private let farthest: Int
  /// Places in a literal where its windows may begin: every fourth up to here, and the last one.
  private static let choices = 32

  /// Finds values in all their encodings.
  convenience init(_ values: Set<[UInt8]>) { self.init(bare: values.lazy.flatMap { Self.encodings(of: $0) }) }

  /// Finds values as they are.
  init(bare values: some Sequence<[UInt8]>) {
    var arena: [UInt8] = []
    var literals: [Literal] = []
    for value in values where value.count >= Self.shortest {
      literals.append(Literal(start: arena.count, count: value.count, whole: value.count < 8))
      arena += value
    }
    var bits: UInt32 = 13
    while bits < 22, 1 << Int(bits) < literals.count * Self.step * 64 { bits += 1 }
    var bitmap = [UInt32](repeating: 0, count: literals.isEmpty ? 0 : 1 << Int(bits - 5))
    var heads = [Int32](repeating: -1, count: literals.isEmpty ? 0 : 1 << Int(bits - 3))
    var windows: [Window] = []
    windows.reserveCapacity(literals.count * Self.step)
    var load = [Int32](repeating: 0, count: heads.count)
    var farthest = 0
    for (index, literal) in literals.enumerated() {
      let first = arena.withUnsafeBufferPointer { Self.leastShared(literal, $0, bits, load) }
      farthest = max(farthest, first + Self.step - 1)
      for offset in first..<first + Self.step {
        let hash = arena.withUnsafeBufferPointer { Self.hash($0, literal.start + offset, bits) }
        bitmap[hash >> 5] |= 1 << UInt32(hash & 31)
        windows.append(Window(literal: Int32(index), offset: Int32(offset), next: heads[hash >> 3]))
        heads[hash >> 3] = Int32(windows.count - 1)
        load[hash >> 3] += 1
      }
    }
    self.arena = arena
    self.literals = literals
    self.windows = windows
    self.bitmap = bitmap
    self.heads = heads
    self.bits = bits
    self.farthest = farthest
    longest = literals.lazy.map(\.count).max() ?? 0
  }

  /// Where the windows of a literal begin that fewest others share by now.
  private static func leastShared(_ literal: Literal, _ arena: Bytes, _ bits: UInt32, _ load: [Int32]) -> Int {
    let last = literal.count - shortest
    var best = 0
    var least = Int32.max
    var place = 0
    while place <= last {
      var sum: Int32 = 0
      for offset in place..<place + step { sum += load[hash(arena, literal.start + offset, bits) >> 3] }
      if sum < least {
        least = sum
        best = place
      }
      if least == 0 || place == last { break }
      place = place + 4 <= min(last, choices) ? place + 4 : last
    }
    return best
  }

  /// A value as it is and in the encodings that a reader would undo without thinking.
  static func encodings(of value: [UInt8]) -> [[UInt8]] {
    var out = [value]
    let escaped = Rendering.jsonEscaped(value, slashes: false)
    if escaped != value { out.append(escaped) }
    let slashed = Rendering.jsonEscaped(value, slashes: true)
    if slashed != escaped { out.append(slashed) }
    for encoded in [Rendering.percentEncoded(value, upper: true), Rendering.percentEncoded(value, upper: false)]
    where encoded != value { out.append(encoded) }
    out += base64Cores(of: value)
    return out
  }

  /// What base64 makes of the value at each of the three alignments, without the characters that hold bits of its
  /// neighbours; and the same in base64url.
  private static func base64Cores(of value: [UInt8]) -> [[UInt8]] {
    guard value.count >= 8 else { return value.count >= 6 ? [Decoding.base64Encoded(value)] : [] }
    var out: [[UInt8]] = []
    for shift in 0..<3 {
      let encoded = Decoding.base64Encoded(Array(repeating: 0, count: shift) + value)
      let first = (shift * 8 + 5) / 6
      let last = (shift + value.count) * 8 / 6
      guard last - first >= 8 else { continue }
      let core = Array(encoded[first..<last])
      out.append(core)
      let url = core.map { $0 == 0x2B ? 0x2D : $0 == 0x2F ? 0x5F : $0 }
      if url != core { out.append(url) }
    }
    return out
  }

  @inline(__always) private static func hash(_ bytes: Bytes, _ index: Int, _ bits: UInt32) -> Int {
    let window = UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped + index).loadUnaligned(as: UInt32.self)
    return Int(truncatingIfNeeded: (window &* 0x9E37_79B1) &>> (32 - bits))
  }

  /// Calls `body` with the places of known values that begin in `range`, from left to right but for a few bytes; of several
  /// that begin at one place with the longest. They may overlap.
  func eachMatch<Failure: Error>(
    in bytes: Bytes, from range: Range<Int>, _ body: (Range<Int>) throws(Failure) -> Void
  ) throws(Failure) {
    var last = 0..<0
    // Matches at one place come one after the other.
    try eachOccurrence(in: bytes, from: range) { match throws(Failure) in
      if match.lowerBound != last.lowerBound, !last.isEmpty { try body(last) }
      if match.lowerBound != last.lowerBound || match.count > last.count { last = match }
    }
    if !last.isEmpty { try body(last) }
  }

  /// Calls `body` with every place of every known value that begins in `range`.
  func eachOccurrence<Failure: Error>(
    in bytes: Bytes, from range: Range<Int>, _ body: (Range<Int>) throws(Failure) -> Void
  ) throws(Failure) {
    guard !literals.isEmpty, range.count > 0 else { return }
    let end = min(range.upperBound + farthest, bytes.count - 3)
    var index = range.lowerBound
    guard index < end else { return }
    let places = UnsafeMutablePointer<UInt32>.allocate(capacity: min(Self.block, end - index) + 1)
    defer { places.deallocate() }
    while index < end {
      let stop = min(index + Self.block, end)
      let count = WindowLookup.known(bitmap, bits: bits, bytes, from: index, to: stop, places)
      for place in 0..<count {
        let hit = index + Int(places[place])
        var next = heads[Self.hash(bytes, hit, bits) >> 3]
        while next >= 0 {
          let window = windows[Int(next)]
          next = window.next
          let start = hit - Int(window.offset)
          if range.contains(start), let match = match(literals[Int(window.literal)], bytes, start) { try body(match) }
        }
      }
      index = stop
    }
  }

  private func match(_ literal: Literal, _ bytes: Bytes, _ index: Int) -> Range<Int>? {
    let end = index + literal.count
    guard end <= bytes.count else { return nil }
    let same = arena.withUnsafeBufferPointer { arena in
      bytes.isSame(index, as: Bytes(rebasing: arena[literal.start..<literal.start + literal.count]))
    }
    guard same else { return nil }
    if literal.whole, bytes.at(index - 1).isAlphanumeric || bytes.at(end).isAlphanumeric { return nil }
    return index..<end
  }
}

/// The matchers for values that become known one after the other. A new one goes into a small matcher first, which is made anew
/// each time; the large one only when the values have grown by a quarter: so all making together stays linear.
struct GrowingMatcher: Sendable {
  private var large = KnownMatcher.none
  private var small = KnownMatcher.none
  private var settled: Set<[UInt8]> = []
  private var recent: Set<[UInt8]> = []

  var matchers: [KnownMatcher] { [large, small] }

  /// Takes the values that are known by now.
  mutating func update(_ values: Set<[UInt8]>) {
    guard values.count > settled.count + recent.count else { return }
    recent = values.subtracting(settled)
    if recent.count * 4 > settled.count {
      settled = values
      recent = []
      large = KnownMatcher(settled)
    }
    small = KnownMatcher(recent)
  }
}
