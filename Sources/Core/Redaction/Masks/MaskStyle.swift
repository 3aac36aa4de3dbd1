/// What stands in the place of a secret: `[REDACTED]`, or a pseudonym, `[REDACTED:4f2a9c]`, that is the same for the same
/// value.
///
/// A pseudonym is the beginning of an HMAC of the value: it shows that two values are equal and nothing else to those who
/// lack the key. Who has the key can try guesses, and 24 bits confirm a right one but let one wrong guess in 16 million pass, too.
package struct MaskStyle: Sendable {
  private let hmac: HMAC?

  /// Fewest bytes of a key: 128 bits cannot be guessed.
  package static let shortestKey = 16
  /// Hexadecimal digits of a pseudonym. With 50 values in an incident, two of them get the same one once in 14,000 incidents.
  static let digits = 6

  /// `[REDACTED]`.
  package static let plain = MaskStyle(hmac: nil)

  private init(hmac: HMAC?) { self.hmac = hmac }

  /// Pseudonyms under a key. Throws where it has fewer than 16 bytes.
  package static func pseudonyms(key: [UInt8]) throws(RedactionError) -> MaskStyle {
    guard key.count >= shortestKey else {
      throw RedactionError(
        .configuration, place: "pseudonym key", message: "it has \(key.count) bytes; at least \(shortestKey) are needed"
      )
    }
    return MaskStyle(hmac: HMAC(key: key))
  }

  /// The mask of a value.
  func mask(_ value: some Collection<UInt8>) -> [UInt8] {
    guard let hmac else { return Self.plainMask }
    let code = hmac.code(of: Self.canonical(Array(value)))
    return Self.opening + [0x3A]
      + code.prefix((Self.digits + 1) / 2).flatMap { [Self.hex($0 >> 4), Self.hex($0 & 15)] }
      + [0x5D]
  }

  static let plainMask: [UInt8] = Array("[REDACTED]".utf8)
  static let opening: [UInt8] = Array("[REDACTED".utf8)

  private static func hex(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x61 + value - 10 }

  /// A value without its trivial encoding, so that `a%40b`, `a@b` and the base64 of it get the same pseudonym. One level is
  /// taken off; what is encoded twice gets a pseudonym of its own.
  static func canonical(_ value: [UInt8]) -> [UInt8] {
    if value.contains(0x25) {
      let plain = Decoding.percent(value)
      if plain != value { return plain }
    }
    return value.withUnsafeBufferPointer { bytes in
      if bytes.contains(0x5C) {
        let quoted = [0x22] + value + [0x22]
        return quoted.withUnsafeBufferPointer { JSONReader.decoded($0, 0..<$0.count) } ?? value
      }
      guard bytes.count >= 8, bytes.count % 4 == 0, let plain = Decoding.base64(bytes), Decoding.isText(plain) else {
        return value
      }
      // `echo x | base64` encodes a line end that is not the value's.
      return plain.last == 0x0A ? plain.dropLast() : plain
    }
  }
}

/// Masks that stand in a text already: they are never masked again, whatever their style.
enum ExistingMask {
  /// Bytes of the longest one, `[REDACTED:4f2a9c]`.
  private static let longest = 17

  /// The mask that begins at a place; nil where none does.
  static func range(at index: Int, in bytes: Bytes) -> Range<Int>? {
    guard bytes.has("[REDACTED", at: index) else { return nil }
    let end = index + 9
    if bytes.at(end) == 0x5D { return index..<end + 1 }
    return isPseudonym(bytes, index + 1) && bytes.at(end + 7) == 0x5D ? index..<end + 8 : nil
  }

  /// True if `REDACTED:` and six digits stand at a place: nothing that could be an author's own text.
  static func isPseudonym(_ bytes: Bytes, _ start: Int) -> Bool {
    guard bytes.has("REDACTED:", at: start) else { return false }
    for offset in 9..<9 + MaskStyle.digits {
      let byte = bytes.at(start + offset)
      guard byte.isDigit || byte &- 0x61 < 6 else { return false }
    }
    return true
  }

  /// The first mask that overlaps a range; nil where there is none.
  static func first(overlapping range: Range<Int>, in bytes: Bytes) -> Range<Int>? {
    // Only up to the end of the range, or looking at every finding of a text would cost its square.
    let before = Bytes(rebasing: bytes[..<range.upperBound])
    var index = max(0, range.lowerBound - longest)
    while let place = before.firstByte(0x5B, from: index) {
      if let mask = Self.range(at: place, in: bytes), mask.upperBound > range.lowerBound { return mask }
      index = place + 1
    }
    return nil
  }
}

extension [Finding] {
  /// Takes the masks that stand in the text out of the findings; what is left of one beside a mask stays a finding, unless
  /// it is blank.
  mutating func spareMasks(in bytes: Bytes) {
    guard contains(where: { ExistingMask.first(overlapping: $0.range, in: bytes) != nil }) else { return }
    var out: [Finding] = []
    for finding in self {
      var rest = finding.range
      while !rest.isEmpty {
        let mask = ExistingMask.first(overlapping: rest, in: bytes)
        let piece = rest.lowerBound..<Swift.max(rest.lowerBound, mask?.lowerBound ?? rest.upperBound)
        if piece.contains(where: { !bytes[$0].isSpace }) {
          var part = finding
          part.range = piece
          out.append(part)
        }
        rest = Swift.min(mask?.upperBound ?? rest.upperBound, rest.upperBound)..<rest.upperBound
      }
    }
    self = out
  }
}
