/// HTTP authentication and cookies.
extension TextScan {
  /// `Authorization: Basic x`, `"authorization": ["Bearer x"]`, `proxy_set_header Authorization "x"`.
  mutating func authorization(at hit: Int) {
    var start = hit
    while start > 0, hit - start < 32, bytes[start - 1].isKey { start -= 1 }
    var end = hit + 13
    // `authorization-url`, `authorizationMode`: another word.
    if bytes.at(end).isWord || bytes.at(end) == 0x2D { return }
    // base64url.bearer.authorization.k8s.io.x: a WebSocket's subprotocol.
    if bytes.has(".k8s.io.", at: end) {
      var to = end + 8
      while to < bytes.count, bytes[to].isBase64 { to += 1 }
      if to > end + 8 { found(end + 8..<to, engine.builtin.authorization) }
      return
    }
    let named = bytes.at(end).isQuote
    if named { end += 1 }
    while end < bytes.count, end - hit < 48, bytes[end].isBlank || bytes[end] == 0x5D || bytes[end] == 0x29 { end += 1 }
    let isComma = bytes.at(end) == 0x2C
    let isAssigned = bytes.at(end) == 0x3D && bytes.at(end - 1) == 0x20
    let separated = bytes.at(end) == 0x3A || bytes.at(end) == 0x3D || isComma
    if separated {
      end += bytes.at(end + 1) == 0x3E ? 2 : 1
      // {"name":"Authorization","value":"Bearer x"}
      while bytes.at(end).isBlank { end += 1 }
      if bytes.at(end).isQuote, bytes.hasIgnoringCase("value", at: end + 1) {
        end += 7
        while bytes.at(end).isBlank || bytes.at(end) == 0x3A { end += 1 }
      }
    } else if !bytes.at(end).isQuote {
      // HAProxy: `http-request set-header Authorization Basic\ x`
      if let blank = bytes.first("\\ ", in: end..<min(bytes.count, end + 12)), Self.isScheme(bytes, end..<blank) {
        var to = blank + 2
        while to < bytes.count, bytes[to] > 0x20, to - blank < 1_024 { to += 1 }
        if !ValueShape.isPlaceholder(bytes, blank + 2..<to) { found(blank + 2..<to, engine.builtin.authorization) }
      }
      return
    }
    while end < bytes.count, bytes[end].isBlank || bytes[end] == 0x5B { end += 1 }
    if bytes.has("]string{", at: end) { end += 8 }  // []string{"Bearer x"} of Go
    let quote = bytes.at(end).isQuote ? bytes[end] : 0
    if quote != 0 { end += 1 }
    guard end < bytes.count else { return }
    // `authorization`, `content-length`: names in a row; `authorization = messages.Authorization()`: a program.
    if isComma || isAssigned && quote == 0 {
      var word = end
      while word < bytes.count, word - end < Self.longestValue, bytes[word] > 0x20, !bytes[word].isQuote { word += 1 }
      guard
        Self.isScheme(bytes, end..<word) || takesWholeLine(end..<word)
          || ValueShape.looksLikeCredential(bytes, end..<word) && bytes.at(word - 1) != 0x29
      else { return }
    }
    keyEnd = max(keyEnd, hit + 13)
    credentials(from: end, quote: quote, opening: bytes.at(start - 1), certain: separated || quote != 0)
  }

