/// Columns of text for a terminal or a pipe, as wide as their widest cell.
struct TextTable {
  /// How a column's cells stand.
  enum Alignment {
    case left
    case right
  }

  private let header: [String]
  private let alignments: [Alignment]
  private var rows: [[String]] = []

  /// A table with the headings of its columns.
  init(_ columns: [(heading: String, alignment: Alignment)]) {
    header = columns.map(\.heading)
    alignments = columns.map(\.alignment)
  }

  /// Adds a row with one cell for each column.
  mutating func add(_ cells: String...) {
    add(cells)
  }

  /// The same, of a row that is there already.
  mutating func add(_ cells: [String]) {
    rows.append(cells)
  }

  /// The lines, without spaces at their ends. `paintHeader` may colour the heading.
  func lines(paintHeader: (String) -> String = { $0 }) -> [String] {
    let widths = header.indices.map { column in
      ([header] + rows).map { $0[column].count }.max() ?? 0
    }
    func line(_ cells: [String]) -> String {
      let padded = cells.indices.map { column -> String in
        let space = String(repeating: " ", count: max(0, widths[column] - cells[column].count))
        return alignments[column] == .left ? cells[column] + space : space + cells[column]
      }
      var text = padded.joined(separator: "  ")
      while text.hasSuffix(" ") { text.removeLast() }
      return text
    }
    return [paintHeader(line(header))] + rows.map(line)
  }
}

extension Double {
  /// With so many digits behind the point.
  func written(digits: Int = 1) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    guard isFinite, abs(self) < 1e15 / scale else { return "-" }
    let scaled = Int64((abs(self) * scale).rounded())
    let whole = scaled / Int64(scale)
    let sign = self < 0 && scaled != 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(whole)" }
    let fraction = String(scaled % Int64(scale))
    return "\(sign)\(whole)." + String(repeating: "0", count: digits - fraction.count) + fraction
  }
}
