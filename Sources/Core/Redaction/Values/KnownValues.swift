/// The secrets of one incident: what a rule found in one place is masked wherever else it stands.
///
/// Which values: those of at least 6 bytes that are neither a number of fewer than 8 digits, nor a word that everybody
/// uses (`admin`, `changeme`), nor one plain word of fewer than 12 letters, for these stand in logs and manifests for other
/// reasons as well; nor those that are part of a name which Kubernetes shows (a pod, a container, an image), for a hole
/// there would hide what failed. A value of fewer than 8 bytes counts only where no letter or digit stands beside it.
struct KnownValues: Sendable {
  /// Most values, and most bytes of them together, that are remembered. What comes later is still masked by its rule.
  static let mostValues = 10_000
  static let mostBytes = 8 << 20
  /// Longest value that is remembered, in bytes.
  static let longest = 16_384

  private(set) var values: Set<[UInt8]> = []
  private var size = 0

  /// True if there is none.
  var isEmpty: Bool { values.isEmpty }

  /// Remembers a value, if it is one that propagates; with it, what it is when percent escapes are decoded.
  mutating func learn(_ value: [UInt8]) {
    insert(value)
    if value.contains(0x25) {
      let plain = Decoding.percent(value)
      if plain != value { insert(plain) }
    }
  }

  /// Adds what another part of the incident has learned.
  mutating func add(_ other: KnownValues) {
    for value in other.values { insert(value) }
  }

  private mutating func insert(_ value: [UInt8]) {
    guard values.count < Self.mostValues, size < Self.mostBytes, Self.propagates(value) else { return }
    if values.insert(value).inserted { size += value.count }
  }

  /// Takes out the values that are part of one of these names.
  mutating func forget(namesIn identifiers: [[UInt8]]) {
    guard !values.isEmpty else { return }
    for identifier in Set(identifiers) where identifier.count >= 6 {
      identifier.withUnsafeBufferPointer { name in
        values = values.filter { value in value.count > name.count || !name.contains(value) }
      }
    }
  }

  /// The rule of the type's comment.
  static func propagates(_ value: [UInt8]) -> Bool {
    guard value.count >= 6, value.count <= longest, !value.starts(with: "-----".utf8) else { return false }
    var letters = 0
    var digits = 0
    var lower = 0
    for byte in value {
      if byte.isLetter { letters += 1 }
      if byte.isLower { lower += 1 }
      if byte.isDigit { digits += 1 }
      if byte < 0x20 { return value.count >= 16 }
    }
    if digits == value.count { return digits >= 8 }
    if letters == value.count, value.count < 12, lower == letters || lower == 0 || lower == letters - 1 { return false }
    return value.withUnsafeBufferPointer { bytes in
      !ValueShape.isPlaceholder(bytes, 0..<bytes.count) && !ValueShape.isPath(bytes, 0..<bytes.count)
    } && !common.contains(PackedWord(value))
  }

  /// Passwords and users that everybody has: masked where their key shows them, not elsewhere.
  private static let common: Set<PackedWord> = Set(
    """
    password password1 password123 passw0rd changeme changeit secret secret123 admin123 admin1234 administrator root123
    default example localhost postgres postgresql mysql redis rabbitmq guest123 test123 test1234 testing123 123456789
    qwerty123 letmein welcome welcome1 undefined disabled enabled required production development staging my-secret
    my-password sha1 sha256 sha384 sha512 hs256 rs256 es256 base64 utf-8 oauth2 basic64 aes128 aes256 tls1.2 tls1.3 http/1.1
    kubernetes username user-name database anonymous minioadmin app-user service-account default-token
    """.split(whereSeparator: \.isWhitespace).map { PackedWord($0.utf8) })

  /// What to search for.
  func matcher() -> KnownMatcher { KnownMatcher(values) }
}

