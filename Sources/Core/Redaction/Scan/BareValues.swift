/// A value right behind its key, with nothing between them that says so.
extension TextScan {
  /// `pass` in small letters, which sentences say of other things as well.
  func isVerb(_ key: Key) -> Bool { key.name.count == 4 && bytes.has("pass", at: key.name.lowerBound) }

  /// A word of a program in a text about it: `read_scope` in marks, `--quiet`.
  func isProgramWord(_ text: Range<Int>) -> Bool {
    bytes[text.lowerBound] == 0x2D || !text.contains { bytes[$0].isDigit || !bytes[$0].isKey }
  }

  /// `password x`, `passphrase x`, `client_secret x`: only where x looks chosen or made.
  mutating func bare(at index: Int, _ key: Key) {
    guard let word = valueWord(at: index), bytes[index] != 0x2D || key.dashes > 0,
      bytes[word.range.upperBound - 1] != 0x3D || !bytes.at(word.range.upperBound).isQuote
    else { return }
    if isOneTimeCode(key, word.range) {
      found(word.range, engine.builtin.keyValue, propagates: false)
      return
    }
    // `password 7 x` of Cisco: a digit says how it is written.
    if word.range.count == 1, bytes[word.range.lowerBound].isDigit, bytes.at(word.range.upperBound) == 0x20,
      let second = valueWord(at: word.range.upperBound + 1), second.endsLine, second.range.count >= 6,
      looksChosen(second.range)
    {
      return accept(second.range, key, .arrow, isQuoted: true)
    }
    var range = word.range
    while range.count > 1, [0x2E, 0x2C, 0x3B, 0x29].contains(bytes[range.upperBound - 1]) {
      range = range.lowerBound..<range.upperBound - 1
    }
    // `pass UTF-8 characters in a value`
    if isVerb(key), !word.endsLine, !ValueShape.looksLikeCredential(bytes, range) { return }
    let isCompound = !isBareWord(key.name) || key.isSpaced
    let fits =
      key.verdict == .password || isCompound
      ? looksChosen(range) && isOneWord(range) : ValueShape.looksRandom(bytes, range, least: 12) && isOneWord(range)
    // `with secret x`: names of objects have no capitals.
    let isTold = range.contains { bytes[$0].isUpper } && followsPreposition(key.name.lowerBound) && looksChosen(range)
    guard fits || isTold && isOneWord(range),
      !isSecretWord(key.name) || isTold || ValueShape.looksRandom(bytes, range, least: 16)
    else { return }
    value(at: index, key, .prose)
  }

  /// No path, no address, no version, no call: only what a password or a token may hold.
  private func isOneWord(_ range: Range<Int>) -> Bool {
    for index in range
    where bytes[index] == 0x2F || bytes[index] == 0x28 || bytes[index] == 0x5C || bytes[index] == 0x3A
      || bytes[index] == 0x3D && index + 2 < range.upperBound  // the end of base64
      || bytes[index] == 0x22
    {
      return false
    }
    return !bytes[range.lowerBound].isQuote && bytes[range.lowerBound] != 0x5B && bytes[range.lowerBound] != 0x3C
  }

  /// A code of 4 to 10 digits under `otp`, `code` or `pin`.
  func isOneTimeCode(_ key: Key, _ range: Range<Int>) -> Bool {
    guard 4...10 ~= range.count, range.allSatisfy({ bytes[$0].isDigit }) else { return false }
    let end = key.name.upperBound
    return bytes.hasIgnoringCase("otp", at: end - 3) || bytes.hasIgnoringCase("code", at: end - 4)
      || bytes.hasIgnoringCase("pin", at: end - 3)
  }

  /// See `ValueShape.looksChosen`.
  func looksChosen(_ range: Range<Int>) -> Bool { ValueShape.looksChosen(bytes, range) }

  /// One word without a border inside: `token`, not `authToken` or `db_password`.
  func isBareWord(_ name: Range<Int>) -> Bool {
    for index in name
    where !bytes[index].isLetter && bytes[index] < 0x80
      || index > name.lowerBound && bytes[index].isUpper && bytes[index - 1].isLower
    {
      return false
    }
    return true
  }

  /// `secret`, `Secrets`: the name of a kind of object, too.
  func isSecretWord(_ name: Range<Int>) -> Bool {
    (name.count == 6 || name.count == 7) && bytes.hasIgnoringCase("secret", at: name.lowerBound)
  }

  /// `unexpected token "x"`: of a parser.
  func followsComplaint(_ start: Int) -> Bool {
    for word in ["unexpected ", "illegal ", "expected ", "expecting ", "stray ", "unknown ", "next ", "current "]
      as [StaticString]
    where bytes.hasIgnoringCase(word, at: start - word.utf8CodeUnitCount) {
      return true
    }
    return false
  }

  /// `with token "x"`, `using secret "x"`.
  func followsPreposition(_ start: Int) -> Bool {
    for word in ["with ", "using ", "use ", "by ", "via ", "bearer ", "auth ", "access "] as [StaticString]
    where bytes.hasIgnoringCase(word, at: start - word.utf8CodeUnitCount) {
      return true
    }
    return false
  }
}
