/// Lines as a reader would see them: escapes decoded, colours and the cuts of a container runtime taken out. What is
/// found in such a view is masked in the bytes that it was made of.
extension TextScan {
  /// Longest stretch of a line that is decoded at once, in bytes, and what two neighbouring ones have in common.
  private static let stretch = 65_536
  private static let overlap = 4_096

  /// A text made of another one, with the place of each byte in the original.
  struct View {
    var text: [UInt8] = []
    /// Offset in the original of each byte, and of the end.
    var origins: [Int] = []

    mutating func append(_ byte: UInt8, from origin: Int) {
      text.append(byte)
      origins.append(origin)
    }
  }

  /// Looks for the marks of escapes and scans the lines that hold one.
  mutating func scanViews() throws(RedactionError) {
    // In this order alone: a view of a view decodes what comes later in it, so that the work stays bounded.
    if firstView <= 0 {
      try eachLine(holding: 0x1B) { scan, line throws(RedactionError) in
        try scan.scanView(scan.withoutColours(line), next: 1)
      }
      try scanPartials()
    }
    if firstView <= 1 {
      try eachLine(holding: 0x5C) { scan, line throws(RedactionError) in
        try scan.scanView(scan.unescaped(line), next: 1)
      }
    }
    if firstView <= 2 {
      try eachLine(holding: 0x25) { scan, line throws(RedactionError) in
        try scan.scanView(scan.percentDecoded(line), next: 2)
      }
    }
    if firstView <= 3 {
      try eachLine(holding: 0x26) { scan, line throws(RedactionError) in
        try scan.scanView(scan.withoutEntities(line), next: 3)
      }
    }
  }

  /// Calls `body` with each line, or stretch of a long one, that holds `mark`.
  private mutating func eachLine(
    holding mark: UInt8, _ body: (inout TextScan, Range<Int>) throws(RedactionError) -> Void
  ) throws(RedactionError) {
    var index = 0
    while let place = bytes.firstByte(mark, from: index) {
      var start = place
      let floor = max(index, place - Self.overlap)
      while start > floor, bytes[start - 1] != 0x0A { start -= 1 }
      let limit = min(bytes.count, start + Self.stretch)
      var end = place
      while end < limit, bytes[end] != 0x0A { end += 1 }
      try body(&self, start..<end)
      let isCut = end == limit && end < bytes.count && bytes[end] != 0x0A
      index = isCut ? max(end - Self.overlap, place + 1) : end
      if index >= bytes.count { return }
    }
  }

  private mutating func scanView(_ view: View?, next: Int) throws(RedactionError) {
    guard let view else { return }
    let engine = engine
    let depth = depth
    let isOverTime = isOverTime
    let known = known
    let inner = try view.text.withUnsafeBufferPointer { text throws(RedactionError) in
      var scan = TextScan(engine, text, depth: depth - 1, known: known, isOverTime: isOverTime)
      scan.firstView = next
      try scan.run()
      return (scan.findings, scan.learned)
    }
    learned += inner.1
    for finding in inner.0 {
      var upper = view.origins[finding.range.upperBound]
      // The escape of the last byte belongs to it.
      let last = view.origins[finding.range.upperBound - 1]
      if upper - last > 12 { upper = last + 1 }
      found(view.origins[finding.range.lowerBound]..<upper, finding.rule, propagates: false)
      if finding.propagates { learned.append(Array(view.text[finding.range])) }
    }
  }

