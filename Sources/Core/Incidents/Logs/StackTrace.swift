/// A stack trace in a log.
package struct StackTrace: Sendable, Equatable {
  /// Whose shape it has; the raw value is the contract's word.
  package enum Language: String, Sendable, CaseIterable {
    case java, node, dotnet, python, go, rust, ruby, php
  }

  /// The language.
  package var language: Language
  /// What was thrown: the line that names it. Empty where that line is longer than `lineLimit`.
  package var headline: String
  /// The first frame; may be empty.
  package var frame: String
  /// Lines of it in the log.
  package var lines: Int

  package init(language: Language, headline: String, frame: String, lines: Int) {
    self.language = language
    self.headline = headline
    self.frame = frame
    self.lines = lines
  }

  /// Bytes of a line that is copied. A longer one is left out and not cut: half a secret is no longer known for one.
  static let lineLimit = 4 << 10
}

/// Finds stack traces in the lines of a log, by the shapes that runtimes give them. Reads each line a bounded number of times.
struct StackTraceFinder {
  /// A trace by its lines.
  struct Found: Sendable, Equatable {
    var language: StackTrace.Language
    /// All its lines.
    var lines: Range<Int>
    /// The line that names what was thrown.
    var headline: Int
    /// The first frame.
    var frame: Int?
  }

  /// Lines that one trace may have. A Go program that dies with a thousand goroutines prints them all.
  private static let longest = 2_000

  private let lines: [ArraySlice<UInt8>]

  /// All traces, in the order of the log.
  static func traces(in lines: [ArraySlice<UInt8>]) -> [Found] {
    let finder = StackTraceFinder(lines: lines)
    var found: [Found] = []
    var position = 0
    while position < lines.count {
      if let trace = finder.trace(at: position, after: found.last?.lines.upperBound ?? 0) {
        found.append(trace)
        position = max(trace.lines.upperBound, position + 1)
      } else {
        position += 1
      }
    }
    return found
  }

  private func trace(at position: Int, after floor: Int) -> Found? {
    let line = lines[position]
    // Each shape has a letter sequence that nearly no other line has.
    if line.has("Traceback (most recent call last):") { return python(at: position) ?? quoted(at: position) }
    if line.begins("goroutine "), line.has(" ["), line.ends(":") { return go(at: position, after: floor) }
    if line.has("' panicked at ") || line.has(") panicked at ") { return rust(at: position) }
    if line.has("Stack trace:") || line.has("[stacktrace]") { return php(at: position, after: floor) }
    if line.indented("at ") { return frames(at: position, after: floor) }
    if line.indented("from "), position > floor { return ruby(at: position, after: floor) }
    return quoted(at: position)
  }
}

// MARK: - Shapes

extension StackTraceFinder {
  /// Python: the word, indented frames, and at the end the exception; chained ones follow after a blank line and a sentence.
  private func python(at start: Int) -> Found? {
    var position = start + 1
    var frame: Int?
    var headline = start
    while position < end(start) {
      let line = lines[position]
      if line.first == 0x20 || line.first == 0x09 || line.isMark {
        if frame == nil, line.indented("File ") { frame = position }
      } else if frame == nil {
        return nil
      } else {
        headline = position
        // The next of a chain: blank, sentence, blank, Traceback.
        guard position + 4 < end(start), lines[position + 1].isBlank, lines[position + 3].isBlank,
          lines[position + 4].has("Traceback (most recent call last):")
        else { return Found(language: .python, lines: start..<position + 1, headline: headline, frame: frame) }
        position += 4
      }
      position += 1
    }
    return frame == nil ? nil : Found(language: .python, lines: start..<position, headline: headline, frame: frame)
  }

