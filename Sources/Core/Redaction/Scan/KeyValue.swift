/// Values under a key, in free text: what stands between key and value, and whether the key makes the value secret.
extension TextScan {
  /// Longest value that is looked for, in bytes. What is longer is cut there by the line anyway, or is no credential.
  static let longestValue = 16_384

  /// How key and value are joined.
  enum Separator: Equatable {
    /// `key=value`, `key:value`: nothing between.
    case tight
    /// `key = value`.
    case spacedEquals
    /// `key: value`.
    case colon
    /// `key => value`, `key -> value`, `"key", "value"`, `| key | value |`.
    case arrow
    /// `key == value`.
    case comparison
    /// `--key value`.
    case space
    /// `<key>value`.
    case element
    /// `password is value`.
    case prose
  }

  /// A key was seen at `hit`: finds its ends, the separator and the value.
  mutating func keyValue(at hit: Int, length: Int) {
    var start = hit
    let floor = max(0, hit - KeyClassifier.longestName)
    while start > floor, bytes[start - 1].isKey { start -= 1 }
    var end = hit + length
    let ceiling = min(bytes.count, hit + KeyClassifier.longestName)
    while end < ceiling, bytes[end].isKey { end += 1 }
    // `pw=` and `pw"` are triggers with their separator.
    while end > hit, !bytes[end - 1].isKey { end -= 1 }
    keyEnd = end
    while end > start, bytes[end - 1] == 0x2E || bytes[end - 1] == 0x2D { end -= 1 }
    let dashes = leadingDashes(&start, end)
    guard end > start, end - start < KeyClassifier.longestName else { return }

    guard var (separator, valueStart) = separator(after: end, from: start, dashes: dashes) else { return }
    var verdict = engine.verdict(bytes, start..<end)
    if verdict < .plural, separator != .tight { verdict = max(verdict, spacedVerdict(start, end)) }
    if verdict == .none {
      namedPair(start, end, separator, valueStart)
      return
    }
    if separator == .colon, let typed = annotation(at: valueStart) {
      valueStart = typed
      separator = .spacedEquals
    }
    value(at: valueStart, key: start..<end, separator, verdict)
  }

  /// Takes dashes off the front of a key; they make it a flag if they stand at the front of a word.
  private func leadingDashes(_ start: inout Int, _ end: Int) -> Int {
    let first = start
    while start < end, bytes[start] == 0x2D || bytes[start] == 0x2E || bytes[start] == 0x5F && bytes[start + 1] == 0x2D
    {
      start += 1
    }
    let dashes = start - first
    guard dashes > 0, first > 0 else { return dashes }
    let before = bytes[first - 1]
    return before.isSpace || before.isQuote || before == 0x2C || before == 0x5B || before == 0x28 || before == 0x3D
      ? dashes : 0
  }

