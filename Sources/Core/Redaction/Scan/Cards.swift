/// Numbers of payment cards.
extension TextScan {
  /// A payment card in groups of four digits, or of 4-6-5, or in one piece under a key that says what it is. `hit` is at the first digit.
  mutating func card(at hit: Int) {
    let separator = bytes.at(hit + 4)
    let before = bytes.at(hit - 1)
    guard separator == 0x20 || separator == 0x2D, !before.isWord, before != separator || !bytes.at(hit - 2).isDigit
    else { return }
    let isAmex = bytes[hit] == 0x33 && bytes.at(hit + 11) == separator
    var index = hit
    for length in isAmex ? [4, 6, 5] : [4, 4, 4, 4] {
      if index > hit {
        guard bytes.at(index) == separator else { return }
        index += 1
      }
      for _ in 0..<length {
        guard bytes.at(index).isDigit else { return }
        index += 1
      }
    }
    guard !bytes.at(index).isWord, isCard(hit..<index) else { return }
    found(hit..<index, engine.builtin.card, propagates: false)
  }

  /// A word about cards was seen at `hit`: a number in one piece within the next 48 bytes.
  mutating func cardNumber(after hit: Int, length: Int) {
    var index = hit + length
    let limit = min(bytes.count, index + 48)
    while index < limit {
      guard bytes[index].isDigit else {
        if bytes[index].isLineEnd { return }
        index += 1
        continue
      }
      var end = index
      while bytes.at(end).isDigit, end - index < 20 { end += 1 }
      plainCard(index..<end)
      index = end
    }
  }

  /// A card in one piece. An order's or a trace's number passes the check digit one time in ten, so that the
  /// first digits have to be those of a network, and the length one of its own.
  private mutating func plainCard(_ range: Range<Int>) {
    guard
      range.lowerBound == 0
        || !bytes[range.lowerBound - 1].isWord && bytes[range.lowerBound - 1] != 0x2E
          && bytes[range.lowerBound - 1] != 0x2D,
      !bytes.at(range.upperBound).isWord, bytes.at(range.upperBound) != 0x2E || !bytes.at(range.upperBound + 1).isDigit,
      isNetwork(range), isCard(range)
    else { return }
    found(range, engine.builtin.card, propagates: false)
  }

  /// Lengths and first digits of ISO/IEC 7812: Visa, Mastercard, American Express, Discover.
  private func isNetwork(_ range: Range<Int>) -> Bool {
    var prefix = 0
    for offset in 0..<4 { prefix = prefix * 10 + Int(bytes[range.lowerBound + offset] &- 0x30) }
    switch range.count {
    case 16:
      return prefix / 1_000 == 4 || 5_100..<5_600 ~= prefix || 2_221...2_720 ~= prefix || prefix == 6_011
        || prefix / 100 == 65
    case 15: return prefix / 100 == 34 || prefix / 100 == 37
    default: return false
    }
  }

  /// Luhn: every second digit from the right is doubled, and the sum of all digits ends in 0.
  private func isCard(_ range: Range<Int>) -> Bool {
    guard 0x32...0x36 ~= bytes[range.lowerBound] else { return false }
    var sum = 0
    var place = 0
    for index in range.reversed() where bytes[index].isDigit {
      let digit = Int(bytes[index] - 0x30)
      let value = place % 2 == 1 ? digit * 2 : digit
      sum += value > 9 ? value - 9 : value
      place += 1
    }
    return sum % 10 == 0
  }
}
