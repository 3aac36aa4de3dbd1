internal import Archives

/// What is behind base64 or hexadecimal digits and is no text yet: gzip, as Helm keeps its releases; base32; a user and a password;
/// base64 in pieces.
extension TextScan {
  /// Most bytes that are unpacked of one run, and how often its own length: a small input may grow to a thousand times its size.
  private static let mostUnpacked = 1 << 20
  private static let mostGrowth = 10
  /// Shortest run of base32 that is decoded, and longest user with a password in base64, in bytes.
  private static let shortestBase32 = 24
  private static let longestUser = 64
  /// Words that say that somebody logs in, and how far before the base64 one may begin, in bytes.
  private static let introductions: [StaticString] = ["auth", "cred", "login", "basic", "registry"]
  private static let longestIntroduction = 64

  /// The text behind gzip that begins like this; nil where there is none. Of what is cut or goes on too long, the beginning.
  func unpacked(_ packed: [UInt8]?) -> [UInt8]? {
    guard let packed else { return nil }
    let text = Gzip.beginning(of: packed, limit: min(Self.mostUnpacked, packed.count * Self.mostGrowth))
    return Decoding.isText(text) ? text : nil
  }

  /// The text behind a run of base32 (RFC 4648), which is base64, too; nil where it is none.
  func base32(_ range: Range<Int>) -> [UInt8]? {
    guard range.count >= Self.shortestBase32 else { return nil }
    var out: [UInt8] = []
    var bits: UInt32 = 0
    var held: UInt32 = 0
    for index in range {
      let byte = bytes[index]
      guard byte.isUpper || byte >= 0x32 && byte <= 0x37 else { return nil }
      bits = bits << 5 | UInt32(byte.isUpper ? byte - 0x41 : byte - 0x32 + 26)
      held += 5
      guard held >= 8 else { continue }
      held -= 8
      out.append(UInt8(truncatingIfNeeded: bits >> held))
      bits &= (1 << held) - 1
    }
    return Decoding.isText(out) ? out : nil
  }

  /// True for `user:password` behind base64, where a word before it says that somebody logs in.
  func isCredentials(_ plain: [UInt8], _ range: Range<Int>) -> Bool {
    guard let colon = plain.firstIndex(of: 0x3A), 1...Self.longestUser ~= colon, plain.count < 256,
      plain[..<colon].allSatisfy({ $0.isKey || $0 == 0x24 || $0 == 0x40 })
    else { return false }
    // No mask may stand between, or masking would bring a word near that was far.
    var start = range.lowerBound
    let floor = max(0, start - Self.longestIntroduction)
    while start > floor, bytes[start - 1] != 0x5B, !bytes[start - 1].isLineEnd { start -= 1 }
    guard
      (start..<range.lowerBound).contains(where: { index in
        Self.introductions.contains { bytes.hasIgnoringCase($0, at: index) }
      })
    else { return false }
    return plain.withUnsafeBufferPointer { text in
      let password = colon + 1..<text.count
      return !EightBytes.areHex(text, password) && ValueShape.looksLikeCredential(text, password)
    }
  }

  /// Pieces of base64 in quotes, as a program joins them: `"abc" + "def"`, `(b'abc'` and `b'def')` below it. True if `first` is the
  /// first of them.
  mutating func pieces(_ first: Range<Int>) throws(RedactionError) -> Bool {
    guard bytes.at(first.upperBound).isQuote || bytes.has("\\n", at: first.upperBound),
      bytes.at(first.lowerBound - 1).isQuote, startsAsText(first.lowerBound, first.upperBound), !follows(first)
    else { return false }
    var text = Array(bytes[first])
    var parts = [first]
    var end = first.upperBound
    while text.count < Self.longestPiece, let next = nextPiece(end) {
      text += bytes[next]
      parts.append(next)
      end = next.upperBound
    }
    guard parts.count > 1 else { return false }
    if text.count % 4 == 1 { text.removeLast() }
    guard let plain = text.withUnsafeBufferPointer({ Decoding.base64($0) }), Decoding.isText(plain) else {
      return false
    }
    let inner = try scanInner(plain, from: first.lowerBound..<end)
    if !inner.isEmpty { for part in parts { found(padded(part), engine.builtin.encoded) } }
    return true
  }

  /// Bytes between two pieces at most.
  private static let longestJoint = 96

  /// The piece behind one that ends at `end`.
  private func nextPiece(_ end: Int) -> Range<Int>? {
    var index = end
    while bytes.at(index) == 0x3D { index += 1 }
    if bytes.has("\\n", at: index) { index += 2 }
    guard bytes.at(index).isQuote, let start = behindJoint(index + 1) else { return nil }
    var stop = start
    while stop < bytes.count, stop - start < Self.longestPiece, bytes[stop].isBase64 { stop += 1 }
    return stop > start ? start..<stop : nil
  }

  /// Where the text of the next string begins, if nothing but what joins it stands before it.
  private func behindJoint(_ start: Int) -> Int? {
    var index = start
    let limit = min(bytes.count, start + Self.longestJoint)
    while index < limit, bytes[index].isSpace || Self.joints.contains(bytes[index]) { index += 1 }
    if bytes.at(index) | 0x20 == 0x62 || bytes.at(index) | 0x20 == 0x66 { index += 1 }  // b, f
    return index < limit && index > start && bytes[index].isQuote ? index + 1 : nil
  }

  private static let joints = ByteSet("+.&\\")

  /// True if another piece stands before this one: it was read with that.
  private func follows(_ piece: Range<Int>) -> Bool {
    var index = piece.lowerBound - 1
    let floor = max(1, index - Self.longestJoint)
    if bytes.at(index - 1) | 0x20 == 0x62 || bytes.at(index - 1) | 0x20 == 0x66 { index -= 1 }
    let joint = index
    while index > floor, bytes[index - 1].isSpace || Self.joints.contains(bytes[index - 1]) { index -= 1 }
    return index < joint && bytes.at(index - 1).isQuote && bytes.at(index - 2).isBase64
  }
}
