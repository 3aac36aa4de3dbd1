/// Private keys in PEM: whole, cut at either end, indented, escaped into one line, or with a prefix before each line.
extension TextScan {
  /// Most bytes of a key's body: an RSA key of 16,384 bits has 12 KiB.
  static let longestKey = 24_576

  /// `-----BEGIN` or `-----END` was seen at `hit`.
  mutating func privateKey(at hit: Int) {
    let isEnd = bytes.hasIgnoringCase("-----end", at: hit)
    let label = hit + (isEnd ? 8 : 10)
    let limit = min(bytes.count, label + 64)
    var close = label
    while close < limit, !bytes.has("-----", at: close), !bytes[close].isLineEnd { close += 1 }
    guard
      let word = bytes.first("PRIVATE KEY", in: label..<close) ?? bytes.first("private key", in: label..<close)
        ?? bytes.first("PRIVATE+KEY", in: label..<close) ?? bytes.first("OpenVPN Static key", in: label..<close)
    else { return }
    guard word < close else { return }
    if isEnd {
      if lastKeyEnd < 0 || hit - lastKeyEnd >= 256 || lastKeyEnd > hit { bodyBefore(hit) }
      return
    }
    let bodyStart = bytes.has("-----", at: close) ? close + 5 : close
    body(from: bodyStart, begin: hit)
  }

  /// The body after a BEGIN line: every run of base64 up to the END line, or, without one, as long as lines look like it.
  private mutating func body(from start: Int, begin: Int) {
    let limit = min(bytes.count, start + Self.longestKey)
    var end = start
    var closed = false
    while end < limit {
      if bytes[end] == 0x2D, bytes.hasIgnoringCase("-----end", at: end) {
        closed = true
        break
      }
      if bytes[end] == 0x2D, end > start + 5, bytes.hasIgnoringCase("-----begin", at: end) { break }
      end += 1
    }
    let prefix = begin - bytes.lineStart(of: begin, reach: 512)
    var index = start
    var lines = 0
    var previous = 0
    var read = start
    // False once a line was left as it is: a header, or what is no key at all.
    var isRead = true
    while index < end {
      let lineEnd = bytes.lineEnd(from: index, limit: end)
      // A line of the body is its last word; before it may stand what a log driver put there.
      var to = lineEnd
      while to > index, bytes[to - 1].isBlank || bytes[to - 1].isQuote || bytes[to - 1] == 0x2C || bytes[to - 1] == 0x24
      {
        to -= 1
      }
      to = beforeColour(to, from: index)
      let isOneLine =
        lines == 0 && index == start && lineEnd > start && !(bytes.at(lineEnd).isLineEnd && lineEnd - start < 4)
      if isOneLine, closed || lineEnd - start > 40 {
        let before = findings.count
        oneLine(start..<lineEnd, closed: closed && lineEnd == end)
        isRead = isRead && findings.count > before
        if lineEnd >= end { break }
      } else {
        var text = index
        if bytes.at(begin - 1).isQuote, let quoted = quotedRun(index..<lineEnd, column: prefix) {
          (text, to) = (quoted.lowerBound, quoted.upperBound)
        }
        var from = to
        while from > index, bytes[from - 1].isBase64 || bytes[from - 1] == 0x3D { from -= 1 }
        if bytes.at(from - 1) == 0x5B, bytes.at(from - 2) == 0x1B, let colour = bytes[from..<to].firstIndex(of: 0x6D) {
          from = colour + 1
        }
        // Padding stands at the end alone: `tokens=512` is no line of a key.
        if !closed, let padding = bytes[from..<to].firstIndex(of: 0x3D),
          bytes[padding..<to].contains(where: { $0 != 0x3D })
        {
          break
        }
        let isHeader = bytes.first(": ", in: text..<lineEnd) != nil && to - from < 40 && text == index
        let wordStart = from - index <= prefix + 8
        if to > from, !isHeader, ExistingMask.range(at: from - 1, in: bytes) == nil {
          if !closed {
            // Without an END the last line is the first one that is shorter.
            let length = to - from
            if !wordStart || length < 16 && previous == 0 || previous > 0 && (previous < 60 || length > previous) {
              break
            }
            previous = length
          }
          found(from..<to, engine.builtin.privateKey, propagates: to - from >= 16)
          if isRead { read = to }
        } else if !closed, lineEnd > index, !isHeader {
          break
        } else if lineEnd > index {
          isRead = false
        }
      }
      lines += lineEnd > index ? 1 : 0
      index = lineEnd
      while index < end, bytes[index].isLineEnd { index += 1 }
    }
    // Only what is certain is read over: what stands between the borders may be something else.
    resume = max(resume, closed && isRead ? index : read)
  }

  /// The end of a line without the `ESC [0m` that ends a colour.
  private func beforeColour(_ end: Int, from start: Int) -> Int {
    guard end > start, bytes[end - 1] == 0x6D else { return end }
    var index = end - 1
    while index > start, bytes[index - 1].isDigit || bytes[index - 1] == 0x3B { index -= 1 }
    return index - 2 >= start && bytes[index - 1] == 0x5B && bytes[index - 2] == 0x1B ? index - 2 : end
  }

  /// The run of base64 behind the quote that stands where BEGIN's quote did: `{"log":"MIIE…\n","stream":…}`.
  private func quotedRun(_ line: Range<Int>, column: Int) -> Range<Int>? {
    // The nearest one, for a time before it may have lost or won a digit.
    let places = [0, 1, -1, 2, -2].map { line.lowerBound + column - 1 + $0 }
    guard
      let quote = places.first(where: { line.contains($0) && bytes[$0].isQuote && bytes.at($0 + 1).isBase64 })
    else { return nil }
    var end = quote + 1
    while end < line.upperBound, bytes[end].isBase64 || bytes[end] == 0x3D { end += 1 }
    return quote + 1..<end
  }

