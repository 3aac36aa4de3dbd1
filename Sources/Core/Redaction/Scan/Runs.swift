/// What hides in long runs of base64 or hexadecimal digits, and formats that have no literal to search for.
extension TextScan {
  /// Shortest run that is decoded, in bytes: 12 bytes of text could hold `password=abc`.
  static let shortestRun = 20
  /// A longer run is decoded in pieces of this many bytes, each of which begins `pieceStep` after the one before: what
  /// stands in the overlap is seen whole in one of them. Both are multiples of 4, the unit of base64.
  static let longestPiece = 65_536
  private static let pieceStep = 49_152

  /// Bytes that are looked up in one call.
  private static let block = 1_024

  /// Decodes the runs of base64 characters that begin in a part of the text, and looks at what may be payment cards.
  mutating func scanRuns(in range: Range<Int>) throws(RedactionError) {
    var index = range.lowerBound
    if progress.openRun >= 0 {
      let start = progress.openRun - origin
      progress.openRun = -1
      try take(start, upTo: index, in: range)
    } else if index > 0, bytes.at(index - 1).isBase64, bytes.at(index).isBase64 {
      // The range begins within a run: if it is a long one, pieces of it may be this range's.
      let floor = max(0, index - Self.longestPiece)
      var start = index
      while start > floor, bytes[start - 1].isBase64 { start -= 1 }
      try take(start, upTo: index, in: range)
    }
    let lists = UnsafeMutablePointer<UInt32>.allocate(capacity: 2 * Self.block)
    defer { lists.deallocate() }
    let cards = mode == .known ? nil : lists + Self.block
    while index < range.upperBound {
      let end = min(index + Self.block, range.upperBound)
      let found = WindowLookup.runs(bytes, from: index, to: end, lists, cards: cards)
      if let cards {
        for place in 0..<found.cards {
          if try enter(engine.builtin.card) { card(at: index + Int(cards[place])) }
        }
      }
      for place in 0..<found.runs {
        let start = index + Int(lists[place])
        try take(start, upTo: start + Self.shortestRun, in: range)
      }
      index = end
    }
  }

  /// A run begins at `start` and reaches at least to `known`: finds its end and decodes it. Of a run in pieces, those that
  /// begin in `range` are this window's.
  private mutating func take(_ start: Int, upTo known: Int, in range: Range<Int>) throws(RedactionError) {
    var end = known
    while end + 8 <= bytes.count, EightBytes(bytes, end).areBase64 { end += 8 }
    while end < bytes.count, bytes[end].isBase64 { end += 1 }
    if end > range.upperBound { progress.openRun = start + origin }
    if end - start <= Self.longestPiece {
      if end - start >= Self.shortestRun, range.contains(start) { try run(start..<end, isWhole: true) }
    } else {
      // The first piece that begins in the range; `start` may lie far before the window.
      var piece = start + max(0, (range.lowerBound - start + Self.pieceStep - 1) / Self.pieceStep) * Self.pieceStep
      while piece < min(end, range.upperBound) {
        try checkTime()
        try run(piece..<min(end, piece + Self.longestPiece), isWhole: piece == start)
        if piece + Self.longestPiece >= end { break }
        piece += Self.pieceStep
      }
    }
  }

  /// A run, or a piece of a long one.
  private mutating func run(_ range: Range<Int>, isWhole: Bool) throws(RedactionError) {
    if isWhole, mode != .known { try tokens(in: range) }
    guard try enter(engine.builtin.encoded) else { return }
    let digits = hexDigits(range)
    if EightBytes.areHex(bytes, digits) {
      let even = digits.lowerBound..<(digits.upperBound - digits.count % 2)
      if bytes.hasIgnoringCase("1f8b08", at: even.lowerBound) {
        guard let plain = unpacked(Decoding.hex(Bytes(rebasing: bytes[even]))) else { return }
        return try decoded(plain, range)
      }
      guard even.count >= 24, let plain = Decoding.hexText(Bytes(rebasing: bytes[even])) else { return }
      try decoded(plain, range)
      return
    }
    if try wrapped(range) { return }
    if try pieces(range) { return }
    // The run may begin with what belongs to a path or a name: `x/eyJ…`, `data-eyJ…`.
    var start = range.lowerBound
    for _ in 0..<4 {
      if range.upperBound - start < Self.shortestRun { return }
      if bytes.has("H4sI", at: start), let plain = unpacked(Decoding.base64(whole(start, range.upperBound))) {
        return try decoded(plain, padded(start..<range.upperBound))
      }
      if startsAsText(start, range.upperBound) {
        if let plain = Decoding.base64Text(whole(start, range.upperBound)) {
          return try decoded(plain, padded(start..<range.upperBound))
        }
      }
      guard let next = (start..<range.upperBound - 1).first(where: { !bytes[$0].isAlphanumeric }) else { break }
      start = next + 1
    }
    if let plain = base32(range) { try decoded(plain, padded(range, most: 6)) }
  }

