/// The value after a separator: quotes and wrappers around it, lists, objects, blocks; plain values are in `ValueEnd`.
extension TextScan {
  /// A value stands at `index` under a key: notes it if it is secret.
  mutating func value(at index: Int, _ key: Key, _ separator: Separator) {
    let count = bytes.count
    var start = index
    while start < count, isBlank(at: start) { start += bytes[start] == 0xC2 ? 2 : 1 }
    if separator != .element { skipMarkup(&start) }
    skipWrappers(&start, key.verdict)
    if separator == .arrow || separator == .element, start < count, bytes[start].isLineEnd {
      // ["key"]=>⏎  string(8) "x"
      guard let next = nextLine(after: start) else { return }
      start = next.lowerBound
      while bytes.at(start).isBlank { start += 1 }
      skipWrappers(&start, key.verdict)
      if separator == .arrow, !bytes.at(start).isQuote { return }
    }
    if start >= count || bytes[start].isLineEnd {
      if start < count, separator == .colon || separator == .tight && bytes.at(index - 1) == 0x3A {
        nestedLines(after: start, key)
      }
      return
    }
    let byte = bytes[start]
    // `X-Token:\ x` of a shell
    if byte == 0x5C, bytes.at(start + 1) == 0x20, separator == .tight || separator == .colon {
      return value(at: start + 2, key, .tight)
    }
    if byte == 0x5C {
      // `key = \` of a properties file: the value is in the next line.
      if bytes.at(start + 1).isLineEnd, separator != .arrow, let next = nextLine(after: start + 1) {
        let word = next.first { !bytes[$0].isBlank } ?? next.upperBound
        let end = unquotedEnd(word, key, separator)
        if end > word, end == next.upperBound, !isNextKey(word) { return accept(word..<end, key, .arrow) }
      }
      // A record of Docker: what stands under the key is in the next ones.
      if isEscapedEnd(start), separator == .colon || separator == .tight { nestedLines(after: start, key) }
      // `--password=\⏎x` of a shell: never twice, for a value is no backslash.
      if separator == .tight || separator == .space, let next = continuation(at: start), bytes.at(next) != 0x5C {
        value(at: next, key, .space)
      }
      return  // \" : the unescaped view of this line sees it
    }
    if separator == .element {
      // <Password><Value>x</Value>
      for tag in ["<value>", "<string>", "<plaintext>", "<val>"] as [StaticString]
      where bytes.hasIgnoringCase(tag, at: start) {
        start += tag.utf8CodeUnitCount
      }
      let end = elementEnd(&start)
      if end > start, !isTemplate(start) { accept(start..<end, key, separator) }
      return
    }

    if byte.isQuote || byte == 0xE2 && bytes.has("\u{201C}", at: start) {
      quoted(start, key, separator)
      return
    }
    if byte == 0x24, bytes.at(start + 1) == 0x27 {  // $'x' of a shell
      quoted(start + 1, key, separator)
      return
    }
    if byte == 0x24, bytes.at(start + 1) == 0x28 { return substituted(start, key) }
    if byte == 0x25, formatted(at: start, key) { return }
    if separator == .comparison { return }
    // A key of several words in its borders, without quotes: the rule for private keys reads it.
    if byte == 0x2D, bytes.has("-----BEGIN", at: start),
      bytes.first("PRIVATE KEY", in: start..<min(bytes.count, start + 48)) != nil
    {
      return
    }
    if bytes.has("0x", at: start), let text = pointed(at: start) {
      quoted(text, key, separator)
      return
    }
    if byte == 0x5B {  // [
      list(start, key)
      if bytes.at(start + 1).isQuote || bytes.at(start + 1) == 0x7B || key.verdict == .plural { return }
    }
    if let fallback = fallback(after: start) {
      quoted(fallback, key, separator)
      return
    }
    if isTemplate(start) || bytes.has("<<<", at: start) || isGroup(start, separator) { return }
    // `std::string key = {"x"}`
    if byte == 0x7B, separator == .spacedEquals, bytes.at(start + 1).isQuote,
      let close = bytes.firstByte(bytes[start + 1], from: start + 2, to: min(count, start + 512)),
      bytes.at(close + 1) == 0x7D
    {
      quoted(start + 1, key, separator)
      return
    }
    if byte == 0x7B, bytes.at(start + 1) != 0x7B {  // { of a nested object
      if separator != .tight || !bytes.at(start + 1).isAlphanumeric {
        object(at: start, key)
        return
      }
    }
    if byte == 0x3C, bytes.has("<<", at: start) == false {
      // <redacted>, <nil>, <set to the key 'x' in secret 'y'>; or markup after a key in HTML.
      if isAngled(start) || ValueShape.isPlaceholder(bytes, start..<unquotedEnd(start, key, separator)) { return }
    }
    if (byte == 0x7C || byte == 0x3E), separator == .colon || separator == .tight, isBlockHeader(start) {
      block(after: start, key)
      return
    }
    if let phrase = seedPhrase(at: start, key) {
      accept(phrase, key, separator, isQuoted: true)
      return
    }
    let end = unquotedEnd(start, key, separator)
    guard end > start else { return }
    // `credentials: admin / x`, `user / password: admin / x`
    if bytes.has(" / ", at: end), key.verdict == .plural || bytes.has("/ ", at: key.name.lowerBound - 2),
      let second = valueWord(at: end + 3)
    {
      accept(second.range, key, separator)
      return
    }
    let before = findings.count
    accept(start..<end, key, separator)
    if key.verdict == .plural, findings.count > before, separator != .space { moreItems(after: end, key) }
    // `KEY: old => new` of a change
    if bytes.has(" => ", at: end) || bytes.has(" -> ", at: end), let new = valueWord(at: end + 4) {
      accept(new.range, key, separator)
    }
  }