  /// Go: a panic or fatal error, then goroutines, each with frames of two lines.
  private func go(at goroutine: Int, after floor: Int) -> Found? {
    var start = goroutine
    // "panic: …", perhaps with "[signal …]" and a blank line before the first goroutine.
    for line in stride(from: goroutine - 1, through: max(floor, goroutine - 6), by: -1) {
      if lines[line].has("panic: ") || lines[line].has("fatal error: ") || lines[line].has("panic serving ") {
        start = line
        break
      }
    }
    var position = goroutine + 1
    var frame: Int?
    while position < end(goroutine) {
      let line = lines[position]
      let isFrame = line.first == 0x09 || line.ends(")") || line.begins("created by ") || line.has("(...)")
      guard
        isFrame || line.isBlank || line.isMark || line.begins("goroutine ") || line.begins("exit status ")
          || line.has("frames elided...")
      else { break }
      if frame == nil, isFrame { frame = position }
      position += 1
    }
    while position > goroutine + 1, lines[position - 1].isBlank { position -= 1 }
    guard let frame else { return nil }
    return Found(language: .go, lines: start..<position, headline: start, frame: frame)
  }

  /// Rust: the panic, since 1.73 with its message on the next line, then perhaps numbered frames.
  private func rust(at start: Int) -> Found {
    var position = start + 1
    var headline = start
    var frame: Int?
    if lines[start].ends(":"), position < lines.count, !lines[position].isBlank {
      headline = position
      position += 1
    }
    while position < end(start) {
      let line = lines[position]
      let isNumbered = line.numbered
      guard
        isNumbered || line.begins("stack backtrace:") || line.begins("note: ") || line.isMark || line.indented("at ")
      else { break }
      if frame == nil, isNumbered { frame = position }
      position += 1
    }
    return Found(language: .rust, lines: start..<position, headline: headline, frame: frame)
  }

  /// Java, Node and .NET: what was thrown, then frames that begin with "at".
  private func frames(at first: Int, after floor: Int) -> Found? {
    // A message may have several lines; the one that names the error is the nearest with such a word.
    var start = first
    var isApart = false
    for line in stride(from: first - 1, through: max(floor, first - 6), by: -1) {
      if lines[line].isBlank {
        isApart = true
        continue
      }
      if start == first, !isApart { start = line }
      // Beyond a blank line only what cannot be anything else.
      if lines[line].has("xception") || !isApart && (lines[line].has("rror") || lines[line].has("hrowable")) {
        start = line
        break
      }
    }
    var position = first
    var count = 0
    while position < end(first) {
      let line = lines[position]
      let isFrame = line.indented("at ")
      guard
        isFrame || line.begins("Caused by: ") || line.indented("Suppressed: ") || line.indented("... ")
          || line.indented("--- End of ") || line.begins("--- End of ") || line.indented("---> ")
          || line.begins(" ---> ")
          || line.indented("[cause]: ") || line.isMark
          // What Node prints of an error's own fields, and the braces around them.
          || count > 0 && (line.indented("}") || line.begins("}") || isField(position))
      else { break }
      if isFrame { count += 1 }
      position += 1
    }
    // "  at 10:00 the job" is a sentence.
    guard count > 1 || lines[first].has("(") else { return nil }
    let language = language(of: first..<position, under: start)
    return Found(language: language, lines: start..<position, headline: start, frame: first)
  }

  /// `  code: 'ECONNREFUSED',` behind a frame of Node that ended with a brace.
  private func isField(_ position: Int) -> Bool {
    lines[position].first == 0x20 && lines[position].has(": ") && position > 0
      && (lines[position - 1].ends("{") || lines[position - 1].ends(",") || lines[position - 1].ends("}"))
  }

  private func language(of frames: Range<Int>, under headline: Int) -> StackTrace.Language {
    for position in frames.prefix(20) where lines[position].indented("at ") {
      let line = lines[position]
      if line.has(".java:") || line.has(".kt:") || line.has(".scala:") || line.has(".groovy:")
        || line.has("Native Method)")
        || line.has("Unknown Source)")
      {
        return .java
      }
      if line.has(":line ") || line.has(".cs:") { return .dotnet }
      if line.has(".js:") || line.has(".ts:") || line.has(".mjs:") || line.has(".cjs:") || line.has("node:")
        || line.has("<anonymous>")
      {
        return .node
      }
    }
    return lines[headline].has("Unhandled exception.") || lines[headline].has("System.") ? .dotnet : .java
  }

