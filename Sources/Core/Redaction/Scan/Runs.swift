/// What hides in long runs of base64 or hexadecimal digits, and formats that have no literal to search for.
extension TextScan {
  /// Shortest run that is decoded, in bytes: 12 bytes of text could hold `password=abc`.
  private static let shortestRun = 20

  /// Goes over the text in steps of 16: a run of 20 cannot hide between two of them.
  mutating func scanRuns() throws(RedactionError) {
    let count = bytes.count
    var index = 8
    var done = 0
    while index < count {
      let byte = bytes[index]
      // A card number has 19 bytes: one of the steps falls on a digit of it, or between two groups.
      let isGap = (byte == 0x20 || byte == 0x2D) && bytes.at(index - 1).isDigit && bytes.at(index + 1).isDigit
      if byte.isDigit || isGap { try cards(around: index) }
      guard byte.isBase64 else {
        index += 16
        continue
      }
      var start = index
      while start > done, bytes[start - 1].isBase64 { start -= 1 }
      var end = index + 1
      while end < count, bytes[end].isBase64 { end += 1 }
      if end - start >= Self.shortestRun {
        try run(start..<end)
        done = end
        index = end + 8
      } else {
        index += 16
      }
    }
    if depth == Self.deepest { try passwordFile() }
  }

  private mutating func cards(around index: Int) throws(RedactionError) {
    var start = index
    while start > 0, index - start < 19,
      bytes[start - 1].isDigit || bytes[start - 1] == 0x20 || bytes[start - 1] == 0x2D
    { start -= 1 }
    while start <= index {
      if bytes[start].isDigit, !bytes.at(start - 1).isDigit, bytes.at(start + 4) == 0x20 || bytes.at(start + 4) == 0x2D,
        bytes.at(start + 9) == bytes.at(start + 4), bytes.at(start + 14) == bytes.at(start + 4)
      {
        if try enter(engine.builtin.card) { card(at: start) }
        return
      }
      start += 1
    }
  }

  private mutating func run(_ range: Range<Int>) throws(RedactionError) {
    for entry in engine.unanchored {
      if let match = entry.pattern.match(bytes, at: range.lowerBound), try enter(entry.rule) {
        if entry.high || ValueShape.looksRandom(bytes, match, least: 16) { found(match, entry.rule) }
      }
    }
    guard try enter(engine.builtin.encoded) else { return }
    if range.allSatisfy({ bytes[$0].isHexDigit }) {
      let even = range.lowerBound..<(range.upperBound - range.count % 2)
      guard even.count >= 24, let plain = Decoding.hex(Bytes(rebasing: bytes[even])), Decoding.isText(plain) else {
        return
      }
      try decoded(plain, range)
      return
    }
    // The run may begin with what belongs to a path or a name: `x/eyJ…`, `data-eyJ…`.
    var start = range.lowerBound
    for _ in 0..<4 {
      if range.upperBound - start < Self.shortestRun { return }
      if startsAsText(start, range.upperBound) {
        var end = range.upperBound
        if (end - start) % 4 == 1 { end -= 1 }
        if let plain = Decoding.base64(Bytes(rebasing: bytes[start..<end])), Decoding.isText(plain) {
          var whole = range.upperBound
          while whole < bytes.count, bytes[whole] == 0x3D, whole - range.upperBound < 2 { whole += 1 }
          try decoded(plain, start..<whole)
          return
        }
      }
      guard let next = (start..<range.upperBound - 1).first(where: { !bytes[$0].isAlphanumeric }) else { return }
      start = next + 1
    }
  }

  /// True if the first 12 characters decode to nine bytes of text: rules out random bytes and words without decoding all.
  private func startsAsText(_ start: Int, _ end: Int) -> Bool {
    guard end - start >= 12 else { return false }
    var index = start
    while index < start + 12 {
      guard let a = Decoding.sextet(bytes[index]), let b = Decoding.sextet(bytes[index + 1]),
        let c = Decoding.sextet(bytes[index + 2]), let d = Decoding.sextet(bytes[index + 3])
      else { return false }
      let word = UInt32(a) << 18 | UInt32(b) << 12 | UInt32(c) << 6 | UInt32(d)
      for shift in [UInt32(16), 8, 0] {
        let byte = UInt8(truncatingIfNeeded: word >> shift)
        if byte < 0x20 && byte != 9 && byte != 10 && byte != 13 || byte == 0x7F { return false }
      }
      index += 4
    }
    return true
  }

  /// Scans what a run decodes to; any secret in it makes the run one.
  private mutating func decoded(_ plain: [UInt8], _ range: Range<Int>) throws(RedactionError) {
    let engine = engine
    let depth = depth
    let isOverTime = isOverTime
    let known = known
    let inner = try plain.withUnsafeBufferPointer { text throws(RedactionError) in
      var scan = TextScan(engine, text, depth: depth - 1, known: known, isOverTime: isOverTime)
      try scan.run()
      return (scan.findings, scan.learned)
    }
    guard !inner.0.isEmpty else { return }
    found(range, engine.builtin.encoded)
    learned += inner.1
    for finding in inner.0 where finding.propagates { learned.append(Array(plain[finding.range])) }
  }

  /// `host:port:database:user:password` on a line of its own.
  private mutating func passwordFile() throws(RedactionError) {
    // 5432 and its neighbours are what such a file holds; a line without them is left to other rules.
    guard bytes.count < 1 << 16 else { return }
    var index = 0
    while index < bytes.count {
      let end = bytes.lineEnd(from: index, limit: bytes.count)
      if end - index > 8, end - index < 512, let range = passwordField(index..<end), try enter(engine.builtin.pgpass) {
        found(range, engine.builtin.pgpass)
      }
      index = end + 1
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
    let isPort =
      port.count == 1 && bytes[port.lowerBound] == 0x2A
      || ["5432", "5433", "6432", "6543"].contains(String(decoding: bytes[port], as: UTF8.self))
    let secret = colons[3] + 1..<line.upperBound
    return isPort && !secret.isEmpty && !ValueShape.isPlaceholder(bytes, secret)
      && secret.allSatisfy { bytes[$0] > 0x20 } ? secret : nil
  }
}
