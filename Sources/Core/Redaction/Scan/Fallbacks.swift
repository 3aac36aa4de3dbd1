/// Values that stand apart from their key: the text that takes the place of a missing setting, what a tool or a pipeline's
/// command assigns, the reply to a question.
extension TextScan {
  /// Operators and calls after which the text stands that takes the place of a missing value.
  private static let alternatives: [StaticString] = [
    " ?? ", " || ", " ?: ", " or ", " ||= ", ".unwrap_or(", ".unwrap_or_else(|_| ", ".orElse(", ".getOrElse(",
  ]
  /// What an expression that reads a setting is made of.
  private static let expression = ByteSet(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_. ?()[]'\"<%=")
  /// How far such an operator may stand from its key, in bytes: an expression that reads a setting.
  private static let longestExpression = 96

  /// `process.env.KEY ?? "x"`: where the quote opens, if an expression at `start` names no text before it.
  func fallback(after start: Int) -> Int? {
    guard bytes[start].isLetter || bytes.has("<%", at: start) else { return nil }
    var index = start
    let limit = min(bytes.count, start + Self.longestExpression)
    // Taken once: each look at a static value asks whether it is made.
    let expression = Self.expression
    while index < limit, !bytes[index].isLineEnd {
      if bytes[index] == 0x20 || bytes[index] == 0x2E, let open = alternative(at: index) { return open }
      guard expression.contains(bytes[index]) else { return nil }
      index += 1
    }
    return nil
  }

  /// The quote behind an operator of `alternatives` that stands at `index`.
  @inline(__always) private func alternative(at index: Int) -> Int? {
    switch bytes.at(index + 1) {
    case 0x3F, 0x7C, 0x6F, 0x75, 0x67: quote(behindAlternativeAt: index)  // ? | o u g, their second bytes
    default: nil
    }
  }

  private func quote(behindAlternativeAt index: Int) -> Int? {
    for word in Self.alternatives where bytes.has(word, at: index) {
      let quote = index + word.utf8CodeUnitCount
      return bytes.at(quote) == 0x22 || bytes.at(quote) == 0x27 ? quote : nil
    }
    return nil
  }

  /// `process.env.KEY || "x"`, `KEY ?? "x"`: an operator that no prose has between a key and a quote.
  private func isOperator(_ index: Int) -> Bool {
    bytes.has(" ?? ", at: index) || bytes.has(" || ", at: index) || bytes.has(" ?: ", at: index)
  }

  /// What gives a key its value without a separator of its own: `env("KEY").unwrap_or("x")`, `::set-output name=KEY::x`,
  /// `Key (KEY)=(x)`. `index` is behind the key and what closes it. Returns where the value begins.
  func assignedElsewhere(_ key: Key, after index: Int, isQuoted: Bool) -> Int? {
    switch bytes.at(index) {
    case 0x20, 0x2E: return isQuoted || isOperator(index) ? alternative(at: index) : nil
    case 0x29:  // )
      if isQuoted, let open = alternative(at: index + 1) { return open }
      if bytes.has(") # => \"", at: index) { return index + 7 }  // what irb answers
      return bytes.has(")=(", at: index) && bytes.at(key.name.lowerBound - 1) == 0x28 ? index + 3 : nil
    case 0x3A:  // ::
      return bytes.at(index + 1) == 0x3A && bytes.has("name=", at: key.name.lowerBound - 5) ? index + 2 : nil
    default: return nil
    }
  }

  /// `string Key { get; set; } = "x"` of C#: where the value begins.
  func propertyDefault(after brace: Int) -> Int? {
    let limit = min(bytes.count, brace + 48)
    return bytes.first("} = ", in: brace..<limit).map { $0 + 4 }
  }

  /// The reply of a shell that was asked for a key at the end of a line: `HGET user:1 password` above `"x"`, `1) "password"`
  /// above `2) "x"`.
  func nextReply(after end: Int, isQuoted: Bool) -> Int? {
    guard let next = nextLine(after: end) else { return nil }
    var index = next.lowerBound
    while index < next.upperBound, bytes[index].isBlank { index += 1 }
    if isQuoted {
      let number = index
      while index < next.upperBound, bytes[index].isDigit { index += 1 }
      guard index > number, bytes.has(") \"", at: index) else { return nil }
      return index + 2
    }
    let line = bytes.lineStart(of: end, reach: 256)
    // `$password` above `[1] "x"` of R.
    if bytes.has("[1] \"", at: index), bytes.at(line) == 0x24 { return index + 4 }
    guard bytes.at(index) == 0x22, bytes.first("GET ", in: line..<end) != nil else { return nil }
    return index
  }

  /// `resource "random_password" "db" {` of a plan of Terraform: the texts of `result` and `bcrypt_hash` in its lines.
  mutating func randomPassword(at hit: Int, length: Int) {
    let limit = min(bytes.count, hit + 1_024)
    let end = bytes.first("}", in: hit..<limit) ?? limit
    for name in ["result", "bcrypt_hash"] as [StaticString] {
      guard let place = bytes.first(name, in: hit + length..<end) else { continue }
      let key = Key(
        name: place..<place + name.utf8CodeUnitCount, dashes: 0, end: place + name.utf8CodeUnitCount, verdict: .secret)
      if let (separator, start) = separator(after: key) { value(at: start, key, separator) }
    }
  }

  /// `0x5566 "x"` of a debugger: where the quote opens behind the pointer.
  func pointed(at start: Int) -> Int? {
    var index = start + 2
    while bytes.at(index).isHexDigit { index += 1 }
    return bytes.at(index) == 0x20 && bytes.at(index + 1) == 0x22 ? index + 1 : nil
  }

  /// `input_value='x'` of pydantic was seen at `hit`: the name of the field stands on a line above, without an indent.
  mutating func rejectedInput(at hit: Int, length: Int) {
    guard bytes.at(hit + length) == 0x27 || bytes.at(hit + length) == 0x22 else { return }
    var raw = bytes.lineStart(of: hit, reach: 1_024)
    for _ in 0..<3 where raw > 1 {
      let end = raw - 1
      raw = bytes.lineStart(of: end, reach: 512)
      let line = afterLogPrefix(raw)
      guard line < end, !bytes[line].isBlank else { continue }
      var name = end
      while name > line, bytes[name - 1].isKey, bytes[name - 1] != 0x2E { name -= 1 }
      let key = Key(name: name..<end, dashes: 0, end: end, verdict: verdict(name..<end))
      if key.verdict > .none { value(at: hit + length, key, .arrow) }
      return
    }
  }

  /// Steps over the end of bold or code type between a key and its value: `**Password:** x`, `<b>Token:</b> x`.
  func skipMarkup(_ start: inout Int) {
    for mark in ["**", "__", "</b>", "</strong>", "</label>", "</code>", "</th>", "</em>"] as [StaticString]
    where bytes.has(mark, at: start) && bytes.at(start + mark.utf8CodeUnitCount).isBlank {
      start += mark.utf8CodeUnitCount
      while start < bytes.count, bytes[start].isBlank { start += 1 }
      return
    }
  }

  /// Steps over `[0m`, `[1;31m`: a colour whose escape a log lost.
  func afterColour(_ start: Int) -> Int {
    var index = start + 1
    while bytes.at(index).isDigit || bytes.at(index) == 0x3B, index - start < 12 { index += 1 }
    return index > start + 1 && bytes.at(index) == 0x6D ? index + 1 : start
  }

  /// `?code=x`, `&key=x`, `;jsessionid=x`: names that say something in the query of a URL alone.
  @inline(__always) func isQueryKey(_ name: Range<Int>) -> Bool { isInQuery(name) && isQueryWord(name) }

  private func isQueryWord(_ name: Range<Int>) -> Bool {
    let words: [StaticString] = ["key", "code", "auth", "sid", "session", "sig", "signature", "ticket", "otp", "k"]
    return words.contains { $0.utf8CodeUnitCount == name.count && bytes.hasIgnoringCase($0, at: name.lowerBound) }
  }

  /// True for the name of a parameter behind `?`, `&` or `;` with its value right behind it.
  @inline(__always) func isInQuery(_ name: Range<Int>) -> Bool {
    let before = bytes.at(name.lowerBound - 1)
    return (before == 0x3F || before == 0x26) && bytes.at(name.upperBound) == 0x3D
  }

  /// True if the value of a parameter is more than a word, a number or a state: credentials in queries are never short.
  func isQueryCredential(_ range: Range<Int>, _ name: Range<Int>) -> Bool {
    if ValueShape.isNumber(bytes, range) { return range.count >= 6 }
    if looksChosen(range) { return range.count >= 6 }
    // `?key=` is a name as often as a secret: a word is left.
    return range.count >= (name.count == 3 && bytes.hasIgnoringCase("key", at: name.lowerBound) ? 16 : 10)
  }

  /// `map $http_x_api_key $client { "x" app; default ""; }` of nginx: the texts that the variable is compared with. True if the key is
  /// the variable of one.
  mutating func mapped(_ key: Key) -> Bool {
    let start = key.name.lowerBound
    guard bytes.at(start - 1) == 0x24, bytes.has("map ", at: start - 5),
      let open = bytes.firstByte(0x7B, from: key.end, to: min(bytes.count, key.end + 128)),
      bytes.firstByte(0x0A, from: key.end, to: open) == nil
    else { return false }
    let limit = min(bytes.count, open + Self.longestMap)
    let close = bytes.firstByte(0x7D, from: open, to: limit) ?? limit
    var index = open + 1
    while index < close {
      while index < close, bytes[index].isSpace { index += 1 }
      let quote: UInt8 = bytes.at(index).isQuote ? bytes[index] : 0
      if quote != 0 { index += 1 }
      var end = index
      while end < close, quote != 0 ? bytes[end] != quote : bytes[end] > 0x20 { end += 1 }
      if end > index, looksChosen(index..<end), bytes[index] != 0x7E { secretArgument(index..<end) }
      index = (bytes.firstByte(0x3B, from: end, to: close) ?? close) + 1
    }
    return true
  }

  /// Bytes of a map of nginx that are read.
  private static let longestMap = 8_192
}
