/// Tables with a column of secrets: Markdown, the boxes of database shells, CSV and TSV, columns of blanks.
///
/// The header row says which column. It is one if every cell is a short label, if the row above has another number of cells (so
/// that no row of a table is taken for its header, and a long table is read once), and if the row below has the same number.
extension TextScan {
  /// What parts the cells of a row.
  private enum Delimiter: Equatable {
    /// `|`, `│`, `║`.
    case bar
    /// One byte: a tab, `,` or `;`.
    case byte(UInt8)
    /// Two blanks or more.
    case gap
  }

  private static let mostRows = 1_000
  private static let longestRow = 4_096
  private static let mostCells = 64
  /// Bytes after the header in which rows are looked for.
  private static let tableReach = 32_768

  /// Reads the key as a cell of a header row. True if it is one.
  mutating func tableColumn(_ key: Key) -> Bool {
    guard endsCell(key) else { return false }
    let start = textStart(of: key, in: bytes.lineStart(of: key.name.lowerBound, reach: Self.longestRow))
    var end = bytes.lineEnd(from: key.end, limit: min(bytes.count, start + Self.longestRow))
    let isInText = bytes.at(start - 1).isQuote
    if isInText, let close = (key.end..<max(end, key.end)).first(where: { bytes[$0] == 0x22 || isEscapedEnd($0) }) {
      end = close
    }
    guard key.verdict >= .likely, start <= key.name.lowerBound, start < end,
      let delimiter = delimiter(in: start..<end, around: key)
    else { return false }
    let header = cells(start..<end, delimiter)
    // `load_ssh_key,` of a list in a program has a mark of CSV as well, and no second heading.
    guard header.count(where: { !trimmed($0).isEmpty }) >= 2,
      let column = header.firstIndex(where: { $0.contains(key.name.lowerBound) }),
      header.allSatisfy({ isLabel($0) })
    else {
      return false
    }
    let cell = trimmed(header[column])
    guard cell.lowerBound <= key.name.lowerBound, cell.upperBound >= key.name.upperBound,
      bytes[cell.lowerBound] != 0x2D,
      delimiter != .gap || header.allSatisfy({ isHeading(trimmed($0)) }),
      cell == key.name || verdict(cell) >= .likely
    else { return false }
    if start > 1, header.count > 1 {
      let above = afterLogPrefix(
        bytes.lineStart(of: start - 1 - (bytes.at(start - 2) == 0x0D ? 1 : 0), reach: Self.longestRow))
      let line = above..<max(above, bytes.lineEnd(from: above, limit: start))
      if !line.isEmpty, !isRule(line), delimiter != .gap, cells(line, delimiter).count == header.count { return false }
    }
    // The other columns of secrets are read with it: their headings are not asked again.
    let columns = header.indices.compactMap { index -> (Int, Key)? in
      if index == column { return (index, key) }
      let name = trimmed(header[index])
      let verdict = name.isEmpty ? .none : verdict(name)
      return verdict > .likely ? (index, Key(name: name, dashes: 0, end: name.upperBound, verdict: verdict)) : nil
    }
    return rows(below: end, header, columns, delimiter, isInText: isInText)
  }

  private mutating func rows(
    below end: Int, _ header: [Range<Int>], _ columns: [(Int, Key)], _ delimiter: Delimiter, isInText: Bool
  )
    -> Bool
  {
    var first = header[0].lowerBound
    while first > 0, bytes[first - 1] == 0x20 { first -= 1 }
    let isBordered = bytes.at(first - 1) == 0x7C || isBox(first - 3)
    var line = end
    var count = 0
    while count < Self.mostRows, line - end < Self.tableReach, let next = nextLine(after: line) {
      line = next.lowerBound
      var row = next
      while !row.isEmpty, bytes[row.upperBound - 1] == 0x0D { row = row.lowerBound..<row.upperBound - 1 }
      // In a text in quotes the last row ends where the text does.
      if isInText, let quote = bytes[row].firstIndex(of: 0x22) { row = row.lowerBound..<quote }
      if isRule(row) { continue }
      guard !row.isEmpty, row.count <= Self.longestRow else { break }
      let cells = cells(row, delimiter)
      guard cells.count == header.count, delimiter != .bar || opensWithBar(row) == isBordered
      else { break }
      count += 1
      keyEnd = max(keyEnd, row.upperBound)
      for (column, key) in columns {
        let range = trimmed(cells[column])
        guard !range.isEmpty, !isWordOfProse(range) || delimiter != .gap else { continue }
        if bytes.hasIgnoringCase("secret", at: key.name.lowerBound), key.name.count <= 7, isObjectName(range),
          key.name == trimmed(header[column])
        {
          continue
        }
        accept(range, Key(name: key.name, dashes: 0, end: key.end, verdict: key.verdict), .element, isQuoted: true)
      }
    }
    return count > 0
  }

  /// Where the text of the key's line begins: behind what a container runtime wrote, and inside of the quotes that are open.
  func textStart(of key: Key, in line: Int) -> Int {
    let start = afterLogPrefix(line)
    let limit = key.name.lowerBound - (bytes.at(key.name.lowerBound - 1).isQuote ? 1 : 0)
    guard limit > start else { return start }
    var last = -1
    var quotes = 0
    for index in start..<limit where bytes[index] == 0x22 {
      quotes += 1
      last = index
    }
    return quotes % 2 == 1 ? last + 1 : start
  }

