/// Lines that a container runtime cut, because they were longer than its buffer of 16 KiB: joined again, so that a secret that
/// crosses a cut is found. It is masked in each of its parts, and what stands between them stays.
extension TextScan {
  /// Most bytes of lines that are joined.
  static let longestJoined = 262_144
  /// Longest front of a line before the text, in bytes: time, stream, tag.
  private static let longestFront = 96
  /// Longest line of Docker's JSON log, in bytes: 16 KiB of text, escaped, and what stands around it.
  private static let longestRecord = 131_072
  /// Lines of another stream that may stand between two parts.
  private static let mostBetween = 8

  /// `stdout P ` was seen at `hit`: `TIME stdout P part` of CRI. Lines of the other stream may stand between the parts.
  mutating func joinPartials(at hit: Int) throws(RedactionError) {
    guard hit + origin >= progress.joinedEnd else { return }
    var view = View(origins: [])
    let stream = bytes.copy(hit..<hit + 7)
    var text = hit + 9
    var isLast = false
    while view.text.count < Self.longestJoined {
      let end = bytes.lineEnd(from: text, limit: bytes.count)
      for byte in text..<end { view.append(bytes[byte], from: byte) }
      progress.joinedEnd = end + origin
      if isLast { break }
      guard let tag = nextPart(of: stream, after: end) else { break }
      text = tag + 9
      isLast = bytes[tag + 7] == 0x46  // F: the last part
    }
    try scanJoined(view, at: hit)
  }

  /// Where the tag of the stream's next line stands.
  private func nextPart(of stream: [UInt8], after end: Int) -> Int? {
    var end = end
    for _ in 0...Self.mostBetween {
      var next = end
      while next < bytes.count, bytes[next].isLineEnd { next += 1 }
      let line = next..<bytes.lineEnd(from: next, limit: min(bytes.count, next + Self.longestFront))
      guard let tag = bytes.first("std", in: line), bytes.at(tag + 6) == 0x20, bytes.at(tag + 8) == 0x20 else {
        return nil
      }
      if bytes[tag..<tag + 7].elementsEqual(stream) { return tag }
      end = bytes.lineEnd(from: tag, limit: bytes.count)
    }
    return nil
  }

  /// True if the text before `","stream":"` at `hit` does not end in `\n`: Docker cut the line.
  func isCutJSON(at hit: Int) -> Bool {
    hit > 2 && !(bytes[hit - 1] == 0x6E && bytes[hit - 2] == 0x5C) && record(at: hit) != nil
  }

  /// Where the text of the record begins that holds `hit`. In `{"log":","stream":"` the quote at `hit` would open it.
  private func record(at hit: Int) -> Int? {
    let line = bytes.lineStart(of: hit, reach: Self.longestRecord)
    guard line == 0 || bytes[line - 1].isLineEnd, let text = recordText(line), text <= hit else { return nil }
    return text
  }

  /// Where the text of a record of Docker begins whose line begins at `line`: behind `{"log":"`.
  func recordText(_ line: Int) -> Int? {
    var index = line
    while bytes.at(index).isBlank { index += 1 }
    guard bytes.has("{\"log\":", at: index) else { return nil }
    index += 7
    while bytes.at(index).isBlank { index += 1 }
    return bytes.at(index) == 0x22 ? index + 1 : nil
  }

  /// A record that Docker cut ends at `hit`: `{"log":"part","stream":"stdout",…}`. Its text is joined, as it is escaped, with that
  /// of the next ones.
  mutating func joinDocker(at hit: Int) throws(RedactionError) {
    guard hit + origin >= progress.joinedEnd, var text = record(at: hit) else { return }
    // Fluent Bit says first which part it is; the last one differs there.
    let stream = bytes.copy(hit..<min(bytes.count, hit + (bytes.first("_p\"", in: hit..<hit + 8) != nil ? 6 : 20)))
    var view = View(origins: [])
    var end = hit
    var isLast = false
    while view.text.count < Self.longestJoined {
      for byte in text..<end { view.append(bytes[byte], from: byte) }
      progress.joinedEnd = end + 1 + origin
      if isLast { break }
      guard let next = nextRecord(of: stream, after: end) else { break }
      (text, end) = (next.lowerBound, next.upperBound)
      isLast = end - text >= 2 && bytes[end - 1] == 0x6E && bytes[end - 2] == 0x5C
    }
    try scanJoined(view, at: hit)
  }

  /// The text of the stream's next record.
  private func nextRecord(of stream: [UInt8], after end: Int) -> Range<Int>? {
    var place = end
    for _ in 0...Self.mostBetween {
      var next = bytes.lineEnd(from: place, limit: bytes.count)
      while next < bytes.count, bytes[next].isLineEnd { next += 1 }
      guard let text = recordText(next) else { return nil }
      var close = text
      let limit = min(bytes.count, text + Self.longestRecord)
      while close < limit, bytes[close] != 0x22, !bytes[close].isLineEnd { close += bytes[close] == 0x5C ? 2 : 1 }
      guard close < limit, bytes[close] == 0x22 else { return nil }
      if bytes[close..<min(bytes.count, close + stream.count)].elementsEqual(stream) { return text..<close }
      place = close
    }
    return nil
  }

  private mutating func scanJoined(_ view: View, at hit: Int) throws(RedactionError) {
    guard let origins = view.origins else { return }
    for finding in try scanInner(view.text, from: hit..<hit, firstView: 1) {
      var start = finding.range.lowerBound
      for place in finding.range {
        let isLast = place + 1 == finding.range.upperBound
        if isLast || origins[place + 1] != origins[place] + 1 {
          found(origins[start]..<origins[place] + 1, finding.rule, propagates: false)
          start = place + 1
        }
      }
    }
  }
}