  /// `recovery codes: x, y, z`: the items after the first, as long as they look chosen.
  private mutating func moreItems(after end: Int, _ key: Key) {
    var index = end
    for _ in 0..<32 {
      guard bytes.at(index) == 0x2C else { return }
      index += bytes.at(index + 1) == 0x20 ? 2 : 1
      guard index < bytes.count, bytes[index] > 0x20, !bytes[index].isQuote, !isNextKey(index) else { return }
      let item = index..<unquotedEnd(index, key, .colon)
      guard !item.isEmpty, looksChosen(item) else { return }
      accept(item, key, .tight, isQuoted: true)
      index = item.upperBound
    }
  }

  /// The 12 to 24 words of BIP 39 under a key that says so: words of 3 to 8 small letters.
  private func seedPhrase(at start: Int, _ key: Key) -> Range<Int>? {
    let end = key.name.upperBound
    guard
      bytes.hasIgnoringCase("mnemonic", at: end - 8) || bytes.hasIgnoringCase("phrase", at: end - 6)
        || bytes.hasIgnoringCase("seed", at: end - 4)
    else { return nil }
    var words = 0
    var index = start
    var last = start
    while words < 24 {
      let word = index
      while bytes.at(index).isLower { index += 1 }
      guard 3...16 ~= index - word else { break }
      words += 1
      last = index
      guard bytes.at(index) == 0x20 else { break }
      index += 1
    }
    return words >= 12 ? start..<last : nil
  }

  /// `(AWS_KEY_ID='x' …)`, `(ConvertTo-SecureString "x")`: the names inside decide.
  private func isGroup(_ start: Int, _ separator: Separator) -> Bool {
    guard bytes[start] == 0x28 else { return false }
    var index = start + 1
    while bytes.at(index).isWord || bytes.at(index) == 0x2D { index += 1 }
    return index > start + 1 && (bytes.at(index) == 0x3D || bytes.at(index) == 0x20 && separator != .colon)
  }

  /// A template: what fills it in is no secret of this text.
  private func isTemplate(_ start: Int) -> Bool {
    var open = start
    if bytes[open] == 0x24 || bytes[open] == 0x22 { open += 1 }
    guard bytes.has("{{", at: open) || bytes.has("{%", at: open) || bytes.has("<%", at: open) else { return false }
    let close: StaticString = bytes.has("{{", at: open) ? "}}" : bytes.has("{%", at: open) ? "%}" : "%>"
    return bytes.first(close, in: open..<min(bytes.count, open + 256)) != nil
  }

  /// `<…>` with words inside, on one line.
  private func isAngled(_ start: Int) -> Bool {
    var index = start + 1
    while index < bytes.count, index - start < 128, !bytes[index].isLineEnd, bytes[index] != 0x3C {
      if bytes[index] == 0x3E { return index > start + 1 }
      index += 1
    }
    return false
  }

