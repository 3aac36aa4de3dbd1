/// What stands between a key and its value.
extension TextScan {
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

  /// The separator after a key, and where the value starts; nil where what follows is neither.
  func separator(after key: Key) -> (Separator, Int)? {
    let count = bytes.count
    let start = key.name.lowerBound
    let before = bytes.at(start - 1 - key.dashes)
    var index = key.end
    var quoted = false
    if bytes.at(index).isQuote {
      if key.end - key.name.upperBound >= 3 { return (.arrow, index) }  // password......."x"
      quoted = true
      index += 1
    } else if bytes.has("\u{201D}", at: index) || bytes.has("\u{2019}", at: index) {
      quoted = true
      index += 3
    }
    if quoted, bytes.has(">>", at: index) { index += 2 }  // <<"key">> of Erlang
    if bytes.has("**", at: index) || bytes.has("__", at: index) { index += 2 }  // **key**: of Markdown
    if bytes.has("</b>", at: index) { index += 4 }
    index = afterVisibility(index)
    if bytes.at(index) == 0x5B { index = afterColour(index) }
    if !quoted, key.verdict == .password, let reply = prompted(at: index) { return (.colon, reply) }
    if bytes.at(index) == 0x3F, bytes.at(index + 1) != 0x3D { index += 1 }  // `key?:` in TypeScript and Kotlin
    if bytes.has("!:", at: index) { index += 1 }  // `key!: x` in TypeScript
    if !quoted, bytes.has("[] = ", at: index) { index += 2 }  // `char key[] = "x"` in C
    if !quoted, key.verdict == .password { index = afterIndex(index) }
    if bytes.at(index) == 0x5D || bytes.at(index) == 0x29 && quoted { index += 1 }  // `['key']`, `("key")`
    if bytes.at(index) == 0x25, before == 0x25 { index += 1 }  // `%key%=x`
    // `data[password]: Invalid value: "x"` of the API server.
    if bytes.has(": Invalid value: ", at: index) || bytes.has(": Duplicate value: ", at: index) {
      let value = index + (bytes[index + 2] == 0x49 ? 17 : 19)
      return opensText(value) ? (.colon, value) : nil
    }
    if let value = afterTag(key, index) ?? afterDots(key) { return (.arrow, value) }
    if let value = testedText(key, index) { return (.comparison, value) }
    if let value = assignedElsewhere(key, after: index, isQuoted: quoted) { return (.arrow, value) }
    let afterKey = index
    while index < count, isBlank(at: index) { index += bytes[index] == 0xC2 ? 2 : 1 }
    // A space of no width.
    if index + 2 < count, bytes[index] == 0xE2, bytes[index + 1] == 0x80, 0x8B...0x8D ~= bytes[index + 2] { index += 3 }
    guard index < count else { return nil }
    if bytes[index].isLineEnd {
      if key.dashes > 0 { return nextItem(after: index, key).map { (.space, $0) } }
      return nextReply(after: index, isQuoted: quoted).map { (.arrow, $0) }
    }
    let spaced = index > afterKey
    // `Unseal Key 1: x`
    if spaced, bytes[index].isDigit {
      let colon = bytes.at(index + 1) == 0x3A ? index + 1 : index + 2
      if bytes.at(colon) == 0x3A, bytes.at(colon - 1).isDigit, bytes.at(colon + 1) == 0x20 {
        return (.colon, colon + 1)
      }
    }
    let byte = bytes[index]
    switch byte {
    case 0x00 where key.dashes > 0: return (.space, index + 1)  // of /proc/1/cmdline
    case 0x3D:  // =
      let next = bytes.at(index + 1)
      if next == 0x3E { return (.arrow, index + 2) }
      if next == 0x3D {
        if !spaced, let value = doubled(after: index, key) { return (.tight, value) }
        return (.comparison, index + (bytes.at(index + 2) == 0x3D ? 3 : 2))
      }
      if next == 0x7E { return nil }
      return (spaced || next.isBlank ? .spacedEquals : .tight, index + 1)
    case 0x3C where bytes.at(index + 1) == 0x3E, 0x7E where bytes.at(index + 1) == 0x3D:  // <> and ~=
      return (.comparison, index + 2)
    case 0x49 where spaced && bytes.has("IN (", at: index): return (.comparison, index + 4)
    case 0x4C where spaced && bytes.has("LIKE ", at: index): return (.comparison, index + 5)
    case 0x21 where bytes.at(index + 1) == 0x3D: return (.comparison, index + (bytes.at(index + 2) == 0x3D ? 3 : 2))
    case 0x3C where spaced && bytes.at(index + 1) == 0x2D: return (.arrow, index + 2)  // `key <- "x"` in R
    case 0x2B where bytes.at(index + 1) == 0x3D, 0x3F where bytes.at(index + 1) == 0x3D:
      return (.spacedEquals, index + 2)
    case 0x3A:  // :
      let next = bytes.at(index + 1)
      if next == 0x3D { return (.spacedEquals, index + 2) }
      if next == 0x3A { return bytes.at(index + 2).isBlank ? (.colon, index + 2) : nil }  // `userPassword:: ` of LDIF
      if next == 0x2F, bytes.at(index + 2) == 0x2F { return nil }
      // `-DKEY:STRING=x` of CMake, and of its cache.
      for type in [":STRING=", ":INTERNAL=", ":UNINITIALIZED="] as [StaticString] where bytes.has(type, at: index) {
        return (.tight, index + type.utf8CodeUnitCount)
      }
      return (next.isBlank || quoted ? .colon : .tight, index + 1)
    case 0xE4 where bytes.has("\u{4E3A}", at: index), 0xE6 where bytes.has("\u{662F}", at: index),
      0xE3 where bytes.has("\u{306F}", at: index):
      let value = index + (bytes.at(index + 3) == 0x20 ? 4 : 3)
      return bytes.at(value) > 0x20 && bytes.at(value) < 0x80 ? (.colon, value) : nil  // 为, 是
    case 0xEF where bytes.has("\u{FF1A}", at: index): return (.colon, index + 3)
    case 0xEF where bytes.has("\u{FF1D}", at: index): return (.spacedEquals, index + 3)
    case 0x2D where bytes.at(index + 1) == 0x3E:
      return spaced || quoted ? (.arrow, index + 2) : nil
    case 0xE2
    where bytes.has("\u{2192}", at: index) || bytes.has("\u{21D2}", at: index) || bytes.has("\u{2190}", at: index):
      return (.arrow, index + 3)
    case 0x2E where spaced && bytes.has("...", at: index):  // `Password ........ x`
      while bytes.at(index) == 0x2E { index += 1 }
      return bytes.at(index) == 0x20 || bytes.at(index) == 0x3A ? (.colon, index + 1) : nil
    case 0x28, 0x5B:  // `password (string): x`, `password [string] = x`
      if let described = describedSeparator(from: index, isSpaced: spaced) { return described }
      if byte == 0x28, !spaced, !quoted, isWrapper(key, open: index) { return (.arrow, index + 1) }
    case 0x7C where spaced || bytes.at(index + 1) == 0x20, 0xE2 where spaced && isBox(index):
      return cell(after: index, key)
    case 0x7C where !quoted, 0x3B where !spaced && !quoted: return delimited(by: byte, at: index).map { (.arrow, $0) }
    case 0x3E where isElementStart(start): return (.element, index + 1)
    case 0x3E where bytes.at(index - 1) == 0x2D && index == key.end:  // `key->x`: the dash was read with the name
      return arrowed(at: index + 1, before).map { (.arrow, $0) }
    case 0x20...0x7F where isElementStart(start) && spaced:
      if let value = valueAttribute(from: index) { return (.arrow, value) }
      return elementText(from: index).map { (.element, $0) }
    case 0x2C where quoted && (key.dashes > 0 || opensPair(start - 1)) && opensLiteral(index + 1),
      0x2C where quoted && isHeader(key, index + 1):
      return (.arrow, index + 1)
    case 0x2C where (before == 0x7B || before == 0x5B || isAtom(start)) && !quoted: return tuple(after: index)
    case 0x2F where !spaced && !quoted && bytes.at(start - 1) == 0x2F:
      return pathPart(at: index + 1).map { (.arrow, $0) }
    case 0x2E where spaced && bytes.at(index + 1) == 0x20 && before == 0x28: return (.arrow, index + 2)  // (key . "x")
    case 0x7B where !spaced && bytes.at(index + 1).isQuote: return (.arrow, index + 1)  // std::string key{"x"}
    case 0x7B where spaced && bytes.has("{ get;", at: index):
      return propertyDefault(after: index).map { (.spacedEquals, $0) }
    case 0x3B where quoted && bytes.at(index + 1) == 0x73 && bytes.at(index + 2) == 0x3A: return serialized(index)
    default: break
    }
    // `--auth-token    authenticate with a token` of a help text.
    if key.dashes > 0, index - afterKey >= 2, let word = valueWord(at: index), !word.endsLine, isPlainWord(word.range) {
      return nil
    }
    if key.dashes > 0, spaced, !quoted || before.isQuote, byte != 0x2D || !bytes.at(index + 1).isLetter {
      return (.space, index)
    }
    // `var password string = "x"`, `FLAG_TOKEN string = "x"`: a type of Go stands between.
    if spaced, !quoted, bytes.has("string = ", at: index) || bytes.has("string=", at: index) {
      return (.spacedEquals, index + (bytes.at(index + 6) == 0x20 ? 9 : 7))
    }
    // `Dim password As String = "x"`
    if spaced, !quoted, bytes.hasIgnoringCase("as string = ", at: index) { return (.spacedEquals, index + 12) }
    // `DECLARE @pwd nvarchar(50) = N'x'`: a type of SQL stands between.
    if spaced, before == 0x40, let equals = bytes.first(" = ", in: index..<min(count, index + 32)),
      bytes.first(" ", in: index..<equals) == nil
    {
      return (.spacedEquals, equals + 3)
    }
    // Clojure `:password "x"`, Lisp, HCL blocks, nginx.
    if spaced, !quoted, byte.isQuote, before == 0x3A || isStatement(start) { return (.space, index) }
    if spaced, quoted, byte.isQuote, isStatement(start - 1) { return (.space, index) }
    if spaced, quoted, byte == 0x22, let value = argument(at: index, after: start - 1) { return (.space, value) }
    // variable "db_password" {, tokens {
    if spaced, byte == 0x7B, quoted || key.verdict >= .plural && bytes[start].isLower { return (.spacedEquals, index) }
    if spaced, !quoted, isDirective(key, value: index) { return (.space, index) }
    return nil
  }

