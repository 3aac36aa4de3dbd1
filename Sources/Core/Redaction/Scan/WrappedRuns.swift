/// Base64 that is wrapped over lines, as `base64`, `openssl` and mail write it.
extension TextScan {
  /// Shortest line of it, and most lines, so that the whole has at most 128 KiB.
  private static let shortestLine = 40
  private static let mostLines = 1_700

  /// A run of base64 that fills the end of its line: joined with the lines below it, decoded and scanned. True if it was the
  /// first line of such a block.
  mutating func wrapped(_ first: Range<Int>) throws(RedactionError) -> Bool {
    guard first.count >= Self.shortestLine, first.count <= 128, first.upperBound < bytes.count,
      bytes[first.upperBound].isLineEnd, startsAsText(first.lowerBound, first.upperBound), !continuesBlock(first)
    else { return false }
    var text = Array(bytes[first])
    var lines = [first]
    var end = first.upperBound
    while lines.count < Self.mostLines, let next = nextLine(after: end) {
      var start = next.lowerBound
      while start < next.upperBound, bytes[start].isBlank { start += 1 }
      var stop = start
      while stop < next.upperBound, bytes[stop].isBase64 { stop += 1 }
      let letters = stop - start
      while stop < next.upperBound, bytes[stop] == 0x3D { stop += 1 }
      guard letters > 0, letters <= first.count, (stop..<next.upperBound).allSatisfy({ bytes[$0] <= 0x20 }) else {
        break
      }
      text += bytes[start..<start + letters]
      lines.append(start..<stop)
      end = next.upperBound
      if letters < first.count { break }
    }
    guard lines.count > 1 else { return false }
    if text.count % 4 == 1 { text.removeLast() }
    let plain = text.withUnsafeBufferPointer { Decoding.base64($0) }
    guard let plain, Decoding.isText(plain) else { return false }
    let inner = try scanInner(plain, from: first.lowerBound..<end)
    if !inner.isEmpty { for line in lines { found(line, engine.builtin.encoded) } }
    return true
  }

  /// True if the line above ends in a run of the same length: then this line was read with it.
  private func continuesBlock(_ line: Range<Int>) -> Bool {
    var end = bytes.lineStart(of: line.lowerBound, reach: 256)
    while end > 0, bytes[end - 1].isSpace { end -= 1 }
    var start = end
    while start > 0, end - start <= line.count, bytes[start - 1].isBase64 { start -= 1 }
    return end - start == line.count
  }
}