  /// A heading of a table without lines: one word, or words in capitals.
  private func isHeading(_ cell: Range<Int>) -> Bool {
    cell.allSatisfy { bytes[$0] != 0x20 && bytes[$0] != 0x2D || !bytes[cell.lowerBound].isLower && bytes[$0] == 0x20 }
  }

  /// True if the key is followed by what may end a cell: a delimiter, two blanks, the line's end. Rejects words of sentences
  /// before anything is measured.
  private func endsCell(_ key: Key) -> Bool {
    var index = key.end
    if bytes.at(index).isQuote { index += 1 }
    guard index < bytes.count, !bytes[index].isLineEnd, bytes[index] != 0x09 else { return true }
    let blanks = bytes[index] == 0x20
    if blanks { index += 1 }
    guard index < bytes.count else { return true }
    let byte = bytes[index]
    return byte == 0x7C || byte == 0x2C || byte == 0x3B || isBox(index) || blanks && (byte.isSpace)
  }

  /// True if a border stands before the first cell of a row.
  private func opensWithBar(_ row: Range<Int>) -> Bool {
    var first = row.lowerBound
    while first < row.upperBound, bytes[first].isBlank { first += 1 }
    return first < row.upperBound && (bytes[first] == 0x7C || isBox(first))
  }

  /// How the row that holds the key is parted, if it is.
  private func delimiter(in line: Range<Int>, around key: Key) -> Delimiter? {
    var gap = false
    for index in line {
      switch bytes[index] {
      case 0x7C: return .bar
      case 0x09, 0x2C, 0x3B:
        // Next to the key, or it parts something else.
        let byte = bytes[index]
        let isNext =
          (key.name.upperBound..<min(line.upperBound, key.name.upperBound + 3)).contains { bytes[$0] == byte }
          || (max(line.lowerBound, key.name.lowerBound - 3)..<key.name.lowerBound).contains { bytes[$0] == byte }
        if isNext { return .byte(byte) }
      case 0xE2 where isBox(index): return .bar
      case 0x20 where bytes.at(index + 1) == 0x20 && index > line.lowerBound: gap = true
      default: break
      }
    }
    return gap ? .gap : nil
  }

  /// The cells of a row, without the borders of a box.
  private func cells(_ line: Range<Int>, _ delimiter: Delimiter) -> [Range<Int>] {
    var out: [Range<Int>] = []
    var index = line.lowerBound
    var end = line.upperBound
    while index < end, bytes[index] == 0x20 { index += 1 }
    while end > index, bytes[end - 1].isSpace { end -= 1 }
    var cell = index
    var quote: UInt8 = 0
    while index < end, out.count < Self.mostCells {
      let byte = bytes[index]
      var width = 0
      switch delimiter {
      case .bar: width = byte == 0x7C ? 1 : isBox(index) ? 3 : 0
      case .byte(let mark):
        if quote == 0, byte == 0x22, index == cell { quote = byte } else if quote != 0, byte == quote { quote = 0 }
        width = quote == 0 && byte == mark ? 1 : 0
      case .gap:
        if byte.isBlank, bytes.at(index + 1).isBlank {
          var next = index
          while next < end, bytes[next].isBlank { next += 1 }
          width = next - index
        }
      }
      if width > 0 {
        if index > cell || delimiter != .bar || !out.isEmpty { out.append(cell..<index) }
        index += width
        cell = index
      } else {
        index += 1
      }
    }
    if cell < end { out.append(cell..<end) } else if case .byte = delimiter { out.append(end..<end) }
    return out
  }

  private func trimmed(_ range: Range<Int>) -> Range<Int> {
    var range = range
    while !range.isEmpty, bytes[range.lowerBound].isBlank { range = range.lowerBound + 1..<range.upperBound }
    while !range.isEmpty, bytes[range.upperBound - 1].isSpace { range = range.lowerBound..<range.upperBound - 1 }
    if range.count >= 2, bytes[range.lowerBound].isQuote, bytes[range.upperBound - 1] == bytes[range.lowerBound] {
      range = range.lowerBound + 1..<range.upperBound - 1
    }
    return range
  }

  /// One to four words of letters, digits and joints, not all digits.
  private func isLabel(_ range: Range<Int>) -> Bool {
    let cell = trimmed(range)
    guard cell.count <= 40, cell.count(where: { bytes[$0] == 0x20 }) < 4 else { return false }
    var letters = 0
    for index in cell {
      guard
        bytes[index].isKey || bytes[index] == 0x20 || bytes[index] == 0x28 || bytes[index] == 0x29
          || bytes[index] == 0x23
      else { return false }
      letters += bytes[index].isLetter || bytes[index] >= 0x80 ? 1 : 0
    }
    return letters > 0 || cell.isEmpty || cell.count == 1
  }

  /// A line of a box: dashes, pluses, bars, and the bytes of box drawing.
  private func isRule(_ line: Range<Int>) -> Bool {
    guard !line.isEmpty else { return false }
    for index in line
    where ![0x2D, 0x2B, 0x7C, 0x3D, 0x3A, 0x20, 0x0D].contains(bytes[index]) && bytes[index] < 0x80
      || bytes[index] == 0xC3
    {
      return false
    }
    return true
  }

  /// The name of a Kubernetes object: lower-case letters, digits, hyphens and dots.
  private func isObjectName(_ range: Range<Int>) -> Bool {
    range.allSatisfy {
      bytes[$0].isLower || bytes[$0].isDigit || bytes[$0] == 0x2D || bytes[$0] == 0x2E || bytes[$0] == 0x2F
    }
  }
}