  /// `KEY==x` on a line of its own, where one sign too many was typed: where the value begins. Elsewhere it compares, or pins a
  /// version.
  private func doubled(after equals: Int, _ key: Key) -> Int? {
    let value = equals + 2
    let isName = bytes.at(key.name.lowerBound).isUpper && bytes.at(key.name.upperBound - 1).isUpper
    guard isName || key.verdict == .password && valueWord(at: value).map({ looksChosen($0.range) }) == true,
      value < bytes.count, !bytes[value].isSpace, bytes[value] != 0x3D
    else { return nil }
    if isLineStart(key.name.lowerBound) { return value }
    let before = bytes.at(key.name.lowerBound - 1)
    guard before == 0x22 || before.isBlank, let word = valueWord(at: value), looksChosen(word.range) else { return nil }
    return value
  }

  /// True before what a program writes as a value: a text in quotes, perhaps in a call or with a letter before it, or a number. No name
  /// of a variable, as in `'--token', help=text`, nor the next word of a sentence.
  private func opensLiteral(_ start: Int) -> Bool {
    var index = start
    while bytes.at(index).isSpace { index += 1 }
    let word = index
    while bytes.at(index).isWord, index - word < 32 { index += 1 }
    let next = bytes.at(index)
    if bytes.at(word).isDigit || next.isQuote || next == 0x28 { return true }
    return index == word && next != 0x2A
  }