  /// A run without the `0x`, or the `x` of `\x…` and `x'…`, that says that it is hexadecimal.
  private func hexDigits(_ run: Range<Int>) -> Range<Int> {
    let front = bytes[run.lowerBound] == 0x30 ? run.lowerBound + 1 : run.lowerBound
    return bytes[front] | 0x20 == 0x78 ? front + 1..<run.upperBound : run
  }

  /// True if the first 12 characters decode to nine bytes of text: rules out random bytes and words without decoding all.
  func startsAsText(_ start: Int, _ end: Int) -> Bool {
    guard end - start >= 12 else { return false }
    var index = start
    while index < start + 12 {
      guard let word = Decoding.quartet(bytes, index) else { return false }
      if Self.isControl(word >> 16) || Self.isControl(word >> 8) || Self.isControl(word) { return false }
      index += 4
    }
    return true
  }

  /// True if the lowest byte is a control character that no text holds.
  @inline(__always) private static func isControl(_ word: UInt32) -> Bool {
    let byte = UInt8(truncatingIfNeeded: word)
    return byte < 0x20 && byte != 9 && byte != 10 && byte != 13 || byte == 0x7F
  }

  /// Scans what a run decodes to; any secret in it makes the run one.
  private mutating func decoded(_ plain: [UInt8], _ range: Range<Int>) throws(RedactionError) {
    if try !scanInner(plain, from: range).isEmpty || isCredentials(plain, range) {
      found(range, engine.builtin.encoded)
    }
  }

  /// A run with the padding behind it.
  func padded(_ range: Range<Int>, most: Int = 2) -> Range<Int> {
    var end = range.upperBound
    while end < bytes.count, bytes[end] == 0x3D, end - range.upperBound < most { end += 1 }
    return range.lowerBound..<end
  }

  /// So much of a run as is base64: no group of one character at its end.
  private func whole(_ start: Int, _ end: Int) -> Bytes {
    Bytes(rebasing: bytes[start..<((end - start) % 4 == 1 ? end - 1 : end)])
  }

  /// `:5432:` was seen at `hit`: `host:port:database:user:password`, as PostgreSQL's password file has it: a line, or what stands
  /// between blanks or quotes.
  mutating func passwordFile(at hit: Int) {
    var start = hit
    while start > 0, hit - start < 256, bytes[start - 1] > 0x20, !bytes[start - 1].isQuote { start -= 1 }
    var end = hit
    let limit = min(bytes.count, start + 512)
    while end < limit, bytes[end] > 0x20, !bytes[end].isQuote { end += 1 }
    if end - start > 8, end < limit || end == bytes.count, let range = passwordField(start..<end) {
      found(range, engine.builtin.pgpass)
    }
  }

  private func passwordField(_ line: Range<Int>) -> Range<Int>? {
    var colons: [Int] = []
    for index in line {
      if bytes[index] <= 0x20 || bytes[index].isQuote { return nil }
      if bytes[index] == 0x3A, bytes.at(index - 1) != 0x5C {
        colons.append(index)
        if colons.count == 4 { break }
      }
    }
    guard colons.count == 4 else { return nil }
    let port = colons[0] + 1..<colons[1]
    let isPort = Engine.pgpassPorts.contains(String(decoding: bytes[port], as: UTF8.self))
    let secret = colons[3] + 1..<line.upperBound
    // `daemon:*:19000:0:99999:7:::` of /etc/shadow has more fields.
    return isPort && !secret.isEmpty && !bytes.has(":::", at: secret.upperBound - 3)
      && !ValueShape.isPlaceholder(bytes, secret)
      && secret.allSatisfy { bytes[$0] > 0x20 } ? secret : nil
  }
}