  /// The separator after a key that ends at `end`, and where the value starts; nil where the key has no value.
  func separator(after end: Int, from start: Int, dashes: Int) -> (Separator, Int)? {
    let count = bytes.count
    var index = end
    var quoted = false
    let before = bytes.at(start - 1 - dashes)
    if index < count, bytes[index].isQuote {
      quoted = true
      index += 1
    }
    if index < count, bytes[index] == 0x3F { index += 1 }  // `key?:` in TypeScript and Kotlin
    if index < count, bytes[index] == 0x5D || bytes[index] == 0x29 && quoted { index += 1 }  // `['key']`, `("key")`
    let afterKey = index
    while index < count, bytes[index].isBlank { index += 1 }
    guard index < count else { return nil }
    let spaced = index > afterKey
    let byte = bytes[index]
    switch byte {
    case 0x3D:  // =
      let next = bytes.at(index + 1)
      if next == 0x3E { return (.arrow, index + 2) }
      if next == 0x3D { return (.comparison, index + (bytes.at(index + 2) == 0x3D ? 3 : 2)) }
      if next == 0x7E { return nil }
      return (spaced || next.isBlank ? .spacedEquals : .tight, index + 1)
    case 0x3A:  // :
      let next = bytes.at(index + 1)
      if next == 0x3D { return (.spacedEquals, index + 2) }
      if next == 0x3A { return nil }
      if next == 0x2F, bytes.at(index + 2) == 0x2F { return nil }
      return (next.isBlank || quoted ? .colon : .tight, index + 1)
    case 0x2D where spaced && bytes.at(index + 1) == 0x3E: return (.arrow, index + 2)
    case 0x7C where spaced && !isAfterPipe(start): return nil
    case 0x7C where spaced: return (.arrow, index + 1)
    case 0x3E where isElementStart(start): return (.element, index + 1)
    case 0x2C where dashes > 0 && quoted, 0x2C where quoted && isCallStart(start - 1): return (.arrow, index + 1)
    case 0x2C where before == 0x7B && !quoted: return (.arrow, index + 1)  // {password,"x"} in Erlang
    default: break
    }
    if dashes > 0, spaced, !quoted, byte != 0x2D || !bytes.at(index + 1).isLetter { return (.space, index) }
    if spaced, !quoted, bytes.hasIgnoringCase("is", at: index) {
      let next = bytes.at(index + 2)
      if next == 0x3A { return (.prose, index + 3) }
      if next.isBlank { return (.prose, index + 3) }
    }
    // "Use the following password to log in: x": a colon ends the sentence, and what follows it ends the line.
    if spaced, !quoted, bytes.hasIgnoringCase("to ", at: index) || bytes.hasIgnoringCase("for ", at: index),
      let value = valueAfterSentence(index)
    {
      return (.prose, value)
    }
    // Clojure `:password "x"`, Lisp, HCL blocks, nginx and netrc: a quoted value, or the words of netrc.
    if spaced, !quoted, byte == 0x22, before == 0x3A || isLineStart(start) { return (.space, index) }
    if spaced, !quoted, isConfigWord(start, end) { return (.space, index) }
    return nil
  }

  /// Where the value starts after `password to log in: x`: within eight words, and alone on the rest of its line.
  private func valueAfterSentence(_ start: Int) -> Int? {
    var index = start
    let limit = min(bytes.count, start + 64)
    while index < limit, bytes[index].isWord || bytes[index] == 0x20 || bytes[index] == 0x40 || bytes[index] == 0x27 {
      index += 1
    }
    guard bytes.at(index) == 0x3A, bytes.at(index + 1) == 0x20 else { return nil }
    let value = index + 2
    let lineEnd = bytes.lineEnd(from: value, limit: bytes.count)
    guard lineEnd > value, !(value..<lineEnd).contains(where: { bytes[$0].isBlank }) else { return nil }
    return value
  }

  /// True if the key is a cell of a table: a pipe stands before it on the line.
  private func isAfterPipe(_ start: Int) -> Bool {
    var index = start
    while index > 0, bytes[index - 1].isBlank { index -= 1 }
    return bytes.at(index - 1) == 0x7C
  }

  /// True if the key is the name of an XML element that begins here.
  private func isElementStart(_ start: Int) -> Bool {
    let before = bytes.at(start - 1)
    if before == 0x3C { return true }
    guard before == 0x3A else { return false }
    var index = start - 1
    while index > 0, start - index < 32, bytes[index - 1].isWord { index -= 1 }
    return bytes.at(index - 1) == 0x3C
  }

  /// True if the quote at `index` opens the first argument of a call: `set("key", "value")`.
  private func isCallStart(_ index: Int) -> Bool {
    bytes.at(index).isQuote && (bytes.at(index - 1) == 0x28 || bytes.at(index - 1) == 0x7B)
  }

  /// True if only blanks, `- `, `export `, `set `, `#` or `;` stand before `start` on its line.
  func isLineStart(_ start: Int) -> Bool {
    var index = bytes.lineStart(of: start, reach: 64)
    guard index == 0 || bytes[index - 1].isLineEnd else { return false }
    while index < start, bytes[index].isBlank || bytes[index] == 0x2D || bytes[index] == 0x23 || bytes[index] == 0x3B {
      index += 1
    }
    for word in ["export ", "set ", "setenv ", "ENV ", "ARG ", "declare -x ", "var ", "let ", "const "]
      as [StaticString]
    where bytes.has(word, at: index) {
      index += word.utf8CodeUnitCount
      break
    }
    return index >= start
  }

