/// What stands between a key and its value in the dumps, data and calls of programming languages.
extension TextScan {
  /// `Password(x1)` in a dump of a value that has a type of its own. A call in a stack trace is none: its name has a dot before it, its
  /// arguments are pointers or places in files.
  func isWrapper(_ key: Key, open: Int) -> Bool {
    let start = key.name.lowerBound
    let isWord = key.verdict == .password && (bytes.at(start - 1).isBlank || bytes.at(start - 1) == 0x2C)
    guard bytes[start].isUpper || isWord, !bytes.at(start - 1).isKey, key.verdict >= .presumed,
      key.name.allSatisfy({ bytes[$0].isAlphanumeric })
    else { return false }
    let limit = min(bytes.count, open + 512)
    guard let close = bytes.firstByte(0x29, from: open + 1, to: limit), !bytes.has("0x", at: open + 1) else {
      return false
    }
    let text = open + 1..<close
    let isDefinition = ["def ", "func ", "function ", "fn "].contains(
      where: {
        bytes.has($0, at: start - $0.utf8CodeUnitCount)
      } as (StaticString) -> Bool)
    return !isDefinition && text.allSatisfy { bytes[$0] > 0x20 && !".:(,".utf8.contains(bytes[$0]) }
      && looksChosen(text)
  }

  /// What a test or a program compares with: `expect(password).toBe('x')`, `strcmp(password, "x")`. Where the text in quotes begins.
  func testedText(_ key: Key, _ index: Int) -> Int? {
    guard bytes.at(key.name.lowerBound - 1) == 0x28, bytes.at(index) == 0x29 || bytes.at(index) == 0x2C else {
      return nil
    }
    let calls: [StaticString] = [
      ").toBe(", ").toEqual(", ").toStrictEqual(", ").to.equal(", ").to.eq(", ").isEqualTo(", ").toMatch(", ", ",
    ]
    for call in calls where bytes.has(call, at: index) {
      let text = index + call.utf8CodeUnitCount
      return bytes.at(text).isQuote ? text : nil
    }
    return nil
  }

  /// `{:key, "x"}` of Elixir: `start` is behind the colon.
  func isAtom(_ start: Int) -> Bool {
    bytes.at(start - 1) == 0x3A && (bytes.at(start - 2) == 0x7B || bytes.at(start - 2) == 0x5B)
  }

  /// `key->x`: where x begins. `user->password->x` of a program goes on.
  func arrowed(at index: Int, _ before: UInt8) -> Int? {
    guard let word = valueWord(at: index), looksChosen(word.range), before != 0x3E else { return nil }
    return word.range.contains { bytes[$0] == 0x28 || bytes[$0] == 0x3E } ? nil : index
  }

  /// Steps over the index behind the name of an array: `passwd[8]=x`, `password[bob]=x`.
  func afterIndex(_ start: Int) -> Int {
    guard bytes.at(start) == 0x5B else { return start }
    var index = start + 1
    while bytes.at(index).isDigit, index - start < 8 { index += 1 }
    if index > start + 1, bytes.at(index) == 0x5D { return index + 1 }
    while bytes.at(index).isKey, index - start < 40 { index += 1 }
    return index > start + 1 && bytes.has("]=", at: index) ? index + 1 : start
  }

  /// What says in brackets what the value is, and the separator behind it: ` (string): `, ` [string] = `, ` (std::string) $0 = `.
  func describedSeparator(from open: Int, isSpaced: Bool) -> (Separator, Int)? {
    // `password [default: x]`
    for word in ["default: ", "default=", "default ", "current: "] as [StaticString]
    where isSpaced && bytes.hasIgnoringCase(word, at: open + 1) {
      return (.arrow, open + 1 + word.utf8CodeUnitCount)
    }
    let limit = min(bytes.count, open + 40)
    let close: UInt8 = bytes[open] == 0x28 ? 0x29 : 0x5D
    var index = open + 1
    while index < limit, bytes[index] != close {
      guard bytes[index].isWord || ": *&<>,.-".utf8.contains(bytes[index]) else { return nil }
      index += 1
    }
    guard index < limit, index > open + 1, bytes[open + 1].isAlphanumeric else { return nil }
    index += 1
    // `password(String) = 'x'`: without a blank before the bracket it may be a call, which gives no text a name.
    if !isSpaced { return bytes.has(" = ", at: index) && opensText(index + 3) ? (.spacedEquals, index + 3) : nil }
    if bytes.has(": ", at: index) { return (.colon, index + 2) }
    if bytes.has(" = ", at: index) { return (.spacedEquals, index + 3) }
    guard bytes.has(" $", at: index) else { return nil }
    index += 2
    while bytes.at(index).isDigit { index += 1 }
    return bytes.has(" = ", at: index) ? (.spacedEquals, index + 3) : nil
  }