extension UnsafeBufferPointer<UInt8> {
  /// True if `part` stands anywhere in it.
  func contains(_ part: [UInt8]) -> Bool {
    guard let first = part.first else { return true }
    var index = 0
    while let place = firstByte(first, from: index), place + part.count <= count {
      if Bytes(rebasing: self[place..<place + part.count]).elementsEqual(part) { return true }
      index = place + 1
    }
    return false
  }
}

/// Finds known values in their trivial encodings in one pass: the first four bytes of each are hashed as in `Prefilter`.
final class KnownMatcher: Sendable {
  private struct Literal: Sendable {
    var bytes: [UInt8]
    /// True if no letter or digit may stand on either side.
    var whole: Bool
  }

  private let literals: [Literal]
  private let bitmap: [UInt64]
  private let heads: [UInt32]
  private let next: [UInt32]

  /// Finds nothing.
  static let none = KnownMatcher([])

  /// True if there is nothing to find.
  var isEmpty: Bool { literals.isEmpty }

  init(_ values: Set<[UInt8]>) {
    var literals: [Literal] = []
    var all = Set<[UInt8]>()
    for value in values {
      for literal in Self.encodings(of: value) where literal.count >= 4 && all.insert(literal).inserted {
        literals.append(Literal(bytes: literal, whole: literal.count < 8))
      }
    }
    // The longest first: of two that begin alike, the longer one is masked.
    literals.sort { $0.bytes.count < $1.bytes.count }
    var bitmap = [UInt64](repeating: 0, count: literals.isEmpty ? 0 : 1_024)
    var heads = [UInt32](repeating: 0, count: literals.isEmpty ? 0 : 65_536)
    var next = [UInt32](repeating: 0, count: literals.count)
    for (index, literal) in literals.enumerated() {
      let hash = literal.bytes.withUnsafeBufferPointer { Self.hash($0, 0) }
      bitmap[hash >> 6] |= 1 << UInt64(hash & 63)
      next[index] = heads[hash]
      heads[hash] = UInt32(index + 1)
    }
    self.literals = literals
    self.bitmap = bitmap
    self.heads = heads
    self.next = next
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

  @inline(__always) private static func hash(_ bytes: Bytes, _ index: Int) -> Int {
    let window = UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped + index).loadUnaligned(as: UInt32.self)
    return Int(truncatingIfNeeded: (window &* 0x9E37_79B1) >> 16)
  }

  /// Calls `body` with each place of a known value, from left to right, the longest where several begin.
  func eachMatch<Failure: Error>(in bytes: Bytes, _ body: (Range<Int>) throws(Failure) -> Void) throws(Failure) {
    guard !literals.isEmpty, bytes.count >= 4 else { return }
    let last = bytes.count - 4
    var index = 0
    while index <= last {
      let hit = bitmap.withUnsafeBufferPointer { bitmap in
        var place = index
        while place <= last {
          let hash = Self.hash(bytes, place)
          if bitmap[hash >> 6] &>> UInt64(hash & 63) & 1 != 0 { return place }
          place += 1
        }
        return place
      }
      guard hit <= last else { return }
      var entry = heads[Self.hash(bytes, hit)]
      var end = 0
      while entry != 0 {
        let literal = literals[Int(entry) - 1]
        entry = next[Int(entry) - 1]
        if let match = Self.match(literal, bytes, hit) {
          end = match
          break
        }
      }
      if end > 0 { try body(hit..<end) }
      index = max(hit + 1, end)
    }
  }

  private static func match(_ literal: Literal, _ bytes: Bytes, _ index: Int) -> Int? {
    let count = literal.bytes.count
    guard index + count <= bytes.count else { return nil }
    let same = literal.bytes.withUnsafeBufferPointer { wanted in
      for offset in 0..<count where bytes[index + offset] != wanted[offset] { return false }
      return true
    }
    guard same else { return nil }
    if literal.whole, bytes.at(index - 1).isAlphanumeric || bytes.at(index + count).isAlphanumeric { return nil }
    return index + count
  }
}