  /// The credentials after the name of the header: `quote` closes them, or the quote that stands before the name.
  private mutating func credentials(from start: Int, quote: UInt8, opening: UInt8, certain: Bool) {
    let closing = quote != 0 ? quote : opening.isQuote ? opening : 0
    let limit = min(bytes.count, start + Self.longestValue)
    var lineEnd = start
    while lineEnd < limit, bytes[lineEnd] >= 0x20 || bytes[lineEnd] == 0x09 {
      if closing != 0, bytes[lineEnd] == closing {
        // `token="x"` inside of a text in quotes, unescaped: the parameter's quotes are not those of the text.
        guard quote == 0, bytes[lineEnd - 1] == 0x3D,
          let close = bytes.firstByte(closing, from: lineEnd + 1, to: min(limit, lineEnd + 1_024))
        else { break }
        lineEnd = close
      }
      lineEnd += 1
    }
    var word = start
    while word < lineEnd, bytes[word].isAlphanumeric || bytes[word] == 0x2D { word += 1 }
    var from = start
    var to = word
    if word < lineEnd, bytes[word].isBlank, word > start, word - start < 24 {
      from = word
      while from < lineEnd, bytes[from].isBlank { from += 1 }
      to = from
      if takesWholeLine(start..<word) {
        to = parametersEnd(from, bytes.lineEnd(from: from, limit: limit))
      } else {
        while to < lineEnd, !bytes[to].isSpace, !bytes[to].isQuote, bytes[to] != 0x5C, bytes[to] != 0x2C || closing != 0
        {
          to += 1
        }
        if bytes.at(to).isQuote, bytes.at(to - 1) == 0x3D { to = parametersEnd(from, lineEnd) }
      }
      if ExistingMask.range(at: from, in: bytes) != nil {
        // A mask is read over like what it masks.
        resume = max(resume, to)
        return
      }
      // "authorization: disabled for this route" is a sentence, not a scheme.
      if !Self.isScheme(bytes, start..<word), !takesWholeLine(start..<word),
        !ValueShape.looksLikeCredential(bytes, from..<to), !ValueShape.isUUID(bytes, from..<to),
        !isHeaderLine(start, to, lineEnd) || !bytes[start].isUpper
      {
        return
      }
    } else {
      to = start
      while to < lineEnd, !bytes[to].isSpace, !bytes[to].isQuote, bytes[to] != 0x2C { to += 1 }
      if Self.isScheme(bytes, start..<to) { return }
      if closing == 0, !ValueShape.looksLikeCredential(bytes, from..<to), !isHeaderLine(start, to, lineEnd) { return }
    }
    if let end = templateEnd(from, lineEnd), ValueShape.isPlaceholder(bytes, from..<end) {
      resume = max(resume, end)
      return
    }
    while to > from, bytes[to - 1].isBlank { to -= 1 }
    while closing == 0, to > from, bytes[from] != 0x5B,
      bytes[to - 1] == 0x5D || bytes[to - 1] == 0x7D || bytes[to - 1] == 0x3B
    { to -= 1 }
    guard to > from else { return }
    // A mask is read over like what it masks.
    resume = max(resume, to)
    guard !ValueShape.isPlaceholder(bytes, from..<to) else { return }
    found(from..<to, engine.builtin.authorization)
    learnBasic(from..<to)
  }

  /// Where what stands for a value ends, with blanks or braces in it: `${TOKEN}`, `$(cat token)`, `{{ token }}`; nil where nothing of that
  /// kind begins at `start`, or more than that belongs to the value.
  private func templateEnd(_ start: Int, _ limit: Int) -> Int? {
    let close: UInt8
    switch (bytes.at(start), bytes.at(start + 1)) {
    case (0x24, 0x7B), (0x7B, 0x7B), (0x7B, 0x25): close = 0x7D
    case (0x24, 0x28): close = 0x29
    default: return nil
    }
    guard var end = bytes.firstByte(close, from: start + 2, to: limit) else { return nil }
    while bytes.at(end) == close, end < limit { end += 1 }
    return bytes.at(end).isWord ? nil : end
  }

  /// Where a list of parameters ends, `a="x", b=y`: at the line's end, or at a quote that closes what no parameter opened.
  private func parametersEnd(_ start: Int, _ limit: Int) -> Int {
    var index = start
    var isOpen = false
    while index < limit, !bytes[index].isLineEnd {
      if bytes[index].isQuote {
        if !isOpen, bytes.at(index - 1) != 0x3D { return index }
        isOpen.toggle()
      }
      index += 1
    }
    return index
  }

  /// True for a header as it goes over the wire, `Authorization: x` alone on the rest of its line, and x no word of prose.
  private func isHeaderLine(_ start: Int, _ end: Int, _ lineEnd: Int) -> Bool {
    guard end >= lineEnd, end - start >= 6, bytes.has("uthorization: ", at: start - 14) else { return false }
    var word = start
    while word < end, bytes[word] > 0x20 { word += 1 }
    return !isWordOfProse(start..<word)
      && !(start..<end).contains { bytes[$0] == 0x3A || bytes[$0] == 0x2E && bytes.at($0 + 1) == 0x20 }
  }

  /// Schemes whose credentials are a list of parameters.
  private func takesWholeLine(_ range: Range<Int>) -> Bool {
    let words: [StaticString] = [
      "digest", "aws4-hmac-sha256", "oauth", "hawk", "mac", "signature", "aws", "sharedkey", "googlelogin",
      "hmac-sha256", "sharedaccesssignature", "scram-sha-256",
    ]
    return words.contains { $0.utf8CodeUnitCount == range.count && bytes.hasIgnoringCase($0, at: range.lowerBound) }
  }

  /// The password inside `Basic` credentials is a secret of its own.
  mutating func learnBasic(_ range: Range<Int>) {
    guard range.count <= 1_024, let plain = Decoding.base64(Bytes(rebasing: bytes[range])) else { return }
    guard let colon = plain.firstIndex(of: 0x3A), Decoding.isText(plain) || plain.count < 6 else { return }
    learned.append(Array(plain[(colon + 1)...]))
  }

