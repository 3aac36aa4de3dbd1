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
    if bytes.at(index) == 0x3F, bytes.at(index + 1) != 0x3D { index += 1 }  // `key?:` in TypeScript and Kotlin
    if bytes.has("!:", at: index) { index += 1 }  // `key!: x` in TypeScript
    if !quoted, bytes.has("[] = ", at: index) { index += 2 }  // `char key[] = "x"` in C
    if !quoted, key.verdict == .password { index = afterIndex(index) }
    if bytes.at(index) == 0x5D || bytes.at(index) == 0x29 && quoted { index += 1 }  // `['key']`, `("key")`
    if bytes.at(index) == 0x25, before == 0x25 { index += 1 }  // `%key%=x`
    if let value = afterTag(key, index) ?? afterDots(key) { return (.arrow, value) }
    if let value = testedText(key, index) { return (.comparison, value) }
    if let value = assignedElsewhere(key, after: index, isQuoted: quoted) { return (.arrow, value) }
    let afterKey = index
    while index < count, isBlank(at: index) { index += bytes[index] == 0xC2 ? 2 : 1 }
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
    case 0x2C where key.dashes > 0 && quoted, 0x2C where quoted && opensPair(start - 1): return (.arrow, index + 1)
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

  /// `Password(x1)` in a dump of a value that has a type of its own. A call in a stack trace is none: its name has a dot before it, its
  /// arguments are pointers or places in files.
  private func isWrapper(_ key: Key, open: Int) -> Bool {
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
    return text.allSatisfy { bytes[$0] > 0x20 && !".:(,".utf8.contains(bytes[$0]) } && looksChosen(text)
  }

  /// What a test or a program compares with: `expect(password).toBe('x')`, `strcmp(password, "x")`. Where the text in quotes begins.
  private func testedText(_ key: Key, _ index: Int) -> Int? {
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

  /// `{:key, "x"}` of Elixir: `start` is behind the colon.
  private func isAtom(_ start: Int) -> Bool {
    bytes.at(start - 1) == 0x3A && (bytes.at(start - 2) == 0x7B || bytes.at(start - 2) == 0x5B)
  }

  /// `key->x`: where x begins. `user->password->x` of a program goes on.
  private func arrowed(at index: Int, _ before: UInt8) -> Int? {
    guard let word = valueWord(at: index), looksChosen(word.range), before != 0x3E else { return nil }
    return word.range.contains { bytes[$0] == 0x28 || bytes[$0] == 0x3E } ? nil : index
  }

  /// Steps over the index behind the name of an array: `passwd[8]=x`, `password[bob]=x`.
  private func afterIndex(_ start: Int) -> Int {
    guard bytes.at(start) == 0x5B else { return start }
    var index = start + 1
    while bytes.at(index).isDigit, index - start < 8 { index += 1 }
    if index > start + 1, bytes.at(index) == 0x5D { return index + 1 }
    while bytes.at(index).isKey, index - start < 40 { index += 1 }
    return index > start + 1 && bytes.has("]=", at: index) ? index + 1 : start
  }

  /// What says in brackets what the value is, and the separator behind it: ` (string): `, ` [string] = `, ` (std::string) $0 = `.
  private func describedSeparator(from open: Int, isSpaced: Bool) -> (Separator, Int)? {
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
    guard index < limit, index > open + 1, bytes[open + 1].isLetter else { return nil }
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
  private func argument(at index: Int, after open: Int) -> Int? {
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

  /// Steps over what PHP puts behind the name of a member: `:protected`, `":"App\Config":private`.
  private func afterVisibility(_ start: Int) -> Int {
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
  private func serialized(_ index: Int) -> (Separator, Int)? {
    var place = index + 3
    while bytes.at(place).isDigit { place += 1 }
    return bytes.at(place) == 0x3A && bytes.at(place + 1) == 0x22 ? (.arrow, place + 1) : nil
  }

  /// True at a vertical line of a box: `│`, `║`, `┃`.
  func isBox(_ index: Int) -> Bool {
    bytes.at(index) == 0xE2
      && (bytes.at(index + 1) == 0x94 && [0x82, 0x83].contains(bytes.at(index + 2))
        || bytes.at(index + 1) == 0x95 && bytes.at(index + 2) == 0x91)
  }

  /// A row of a key and its value alone, `| key | value |` or `key | value`: in wider rows the header decides, see `Tables`.
  private func cell(after bar: Int, _ key: Key) -> (Separator, Int)? {
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
  private func valueAttribute(from index: Int) -> Int? {
    let limit = min(bytes.count, index + 256)
    guard let close = bytes.firstByte(0x3E, from: index, to: limit),
      let name = bytes.first("value=", in: index..<close),
      bytes.at(name - 1).isSpace, bytes.at(name + 6).isQuote
    else { return nil }
    return name + 6
  }

  /// `<Password Type="…">x`: where the text begins, behind the attributes.
  private func elementText(from index: Int) -> Int? {
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

  /// `{key,"x"}` of Erlang, `[key, x]`: a list of names is none.
  private func tuple(after comma: Int) -> (Separator, Int)? {
    var value = comma + 1
    while bytes.at(value).isBlank { value += 1 }
    if bytes.at(value).isQuote || bytes.at(value) == 0x3C { return (.arrow, value) }
    var end = value
    while end < bytes.count, end - value < 512, bytes[end] > 0x20, bytes[end] != 0x2C, bytes[end] != 0x5D,
      bytes[end] != 0x7D
    { end += 1 }
    return end > value && looksChosen(value..<end) ? (.arrow, value) : nil
  }

  /// True if the quote at `index` opens the first text of a pair: `set("key", "value")`, `('key', 'value')`, `[ 'key', 'value' ]`.
  private func opensPair(_ index: Int) -> Bool {
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
