/// Passwords in URLs and connection strings.
extension TextScan {
  /// `://` was seen at `hit`.
  mutating func urlUserinfo(at hit: Int) {
    // YAML can take the scheme for the name of an anchor: `a: &redis://:x@h`.
    guard hit == 0 || bytes[hit - 1].isAlphanumeric else { return }
    let start = hit + 3
    let limit = min(bytes.count, start + 2_048)
    var end = start
    var at = -1
    var colon = -1
    scan: while end < limit {
      let byte = bytes[end]
      if byte <= 0x20 || byte == 0x22 || byte == 0x27 || byte == 0x60 || byte == 0x3C || byte == 0x3E || byte == 0x5C {
        break
      }
      switch byte {
      case 0x40: at = end
      case 0x3A: if colon < 0 { colon = end }
      case 0x2F, 0x3F, 0x23:
        // Ends the authority, unless a password with such a byte was not escaped: `user:pa/ss@host`.
        if at >= 0 || colon < 0 || isPort(colon + 1, end) { break scan }
        guard let later = laterHost(from: end, limit: limit) else { break scan }
        at = later
        break scan
      default: break
      }
      end += 1
    }
    guard at > start else { return }
    if colon >= start, colon < at {
      let range = colon + 1..<at
      // `https://TOKEN:x-oauth-basic@…`, `https://TOKEN:@…`: the user is the token.
      let user = start..<colon
      if ValueShape.looksRandom(bytes, user, least: 16) { found(user, engine.builtin.url) }
      guard !range.isEmpty, !isReference(range) else { return }
      found(range, engine.builtin.url)
    } else {
      // A token in place of the user's name.
      let range = start..<at
      guard ValueShape.looksRandom(bytes, range, least: 16) else { return }
      found(range, engine.builtin.url)
    }
    resume = max(resume, at)
  }

  private func isPort(_ start: Int, _ end: Int) -> Bool {
    guard end > start, end - start <= 5 else { return start == end }
    return (start..<end).allSatisfy { bytes[$0].isDigit }
  }

  /// A placeholder, or a mask with nothing else.
  private func isReference(_ range: Range<Int>) -> Bool { ValueShape.isPlaceholder(bytes, range) }

  /// The last `@` before the next blank or quote that is followed by something like `host:port` or `host/`.
  private func laterHost(from start: Int, limit: Int) -> Int? {
    var index = start
    var last: Int?
    while index < limit {
      let byte = bytes[index]
      if byte <= 0x20 || byte == 0x22 || byte == 0x27 || byte == 0x60 || byte == 0x3C || byte == 0x3E { break }
      if byte == 0x40 {
        var host = index + 1
        while bytes.at(host).isWord || bytes.at(host) == 0x2E || bytes.at(host) == 0x2D { host += 1 }
        if host > index + 1,
          bytes.at(host) == 0x3A && bytes.at(host + 1).isDigit || bytes.at(host) == 0x2F || bytes.at(host) <= 0x20
        {
          last = index
        }
      }
      index += 1
    }
    return last
  }

  /// `@tcp(` was seen at `hit`: `user:password` before it.
  mutating func dsn(at hit: Int) {
    var start = hit
    let floor = max(0, hit - 512)
    while start > floor, bytes[start - 1] > 0x20, !bytes[start - 1].isQuote { start -= 1 }
    // The user may follow a key: `dsn=app:x@tcp(…)`.
    var user = start
    for index in start..<hit where bytes[index] == 0x3D || bytes[index] == 0x2F && bytes.at(index - 1) == 0x2F {
      user = index + 1
      break
    }
    guard let colon = (user..<hit).first(where: { bytes[$0] == 0x3A }), colon > user else { return }
    guard (user..<colon).allSatisfy({ bytes[$0].isKey || bytes[$0] == 0x25 }), colon + 1 < hit else { return }
    let range = colon + 1..<hit
    guard !ValueShape.isPlaceholder(bytes, range) else { return }
    found(range, engine.builtin.dsn)
  }

  /// `@` was seen at `sign`: `user:password@protocol(address)/database` of Go's MySQL driver, where protocol and address may be
  /// missing: `@(host)/`, `@/database`, `@cloudsql(project:region:name)/`.
  mutating func driverAddress(at sign: Int) {
    var index = sign + 1
    let limit = min(bytes.count, sign + 96)
    while index < limit, bytes[index].isWord || bytes[index] == 0x2D { index += 1 }
    if bytes.at(index) == 0x28 {
      while index < limit, bytes[index] != 0x29, bytes[index] > 0x20, !bytes[index].isQuote { index += 1 }
      guard bytes.at(index) == 0x29 else { return }
      index += 1
    } else if index > sign + 1 {
      return
    }
    guard bytes.at(index) == 0x2F,
      bytes.at(index + 1).isWord || index + 1 >= bytes.count || bytes[index + 1] <= 0x20 || bytes[index + 1].isQuote
        || bytes[index + 1] == 0x3F
    else { return }
    dsn(at: sign)
  }