  /// Steps over what languages put around a string: `Some(`, `string(8) `, `b'`, `&`, `(len=8) `, `!!str `, `&anchor `.
  private func skipWrappers(_ start: inout Int, _ verdict: KeyVerdict) {
    for _ in 0..<4 {
      var index = start
      if bytes.at(index) == 0x28 {  // (string) (len=8) "x", ("x"), (AWS_KEY='x')
        if bytes.at(index + 1).isQuote {
          start = index + 1
          return
        }
        var close = index + 1
        while close < bytes.count, close - index < 32, bytes[close] != 0x29, !bytes[close].isLineEnd { close += 1 }
        guard bytes.at(close) == 0x29, bytes.at(close + 1).isBlank else { return }
        index = close + 1
        while bytes.at(index).isBlank { index += 1 }
        start = index
        continue
      }
      // !!str "x", !secret "x"; &anchor "x" of YAML
      if bytes.at(index) == 0x21 || bytes.at(index) == 0x26, bytes.at(index + 1).isLetter || bytes.at(index + 1) == 0x21
      {
        var end = index + 1
        while end < bytes.count, end - index < 32, bytes[end].isWord || bytes[end] == 0x21 || bytes[end] == 0x3A {
          end += 1
        }
        guard bytes.at(end) == 0x20, bytes.at(end + 1) > 0x20, !isBlockHeader(end + 1) else { return }
        start = end + 1
        continue
      }
      while bytes.at(index).isWord, index - start < 24 { index += 1 }
      let length = index - start
      if let text = typedText(at: start) {
        start = text
        return
      }
      if bytes.at(index).isQuote, length <= 2, length > 0 {  // b'x', u"x", rb'x', N'x'
        start = index
        return
      }
      if bytes.at(index) == 0x2E, length > 0, let text = wrappedText(after: index) {
        start = text
        return
      }
      if let text = memberText(of: start, index) {
        start = text
        return
      }
      if bytes.at(index) == 0x28, length > 0, isWrapper(start, length) {
        start = index + 1
        if length == 6, bytes.at(start).isDigit {  // string(8) "x"
          while bytes.at(start).isDigit { start += 1 }
          if bytes.at(start) == 0x29 { start += 1 }
        }
        while bytes.at(start).isSpace { start += 1 }  // Some(⏎ "x"
        continue
      }
      if bytes.at(index) == 0x5B, length == 8, bytes.hasIgnoringCase("optional", at: start) {  // Optional[x]
        start = index + 1
        return
      }
      if bytes.at(start) == 0x26 || bytes.at(start) == 0x40 || bytes.at(start) == 0x2A, bytes.at(start + 1).isQuote {
        start += 1
      } else if bytes.has("<<\"", at: start) {
        start += 2
      } else if bytes.has("[]string{\"", at: start) {
        start += 9
      } else if bytes.has("[]byte(", at: start) || bytes.has("[]rune(", at: start) {
        start += 7
      } else if bytes.has("String::from(\"", at: start) {
        start += 13
      } else if bytes.has("ENC ", at: start) {  // of Fortinet
        start += 4
      } else if bytes.has("new ", at: start) || bytes.has("Just ", at: start) {
        start += bytes[start] == 0x6E ? 4 : 5
        continue
      } else if bytes.hasIgnoringCase("get", at: start), let argument = defaultArgument(start, index) {
        start = argument
      }
      return
    }
  }

  /// `config.Secret("x")`: where the quote opens behind a wrapper that has the name of its package before it.
  private func wrappedText(after dot: Int) -> Int? {
    var end = dot + 1
    while bytes.at(end).isWord, end - dot < 24 { end += 1 }
    guard end > dot + 1, isWrapper(dot + 1, end - dot - 1), bytes.at(end) == 0x28, bytes.at(end + 1).isQuote else {
      return nil
    }
    return end + 1
  }

  /// `main.Secret{value:"x"}`, `Secret{"x"}` of Go and Rust: where the one text in a value of a type of its own opens.
  private func memberText(of start: Int, _ word: Int) -> Int? {
    var open = word
    if bytes.at(open) == 0x2E || bytes.has("::", at: open) {
      while open - start < 64, bytes.at(open).isWord || bytes.at(open) == 0x2E || bytes.at(open) == 0x3A { open += 1 }
    }
    guard open > start, bytes.at(open) == 0x7B else { return nil }
    var text = open + 1
    while bytes.at(text).isWord { text += 1 }
    if text > open + 1 {
      guard bytes.at(text) == 0x3A || bytes.at(text) == 0x3D else { return nil }
      text += 1
    }
    while bytes.at(text) == 0x20 { text += 1 }
    guard bytes.at(text).isQuote,
      let close = bytes.firstByte(bytes[text], from: text + 1, to: min(bytes.count, text + 1_024))
    else { return nil }
    return bytes.at(close + 1) == 0x7D ? text : nil
  }

  /// `string "x"`, `ascii-text "x"`: where the quote opens behind a word that says what the text is.
  private func typedText(at start: Int) -> Int? {
    let words: [StaticString] = ["string ", "ascii-text ", "hexadecimal ", "plaintext ", "str ", "text ", "ascii "]
    for word in words where bytes.hasIgnoringCase(word, at: start) {
      let open = start + word.utf8CodeUnitCount
      return bytes.at(open).isQuote && bytes.at(open) != 0x60 ? open : nil
    }
    return nil
  }

