/// Lines as a reader would see them: escapes decoded, colours and the cuts of a container runtime taken out. What is
/// found in such a view is masked in the bytes that it was made of.
extension TextScan {
  /// Longest line that is decoded at once, in bytes. Of a longer one, and of one that began long before the window, each
  /// cell of a grid is decoded with the bytes around it, so that it does not matter where a window begins.
  static let longestLine = 65_536
  private static let cell = 32_768
  private static let overlap = 4_096

  /// Views of a view that holds backslashes which the text before it hid: those alone, behind them those of percent signs, and of
  /// entities.
  private enum ViewOrder {
    static let backslashes = 4
    static let percent = 5
    static let entities = 6
  }

  /// A text made of another one, with the place of each byte in the original.
  struct View {
    var text: [UInt8] = []
    /// Offset in the original of each byte; nil where nobody asks.
    var origins: [Int]?

    @inline(__always) mutating func append(_ byte: UInt8, from origin: Int) {
      text.append(byte)
      origins?.append(origin)
    }

    /// Takes over what stands before the next `mark`, or before `end`. Returns where that is.
    @inline(__always) mutating func appendBytes(_ bytes: Bytes, from start: Int, to end: Int, before mark: UInt8) -> Int
    {
      let stop = bytes.firstByte(mark, from: start, to: end) ?? end
      text.append(contentsOf: Bytes(rebasing: bytes[start..<stop]))
      origins?.append(contentsOf: start..<stop)
      return stop
    }
  }

  /// Looks for the marks of escapes and scans the lines that hold one.
  mutating func scanViews(in range: Range<Int>) throws(RedactionError) {
    // In this order alone: a view of a view decodes what comes later in it, so that the work stays bounded. Backslashes that were
    // percent signs, or stood before entities, come once more, and nothing else after them.
    let hasBackslashes = firstView >= ViewOrder.backslashes
    if firstView <= 0 {
      try eachLine(holding: 0x1B, in: range) { scan, line throws(RedactionError) in
        try scan.scanView(line, next: 1, Self.withoutColours)
      }
    }
    if firstView <= 1 || hasBackslashes {
      try eachLine(holding: 0x5C, in: range) { scan, line throws(RedactionError) in
        try scan.scanView(line, next: hasBackslashes ? ViewOrder.backslashes : 1, Self.unescaped)
      }
    }
    if firstView <= 2 || firstView == ViewOrder.percent {
      try eachLine(holding: 0x25, in: range) { scan, line throws(RedactionError) in
        let hides = (scan.bytes.first("%5C", in: line) ?? scan.bytes.first("%5c", in: line)) != nil
        try scan.scanView(line, next: hides ? ViewOrder.percent : 2, Self.percentDecoded)
      }
    }
    if firstView <= 3 || firstView == ViewOrder.percent || firstView == ViewOrder.entities {
      try eachLine(holding: 0x26, in: range) { scan, line throws(RedactionError) in
        let hides = scan.bytes.first("\\&", in: line) != nil
        try scan.scanView(line, next: hides ? ViewOrder.entities : 3, Self.withoutEntities)
      }
    }
  }

  /// Calls `body` with each line, or stretch of a long one, that holds `mark` in `range`.
  private mutating func eachLine(
    holding mark: UInt8, in range: Range<Int>,
    _ body: (inout TextScan, Range<Int>) throws(RedactionError) -> Void
  ) throws(RedactionError) {
    var index = range.lowerBound
    while let place = bytes.firstByte(mark, from: index, to: range.upperBound) {
      try checkTime()
      let floor = max(0, place - Self.longestLine)
      let start = bytes.behindLineFeed(before: place, floor: floor)
      let end = bytes.firstByte(0x0A, from: place, to: min(bytes.count, start + Self.longestLine + 1))
      let limit = end ?? min(bytes.count, start + Self.longestLine + 1)
      if limit - start <= Self.longestLine, start == 0 && origin == 0 || start > 0 && bytes[start - 1] == 0x0A {
        try body(&self, start..<limit)
        index = limit
        continue
      }
      let cell = (place + origin) / Self.cell * Self.cell - origin
      let from = max(start, cell - Self.overlap)
      let to = min(bytes.count, cell + Self.cell + Self.overlap)
      let lineEnd = bytes.firstByte(0x0A, from: place, to: to) ?? to
      try body(&self, max(0, from)..<lineEnd)
      index = min(lineEnd, cell + Self.cell)
    }
  }