  /// `"HSET" "user:1" "password" "x"`, as `MONITOR` of Redis and shells show arguments: the text at `index`, if a text in quotes
  /// stands before the key's (`open` is its quote) and this one is no plain word.
  func argument(at index: Int, after open: Int) -> Int? {
    var open = open
    // `"SET" "user:1:token" "x"`: the key is the last part of a name.
    while open > 0, bytes[open].isKey || bytes[open] == 0x3A || bytes[open] == 0x2F { open -= 1 }
    guard bytes.at(open) == 0x22, bytes.at(open - 1) == 0x20, bytes.at(open - 2) == 0x22 else { return nil }
    let limit = min(bytes.count, index + Self.longestValue)
    guard let close = bytes.firstByte(0x22, from: index + 1, to: limit), looksChosen(index + 1..<close) else {
      return nil
    }
    return index
  }

  /// Steps over what PHP puts behind the name of a member: `:protected`, `":"App\Config":private`.
  func afterVisibility(_ start: Int) -> Int {
    guard bytes.at(start) == 0x3A else { return start }
    var index = start + 1
    let limit = min(bytes.count, start + 96)
    while index < limit, bytes[index].isWord || bytes[index] == 0x5C || bytes[index] == 0x22 || bytes[index] == 0x3A {
      index += 1
    }
    guard bytes.at(index) == 0x5D else { return start }
    return bytes.has("private", at: index - 7) || bytes.has("protected", at: index - 9) ? index : start
  }

  /// `"key";s:12:"value"` of PHP's serialize: where the quote stands.
  func serialized(_ index: Int) -> (Separator, Int)? {
    var place = index + 3
    while bytes.at(place).isDigit { place += 1 }
    return bytes.at(place) == 0x3A && bytes.at(place + 1) == 0x22 ? (.arrow, place + 1) : nil
  }

  /// `{key,"x"}` of Erlang, `[key, x]`: a list of names is none.
  func tuple(after comma: Int) -> (Separator, Int)? {
    var value = comma + 1
    while bytes.at(value).isBlank { value += 1 }
    if bytes.at(value).isQuote || bytes.at(value) == 0x3C { return (.arrow, value) }
    var end = value
    while end < bytes.count, end - value < 512, bytes[end] > 0x20, bytes[end] != 0x2C, bytes[end] != 0x5D,
      bytes[end] != 0x7D
    { end += 1 }
    return end > value && looksChosen(value..<end) ? (.arrow, value) : nil
  }

  /// `'x-api-key', 'x'`: a header's name in quotes, as proxies and lists of headers show it, before a text that looks made.
  func isHeader(_ key: Key, _ value: Int) -> Bool {
    guard key.verdict >= .secret, key.name.contains(where: { bytes[$0] == 0x2D }) else { return false }
    var open = value
    while bytes.at(open).isSpace { open += 1 }
    guard bytes.at(open).isQuote,
      let close = bytes.firstByte(bytes[open], from: open + 1, to: min(bytes.count, open + 1_024))
    else { return false }
    return ValueShape.looksLikeCredential(bytes, open + 1..<close)
  }

  /// True if the quote at `index` opens the first text of a pair: `set("key", "value")`, `('key', 'value')`, `[ 'key', 'value' ]`.
  func opensPair(_ index: Int) -> Bool {
    guard bytes.at(index).isQuote else { return false }
    var place = index - 1
    while bytes.at(place) == 0x20 { place -= 1 }
    let before = bytes.at(place)
    if before == 0x28 || before == 0x7B || before == 0x3C { return true }
    // One of a list of pairs: `[["a", 1], ["key", "value"]]`.
    if before == 0x5B, bytes.at(place - 1) == 0x5B || bytes.has("], [", at: place - 3) { return true }
    // A list of two with something that is no name in it, or a line of its own: `"KEY", "value"`.
    guard before == 0x5B || place < 0 || before.isLineEnd else { return false }
    guard let comma = (index + 1..<min(bytes.count, index + 160)).first(where: { bytes[$0] == 0x2C }) else {
      return false
    }
    var value = comma + 1
    while bytes.at(value).isBlank { value += 1 }
    guard bytes.at(value).isQuote else { return false }
    var end = value + 1
    while end < bytes.count, end - value < 512, bytes[end] != bytes[value], !bytes[end].isLineEnd { end += 1 }
    guard bytes.at(end) == bytes[value], before != 0x5B || looksChosen(value + 1..<end) else { return false }
    var after = end + 1
    while bytes.at(after).isBlank { after += 1 }
    return before == 0x5B ? bytes.at(after) == 0x5D : after >= bytes.count || bytes[after].isLineEnd
  }
}
