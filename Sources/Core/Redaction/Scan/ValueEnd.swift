/// Where a value without quotes ends.
extension TextScan {
  /// The end of a value without quotes.
  func unquotedEnd(_ start: Int, _ key: Key, _ separator: Separator) -> Int {
    let limit = min(bytes.count, start + Self.longestValue)
    let before = bytes.at(key.name.lowerBound - 1)
    let isQuery = before == 0x3F || before == 0x26 || bytes.at(start - 1) == 0x3D && isForm(start)
    var end = start
    var open = 0
    while end < limit {
      let byte = bytes[end]
      if byte <= 0x20 || byte == 0x7F { break }
      switch byte {
      case 0x22, 0x60: return end
      case 0x27 where end > start: return end
      case 0x26:  // &
        if isQuery || isNextKey(end + 1) { return end }
      case 0x23 where before == 0x3F || before == 0x26: return end  // the fragment of a URL
      case 0x7C where bytes.at(start - 1) == byte: return end  // |x|
      case 0x3C where end > start: return end
      case 0x5C:
        let next = bytes.at(end + 1)
        if next == 0x22 || next == 0x27 || next == 0x6E || next == 0x72 || next == 0x74 { return end }
      case 0x2C where bytes.has("$argon2", at: start): break  // $argon2id$v=19$m=65536,t=3,p=4$…
      case 0x2C, 0x3B:
        let next = bytes.at(end + 1)
        if next <= 0x20 || next.isQuote || isNextKey(end + 1) { return end }
      case 0x28, 0x5B, 0x7B: open += 1
      case 0x29, 0x5D, 0x7D:
        if open == 0 {
          let next = bytes.at(end + 1)
          // `def login(self, token=None):`
          let isSignature = next == 0x3A && bytes.at(end + 2) <= 0x20
          if next <= 0x20 || next == 0x2C || next == 0x3B || next.isQuote || next == 0x29 || next == 0x5D
            || next == 0x7D || isSignature
          {
            return end
          }
        } else {
          open -= 1
        }
      default: break
      }
      end += 1
    }
    return end
  }

  /// True if the value belongs to a form body: a key and `=` without blanks, and `&` somewhere before the next blank.
  private func isForm(_ start: Int) -> Bool {
    var index = start
    let limit = min(bytes.count, start + 2_048)
    while index < limit, bytes[index] > 0x20, !bytes[index].isQuote {
      if bytes[index] == 0x26 { return isNextKey(index + 1) }
      index += 1
    }
    return false
  }

  /// True if `word=` or `word:` stands at `index`, after blanks: the next pair of a list.
  func isNextKey(_ index: Int) -> Bool {
    var place = index
    while place < bytes.count, bytes[place].isBlank { place += 1 }
    guard bytes.at(place).isLetter || bytes.at(place) == 0x5F else { return false }
    let word = place
    while place < bytes.count, place - word < 64, bytes[place].isKey { place += 1 }
    while place < bytes.count, bytes[place] == 0x20, place - word < 64 { place += 1 }
    return bytes.at(place) == 0x3D || bytes.at(place) == 0x3A
  }
}