  /// Scans a view of a line. `make` writes it, and returns false where it would be the line itself. The places of its bytes are
  /// worked out only where something was found.
  private mutating func scanView(
    _ line: Range<Int>, next: Int, _ make: (Bytes, Range<Int>, inout View) -> Bool
  ) throws(RedactionError) {
    var view = View(origins: nil)
    view.text.reserveCapacity(line.count)
    guard make(bytes, line, &view) else { return }
    let inner = try scanInner(view.text, from: line, firstView: next)
    guard !inner.isEmpty else { return }
    var origins: [Int] = []
    origins.reserveCapacity(line.count + 1)
    view = View(origins: origins)
    _ = make(bytes, line, &view)
    origins = view.origins ?? []
    origins.append(line.upperBound)
    for finding in inner {
      var upper = origins[finding.range.upperBound]
      // The escape of the last byte belongs to it.
      let last = origins[finding.range.upperBound - 1]
      if upper - last > 12 { upper = last + 1 }
      found(origins[finding.range.lowerBound]..<upper, finding.rule, propagates: false)
    }
  }

  /// One level of backslash escapes taken off: `\"`, `\\`, `\/`, `\n`, `\t`, `\u0041`, `\x41`.
  static func unescaped(_ bytes: Bytes, _ line: Range<Int>, _ view: inout View) -> Bool {
    var changed = false
    var index = line.lowerBound
    while index < line.upperBound {
      let byte = bytes[index]
      guard byte == 0x5C, index + 1 < line.upperBound else {
        view.append(byte, from: index)
        index = view.appendBytes(bytes, from: index + 1, to: line.upperBound, before: 0x5C)
        continue
      }
      let next = bytes[index + 1]
      switch next {
      case 0x22, 0x27, 0x5C, 0x2F: view.append(next, from: index)
      case 0x6E: view.append(0x0A, from: index)
      case 0x72: view.append(0x0D, from: index)
      case 0x74: view.append(0x09, from: index)
      case 0x75, 0x78, 0x55, 0x30...0x37:
        if let (scalar, length) = codePoint(bytes, index, line.upperBound) {
          if scalar.value > 0 || !isWide(bytes, index, length, line) {
            for unit in String(Character(scalar)).utf8 { view.append(unit, from: index) }
          }
          index += length
          changed = true
          continue
        }
        view.append(byte, from: index)
        index += 1
        continue
      default:
        view.append(byte, from: index)
        index += 1
        continue
      }
      changed = true
      index += 2
    }
    return changed
  }

  /// The code point of `\uXXXX`, with its low surrogate if it has one, `\u{X}`, `\xXX`, `\ooo` or `\0`, and its length in bytes.
  private static func codePoint(_ bytes: Bytes, _ index: Int, _ end: Int) -> (Unicode.Scalar, Int)? {
    func hex(_ start: Int, _ count: Int) -> UInt32? {
      guard start + count <= end else { return nil }
      var value: UInt32 = 0
      for place in start..<start + count {
        guard let digit = bytes[place].hexValue else { return nil }
        value = value << 4 | UInt32(digit)
      }
      return value
    }
    if bytes[index + 1].isDigit { return octal(bytes, index, end) }
    if bytes.at(index + 2) == 0x7B, bytes[index + 1] == 0x75 {
      guard let close = bytes.firstByte(0x7D, from: index + 3, to: min(end, index + 10)), close > index + 3 else {
        return nil
      }
      return hex(index + 3, close - index - 3).flatMap { Unicode.Scalar($0) }.map { ($0, close + 1 - index) }
    }
    if bytes[index + 1] == 0x78 { return hex(index + 2, 2).flatMap { Unicode.Scalar($0) }.map { ($0, 4) } }
    if bytes[index + 1] == 0x55 { return hex(index + 2, 8).flatMap { Unicode.Scalar($0) }.map { ($0, 10) } }
    guard let first = hex(index + 2, 4) else { return nil }
    if first & 0xFC00 == 0xD800, bytes.has("\\u", at: index + 6), let second = hex(index + 8, 4),
      second & 0xFC00 == 0xDC00
    {
      return Unicode.Scalar(0x10000 + (first & 0x3FF) << 10 + (second & 0x3FF)).map { ($0, 12) }
    }
    return Unicode.Scalar(first).map { ($0, 6) }
  }

  /// True for an escaped zero as UTF-16 has one behind each letter: two of them stand one character apart.
  private static func isWide(_ bytes: Bytes, _ index: Int, _ length: Int, _ line: Range<Int>) -> Bool {
    func isSame(_ other: Int) -> Bool {
      other >= line.lowerBound && other + length <= line.upperBound
        && (0..<length).allSatisfy { bytes[other + $0] == bytes[index + $0] }
    }
    return isSame(index + length + 1) || isSame(index - length - 1)
  }