  /// `getenv("X", "default")`: the default.
  private func defaultArgument(_ start: Int, _ open: Int) -> Int? {
    guard bytes.at(open) == 0x28, bytes.at(open + 1).isQuote else { return nil }
    let limit = min(bytes.count, open + 128)
    guard let comma = (open..<limit).first(where: { bytes[$0] == 0x2C || bytes[$0] == 0x29 }), bytes[comma] == 0x2C
    else { return nil }
    var place = comma + 1
    while bytes.at(place).isBlank { place += 1 }
    return bytes.at(place).isQuote ? place : nil
  }

  private func isWrapper(_ start: Int, _ length: Int) -> Bool {
    let words: [StaticString] = [
      "some", "just", "optional", "string", "secret", "secretstring", "secretstr", "securestring", "str", "ok", "bytes",
      "sensitive", "of", "hiddenstring", "secretvalue", "text", "value", "redactedstring", "password", "token", "box",
      "md5", "sha1", "sha256", "sha512", "crypt", "sha2", "encrypt", "guardedstring", "strpassword", "qstringliteral",
      "qlatin1string", "charsequence",
    ]
    return words.contains { $0.utf8CodeUnitCount == length && bytes.hasIgnoringCase($0, at: start) }
  }

  /// A quoted value that opens at `start`.
  mutating func quoted(_ start: Int, _ key: Key, _ separator: Separator) {
    let quote = bytes[start]
    var open = start + 1
    var triple = false
    if quote == 0xE2 {
      open = start + 3
    } else if bytes.at(start + 1) == quote, bytes.at(start + 2) == quote {
      open = start + 3
      triple = true
    }
    let limit = min(bytes.count, open + Self.longestValue)
    var end = open
    while end < limit, !bytes[end].isLineEnd || triple {
      let byte = bytes[end]
      if byte == 0x5C, end + 1 < limit {
        end += 2
        continue
      }
      if quote == 0xE2 ? bytes.has("\u{201D}", at: end) : byte == quote {
        if triple {
          if bytes.at(end + 1) == quote, bytes.at(end + 2) == quote { break }
        } else if bytes.at(end + 1) == quote, quote == 0x27 {  // '' in SQL, YAML and Pascal
          end += 2
          continue
        } else if quote == 0x27, bytes.has("\\''", at: end + 1) {  // '\'' in a shell
          end += 4
          continue
        } else {
          break
        }
      }
      end += 1
    }
    end = min(end, limit)
    guard end > open else { return }
    if separator == .comparison, !looksChosen(open..<end), !isComparedWord(open..<end, key) { return }
    accept(open..<end, key, separator, isQuoted: true)
    // "old" -> "new" of a plan, "x" but was "y" of a test
    let after = end + (triple || quote == 0xE2 ? 3 : 1)
    for word in [" -> ", " => ", " but was ", " but got ", ", got "] as [StaticString]
    where bytes.has(word, at: after) && bytes.at(after + word.utf8CodeUnitCount) == quote {
      return quoted(after + word.utf8CodeUnitCount, key, separator)
    }
  }

  /// `["a", "b"]`: each text of a list; or the numbers of a dumped byte array.
  private mutating func list(_ start: Int, _ key: Key) {
    guard key.verdict >= .plural else { return }
    let limit = min(bytes.count, start + Self.longestValue)
    var index = start + 1
    while index < limit, !bytes[index].isLineEnd, bytes[index] != 0x5D {
      // `"secrets": [{"name": "x", "value": "y"}]`: each member by its own name.
      if bytes[index] == 0x7B { return object(at: index, key) }
      guard bytes[index].isQuote else {
        index += 1
        continue
      }
      let quote = bytes[index]
      var end = index + 1
      while end < limit, bytes[end] != quote, !bytes[end].isLineEnd { end += bytes[end] == 0x5C ? 2 : 1 }
      end = min(end, limit)
      if end > index + 1, !ValueShape.isPlaceholder(bytes, index + 1..<end), !isMessage(index + 1..<end) {
        found(index + 1..<end, engine.builtin.keyValue)
      }
      index = end + 1
    }
    resume = max(resume, index)
  }

  /// The text of an XML element, up to the next tag; inside of CDATA where it is that.
  private func elementEnd(_ start: inout Int) -> Int {
    let limit = min(bytes.count, start + Self.longestValue)
    if bytes.has("<![CDATA[", at: start) {
      start += 9
      var end = start
      while end < limit, !bytes.has("]]>", at: end) { end += 1 }
      return end
    }
    var end = start
    while end < limit, bytes[end] != 0x3C { end += 1 }
    // Up to the tag that closes it; `<password>` in a sentence opens nothing.
    guard end < limit, bytes.at(end + 1) == 0x2F else { return start }
    while end > start, bytes[end - 1].isSpace { end -= 1 }
    return end
  }
}
