/// Finds known values in their trivial encodings in one pass, or two where there are short ones: see `WindowTable`.
final class KnownMatcher: Sendable {
  /// A value in one of its encodings.
  struct Literal: Sendable {
    /// Where it stands in the arena.
    var start: UInt32
    var count: UInt32
    /// How far the first of its windows stands from its beginning.
    var first: UInt32 = 0

    /// True if no letter or digit may stand on either side.
    var isWhole: Bool { count < 8 }
    var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
  }

  /// Fewest bytes of a literal: one of three neighbouring windows of four bytes in it begins at a multiple of 3.
  static let shortest = 6
  /// Fewest bytes of a long one: the same for eight windows of eight bytes, and multiples of 8.
  static let shortestLong = 15

  private let arena: [UInt8]
  private let long: WindowTable
  private let short: WindowTable

  /// Finds nothing.
  static let none = KnownMatcher([])

  /// True if there is nothing to find.
  var isEmpty: Bool { long.isEmpty && short.isEmpty }

  /// Finds values in all their encodings.
  convenience init(_ values: Set<SecretValue>) {
    var arena: [UInt8] = []
    var literals: [Literal] = []
    // Most values have five encodings, of some more bytes than they have themselves.
    arena.reserveCapacity(values.reduce(0) { $0 + $1.count * 6 })
    literals.reserveCapacity(values.count * 5)
    for value in values {
      Self.eachEncoding(of: value.bytes, into: &arena) { start, arena in
        if arena.count - start >= Self.shortest {
          literals.append(Literal(start: UInt32(start), count: UInt32(arena.count - start)))
        }
      }
    }
    self.init(arena, literals)
  }

  private init(_ arena: [UInt8], _ literals: [Literal]) {
    self.arena = arena
    (long, short) = arena.withUnsafeBufferPointer { arena in
      var rest: [Literal] = []
      let long = WindowTable(.long, literals.filter { $0.count >= Self.shortestLong }, arena, crowded: &rest)
      var none: [Literal] = []
      return (long, WindowTable(.short, rest + literals.filter { $0.count < Self.shortestLong }, arena, crowded: &none))
    }
  }

  /// Appends a value as it is and in the encodings that a reader would undo without thinking, and calls `body` after each, with
  /// the place where it begins.
  static func eachEncoding(of value: [UInt8], into arena: inout [UInt8], _ body: (Int, [UInt8]) -> Void) {
    func add(_ encoded: some Sequence<UInt8>) {
      let start = arena.count
      arena.append(contentsOf: encoded)
      body(start, arena)
    }
    add(value)
    // A slash may be escaped, too.
    let isPlain = !value.contains { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }
    if !isPlain { add(Rendering.jsonEscaped(value, slashes: false)) }
    if value.contains(0x2F) { add(Rendering.jsonEscaped(value, slashes: true)) }
    if !value.allSatisfy({ Rendering.isUnreserved($0) }) {
      let upper = Rendering.percentEncoded(value, upper: true)
      let lower = Rendering.percentEncoded(value, upper: false)
      add(upper)
      if lower != upper { add(lower) }
    }
    guard value.count >= 8 else {
      if value.count >= 6 { add(Decoding.base64Encoded(value)) }
      return
    }
    // What base64 makes of the value at each of the three alignments, without the characters that hold bits of its neighbours;
    // and the same in base64url.
    for shift in 0..<3 {
      let count = (shift + value.count) * 8 / 6 - (shift * 8 + 5) / 6
      guard count >= 8 else { continue }
      let start = arena.count
      let hasMarks = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count) { characters in
        defer { arena.append(contentsOf: characters) }
        return value.withUnsafeBufferPointer { Decoding.base64Inside($0, shift: shift, characters) }
      }
      body(start, arena)
      if hasMarks { add(arena[start...].map { $0 == 0x2B ? 0x2D : $0 == 0x2F ? 0x5F : $0 }) }
    }
  }

  /// Calls `body` with the places of known values that begin in `range`; of several that begin at one place mostly with the longest
  /// alone. They may overlap. Long ones come first, then short ones, each from left to right but for a few bytes.
  func eachMatch<Failure: Error>(
    in bytes: Bytes, from range: Range<Int>, _ body: (Range<Int>) throws(Failure) -> Void
  ) throws(Failure) {
    var last = 0..<0
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
    try long.eachHit(in: bytes, from: range) { literal, start throws(Failure) in
      if let match = match(literal, bytes, start) { try body(match) }
    }
    try short.eachHit(in: bytes, from: range) { literal, start throws(Failure) in
      if let match = match(literal, bytes, start) { try body(match) }
    }
  }

  private func match(_ literal: Literal, _ bytes: Bytes, _ index: Int) -> Range<Int>? {
    let end = index + Int(literal.count)
    guard end <= bytes.count else { return nil }
    let same = arena.withUnsafeBufferPointer { arena in
      bytes.isSame(index, as: Bytes(rebasing: arena[literal.range]))
    }
    guard same else { return nil }
    if literal.isWhole, bytes.at(index - 1).isAlphanumeric || bytes.at(end).isAlphanumeric { return nil }
    return index..<end
  }
}

/// The matchers for values that become known one after the other. A new one goes into a small matcher first, which is made anew
/// each time; the large one only when the values have grown by a quarter: so all making together stays linear.
struct GrowingMatcher: Sendable {
  private var large = KnownMatcher.none
  private var small = KnownMatcher.none
  private var settled: Set<SecretValue> = []
  private var recent: Set<SecretValue> = []

  var matchers: [KnownMatcher] { [large, small] }

  /// Takes the values that are known by now.
  mutating func update(_ values: Set<SecretValue>) {
    guard values.count > settled.count + recent.count else { return }
    recent = values.subtracting(settled)
    if recent.count * 4 > settled.count {
      settled = values
      recent = []
      // Before the new ones are made, for they are the largest that a stream holds.
      (large, small) = (.none, .none)
      large = KnownMatcher(settled)
    }
    small = KnownMatcher(recent)
  }
}
