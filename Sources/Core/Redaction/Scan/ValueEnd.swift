/// Where a value ends, in every notation, and whether it is a secret.
extension TextScan {
  /// A value stands at `index` under a key with `verdict`: notes it if it is secret.
  mutating func value(at index: Int, key: Range<Int>, _ separator: Separator, _ verdict: KeyVerdict) {
    let count = bytes.count
    var start = index
    while start < count, bytes[start].isBlank { start += 1 }
    skipWrappers(&start)
    guard start < count, !bytes[start].isLineEnd else { return }
    let byte = bytes[start]
    if byte == 0x5C { return }  // \" : the unescaped view of this line sees it

    if byte.isQuote || byte == 0xE2 && bytes.has("\u{201C}", at: start) {
      quoted(start, key, separator, verdict)
      return
    }
    if separator == .comparison { return }
    if byte == 0x5B {  // [
      list(start, verdict)
      if bytes.at(start + 1).isQuote { return }
    }
    // A template: what fills it in is no secret of this text.
    if bytes.has("{{", at: start), bytes.first("}}", in: start..<min(count, start + 256)) != nil { return }
    if byte == 0x7B, bytes.at(start + 1) != 0x7B {  // { of a nested object: its own keys decide
      if bytes.at(start + 1) != 0x7B, !bytes.at(start + 1).isAlphanumeric || separator == .colon { return }
    }
    if byte == 0x3C, separator != .element, bytes.has("<<", at: start) == false {
      // <redacted>, <nil>, <your-key>; or markup after a key in HTML.
      if ValueShape.isPlaceholder(bytes, start..<unquotedEnd(start, key, separator)) { return }
    }
    if (byte == 0x7C || byte == 0x3E), separator == .colon || separator == .tight, isBlockHeader(start) {
      block(after: start, key: key.lowerBound)
      return
    }
    let end = separator == .element ? elementEnd(start) : unquotedEnd(start, key, separator)
    accept(start..<end, key, separator, verdict)
  }