  /// Three octal digits, or the one of a NUL.
  private static func octal(_ bytes: Bytes, _ index: Int, _ end: Int) -> (Unicode.Scalar, Int)? {
    var value: UInt32 = 0
    for place in index + 1..<index + 4 {
      guard place < end, bytes[place] >= 0x30, bytes[place] <= 0x37 else {
        return bytes[index + 1] == 0x30 ? (Unicode.Scalar(0), 2) : nil
      }
      value = value << 3 | UInt32(bytes[place] - 0x30)
    }
    return value < 0x80 ? Unicode.Scalar(value).map { ($0, 4) } : nil
  }

  /// `%XX` decoded.
  private static func percentDecoded(_ bytes: Bytes, _ line: Range<Int>, _ view: inout View) -> Bool {
    var changed = false
    var index = line.lowerBound
    while index < line.upperBound {
      if bytes[index] == 0x25, index + 2 < line.upperBound, let high = bytes[index + 1].hexValue,
        let low = bytes[index + 2].hexValue
      {
        view.append(high << 4 | low, from: index)
        index += 3
        changed = true
      } else {
        view.append(bytes[index], from: index)
        index = view.appendBytes(bytes, from: index + 1, to: line.upperBound, before: 0x25)
      }
    }
    return changed
  }

  /// The sequences of ECMA-48 that set colours and move the cursor taken out.
  private static func withoutColours(_ bytes: Bytes, _ line: Range<Int>, _ view: inout View) -> Bool {
    var index = line.lowerBound
    while index < line.upperBound {
      // A mask behind an escape is no colour: half of it would be left.
      guard bytes[index] == 0x1B, bytes.at(index + 1) == 0x5B, ExistingMask.range(at: index + 1, in: bytes) == nil
      else {
        view.append(bytes[index], from: index)
        index = view.appendBytes(bytes, from: index + 1, to: line.upperBound, before: 0x1B)
        continue
      }
      index += 2
      while index < line.upperBound, bytes[index] >= 0x20, bytes[index] < 0x40 { index += 1 }
      index += 1
    }
    return view.text.count < line.count
  }

  /// The character of `&#112;` or `&#x70;` at `index`, and the reference's length in bytes.
  private static func numericEntity(_ bytes: Bytes, _ index: Int, _ end: Int) -> (Unicode.Scalar, Int)? {
    guard index + 3 < end, bytes[index + 1] == 0x23 else { return nil }
    let isHex = bytes[index + 2] | 0x20 == 0x78
    var place = index + (isHex ? 3 : 2)
    var value: UInt32 = 0
    let first = place
    while place < end, place - first < 8, let digit = bytes[place].hexValue, isHex || digit < 10 {
      value = value * (isHex ? 16 : 10) + UInt32(digit)
      place += 1
    }
    guard place > first, place < end, bytes[place] == 0x3B, value > 0, let scalar = Unicode.Scalar(value) else {
      return nil
    }
    return (scalar, place + 1 - index)
  }

  /// `&quot;`, `&#34;`, `&amp;` and their like decoded.
  private static func withoutEntities(_ bytes: Bytes, _ line: Range<Int>, _ view: inout View) -> Bool {
    let names: [(StaticString, UInt8)] = [
      ("&quot;", 0x22), ("&amp;", 0x26), ("&lt;", 0x3C), ("&gt;", 0x3E), ("&apos;", 0x27), ("&equals;", 0x3D),
      ("&colon;", 0x3A), ("&semi;", 0x3B), ("&num;", 0x23), ("&excl;", 0x21), ("&commat;", 0x40), ("&dollar;", 0x24),
    ]
    var changed = false
    var index = line.lowerBound
    while index < line.upperBound {
      if bytes[index] == 0x26, let name = names.first(where: { bytes.hasIgnoringCase($0.0, at: index) }) {
        view.append(name.1, from: index)
        index += name.0.utf8CodeUnitCount
        changed = true
      } else if bytes[index] == 0x26, let (scalar, length) = numericEntity(bytes, index, line.upperBound) {
        for unit in String(Character(scalar)).utf8 { view.append(unit, from: index) }
        index += length
        changed = true
      } else {
        view.append(bytes[index], from: index)
        index = view.appendBytes(bytes, from: index + 1, to: line.upperBound, before: 0x26)
      }
    }
    return changed
  }
}