  /// Ruby: the error behind its place, then where it was called from.
  private func ruby(at first: Int, after floor: Int) -> Found? {
    guard lines[first].has(":in "), lines[first - 1].has(":in ") || lines[first - 1].has("Error") else { return nil }
    var position = first
    while position < end(first), lines[position].indented("from ") || lines[position].isMark { position += 1 }
    return Found(language: .ruby, lines: first - 1..<position, headline: first - 1, frame: first)
  }

  /// PHP: what was thrown, the word, and numbered frames; the exception that followed from it comes behind a blank line, with frames of
  /// its own. Laravel writes its word in brackets.
  private func php(at word: Int, after floor: Int) -> Found? {
    guard word + 1 < lines.count, lines[word + 1].begins("#0 ") else { return nil }
    // A message may have several lines.
    var headline = word
    for line in stride(from: word - 1, through: max(floor, word - 6), by: -1) where !lines[line].isBlank {
      if headline == word { headline = line }
      if lines[line].has("Uncaught ") || lines[line].has("xception") || lines[line].has("rror") {
        headline = line
        break
      }
    }
    var position = word + 1
    while position < end(word) {
      let line = lines[position]
      let isNext = line.isBlank && position + 1 < lines.count && lines[position + 1].begins("Next ")
      guard
        line.first == UInt8(ascii: "#") || line.isMark || isNext || line.begins("Next ") || line.begins("Stack trace:")
          || line.indented("thrown in ")
      else { break }
      position += 1
    }
    return Found(language: .php, lines: headline..<position, headline: headline, frame: word + 1)
  }

  /// A trace in a string of a JSON log line, its line ends escaped.
  private func quoted(at position: Int) -> Found? {
    let line = lines[position]
    guard line.has("\\n") else { return nil }
    func found(_ language: StackTrace.Language) -> Found {
      Found(language: language, lines: position..<position + 1, headline: position, frame: nil)
    }
    if line.has("Traceback (most recent call last):\\n") { return found(.python) }
    if line.has("\\ngoroutine ") { return found(.go) }
    if line.has("\\n\\tat ") { return found(.java) }
    if line.has("\\n   at ") { return found(.dotnet) }
    if line.has("\\n    at ") { return found(.node) }
    if line.has("\\n#0 ") { return found(.php) }
    return nil
  }

  private func end(_ start: Int) -> Int {
    min(lines.count, start + Self.longest)
  }
}

extension ArraySlice<UInt8> {
  fileprivate func begins(_ text: StaticString) -> Bool {
    starts(with: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  fileprivate func ends(_ text: StaticString) -> Bool {
    let trimmed = last == 0x0D ? dropLast() : self
    return trimmed.suffix(text.utf8CodeUnitCount)
      .elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// True behind white space.
  fileprivate func indented(_ text: StaticString) -> Bool {
    guard first == 0x20 || first == 0x09 else { return false }
    return drop { $0 == 0x20 || $0 == 0x09 }.begins(text)
  }

  /// `  12: name` of a backtrace.
  fileprivate var numbered: Bool {
    let rest = drop { $0 == 0x20 || $0 == 0x09 }
    let digits = rest.prefix { $0.isDigit }
    return rest.startIndex > startIndex && !digits.isEmpty && rest.dropFirst(digits.count).begins(": ")
  }

  /// True if the text stands in the first 4 KiB of the line.
  fileprivate func has(_ text: StaticString) -> Bool {
    prefix(StackTrace.lineLimit).contains(text)
  }

  fileprivate var isBlank: Bool {
    allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
  }

  /// A mark of ours within a trace: a recursion's frames repeat.
  fileprivate var isMark: Bool { begins("[kube-mind: ") }
}

extension ArraySlice<UInt8> {
  /// True if the text stands somewhere in these bytes.
  func contains(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard count > 0, self.count >= count else { return count == 0 }
    return withUnsafeBufferPointer { bytes in
      let first = text.utf8Start[0]
      var position = 0
      let last = bytes.count - count
      while position <= last {
        if bytes[position] == first {
          var matched = 1
          while matched < count, bytes[position + matched] == text.utf8Start[matched] { matched += 1 }
          if matched == count { return true }
        }
        position += 1
      }
      return false
    }
  }
}
