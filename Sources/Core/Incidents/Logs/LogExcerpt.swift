/// What an incident keeps of a log: its end, repeated lines folded, and the first and the last stack trace wherever they stand.
///
/// Made from more lines than are kept: the first stack trace often says what the hundreds of lines after it are about.
package struct LogExcerpt: Sendable, Equatable {
  /// The text, lines ending in LF as they did.
  package let text: [UInt8]
  /// Bytes that were cut to keep the limit of bytes.
  package let omittedBytes: Int
  /// True if all the lines that may be kept are there, so that nothing before them is missed.
  package let hasAllLines: Bool
  /// Lines that stand in the text once and were repeated.
  package let repeatedLines: Int
  /// Lines that are neither in the text nor counted as repeated.
  package let omittedLines: Int
  /// The first and the last stack trace.
  package let traces: [StackTrace]

  /// Lines of a stack trace that are kept outside of the end of the log: its head says what was thrown and where.
  private static let traceLines = 60

  /// The excerpt of `log` within `lines` lines and `bytes` bytes. `isCut` says that bytes before its start were dropped: its first
  /// line may then be the end of one, and half a line may hold half a secret.
  package init(_ log: [UInt8], lines limit: Int, bytes: Int, isCut: Bool = false) {
    var log = log
    var dropped = 0
    if isCut, let end = log.firstIndex(of: 0x0A), end + 1 < log.count {
      dropped = end + 1
      log.removeFirst(dropped)
    }
    let folded = FoldedLog(log)
    let rendered = folded.items.map { Self.bytes(of: $0, in: log) }
    let found = StackTraceFinder.traces(in: rendered)
    let ends = found.isEmpty ? [] : found.count == 1 ? [found[0]] : [found[0], found[found.count - 1]]
    traces = ends.map { Self.trace($0, in: rendered) }

    // The end of the log, and before it the heads of the traces that it does not hold.
    var start = max(0, rendered.count - limit)
    // A mark without the lines that it speaks of says nothing.
    if start < rendered.count, case .repeated(let lines, _, _) = folded.items[start] { start -= lines }
    var size = 0
    let heads = ends.filter { $0.lines.lowerBound < start }.map {
      $0.lines.lowerBound..<min($0.lines.upperBound, $0.lines.lowerBound + Self.traceLines)
    }
    // A quarter of the bytes for them, so that the end has the most.
    let kept = heads.map { Self.fit($0, rendered, within: bytes / 4 / max(1, heads.count)) }.filter { !$0.isEmpty }
    for range in kept { size += Self.size(range, rendered) }

    var cut = 0
    var first = rendered.count
    while first > start, size + rendered[first - 1].count + 1 <= bytes {
      first -= 1
      size += rendered[first].count + 1
    }
    if first > start, first < rendered.count - 1, case .repeated = folded.items[first] { first += 1 }
    var longLine: ArraySlice<UInt8>?
    if first == rendered.count, let last = rendered.last {
      // One line that is longer than all there is room for: its end.
      longLine = last.suffix(max(0, bytes - size - 1))
      cut = last.count - (longLine?.count ?? 0)
      first -= 1
    }
    cut += Self.size(start..<max(start, first), rendered)
    start = first

    var text: [UInt8] = []
    text.reserveCapacity(min(bytes + 128, log.count + 128))
    var position = 0
    var omitted = 0
    for range in kept where range.lowerBound >= position && range.lowerBound < start {
      omitted += Self.leaveOut(position..<range.lowerBound, marked: position > 0, folded, to: &text)
      let end = min(range.upperBound, start)
      for line in rendered[range.lowerBound..<end] { text += line + [0x0A] }
      position = end
    }
    omitted += Self.leaveOut(position..<start, marked: position > 0, folded, to: &text)
    if let longLine {
      text += longLine + [0x0A]
    } else {
      for line in rendered[start...] { text += line + [0x0A] }
    }
    // As the log ended: a program that died in the middle of a line left no LF.
    if log.last != 0x0A, !text.isEmpty, let last = folded.items.last, case .line = last { text.removeLast() }
    self.text = text
    omittedBytes = cut + dropped
    hasAllLines = cut == 0 && rendered.count > limit
    omittedLines = omitted
    repeatedLines = folded.repeatedLines(in: kept.map { $0.clamped(to: 0..<start) } + [start..<rendered.count])
  }

  /// Counts what is left out between two kept parts, and says so in the text where something stands before it.
  private static func leaveOut(
    _ gap: Range<Int>, marked isMarked: Bool, _ folded: FoldedLog, to text: inout [UInt8]
  ) -> Int {
    let lines = folded.lineCount(in: gap)
    if isMarked, lines > 0 { text += FoldedLog.mark(omitted: lines) + [0x0A] }
    return lines
  }

  private static func bytes(of item: FoldedLog.Item, in log: [UInt8]) -> ArraySlice<UInt8> {
    switch item {
    case .line(let line): log[line.range]
    case .repeated(let lines, let times, let last):
      FoldedLog.mark(lines: lines, times: times, last: last.map { log[$0] })[...]
    }
  }

  /// As many lines from the start of a range on as fit.
  private static func fit(_ range: Range<Int>, _ lines: [ArraySlice<UInt8>], within limit: Int) -> Range<Int> {
    var size = 0
    var end = range.lowerBound
    while end < range.upperBound, size + lines[end].count + 1 <= limit {
      size += lines[end].count + 1
      end += 1
    }
    return range.lowerBound..<end
  }

  private static func size(_ range: Range<Int>, _ lines: [ArraySlice<UInt8>]) -> Int {
    range.reduce(0) { $0 + lines[$1].count + 1 }
  }

  private static func trace(_ found: StackTraceFinder.Found, in lines: [ArraySlice<UInt8>]) -> StackTrace {
    func text(_ index: Int?) -> String {
      guard let index, lines[index].count <= StackTrace.lineLimit else { return "" }
      var line = lines[index].drop { $0 == 0x20 || $0 == 0x09 }
      while let last = line.last, last == 0x0D || last == 0x20 { line.removeLast() }
      return String(decoding: line, as: UTF8.self)
    }
    return StackTrace(
      language: found.language, headline: text(found.headline), frame: text(found.frame), lines: found.lines.count)
  }
}

extension FoldedLog {
  /// Lines of the log behind some items, those that repeat among them.
  fileprivate func lineCount(in range: Range<Int>) -> Int {
    range.reduce(0) { count, index in
      switch items[index] {
      case .line: count + 1
      case .repeated(let lines, let times, _): count + lines * times
      }
    }
  }

  /// Repeated lines whose mark is in one of the ranges.
  fileprivate func repeatedLines(in ranges: [Range<Int>]) -> Int {
    ranges.reduce(0) { $0 + lineCount(in: $1) - items[$1].reduce(0) { if case .line = $1 { $0 + 1 } else { $0 } } }
  }
}