  /// `Bearer x`, `Basic x` without a header's name: only where x looks like a credential.
  mutating func scheme(at hit: Int, length: Int) {
    if hit > 0, bytes[hit - 1].isWord { return }
    let isBearer = bytes.hasIgnoringCase("bearer", at: hit)
    var start = hit + length
    if isBearer {
      // `Sec-WebSocket-Protocol: bearer, x`
      guard bytes.at(start).isBlank || bytes.at(start) == 0x3A || bytes.has(", ", at: start) else { return }
      start += 1
    }
    while bytes.at(start).isBlank || bytes.at(start).isQuote { start += 1 }
    var end = start
    let limit = min(bytes.count, start + Self.longestValue)
    while end < limit,
      bytes[end].isBase64 || bytes[end] == 0x2E || bytes[end] == 0x7E || bytes[end] == 0x3D || bytes[end] == 0x3A
    {
      end += 1
    }
    while end > start, bytes[end - 1] == 0x2E || bytes[end - 1] == 0x3A { end -= 1 }
    guard end > start else { return }
    let range = start..<end
    if isBearer {
      let before = bytes.at(hit - 1).isBlank ? bytes.at(hit - 2) : bytes.at(hit - 1)
      let isCredential = before == 0x3D || before == 0x3A
      let hasParameter = bytes[range].dropLast(2).contains(0x3D)
      guard
        ValueShape.looksRandom(bytes, range, least: 12)
          || isCredential && !hasParameter && range.count >= 8 && ValueShape.looksChosen(bytes, range)
      else { return }
    } else {
      guard range.count >= 8, let plain = Decoding.base64(Bytes(rebasing: bytes[range])), plain.contains(0x3A),
        Decoding.isText(plain)
      else { return }
      learnBasic(range)
    }
    found(range, engine.builtin.authorization)
    resume = max(resume, end)
  }

  /// `Cookie: a=b; c=d`, `Set-Cookie: a=b; Path=/`, `cookies={'a': 'b'}` is left to key and value.
  mutating func cookie(at hit: Int) {
    var index = hit + 6
    if bytes.at(index) | 0x20 == 0x73 { index += 1 }
    if bytes.at(index) == 0x32 { index += 1 }  // Set-Cookie2
    if bytes.at(index).isWord { return }
    if bytes.at(index).isQuote || bytes.at(index) == 0x5D { index += 1 }
    while bytes.at(index).isBlank { index += 1 }
    guard bytes.at(index) == 0x3A || bytes.at(index) == 0x3D else { return }
    index += 1
    while bytes.at(index).isBlank || bytes.at(index) == 0x5B || bytes.at(index) == 0x3E { index += 1 }
    let quote = bytes.at(index).isQuote ? bytes[index] : bytes.at(hit - 1).isQuote ? bytes[hit - 1] : 0
    if bytes.at(index).isQuote { index += 1 }
    let limit = min(bytes.count, index + Self.longestValue)
    var isFirst = true
    while index < limit {
      while index < limit, bytes[index].isBlank || bytes[index] == 0x3B { index += 1 }
      let name = index
      while index < limit, bytes[index] > 0x20, bytes[index] != 0x3D, bytes[index] != 0x3B, !bytes[index].isQuote {
        index += 1
      }
      let nameEnd = index
      // `cookies = dict(a='x')` is a call.
      guard nameEnd > name, !(name..<nameEnd).contains(where: { bytes[$0] == 0x28 }) else { return }
      if bytes.at(index) == 0x3D {
        let value = index + 1
        index = value
        while index < limit, bytes[index] > 0x20, bytes[index] != 0x3B, bytes[index] != quote || quote == 0,
          bytes[index] != 0x22
        {
          index += 1
        }
        cookieValue(name..<nameEnd, value..<index)
      } else if isFirst {
        return  // `ERLANG_COOKIE=x` is no header
      }
      isFirst = false
      while index < limit, bytes[index].isBlank { index += 1 }
      keyEnd = max(keyEnd, index)
      guard index < limit, bytes[index] == 0x3B else { return }
    }
  }

  private mutating func cookieValue(_ name: Range<Int>, _ value: Range<Int>) {
    guard !value.isEmpty, !ValueShape.isPlaceholder(bytes, value) else { return }
    let attributes: [StaticString] = [
      "path", "domain", "expires", "max-age", "samesite", "priority", "version", "comment",
    ]
    if attributes.contains(where: {
      $0.utf8CodeUnitCount == name.count && bytes.hasIgnoringCase($0, at: name.lowerBound)
    }) {
      return
    }
    let verdict = self.verdict(name)
    // A cookie with a long value is a session or a signed state, whatever its name.
    guard verdict >= .likely || value.count >= 16 || ValueShape.looksLikeCredential(bytes, value) else { return }
    found(value, engine.builtin.cookie)
  }
}