  /// `password> x`, `password? x`: where x begins that ends the line behind a prompt.
  private func prompted(at index: Int) -> Int? {
    guard bytes.at(index) == 0x3E || bytes.at(index) == 0x3F, bytes.at(index + 1) == 0x20,
      let word = valueWord(at: index + 2), word.endsLine, looksChosen(word.range)
    else { return nil }
    return index + 2
  }

  /// `[password] x`: where x begins that ends the line; `index` is behind the bracket.
  private func afterTag(_ key: Key, _ index: Int) -> Int? {
    guard key.verdict == .password, bytes.at(index - 1) == 0x5D, bytes.at(key.name.lowerBound - 1) == 0x5B,
      bytes.at(index) == 0x20, let word = valueWord(at: index + 1), word.endsLine, looksChosen(word.range)
    else { return nil }
    return index + 1
  }

  /// `password........x`: where x begins behind at least six dots.
  private func afterDots(_ key: Key) -> Int? {
    guard key.end - key.name.upperBound >= 6, bytes.at(key.end) > 0x20, !bytes[key.end].isQuote,
      let word = valueWord(at: key.end), looksChosen(word.range) || word.endsLine && key.verdict == .password
    else { return nil }
    return key.end
  }

  /// `/token/x`: a part of a path that only a generator makes.
  private func pathPart(at start: Int) -> Int? {
    var end = start
    while end < bytes.count, end - start < 512, bytes[end].isAlphanumeric || bytes[end] == 0x2D || bytes[end] == 0x5F {
      end += 1
    }
    let isMixed = (start..<end).contains { bytes[$0].isUpper } && (start..<end).contains { bytes[$0].isLower }
    return isMixed && ValueShape.looksRandom(bytes, start..<end, least: 20) ? start : nil
  }