  /// Words of configuration files and protocols whose value follows after a blank: netrc, redis.conf, SQL, URIs of JDBC.
  private func isConfigWord(_ start: Int, _ end: Int) -> Bool {
    if bytes.hasIgnoringCase("requirepass", at: start) || bytes.hasIgnoringCase("masterauth", at: start) { return true }
    guard end - start == 8, bytes.hasIgnoringCase("password", at: start) else { return false }
    // netrc: `machine h login u password p`, in one line or with `login` before it.
    let line = bytes.lineStart(of: start, reach: 512)
    return bytes.first("login ", in: line..<start) != nil
      && (bytes.first("machine ", in: line..<start) != nil || line == start)
      || bytes.first("machine ", in: line..<start) != nil || bytes.has("default login", at: line)
  }

  /// The verdict on a key of several words in prose: `API key: x`, `secret access key = x`.
  private func spacedVerdict(_ start: Int, _ end: Int) -> KeyVerdict {
    var from = start
    for _ in 0..<2 {
      guard from > 1, bytes[from - 1] == 0x20, bytes[from - 2].isLetter else { break }
      from -= 1
      while from > 0, start - from < 40, bytes[from - 1].isWord || bytes[from - 1] == 0x2D { from -= 1 }
    }
    guard from < start else { return .none }
    let verdict = engine.verdict(bytes, from..<end)
    return verdict >= .plural ? verdict : .none
  }

  /// `password: String = "x"`: where the value starts, if a type stands between.
  private func annotation(at index: Int) -> Int? {
    var place = index
    while place < bytes.count, bytes[place].isBlank { place += 1 }
    let name = place
    while place < bytes.count, place - name < 48, bytes[place].isWord || bytes[place] == 0x3F || bytes[place] == 0x2E {
      place += 1
    }
    guard place > name, bytes[name].isLetter, bytes.at(place) == 0x20, bytes.at(place + 1) == 0x3D,
      bytes.at(place + 2) == 0x20
    else { return nil }
    return place + 3
  }

  /// `{"name": "DB_PASSWORD", "value": "x"}`, `<add key="Password" value="x"/>`: the key is the value of a name.
  private mutating func namedPair(_ start: Int, _ end: Int, _ separator: Separator, _ valueStart: Int) {
    guard end - start <= 4, separator == .colon || separator == .tight || separator == .element else { return }
    guard bytes.hasIgnoringCase("key", at: start) || bytes.hasIgnoringCase("name", at: start) else { return }
    pair(at: valueStart)
  }

  /// A pair whose name stands at `index`: its value, if the name says that it is secret.
  private mutating func pair(at index: Int) {
    var name = index
    while name < bytes.count, bytes[name].isBlank || bytes[name].isQuote { name += 1 }
    var end = name
    while end < bytes.count, end - name < KeyClassifier.longestName, bytes[end].isKey { end += 1 }
    let verdict = engine.verdict(bytes, name..<end)
    guard verdict > .none else { return }
    var place = end
    let limit = min(bytes.count, end + 24)
    while place < limit, !bytes[place].isLineEnd {
      if bytes.hasIgnoringCase("value", at: place) || bytes.hasIgnoringCase("val", at: place) {
        var after = place + (bytes.hasIgnoringCase("value", at: place) ? 5 : 3)
        while after < bytes.count, bytes[after].isQuote || bytes[after].isBlank { after += 1 }
        guard bytes.at(after) == 0x3A || bytes.at(after) == 0x3D else { return }
        value(at: after + 1, key: name..<end, .colon, verdict)
        return
      }
      guard bytes[place].isQuote || bytes[place].isBlank || bytes[place] == 0x2C || bytes[place] == 0x7B else { return }
      place += 1
    }
    if bytes.at(end).isQuote, bytes.at(end + 1) == 0x3E { value(at: end + 2, key: name..<end, .element, verdict) }
  }
}