  /// `---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----` (RFC 4716) was seen at `hit`: its lines, but for the headers.
  mutating func ssh2Key(at hit: Int) {
    var line = hit
    for _ in 0..<400 {
      guard let next = nextLine(after: line), !bytes.has("---- END", at: next.lowerBound) else { return }
      line = next.lowerBound
      var end = next.upperBound
      while end > line, bytes[end - 1].isSpace { end -= 1 }
      if end > line, (line..<end).allSatisfy({ bytes[$0].isBase64 || bytes[$0] == 0x3D }) {
        found(line..<end, engine.builtin.privateKey, propagates: end - line >= 16)
      }
    }
  }

  /// `Private-Lines: 8` of a PuTTY key: so many lines after it, behind the same prefix.
  mutating func puttyLines(at hit: Int, length: Int) {
    var index = hit + length
    while bytes.at(index).isBlank { index += 1 }
    var count = 0
    while bytes.at(index).isDigit, count < 1_000 {
      count = count * 10 + Int(bytes[index] - 0x30)
      index += 1
    }
    let prefix = hit - bytes.lineStart(of: hit, reach: 512)
    for _ in 0..<min(count, 400) {
      if bytes.at(index) == 0x0D { index += 1 }
      guard bytes.at(index) == 0x0A else { return }
      let start = index + 1
      var end = bytes.lineEnd(from: start, limit: min(bytes.count, start + 1_024))
      index = end
      while end > start, bytes[end - 1].isBlank { end -= 1 }
      var from = end
      while from > start, bytes[from - 1].isBase64 || bytes[from - 1] == 0x3D { from -= 1 }
      if end > from, from - start <= prefix + 8 {
        found(from..<end, engine.builtin.privateKey, propagates: end - from >= 16)
      }
    }
  }

  /// Fewest characters in a row of a body that has no END: fewer may be the words of a sentence about a key.
  private static let leastOfLine = 20

  /// A body in the same line as its BEGIN: separated by `\n`, by blanks or by nothing.
  private mutating func oneLine(_ range: Range<Int>, closed: Bool) {
    var start = range.lowerBound
    var end = range.lowerBound
    var lastGood = end
    var runStart = end
    var hasRun = closed
    while end < range.upperBound {
      let byte = bytes[end]
      if byte.isBase64 || byte == 0x3D {
        lastGood = end + 1
        hasRun = hasRun || lastGood - runStart >= Self.leastOfLine
      } else if !closed, byte.isQuote || !(byte.isBlank || byte == 0x5C || byte == 0x25) {
        break
      } else {
        runStart = end + 1
      }
      end += 1
    }
    // Escapes at the edges (`\n`) stay, so that the text still reads as it did.
    while start < lastGood, bytes[start] == 0x5C || bytes[start].isBlank {
      start += bytes[start] == 0x5C ? (bytes.at(start + 1) == 0x5C ? 1 : 2) : 1
    }
    if bytes.at(lastGood - 1) == 0x6E, bytes.at(lastGood - 2) == 0x5C {
      lastGood -= 2
      while lastGood > start, bytes[lastGood - 1] == 0x5C { lastGood -= 1 }
    }
    guard hasRun, lastGood > start, !ValueShape.isPlaceholder(bytes, start..<lastGood), !isMasked(start..<lastGood)
    else {
      return
    }
    found(start..<lastGood, engine.builtin.privateKey)
  }

  /// True for a body of several lines that was masked line by line and then written as one string: nothing but masks, escapes
  /// and blanks.
  private func isMasked(_ range: Range<Int>) -> Bool {
    var index = range.lowerBound
    while index < range.upperBound {
      if let mask = ExistingMask.range(at: index, in: bytes) {
        index = mask.upperBound
      } else if bytes[index] == 0x5C {
        while bytes.at(index) == 0x5C { index += 1 }
        guard [0x6E, 0x72, 0x74].contains(bytes.at(index)) else { return false }
        index += 1
      } else if bytes[index].isBlank {
        index += 1
      } else {
        return false
      }
    }
    return true
  }

  /// The tail of a key whose BEGIN was cut off: the lines before its END, as long as they end in a run of base64.
  private mutating func bodyBefore(_ hit: Int) {
    var end = bytes.lineStart(of: hit, reach: 512)
    // A key in one line has its BEGIN there; nothing before the line belongs to it.
    let column = hit - end
    guard bytes.first("BEGIN", in: end..<hit) == nil,
      ExistingMask.first(overlapping: end..<hit, in: bytes) == nil
    else { return }
    let floor = max(0, hit - Self.longestKey)
    var first = true
    var length = 0
    while end > floor {
      end -= 1
      if end > floor, bytes[end] == 0x0A, bytes[end - 1] == 0x0D { end -= 1 }
      var from = end
      while from > floor, bytes[from - 1].isBlank { from -= 1 }
      let to = from
      while from > floor, bytes[from - 1].isBase64 || bytes[from - 1] == 0x3D { from -= 1 }
      guard to - from >= (first ? 1 : 32) else { return }
      // A body stands where its END stands, behind the same prefix but for the digits of a time.
      guard abs(from - bytes.lineStart(of: from, reach: 512) - column) <= 8 else { return }
      // All lines but the last one are of one length.
      if !first {
        guard length == 0 || to - from == length else { return }
        length = to - from
      }
      found(from..<to, engine.builtin.privateKey, propagates: to - from >= 16)
      first = false
      end = bytes.lineStart(of: from, reach: 512)
    }
  }
}
