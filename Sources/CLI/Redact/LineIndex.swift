/// Finds line and column of an offset in a file that comes in pieces. It keeps the lines of the last pieces alone: what is
/// asked for lies at most as far behind as redaction holds text.
struct LineIndex {
  private struct Piece {
    var start: Int
    /// Line of its first byte, from 1, and offset of that line's first byte.
    var line: Int
    var lineStart: Int
    /// Offsets of the first bytes of the lines that begin in it.
    var lines: [Int]
  }

  private var pieces: [Piece] = []
  private var length = 0
  private var line = 1
  private var lineStart = 0

  /// Bytes behind the end that can still be asked for: a whole document and a window of text.
  private static let reach = 72 << 20

  /// Takes the next bytes of the file.
  mutating func append(_ bytes: [UInt8]) {
    var piece = Piece(start: length, line: line, lineStart: lineStart, lines: [])
    for index in bytes.indices where bytes[index] == 0x0A { piece.lines.append(length + index + 1) }
    pieces.append(piece)
    length += bytes.count
    line += piece.lines.count
    lineStart = piece.lines.last ?? lineStart
    let old = pieces.firstIndex { $0.start >= length - Self.reach } ?? 0
    if old > 1 { pieces.removeFirst(old - 1) }
  }

  /// Line and column, in bytes, both from 1.
  func position(of offset: Int) -> (line: Int, column: Int) {
    var low = 0
    var high = pieces.count
    while low < high {
      let middle = (low + high) / 2
      if pieces[middle].start <= offset { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return (1, offset + 1) }
    let piece = pieces[low - 1]
    var first = 0
    var last = piece.lines.count
    while first < last {
      let middle = (first + last) / 2
      if piece.lines[middle] <= offset { first = middle + 1 } else { last = middle }
    }
    let start = first > 0 ? piece.lines[first - 1] : piece.lineStart
    return (piece.line + first, offset - start + 1)
  }
}
