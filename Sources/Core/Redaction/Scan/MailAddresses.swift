/// Mail addresses of people. Not a credential, but personal data that has no place in an incident.
extension TextScan {
  /// Longest local part (RFC 5321 section 4.5.3.1.1) and domain (4.5.3.1.2) in bytes.
  private static let longestLocal = 64
  private static let longestDomain = 255

  /// Masks `first.last@domain`: a local part of words with a dot between them is how organisations write people. Addresses of
  /// roles and machines (`ops@`, `git@`, service accounts) stay, for an engineer needs them.
  mutating func scanMail(in range: Range<Int>) throws(RedactionError) {
    var next = range.lowerBound
    while let sign = bytes.firstByte(0x40, from: next, to: range.upperBound) {
      next = sign + 1
      if mode != .known, bytes.at(next) == 0x28 || bytes.at(next) == 0x2F || bytes.at(next).isAlphanumeric,
        try enter(engine.builtin.dsn)
      {
        driverAddress(at: sign)
        bareUserinfo(at: sign)
        oracleAddress(at: sign)
      }
      guard let start = localPart(before: sign), let end = domain(after: sign) else { continue }
      if try enter(engine.builtin.mail) { found(start..<end, engine.builtin.mail, propagates: false) }
      next = end
    }
  }

  private func localPart(before sign: Int) -> Int? {
    let floor = max(0, sign - Self.longestLocal)
    var index = sign
    while index > floor, bytes[index - 1].isDigit { index -= 1 }
    var words = 0
    while true {
      let wordEnd = index
      while index > floor, bytes[index - 1].isLetter || bytes[index - 1] >= 0x80 { index -= 1 }
      guard wordEnd - index >= 2 else { return nil }
      words += 1
      guard index > floor, bytes[index - 1] == 0x2E else { break }
      index -= 1
    }
    guard words >= 2 else { return nil }
    // Part of a longer name, or the user of a URL, which another rule reads.
    let before = index > 0 ? bytes[index - 1] : 0x20
    return before.isWord || [0x2D, 0x2F, 0x3A, 0x25, 0x2B].contains(before) ? nil : index
  }

  private func domain(after sign: Int) -> Int? {
    let limit = min(bytes.count, sign + 1 + Self.longestDomain)
    var index = sign + 1
    var labels = 0
    var end: Int?
    while index < limit {
      let start = index
      while index < limit, bytes[index].isAlphanumeric || bytes[index] == 0x2D { index += 1 }
      guard index > start else { break }
      labels += 1
      // The last label is a word of letters: an image's digest or a version is none.
      let isName = index - start >= 2 && (start..<index).allSatisfy { bytes[$0].isLetter }
      if labels >= 2 { end = isName ? index : nil }
      guard index < limit, bytes[index] == 0x2E else { break }
      index += 1
    }
    return end
  }
}
