/// The value after a separator: quotes and wrappers around it, lists, objects, blocks; plain values are in `ValueEnd`.
extension TextScan {
  /// A value stands at `index` under a key: notes it if it is secret.
  mutating func value(at index: Int, _ key: Key, _ separator: Separator) {
    let count = bytes.count
    var start = index
    while start < count, isBlank(at: start) { start += bytes[start] == 0xC2 ? 2 : 1 }
    if separator != .element { skipMarkup(&start) }
    if bytes.at(start) == 0x5B { start = afterColour(start) }
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
        let before = findings.count
        nestedLines(after: start, key)
        if findings.count == before { announced(key) }
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
      // `read -p 'Password: ' NAME`, "use `password=` instead": the quote closes what it opened before the key.
      if bytes.at(key.name.lowerBound - 1) == byte, bytes.at(key.end) != byte, separator != .arrow,
        isTextEnd(start + 1, byte)
      {
        return
      }
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
      if key.verdict >= .plural, let dump = dumpedBytes(start) {
        found(dump, engine.builtin.keyValue, propagates: false)
        resume = max(resume, dump.upperBound)
        return
      }
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

  /// True behind a quote that ends a text: no other one of its kind stands on the line, or a blank is next.
  private func isTextEnd(_ index: Int, _ quote: UInt8) -> Bool {
    if index >= bytes.count || bytes[index].isSpace || bytes[index] == 0x29 || bytes[index] == 0x2C { return true }
    let end = bytes.lineEnd(from: index, limit: min(bytes.count, index + 512))
    return bytes.firstByte(quote, from: index, to: end) == nil
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

  /// `[104 117 110 116]` of Go, `[104, 117]`: the numbers of at least four bytes.
  private func dumpedBytes(_ open: Int) -> Range<Int>? {
    var index = open + 1
    var count = 0
    let limit = min(bytes.count, open + Self.longestValue)
    while index < limit, bytes[index].isDigit || bytes[index].isBlank || bytes[index] == 0x2C {
      if bytes[index].isDigit, !bytes[index - 1].isDigit { count += 1 }
      index += 1
    }
    return count >= 4 && bytes.at(index) == 0x5D ? open..<index + 1 : nil
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
