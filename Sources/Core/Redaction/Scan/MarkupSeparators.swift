/// What stands between a key and its value in tables of two columns and in XML.
extension TextScan {
  /// True at a vertical line of a box: `│`, `║`, `┃`.
  func isBox(_ index: Int) -> Bool {
    bytes.at(index) == 0xE2
      && (bytes.at(index + 1) == 0x94 && [0x82, 0x83].contains(bytes.at(index + 2))
        || bytes.at(index + 1) == 0x95 && bytes.at(index + 2) == 0x91)
  }

  /// A row of a key and its value alone, `| key | value |` or `key | value`: in wider rows the header decides, see `Tables`.
  func cell(after bar: Int, _ key: Key) -> (Separator, Int)? {
    let line = bytes.lineStart(of: key.name.lowerBound, reach: 512)
    var first = textStart(of: key, in: line)
    while bytes.at(first).isBlank { first += 1 }
    let width = bytes[bar] == 0x7C ? 1 : 3
    if bytes.at(first) == 0x7C || isBox(first) { first += bytes[first] == 0x7C ? 1 : 3 }
    while bytes.at(first).isBlank || bytes.at(first).isQuote || bytes.at(first) == 0x2A { first += 1 }
    // Words before it belong to the name: `| Admin Password | x |`.
    guard first <= key.name.lowerBound - key.dashes, key.name.lowerBound - first < 40,
      (first..<key.name.lowerBound - key.dashes).allSatisfy({ bytes[$0].isAlphanumeric || bytes[$0] == 0x20 })
    else { return nil }
    let end = bytes.lineEnd(from: bar, limit: min(bytes.count, bar + Self.longestValue))
    var value = bar + width
    while value < end, bytes[value].isBlank { value += 1 }
    var close = value
    while close < end, bytes[close] != 0x7C, !isBox(close) { close += 1 }
    var rest = close
    while rest < end, bytes[rest].isBlank || bytes[rest] == 0x7C || bytes[rest] >= 0x80 { rest += 1 }
    guard rest >= end || bytes[rest].isQuote || bytes[rest] == 0x5C, close > value else { return nil }
    // `character varying(64)` of a column.
    if let type = valueWord(at: value), isWordOfProse(type.range), !type.endsLine { return nil }
    // A description has several words.
    if (value..<close).filter({ bytes[$0] == 0x20 && bytes.at($0 + 1).isLetter }).count >= 2 { return nil }
    // A line below a header is none of its cells.
    if let next = nextLine(after: end) {
      var below = next.lowerBound
      while bytes.at(below).isBlank || bytes.at(below) == 0x7C || bytes.at(below) == 0x2B { below += 1 }
      if bytes.has("--", at: below) || bytes.has(":-", at: below) { return nil }
    }
    return (.arrow, value)
  }

  /// True if the key is the name of an XML element that begins here.
  func isElementStart(_ start: Int) -> Bool {
    let before = bytes.at(start - 1)
    if before == 0x3C { return true }
    guard before == 0x3A else { return false }
    var index = start - 1
    while index > 0, start - index < 32, bytes[index - 1].isWord { index -= 1 }
    return bytes.at(index - 1) == 0x3C
  }

  /// `<password value="x"/>`: where the quote of the attribute opens.
  func valueAttribute(from index: Int) -> Int? {
    let limit = min(bytes.count, index + 256)
    guard let close = bytes.firstByte(0x3E, from: index, to: limit),
      let name = bytes.first("value=", in: index..<close),
      bytes.at(name - 1).isSpace, bytes.at(name + 6).isQuote
    else { return nil }
    return name + 6
  }

  /// `<Password Type="…">x`: where the text begins, behind the attributes.
  func elementText(from index: Int) -> Int? {
    var place = index
    let limit = min(bytes.count, index + 512)
    var quote: UInt8 = 0
    while place < limit, !bytes[place].isLineEnd {
      let byte = bytes[place]
      if quote != 0 {
        if byte == quote { quote = 0 }
      } else if byte.isQuote {
        quote = byte
      } else if byte == 0x3E {
        return bytes[place - 1] == 0x2F ? nil : place + 1
      } else if byte == 0x3C {
        return nil
      }
      place += 1
    }
    return nil
  }
}
