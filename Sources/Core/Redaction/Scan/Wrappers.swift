/// What languages and tools put around a text.
extension TextScan {
  /// Steps over what languages put around a string: `Some(`, `string(8) `, `b'`, `&`, `(len=8) `, `!!str `, `&anchor `.
  func skipWrappers(_ start: inout Int, _ verdict: KeyVerdict) {
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
}