  /// One level of backslash escapes taken off: `\"`, `\\`, `\/`, `\n`, `\t`, `\u0041`, `\x41`.
  private func unescaped(_ line: Range<Int>) -> View? {
    var view = View()
    view.text.reserveCapacity(line.count)
    view.origins.reserveCapacity(line.count + 1)
    var changed = false
    var index = line.lowerBound
    while index < line.upperBound {
      let byte = bytes[index]
      guard byte == 0x5C, index + 1 < line.upperBound else {
        view.append(byte, from: index)
        index += 1
        continue
      }
      let next = bytes[index + 1]
      switch next {
      case 0x22, 0x27, 0x5C, 0x2F: view.append(next, from: index)
      case 0x6E: view.append(0x0A, from: index)
      case 0x72: view.append(0x0D, from: index)
      case 0x74: view.append(0x09, from: index)
      case 0x75, 0x78, 0x55:
        if let (scalar, length) = codePoint(index, line.upperBound) {
          for unit in String(Character(scalar)).utf8 { view.append(unit, from: index) }
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
    view.origins.append(line.upperBound)
    return changed ? view : nil
  }

  /// The code point of `\uXXXX`, with its low surrogate if it has one, `\u{X}`, or `\xXX`, and its length in bytes.
  private func codePoint(_ index: Int, _ end: Int) -> (Unicode.Scalar, Int)? {
    func hex(_ start: Int, _ count: Int) -> UInt32? {
      guard start + count <= end else { return nil }
      var value: UInt32 = 0
      for place in start..<start + count {
        guard let digit = bytes[place].hexValue else { return nil }
        value = value << 4 | UInt32(digit)
      }
      return value
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

  /// `%XX` decoded.
  private func percentDecoded(_ line: Range<Int>) -> View? {
    var view = View()
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
        index += 1
      }
    }
    view.origins.append(line.upperBound)
    return changed ? view : nil
  }

  /// The sequences of ECMA-48 that set colours and move the cursor taken out.
  private func withoutColours(_ line: Range<Int>) -> View? {
    var view = View()
    var index = line.lowerBound
    while index < line.upperBound {
      guard bytes[index] == 0x1B, bytes.at(index + 1) == 0x5B else {
        view.append(bytes[index], from: index)
        index += 1
        continue
      }
      index += 2
      while index < line.upperBound, bytes[index] >= 0x20, bytes[index] < 0x40 { index += 1 }
      index += 1
    }
    view.origins.append(line.upperBound)
    return view.text.count < line.count ? view : nil
  }

  /// `&quot;`, `&#34;`, `&amp;` and their like decoded.
  private func withoutEntities(_ line: Range<Int>) -> View? {
    let names: [(StaticString, UInt8)] = [
      ("&quot;", 0x22), ("&amp;", 0x26), ("&lt;", 0x3C), ("&gt;", 0x3E), ("&apos;", 0x27), ("&#34;", 0x22),
      ("&#39;", 0x27),
      ("&#x27;", 0x27), ("&#x22;", 0x22), ("&#61;", 0x3D), ("&#38;", 0x26), ("&equals;", 0x3D), ("&colon;", 0x3A),
    ]
    var view = View()
    var changed = false
    var index = line.lowerBound
    while index < line.upperBound {
      if bytes[index] == 0x26, let name = names.first(where: { bytes.hasIgnoringCase($0.0, at: index) }) {
        view.append(name.1, from: index)
        index += name.0.utf8CodeUnitCount
        changed = true
      } else {
        view.append(bytes[index], from: index)
        index += 1
      }
    }
    view.origins.append(line.upperBound)
    return changed ? view : nil
  }

  /// Lines that a container runtime cut (`TIME stdout P part`) joined with the lines that go on.
  private mutating func scanPartials() throws(RedactionError) {
    var index = 0
    while let place = bytes.firstByte(0x50, from: index) {  // P
      index = place + 1
      guard bytes.at(place + 1) == 0x20, bytes.has("stdout ", at: place - 7) || bytes.has("stderr ", at: place - 7)
      else { continue }
      var view = View()
      var text = place + 2
      while view.text.count < Self.stretch * 4 {
        let end = bytes.lineEnd(from: text, limit: bytes.count)
        for byte in text..<end { view.append(bytes[byte], from: byte) }
        index = end
        var next = end
        while next < bytes.count, bytes[next].isLineEnd { next += 1 }
        let line = next..<bytes.lineEnd(from: next, limit: min(bytes.count, next + 96))
        guard let tag = bytes.first("std", in: line), bytes.at(tag + 6) == 0x20, bytes.at(tag + 8) == 0x20 else {
          break
        }
        text = tag + 9
        if bytes[tag + 7] == 0x46 {  // F: the last part
          let end = bytes.lineEnd(from: text, limit: bytes.count)
          for byte in text..<end { view.append(bytes[byte], from: byte) }
          index = end
          break
        }
      }
      view.origins.append((view.origins.last ?? 0) + 1)
      try scanJoined(view)
    }
  }

  /// As `scanView`, but a secret that crosses a cut is masked in each of its parts, and what stands between them stays.
  private mutating func scanJoined(_ view: View) throws(RedactionError) {
    let engine = engine
    let depth = depth
    let isOverTime = isOverTime
    let known = known
    let inner = try view.text.withUnsafeBufferPointer { text throws(RedactionError) in
      var scan = TextScan(engine, text, depth: depth - 1, known: known, isOverTime: isOverTime)
      scan.firstView = 1
      try scan.run()
      return (scan.findings, scan.learned)
    }
    learned += inner.1
    for finding in inner.0 {
      if finding.propagates { learned.append(Array(view.text[finding.range])) }
      var start = finding.range.lowerBound
      for place in finding.range {
        let isLast = place + 1 == finding.range.upperBound
        if isLast || view.origins[place + 1] != view.origins[place] + 1 {
          found(view.origins[start]..<view.origins[place] + 1, finding.rule, propagates: false)
          start = place + 1
        }
      }
    }
  }
}
