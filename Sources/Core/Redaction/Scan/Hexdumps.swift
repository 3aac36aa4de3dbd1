/// Dumps of bytes in lines of sixteen, as `xxd`, `hexdump -C`, Go's `hex.Dump` and `tcpdump -X` write them: put together again, so that
/// a secret that goes over several lines is found. It is masked among the digits and in the column of text.
extension TextScan {
  private static let bytesOfLine = 16
  /// Most lines of one dump: 32 KiB of bytes.
  private static let mostLinesOfDump = 2_048
  /// Longest line of it, and of what a log driver put before it, in bytes.
  private static let longestDumpLine = 256

  /// A line of a dump.
  private struct DumpLine {
    var offset = 0
    /// Its bytes, and where the digits of each stand.
    var content: [UInt8] = []
    var digits: [Int] = []
    /// Where the column of text begins; -1 where there is none.
    var text = -1
  }

  /// Where the first line of a dump begins whose second line has its offset, 16, at `hit`; nil where there is none.
  func dumpStart(at hit: Int) -> Int? {
    let second = bytes.lineStart(of: hit, reach: Self.longestDumpLine)
    guard second > 1, bytes[second - 1].isLineEnd else { return nil }
    let first = bytes.lineStart(of: second - 1, reach: Self.longestDumpLine)
    var offset = hit
    while offset > second, bytes[offset - 1].isHexDigit || bytes[offset - 1] | 0x20 == 0x78 { offset -= 1 }
    guard let line = dumpLine(first + offset - second), line.offset == 0, line.content.count == Self.bytesOfLine,
      dumpLine(offset)?.offset == Self.bytesOfLine
    else { return nil }
    return first + offset - second
  }

  /// Reads the dump whose first line's offset stands at `start`: `hit` is in the second.
  mutating func hexdump(from start: Int, at hit: Int) throws(RedactionError) {
    let front = start - bytes.lineStart(of: start, reach: Self.longestDumpLine)
    var text: [UInt8] = []
    var lines: [DumpLine] = []
    var place = start
    while lines.count < Self.mostLinesOfDump, let line = dumpLine(place), line.offset == text.count {
      text += line.content
      lines.append(line)
      guard line.content.count == Self.bytesOfLine, let next = nextLine(after: place) else { break }
      place = bytes.lineStart(of: next.lowerBound, reach: Self.longestDumpLine) + front
    }
    guard lines.count > 1 else { return }
    for finding in try scanInner(text, from: hit..<hit) {
      for (number, line) in lines.enumerated() {
        let base = number * Self.bytesOfLine
        let part = finding.range.clamped(to: base..<base + line.content.count)
        guard let last = part.last else { continue }
        found(line.digits[part.lowerBound - base]..<line.digits[last - base] + 2, finding.rule, propagates: false)
        if line.text >= 0 {
          found(line.text + part.lowerBound - base..<line.text + last - base + 1, finding.rule, propagates: false)
        }
      }
    }
  }

  /// `00000010: 6f72 643d …  ord=…`, `00000010  6f 72 …  |ord=…|`, `0x0010:  6f72 …  ord=…`
  private func dumpLine(_ start: Int) -> DumpLine? {
    guard start < bytes.count else { return nil }
    let end = bytes.lineEnd(from: start, limit: min(bytes.count, start + Self.longestDumpLine))
    var index = bytes.has("0x", at: start) ? start + 2 : start
    var line = DumpLine()
    let first = index
    while index < end, index - first < 8, let digit = bytes[index].hexValue {
      line.offset = line.offset << 4 | Int(digit)
      index += 1
    }
    guard index - first >= 4 else { return nil }
    if bytes.at(index) == 0x3A { index += 1 }
    guard bytes.at(index) == 0x20 else { return nil }
    while index < end, bytes[index] == 0x20 { index += 1 }
    while index + 1 < end, line.content.count < Self.bytesOfLine, let high = bytes[index].hexValue,
      let low = bytes[index + 1].hexValue
    {
      line.digits.append(index)
      line.content.append(high << 4 | low)
      index += 2
      let gap = index
      while index < end, bytes[index] == 0x20 { index += 1 }
      // Two blanks stand in the middle, and before the text.
      if index - gap > 2 || index - gap == 2 && line.content.count != Self.bytesOfLine / 2 { break }
    }
    guard !line.content.isEmpty else { return nil }
    while index < end, bytes[index] == 0x20 || bytes[index] == 0x7C { index += 1 }
    // A blank at the text's beginning is its first character.
    while line.content.first == 0x20, index > line.digits[line.digits.count - 1] + 3, bytes[index - 1] == 0x20,
      !matches(line, at: index)
    { index -= 1 }
    if index < end, matches(line, at: index) { line.text = index }
    return line
  }

  /// True if the text of a line stands at `place`: what cannot be shown is a dot.
  private func matches(_ line: DumpLine, at place: Int) -> Bool {
    guard place + line.content.count <= bytes.count else { return false }
    return line.content.indices.allSatisfy { index in
      let byte = line.content[index]
      return bytes[place + index] == (byte >= 0x20 && byte < 0x7F ? byte : 0x2E)
    }
  }
}