  /// `password|x|user|bob`, `password;x` at the end of a line: where x begins, if it looks chosen.
  private func delimited(by mark: UInt8, at index: Int) -> Int? {
    guard let word = valueWord(at: index + 1) else { return nil }
    let end = word.range.first { bytes[$0] == mark } ?? word.range.upperBound
    guard mark == 0x7C || word.endsLine && end == word.range.upperBound, end > index + 1,
      looksChosen(index + 1..<end)
    else { return nil }
    return verdict(index + 1..<end) == .none ? index + 1 : nil
  }

  /// The value of a flag that is the next item of a YAML list: `- --token` above `- x`.
  private func nextItem(after end: Int, _ key: Key) -> Int? {
    let column = column(of: key.name.lowerBound)
    guard let next = nextLine(after: end) else { return nil }
    guard bytes.has("- ", at: next.lowerBound + column) else { return nextArgument(next, key) }
    let value = next.lowerBound + column + 2
    return bytes.at(value) == 0x2D ? nil : value
  }

  /// The value of a flag that stands alone in its line, as `kubectl describe` shows arguments: the word below it, in its column.
  private func nextArgument(_ next: Range<Int>, _ key: Key) -> Int? {
    let flag = key.name.lowerBound - key.dashes
    let column = column(of: flag)
    let value = next.lowerBound + column
    guard column >= 2, bytes.at(flag - 1) == 0x20, column == self.column(of: key.name.upperBound - 1),
      value < next.upperBound, bytes[value] > 0x20, bytes[value] != 0x2D,
      bytes[next.lowerBound..<value].allSatisfy({ $0 == 0x20 }), let word = valueWord(at: value), word.endsLine
    else { return nil }
    return bytes.at(word.range.upperBound - 1) == 0x3A ? nil : value
  }

  /// A space, a tab, a no-break space.
  func isBlank(at index: Int) -> Bool { bytes[index].isBlank || bytes[index] == 0xC2 && bytes.at(index + 1) == 0xA0 }
}
