/// A log whose repeated lines stand once: what crashes again and again says the same again and again.
struct FoldedLog: Sendable, Equatable {
  /// A line of the result.
  enum Item: Sendable, Equatable {
    /// A line of the log.
    case line(LogLine)
    /// The `lines` lines before it came `times` times more; `last` is the time in the last of them where they differ in times.
    case repeated(lines: Int, times: Int, last: Range<Int>?)
  }

  /// In the order of the log.
  private(set) var items: [Item] = []
  /// Lines of the log that are not among the items.
  private(set) var repeatedLines = 0

  /// Most lines that are known as one block that repeats. A retry with its stack trace has some 30.
  private static let longestBlock = 40
  /// Fewest lines that a mark must stand for: below that, the lines read better.
  private static let fewestLines = 3

  init(_ text: [UInt8]) {
    let lines = LogLine.all(in: text)
    var position = 0
    while position < lines.count {
      guard let (length, times) = Self.block(in: lines, at: position) else {
        items.append(.line(lines[position]))
        position += 1
        continue
      }
      items += lines[position..<position + length].map(Item.line)
      let last = position + length * times
      items.append(
        .repeated(lines: length, times: times, last: Self.time(of: lines, from: position, to: last, in: text)))
      repeatedLines += length * times
      position = last + length
    }
  }

  /// The shortest block of lines from a position on that comes again at once, and how many times more it comes.
  private static func block(in lines: [LogLine], at start: Int) -> (length: Int, times: Int)? {
    let longest = min(longestBlock, (lines.count - start) / 2)
    guard longest > 0 else { return nil }
    for length in 1...longest where lines[start + length].key == lines[start].key {
      var end = start + length
      while end < lines.count, lines[end].key == lines[end - length].key { end += 1 }
      let times = (end - start) / length - 1
      if times > 0, times * length >= fewestLines { return (length, times) }
    }
    return nil
  }

  /// The time of the last repetition, where times are all that differs.
  private static func time(of lines: [LogLine], from first: Int, to last: Int, in text: [UInt8]) -> Range<Int>? {
    guard let one = lines[first].time, let other = lines[last].time, text[one] != text[other] else { return nil }
    return other
  }

  /// The text of a mark, as the contract's `repeated_lines` describes it.
  static func mark(lines: Int, times: Int, last: ArraySlice<UInt8>?) -> [UInt8] {
    let what = lines == 1 ? "last line" : "last \(lines) lines"
    let how = times == 1 ? "1 time" : "\(times) times"
    let when = last.map { ", the last at \(String(decoding: $0, as: UTF8.self))" } ?? ""
    return Array("[kube-mind: \(what) repeated \(how)\(when)]".utf8)
  }

  /// The mark for lines that are not there.
  static func mark(omitted lines: Int) -> [UInt8] {
    Array("[kube-mind: \(lines) \(lines == 1 ? "line" : "lines") left out]".utf8)
  }
}