  /// `=user:password@host.domain` without a scheme: only where the password is no version and no tag.
  mutating func bareUserinfo(at sign: Int) {
    var host = sign + 1
    var dots = 0
    while host < bytes.count, host - sign < 254,
      bytes[host].isAlphanumeric || bytes[host] == 0x2D || bytes[host] == 0x2E
    {
      dots += bytes[host] == 0x2E ? 1 : 0
      host += 1
    }
    // A port behind it makes any name a host; a mail address has none.
    let hasPort = bytes.at(host) == 0x3A && isPort(host + 1, portEnd(host + 1)) && portEnd(host + 1) > host + 1
    guard dots > 0 || hasPort, bytes.at(sign + 1).isLetter || hasPort || dots == 3 else { return }
    var start = sign
    var colon = -1
    while start > 0, sign - start < 256, bytes[start - 1] > 0x20, !bytes[start - 1].isQuote, bytes[start - 1] != 0x3D {
      start -= 1
      if bytes[start] == 0x3A { colon = start }
    }
    let opening = bytes.at(start - 1)
    // What has a scheme is a URL, which another rule reads.
    guard colon > start, bytes.at(colon + 1) != 0x2F, !bytes.has("jdbc:", at: start),
      opening == 0x3D || opening.isQuote
        || (hasPort || dots == 3 && bytes.at(sign + 1).isDigit) && (start == 0 || opening.isSpace),
      colon + 6 < sign,
      (start..<colon).allSatisfy({ bytes[$0].isKey })
    else { return }
    let range = colon + 1..<sign
    if bytes[range.lowerBound] == 0x40 { return }  // npm:@scope/name@1.2.3
    let isSpecial = range.contains { !bytes[$0].isKey && bytes[$0] != 0x2F }
    guard
      isSpecial && looksChosen(range) || hasPort && (dots > 0 || isDatabasePort(host + 1)) && isPhrase(range)
        || hasPort && opening.isQuote && isDatabasePort(host + 1) && looksChosen(range)
        || ValueShape.looksLikeCredential(bytes, range),
      !ValueShape.isPlaceholder(bytes, range)
    else { return }
    found(range, engine.builtin.dsn)
  }

  /// A port of a database or a broker.
  private func isDatabasePort(_ start: Int) -> Bool {
    let ports: [StaticString] = [
      "3306", "5432", "6379", "27017", "5672", "1433", "1521", "9042", "4222", "1883", "9200", "2379",
    ]
    return ports.contains { bytes.has($0, at: start) }
  }

  /// Three words or more that are joined, without the digits that the names of pods have.
  private func isPhrase(_ range: Range<Int>) -> Bool {
    looksChosen(range) && range.allSatisfy { bytes[$0].isLetter || bytes[$0] == 0x2D || bytes[$0] == 0x5F }
  }

  /// Where the digits of a port end, and nothing else of a word follows.
  private func portEnd(_ start: Int) -> Int {
    var end = start
    while bytes.at(end).isDigit { end += 1 }
    return bytes.at(end).isWord || bytes.at(end) == 0x2E ? start : end
  }

  /// A JSON Web Key: its private members, in the object around `"kty"`.
  mutating func jwk(at hit: Int) {
    var open = hit
    let floor = max(0, hit - 8_192)
    while open > floor, bytes[open - 1] != 0x7B { open -= 1 }
    var close = hit
    let limit = min(bytes.count, hit + 16_384)
    while close < limit, bytes[close] != 0x7D { close += 1 }
    var index = open
    while index < close {
      guard bytes[index] == 0x22 else {
        index += 1
        continue
      }
      let name = index + 1
      var end = name
      while end < close, bytes[end] != 0x22, !bytes[end].isLineEnd { end += 1 }
      let isPrivate =
        end - name <= 2
        && ["d", "p", "q", "dp", "dq", "qi", "k"].contains(String(decoding: bytes[name..<end], as: UTF8.self))
      index = end + 1
      guard isPrivate else { continue }
      while bytes.at(index).isSpace || bytes.at(index) == 0x3A { index += 1 }
      guard bytes.at(index) == 0x22 else { continue }
      // RFC 7518 writes all of them in base64url.
      var value = index + 1
      while value < close, bytes[value].isBase64 || bytes[value] == 0x3D { value += 1 }
      if value > index + 1, bytes.at(value) == 0x22 { found(index + 1..<value, engine.builtin.jwk) }
      index = max(value, index + 1)
      if bytes.at(index) == 0x22 { index += 1 }
    }
    resume = max(resume, hit + 5)
  }