  /// Steps over what languages put around a string: `Some(`, `string(8) `, `b'`, `&`, `(len=8) `.
  private func skipWrappers(_ start: inout Int) {
    for _ in 0..<3 {
      var index = start
      if bytes.at(index) == 0x28 {  // (string) (len=8) "x", ("x")
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
      while bytes.at(index).isWord, index - start < 24 { index += 1 }
      let length = index - start
      if bytes.at(index).isQuote, length <= 2, length > 0 {  // b'x', u"x", rb'x'
        start = index
        return
      }
      if bytes.at(index) == 0x28, length > 0, isWrapper(start, length) {
        start = index + 1
        if length == 6, bytes.at(start).isDigit {  // string(8) "x"
          while bytes.at(start).isDigit { start += 1 }
          if bytes.at(start) == 0x29 { start += 1 }
          while bytes.at(start).isBlank { start += 1 }
        }
        continue
      }
      if bytes.at(start) == 0x26 || bytes.at(start) == 0x40 || bytes.at(start) == 0x2A, bytes.at(start + 1).isQuote {
        start += 1
      } else if bytes.has("<<\"", at: start) {
        start += 2
      } else if bytes.has("new ", at: start) || bytes.has("Just ", at: start) {
        start += bytes[start] == 0x6E ? 4 : 5
        continue
      }
      return
    }
  }

  private func isWrapper(_ start: Int, _ length: Int) -> Bool {
    let words: [StaticString] = [
      "some", "just", "optional", "string", "secret", "secretstring", "secretstr", "securestring", "str", "ok", "bytes",
      "sensitive", "of", "hiddenstring", "secretvalue", "text", "value", "redactedstring", "password", "token", "box",
    ]
    return words.contains { $0.utf8CodeUnitCount == length && bytes.hasIgnoringCase($0, at: start) }
  }

  /// A quoted value that opens at `start`.
  private mutating func quoted(_ start: Int, _ key: Range<Int>, _ separator: Separator, _ verdict: KeyVerdict) {
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
        } else if quote == 0x27, bytes.at(end + 1) == quote {  // '' in SQL, YAML and Pascal
          end += 2
          continue
        } else {
          break
        }
      }
      end += 1
    }
    end = min(end, limit)
    guard end > open else { return }
    if separator == .comparison, !ValueShape.looksLikeCredential(bytes, open..<end) { return }
    accept(open..<end, key, separator, verdict, isQuoted: true)
  }

  /// `["a", "b"]`: each text of a list; or the numbers of a dumped byte array.
  private mutating func list(_ start: Int, _ verdict: KeyVerdict) {
    guard verdict >= .plural else { return }
    let limit = min(bytes.count, start + Self.longestValue)
    var index = start + 1
    while index < limit, !bytes[index].isLineEnd, bytes[index] != 0x5D {
      guard bytes[index].isQuote else {
        index += 1
        continue
      }
      let quote = bytes[index]
      var end = index + 1
      while end < limit, bytes[end] != quote, !bytes[end].isLineEnd { end += bytes[end] == 0x5C ? 2 : 1 }
      end = min(end, limit)
      if end > index + 1, !ValueShape.isPlaceholder(bytes, index + 1..<end) {
        found(index + 1..<end, engine.builtin.keyValue)
      }
      index = end + 1
    }
    resume = max(resume, index)
  }

  /// `|`, `>-`, `|2+` at the end of a line: a block of YAML follows.
  private func isBlockHeader(_ start: Int) -> Bool {
    var index = start + 1
    while index < bytes.count, index - start < 4, bytes[index] == 0x2D || bytes[index] == 0x2B || bytes[index].isDigit {
      index += 1
    }
    while index < bytes.count, bytes[index].isBlank { index += 1 }
    return index == bytes.count || bytes[index].isLineEnd
  }

  /// The lines of a block that are indented deeper than the key's line.
  private mutating func block(after start: Int, key: Int) {
    let line = bytes.lineStart(of: key, reach: 256)
    var indent = 0
    while bytes.at(line + indent) == 0x20 { indent += 1 }
    var index = bytes.lineEnd(from: start, limit: bytes.count)
    for _ in 0..<200 {
      if bytes.at(index) == 0x0D { index += 1 }
      guard bytes.at(index) == 0x0A else { break }
      var text = index + 1
      while bytes.at(text) == 0x20 { text += 1 }
      let end = bytes.lineEnd(from: text, limit: bytes.count)
      if end > text {
        guard text - index - 1 > indent else { break }
        if !ValueShape.isPlaceholder(bytes, text..<end) { found(text..<end, engine.builtin.keyValue) }
      } else if end >= bytes.count {
        break
      }
      index = end
    }
    resume = max(resume, index)
  }

  /// The text of an XML element, up to the next tag.
  private func elementEnd(_ start: Int) -> Int {
    if bytes.has("<![CDATA[", at: start) {
      var end = start + 9
      while end < bytes.count, !bytes.has("]]>", at: end), end - start < Self.longestValue { end += 1 }
      return end
    }
    var end = start
    let limit = min(bytes.count, start + Self.longestValue)
    while end < limit, bytes[end] != 0x3C { end += 1 }
    return end < limit ? end : start
  }

  /// The end of a value without quotes.
  func unquotedEnd(_ start: Int, _ key: Range<Int>, _ separator: Separator) -> Int {
    let limit = min(bytes.count, start + Self.longestValue)
    let before = bytes.at(key.lowerBound - 1)
    let isQuery = before == 0x3F || before == 0x26 || bytes.at(start - 1) == 0x3D && isForm(start)
    var end = start
    var open = 0
    while end < limit {
      let byte = bytes[end]
      if byte <= 0x20 || byte == 0x7F { break }
      switch byte {
      case 0x22, 0x60: return end
      case 0x27 where end > start: return end
      case 0x26:  // &
        if isQuery || isNextKey(end + 1) { return end }
      case 0x23 where isQuery: return end
      case 0x3C where end > start: return end
      case 0x5C:
        let next = bytes.at(end + 1)
        if next == 0x22 || next == 0x27 || next == 0x6E || next == 0x72 || next == 0x74 { return end }
      case 0x2C, 0x3B:
        let next = bytes.at(end + 1)
        if next <= 0x20 || next.isQuote || isNextKey(end + 1) { return end }
      case 0x28, 0x5B, 0x7B: open += 1
      case 0x29, 0x5D, 0x7D:
        if open == 0 {
          let next = bytes.at(end + 1)
          if next <= 0x20 || next == 0x2C || next == 0x3B || next.isQuote || next == 0x29 || next == 0x5D
            || next == 0x7D
          {
            return end
          }
        } else {
          open -= 1
        }
      default: break
      }
      end += 1
    }
    return end
  }

  /// True if the value belongs to a form body: a key and `=` without blanks, and `&` somewhere before the next blank.
  private func isForm(_ start: Int) -> Bool {
    var index = start
    let limit = min(bytes.count, start + 2_048)
    while index < limit, bytes[index] > 0x20, !bytes[index].isQuote {
      if bytes[index] == 0x26 { return isNextKey(index + 1) }
      index += 1
    }
    return false
  }

  /// True if `word=` or `word:` stands at `index`, after blanks: the next pair of a list.
  private func isNextKey(_ index: Int) -> Bool {
    var place = index
    while place < bytes.count, bytes[place].isBlank { place += 1 }
    guard bytes.at(place).isLetter || bytes.at(place) == 0x5F else { return false }
    let word = place
    while place < bytes.count, place - word < 64, bytes[place].isKey { place += 1 }
    while place < bytes.count, bytes[place] == 0x20, place - word < 64 { place += 1 }
    return bytes.at(place) == 0x3D || bytes.at(place) == 0x3A
  }

  /// Decides on a value whose ends are known.
  private mutating func accept(
    _ found: Range<Int>, _ key: Range<Int>, _ separator: Separator, _ verdict: KeyVerdict, isQuoted: Bool = false
  ) {
    var range = found
    if let inner = ValueShape.defaultValue(bytes, range) { range = inner }
    guard !range.isEmpty, !ValueShape.isPlaceholder(bytes, range), !ValueShape.isBoolean(bytes, range) else { return }
    if ValueShape.isPath(bytes, range) { return }
    switch verdict {
    case .none: return
    case .likely: guard ValueShape.looksLikeCredential(bytes, range), !isCode(range, isQuoted) else { return }
    case .plural: if ValueShape.isNumber(bytes, range) { return }
    case .secret, .password: break
    }
    if !isQuoted {
      if isCode(range, isQuoted) { return }
      let isProse = separator == .colon || separator == .prose || separator == .space
      if isProse || separator == .spacedEquals {
        if isWordOfProse(range) { return }
        if isProse, separator != .space, isSentence(range, key) { return }
        if separator == .prose, !hasLetterAndDigit(range) { return }
      } else if separator == .tight, isPointer(range) {
        return
      }
      extend(&range, key, separator)
    }
    self.found(range, engine.builtin.keyValue, propagates: verdict >= .plural)
    resume = max(resume, range.upperBound)
  }

  /// True for six bytes or more with a letter and a digit: no word of prose.
  private func hasLetterAndDigit(_ range: Range<Int>) -> Bool {
    range.count >= 6 && range.contains { bytes[$0].isLetter } && range.contains { bytes[$0].isDigit }
  }

  /// A value that goes on after a blank: `Bearer x`, or the rest of a line that holds nothing but this pair.
  private func extend(_ range: inout Range<Int>, _ key: Range<Int>, _ separator: Separator) {
    guard bytes.at(range.upperBound).isBlank, separator != .space, separator != .element, separator != .arrow else {
      return
    }
    let startsLine = isLineStart(key.lowerBound)
    // Where the line ends is looked for only where it matters: in a line of many keys that would take its square.
    guard startsLine || Self.isScheme(bytes, range) else { return }
    let lineEnd = bytes.lineEnd(from: range.upperBound, limit: min(bytes.count, range.lowerBound + Self.longestValue))
    guard startsLine else {
      var end = range.upperBound
      while end < lineEnd, bytes[end].isBlank { end += 1 }
      while end < lineEnd, !bytes[end].isSpace, !bytes[end].isQuote { end += 1 }
      range = range.lowerBound..<end
      return
    }
    var end = range.upperBound
    while end < lineEnd {
      if bytes[end].isBlank {
        if isNextKey(end) { return }
        if bytes.at(end + 1) == 0x23 { break }  // a comment
      } else if bytes[end] == 0x22 {
        return
      }
      end += 1
    }
    while end > range.upperBound, bytes[end - 1].isBlank { end -= 1 }
    range = range.lowerBound..<end
  }

  /// True for the name of a scheme of HTTP authentication.
  static func isScheme(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    let words: [StaticString] = ["bearer", "basic", "token", "digest", "negotiate", "ntlm", "apikey", "hmac", "key"]
    return words.contains { $0.utf8CodeUnitCount == range.count && bytes.hasIgnoringCase($0, at: range.lowerBound) }
  }

  /// `self.tokens.next()`, `os.environ["X"]`, `getenv("X")`: an expression, not a value.
  private func isCode(_ range: Range<Int>, _ isQuoted: Bool) -> Bool {
    guard !isQuoted,
      bytes[range.lowerBound].isLetter || bytes[range.lowerBound] == 0x5F || bytes[range.lowerBound] == 0x2A
    else {
      return false
    }
    var index = range.lowerBound
    while index < range.upperBound,
      bytes[index].isWord || bytes[index] == 0x2E || bytes[index] == 0x3A && bytes.at(index + 1) == 0x3A
        || bytes[index] == 0x3A && bytes.at(index - 1) == 0x3A
    {
      index += 1
    }
    let next = bytes.at(index)
    if next == 0x28 || next == 0x5B {  // a call or an index
      let after = bytes.at(index + 1)
      return index <= range.upperBound
        && (after.isQuote || after == 0x29 || after.isLetter || after == 0x26 || after == 0x24)
    }
    guard index == range.upperBound else { return false }
    let roots: [StaticString] = [
      "self.", "this.", "os.", "process.", "config.", "cfg.", "settings.", "args.", "opts.", "options.", "ctx.", "req.",
      "request.", "response.", "resp.", "params.", "env.", "environ.", "var.", "local.", "data.", "module.", "System.",
      "Environment.", "std::", "secrets.", "vars.", "inputs.", "props.", "state.", "s.", "c.", "r.", "m.", "cmd.",
      "flags.",
    ]
    return roots.contains { bytes.has($0, at: range.lowerBound) && $0.utf8CodeUnitCount < range.count }
  }

  /// `0xc000123456`: an address of a debug dump.
  private func isPointer(_ range: Range<Int>) -> Bool {
    guard range.count <= 18, bytes.has("0x", at: range.lowerBound) else { return false }
    return range.dropFirst(2).allSatisfy { bytes[$0].isHexDigit }
  }

  /// Words that stand after `password:` in messages and declarations.
  private func isWordOfProse(_ range: Range<Int>) -> Bool {
    var end = range.upperBound
    while end > range.lowerBound,
      bytes[end - 1] == 0x2E || bytes[end - 1] == 0x2C || bytes[end - 1] == 0x3B || bytes[end - 1] == 0x21
        || bytes[end - 1] == 0x29
    { end -= 1 }
    var word = PackedWord()
    for index in range.lowerBound..<end {
      guard bytes[index].isLetter || bytes[index] == 0x27 || bytes[index] == 0x2D || bytes[index] == 0x5F else {
        return false
      }
      word.append(bytes[index].lowered)
    }
    return Self.proseWords.contains(word)
  }

  /// `token: unexpected end of input`: a plain word with more words after it, behind a key inside a sentence.
  private func isSentence(_ range: Range<Int>, _ key: Range<Int>) -> Bool {
    guard bytes.at(range.upperBound) == 0x20, bytes.at(range.upperBound + 1).isLower else { return false }
    for index in range
    where !bytes[index].isLower && bytes[index] != 0x27 && bytes[index] != 0x2C && bytes[index] != 0x3A {
      return false
    }
    // A pair of the same line (`user: x password: y host: z`) is no sentence.
    var next = range.upperBound + 1
    while bytes.at(next).isWord { next += 1 }
    return bytes.at(next) != 0x3A && bytes.at(next) != 0x3D
  }

  static let proseWords: Set<PackedWord> = Set(
    """
    a an the is was are were be been must may can cannot could should would will not no none null nil undefined missing
    required optional invalid valid incorrect correct wrong bad expired expires revoked rejected denied unauthorized
    forbidden failed failure failing error unknown unset set empty blank found loaded created updated changed rotated deleted
    removed generated reset disabled enabled ok success successful succeeded accepted mismatch mismatched unexpected expected
    malformed unsupported unable unavailable connection context string str int bool boolean bytes text varchar char any object
    number secretstr optional true false yes that this these it its for from to in on at by with of and or if when while
    has have had does do did please see use using used too only already never also default stdin prompt interactive
    authentication authorization permission access timeout timed eof end invalid_grant hidden redacted masked encrypted
    """.split(whereSeparator: \.isWhitespace).map { PackedWord($0.utf8) })
}
