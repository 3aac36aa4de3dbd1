/// One line of a log: where it stands, and what it is compared by.
struct LogLine: Sendable, Equatable {
  /// Its bytes in the log, without the LF at its end.
  let range: Range<Int>
  /// Equal for lines that differ in nothing but the times in them.
  let key: UInt64
  /// The first time in it; nil where it has none.
  let time: Range<Int>?

  /// The lines of a log. An LF at the very end begins no further line.
  static func all(in text: [UInt8]) -> [LogLine] {
    var lines: [LogLine] = []
    var start = 0
    while start < text.count {
      let end = text[start...].firstIndex(of: 0x0A) ?? text.count
      lines.append(LogLine(start..<end, of: text))
      start = end + 1
    }
    return lines
  }

  private init(_ range: Range<Int>, of text: [UInt8]) {
    self.range = range
    var scan = TimeMask(text: text, range: range)
    scan.run()
    key = scan.hash
    time = scan.firstTime
  }
}

/// Hashes a line with one placeholder in the place of each date, time of day and epoch in it.
///
/// Known by shape: `2026-11-23`, `2026/11/23`, `02:06:25` with a fraction and an offset, `1123` behind a klog severity, and whole
/// numbers of 10, 13, 16 or 19 digits that begin with 1 (seconds to nanoseconds from 2001 to 2033). Whatever else differs makes
/// another line: folding must not hide a change of a number that means something.
private struct TimeMask {
  let text: [UInt8]
  let range: Range<Int>
  /// FNV-1a: the same in every process, so that a test can rely on it. A collision would fold a line that is another one; who writes
  /// a log to provoke it hides lines of his own.
  private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  private(set) var firstTime: Range<Int>?

  init(text: [UInt8], range: Range<Int>) {
    self.text = text
    self.range = range
  }

  mutating func run() {
    var position = range.lowerBound
    while position < range.upperBound {
      let byte = text[position]
      guard byte.isDigit, !follows(position), let end = timeEnd(from: position) else {
        add(byte)
        position += 1
        continue
      }
      note(position..<end)
      // Beyond the values of bytes, so that no text reads as it.
      add(0x7E)
      add(0x00)
      position = end
    }
  }

  /// True if the digit at `position` goes on with a word or number: no time begins there. The `T` between date and time does not
  /// count, nor does a klog severity.
  private func follows(_ position: Int) -> Bool {
    guard position > range.lowerBound else { return false }
    let before = text[position - 1]
    if before.isDigit || before == 0x2E || before == 0x5F { return true }
    guard before.isLetter else { return false }
    if position - 1 == range.lowerBound { return ![0x49, 0x57, 0x45, 0x46, 0x44].contains(before) }  // I W E F D
    return before != 0x54
  }

  private mutating func note(_ time: Range<Int>) {
    // A date, what stands between, and a time are one.
    if let first = firstTime {
      if first.upperBound + 1 == time.lowerBound { firstTime = first.lowerBound..<time.upperBound }
    } else {
      firstTime = time
    }
  }

  private func timeEnd(from start: Int) -> Int? {
    let digits = digitCount(start)
    let end = start + digits
    switch digits {
    case 4:
      if let separator = byte(end), separator == 0x2D || separator == 0x2F, digitCount(end + 1) == 2,
        byte(end + 3) == separator, digitCount(end + 4) == 2
      {
        return end + 6
      }
      // klog: Lmmdd hh:mm:ss.uuuuuu
      if start == range.lowerBound + 1, text[start - 1].isLetter, byte(end) == 0x20, clockEnd(from: end + 1) != nil {
        return end
      }
      return nil
    case 2: return clockEnd(from: start)
    case 10, 13, 16, 19:
      guard text[start] == 0x31, byte(end)?.isLetter != true else { return nil }
      if byte(end) == 0x2E, digitCount(end + 1) > 0 { return end + 1 + digitCount(end + 1) }
      return end
    default: return nil
    }
  }

  /// `hh:mm:ss`, its fraction, and Z or an offset.
  private func clockEnd(from start: Int) -> Int? {
    guard digitCount(start) == 2, byte(start + 2) == 0x3A, digitCount(start + 3) == 2, byte(start + 5) == 0x3A,
      digitCount(start + 6) == 2
    else { return nil }
    var end = start + 8
    if let mark = byte(end), mark == 0x2E || mark == 0x2C, digitCount(end + 1) > 0 { end += 1 + digitCount(end + 1) }
    if byte(end) == 0x5A { return end + 1 }
    if let sign = byte(end), sign == 0x2B || sign == 0x2D {
      if digitCount(end + 1) == 4 { return end + 5 }
      if digitCount(end + 1) == 2, byte(end + 3) == 0x3A, digitCount(end + 4) == 2 { return end + 6 }
    }
    return end
  }

  private func byte(_ position: Int) -> UInt8? {
    position < range.upperBound ? text[position] : nil
  }

  /// Digits from a position on, at most 20: no time has more.
  private func digitCount(_ position: Int) -> Int {
    var count = 0
    while count <= 20, let digit = byte(position + count), digit.isDigit { count += 1 }
    return count
  }

  private mutating func add(_ byte: UInt8) {
    hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01B3
  }
}

extension UInt8 {
  /// 0 to 9.
  var isDigit: Bool { self &- 0x30 < 10 }
  /// A to Z and a to z.
  var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
}