  /// The rest of a token or key that was wrapped over lines of one length: lines of its characters alone, the last one shorter.
  mutating func wrappedLines(after first: Range<Int>, _ rule: Int) {
    var width = first.count
    guard width >= 40, width <= 200 else { return }
    var line = first.upperBound
    let lead = blanks(before: first.lowerBound)
    for place in 0..<400 {
      guard bytes.at(line).isLineEnd, var next = nextLine(after: line) else { return }
      // In a block of YAML each line stands as deep as the first one.
      while let byte = next.first, bytes[byte].isBlank, byte - next.lowerBound <= lead { next = next.dropFirst() }
      guard next.count >= 4 else { return }
      // The first line may have words before the token.
      guard place == 0 || next.count <= width,
        next.allSatisfy({ bytes[$0].isBase64 || bytes[$0] == 0x2E || bytes[$0] == 0x3D }),
        next.contains(where: { bytes[$0].isUpper }), next.contains(where: { bytes[$0].isDigit })
      else { return }
      found(next, rule, propagates: false)
      if place > 0, next.count < width { return }
      width = next.count
      line = next.upperBound
    }
  }

  /// How many blanks stand right before a place.
  private func blanks(before index: Int) -> Int {
    var start = index
    while start > 0, index - start < 64, bytes[start - 1].isBlank { start -= 1 }
    return index - start
  }

  /// `'eyJ…', 'eyJ…', 'x'`: the parts of a token in a list of a language. The second and the third one are secret.
  private mutating func jwtParts(after first: Range<Int>) {
    guard Self.isTokenHeader(bytes, first), let payload = listed(after: first.upperBound),
      bytes.has("eyJ", at: payload.lowerBound),
      let signature = listed(after: payload.upperBound), signature.count >= 40
    else { return }
    found(payload, engine.builtin.jwt, propagates: false)
    found(signature, engine.builtin.jwt)
  }

  /// The next text of base64 in a list: behind `', '`.
  private func listed(after end: Int) -> Range<Int>? {
    guard bytes.at(end).isQuote, bytes.at(end + 1) == 0x2C else { return nil }
    var start = end + 2
    while bytes.at(start).isSpace { start += 1 }
    guard bytes.at(start) == bytes[end] else { return nil }
    start += 1
    var stop = start
    while stop < bytes.count, stop - start < Self.longestValue, bytes[stop].isBase64 { stop += 1 }
    return stop > start && bytes.at(stop) == bytes[end] ? start..<stop : nil
  }

  /// True for base64 of the header of a token: it says how the token is signed or encrypted.
  private static func isTokenHeader(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    guard let header = Decoding.base64(Bytes(rebasing: bytes[range])), Decoding.isText(header) else { return false }
    return header.withUnsafeBufferPointer { text in
      (["\"alg\"", "\"enc\"", "\"typ\"", "\"kid\""] as [StaticString]).contains {
        text.first($0, in: 0..<text.count) != nil
      }
    }
  }

  /// `eyJ` was seen at `hit`: a JSON Web Token has two or four dots, and its first part says how it is signed.
  mutating func jwt(at hit: Int) {
    if hit > 0, bytes[hit - 1].isBase64, bytes[hit - 1] != 0x2F,
      bytes[hit - 1] != 0x2D || bytes.at(hit - 2).isAlphanumeric && false
    {
      return
    }
    let limit = min(bytes.count, hit + Self.longestValue)
    var end = hit
    var dots = 0
    var firstDot = 0
    while end < limit,
      bytes[end].isBase64 || bytes[end] == 0x2E && dots < 4 && bytes.at(end + 1).isBase64
        || bytes[end] == 0x2E && dots < 4 && bytes.at(end + 1) == 0x2E
    {
      if bytes[end] == 0x2E {
        dots += 1
        if dots == 1 { firstDot = end }
      }
      end += 1
    }
    if dots == 0 { return jwtParts(after: hit..<end) }
    guard firstDot - hit >= 10, end - firstDot >= 10, Self.isTokenHeader(bytes, hit..<firstDot) else { return }
    if bytes.at(end) == 0x3D { end += 1 }
    found(hit..<end, engine.builtin.jwt)
    resume = max(resume, end)
    wrappedLines(after: hit..<end, engine.builtin.jwt)
  }
}

extension TextScan {
  /// `PlainLoginModule required username="u" password="x" user_bob="y";`: the passwords of the users that a broker knows.
  mutating func jaasUsers(at hit: Int, length: Int) {
    var index = hit + length
    let limit = min(bytes.count, hit + 2_048)
    while index < limit, bytes[index] != 0x3B, let place = bytes.first("user_", in: index..<limit) {
      index = place + 5
      guard index < limit else { return }
      guard let equals = (index..<min(limit, index + 64)).first(where: { !bytes[$0].isKey }), bytes[equals] == 0x3D,
        bytes.at(equals + 1).isQuote
      else { continue }
      var end = equals + 2
      while end < limit, bytes[end] != bytes[equals + 1], !bytes[end].isLineEnd { end += 1 }
      if end > equals + 2, !ValueShape.isPlaceholder(bytes, equals + 2..<end) {
        found(equals + 2..<end, engine.builtin.keyValue)
      }
      index = end
    }
  }
}
