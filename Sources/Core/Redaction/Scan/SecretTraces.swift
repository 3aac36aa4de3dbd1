/// What tools show of secrets that have no telling key: patches of Secrets, answers of kubectl and of vaults, lines of mail
/// and of cookie files, numbers of a private key.
extension TextScan {
  /// Lines of an answer that are looked at, and bytes of a line or of an object.
  private static let answerLines = 100
  private static let answerReach = 8_192

  private mutating func shown(_ range: Range<Int>) {
    guard !range.isEmpty, !ValueShape.isPlaceholder(bytes, range) else { return }
    found(range, engine.builtin.kubernetesSecret)
    if let plain = Decoding.base64(Bytes(rebasing: bytes[range])), Decoding.isText(plain) { learned.append(plain) }
  }

  /// `patch secret app -p '{"data":{…}}'`, `PATCH …/secrets/app [{"op":"add","path":"/data/x","value":"y"}]`, an entry of the
  /// audit log with `"resource":"secrets"`: what the rest of the line sets.
  mutating func secretPatch(at hit: Int, length: Int) {
    if bytes[hit] == 0x22, !objectBeside(hit) || bytes.hasIgnoringCase("created", at: hit + 1) { return }
    let start = hit + length
    let end = bytes.lineEnd(from: start, limit: min(bytes.count, start + Self.answerReach))
    var index = start
    while index < end {
      guard let quote = bytes.firstByte(0x22, from: index, to: end) else { return }
      index = quote + 1
      if bytes.has("data\"", at: quote + 1) || bytes.has("stringData\"", at: quote + 1) {
        var open = quote + (bytes[quote + 1] == 0x64 ? 6 : 12)
        while open < end, bytes[open].isBlank || bytes[open] == 0x3A { open += 1 }
        if bytes.at(open) == 0x7B { index = members(open, end) }
      } else if bytes.has("/data/", at: quote + 1) || bytes.has("/stringData/", at: quote + 1) {
        let close = bytes.firstByte(0x7D, from: quote, to: end) ?? end
        if let value = bytes.first("\"value\"", in: quote..<close) { index = text(after: value + 7, close) }
      }
    }
  }

  /// Each text of an object without others in it; returns where it ends.
  private mutating func members(_ open: Int, _ limit: Int) -> Int {
    var index = open + 1
    while index < limit, bytes[index] != 0x7D {
      if bytes[index].isQuote {
        let quote = bytes[index]
        var end = index + 1
        while end < limit, bytes[end] != quote { end += bytes[end] == 0x5C ? 2 : 1 }
        index = end + 1
        while index < limit, bytes[index].isBlank { index += 1 }
        if index < limit, bytes[index] == 0x3A { index = text(after: index, limit) }
      } else {
        index += 1
      }
    }
    return index
  }

  /// Masks the text behind a colon; returns where it ends.
  private mutating func text(after colon: Int, _ limit: Int) -> Int {
    var start = colon
    while start < limit, bytes[start].isSpace || bytes[start] == 0x3A { start += 1 }
    guard start < limit, bytes[start].isQuote else { return start }
    let quote = bytes[start]
    var end = start + 1
    while end < limit, bytes[end] != quote { end += bytes[end] == 0x5C ? 2 : 1 }
    if end < limit { shown(start + 1..<end) }
    return min(end + 1, limit)
  }

  /// `kubectl get secret app -o jsonpath=…`, `kubectl view-secret app`: the lines of the answer.
  mutating func secretAnswer(at hit: Int, length: Int) {
    let isView = bytes.hasIgnoringCase("view-secret", at: hit)
    let end = bytes.lineEnd(from: hit, limit: min(bytes.count, hit + 1_024))
    if bytes[hit] == 0x20 {  // `vault kv get -field=x secret/app`
      let start = bytes.lineStart(of: hit, reach: 256)
      guard bytes.first("vault ", in: start..<hit) != nil, let next = nextLine(after: hit) else { return }
      var range = next
      while let last = range.last, bytes[last].isSpace { range = range.dropLast() }
      if isOneWord(range) { shown(range) }
      return
    }
    let marks: [StaticString] = ["jsonpath", "go-template", "custom-columns", "base64 -"]
    guard isView || marks.contains(where: { bytes.first($0, in: hit + length..<end) != nil }) else { return }
    var line = hit
    for _ in 0..<(isView ? Self.answerLines : 1) {
      guard let next = nextLine(after: line) else { return }
      line = next.lowerBound
      var range = next
      while let last = range.last, bytes[last].isSpace { range = range.dropLast() }
      if bytes.at(line) == 0x7B {
        _ = members(line, range.upperBound)
      } else if bytes.has("map[", at: line) {
        goMap(line + 4..<range.upperBound)
      } else if isView {
        guard let equals = range.first(where: { bytes[$0] == 0x3D }), equals > line,
          (line..<equals).allSatisfy({ bytes[$0].isKey })
        else { return isOneWord(range) && line == range.lowerBound ? shown(range) : () }
        range = equals + 1..<range.upperBound
        if range.count >= 2, bytes[range.lowerBound].isQuote, bytes[range.upperBound - 1] == bytes[range.lowerBound] {
          range = range.lowerBound + 1..<range.upperBound - 1
        }
        shown(range)
      } else if isOneWord(range) {
        shown(range)
      }
    }
  }

  /// `map[color:bGlt mode:ZmFz]`
  private mutating func goMap(_ range: Range<Int>) {
    var index = range.lowerBound
    while index < range.upperBound, let colon = bytes.firstByte(0x3A, from: index, to: range.upperBound) {
      var end = colon + 1
      while end < range.upperBound, bytes[end] > 0x20, bytes[end] != 0x5D { end += 1 }
      shown(colon + 1..<end)
      index = end + 1
    }
  }

  /// `{'kind': 'Secret', 'data': {…}}` and `V1Secret(data={…})` of Python: the texts of `data` and of `stringData`.
  mutating func pythonSecret(at hit: Int) {
    let limit = min(bytes.count, hit + Self.answerReach)
    var index = bytes.hasIgnoringCase("v1s", at: hit) ? hit : max(0, hit - Self.answerReach / 4)
    while let place = bytes.first("ata", in: index..<limit) {
      index = place + 3
      let name = bytes.at(place - 1) | 0x20
      guard name == 0x64 else { continue }  // data, string_data, stringData
      while index < limit, bytes[index].isQuote || bytes[index].isBlank || bytes[index] == 0x3A || bytes[index] == 0x3D
      {
        index += 1
      }
      if bytes.at(index) == 0x7B { index = members(index, limit) }
    }
  }

  /// No blank in it, and no prompt: an answer may be missing.
  private func isOneWord(_ range: Range<Int>) -> Bool {
    range.count >= 4 && range.allSatisfy { bytes[$0] > 0x20 } && bytes[range.lowerBound] != 0x24
      && bytes[range.lowerBound] != 0x3C
  }

  /// `--- /tmp/LIVE-1/v1.Secret.prod.app` of `kubectl diff`, `Secret (v1) has changed` of helm's, `== /Secret prod/app ==` of
  /// Argo CD's: the values under `data:`, old and new. Argo CD shows the lines alone that changed.
  mutating func secretDiff(at hit: Int) {
    var line = hit
    let isBare = bytes[hit] == 0x3D
    // The column of `data:`; -1 outside of it.
    var data = isBare ? 0 : -1
    for _ in 0..<Self.answerLines {
      guard let next = nextLine(after: line), let mark = next.first.map({ bytes[$0] }) else { return }
      line = next.lowerBound
      if bytes.has("+++", at: line) || bytes.has("---", at: line) || mark == 0x40 { continue }
      if isBare, mark.isDigit { continue }
      guard isBare ? mark == 0x3C || mark == 0x3E : mark == 0x2B || mark == 0x2D || mark == 0x20 else { return }
      var text = line + 1..<next.upperBound
      while let first = text.first, bytes[first].isBlank { text = text.dropFirst() }
      let column = text.lowerBound - line - 1
      if !isBare, column <= data || data < 0 {
        let isData = bytes.has("data:", at: text.lowerBound) || bytes.has("stringData:", at: text.lowerBound)
        data = isData ? column : -1
      } else if let colon = text.first(where: { bytes[$0] == 0x3A }) {
        var value = colon + 1..<text.upperBound
        while let first = value.first, bytes[first].isBlank { value = value.dropFirst() }
        while let last = value.last, bytes[last].isSpace { value = value.dropLast() }
        shown(value)
      }
    }
  }

  /// `====== Data ======` of `vault kv get`: a table of two columns.
  mutating func vaultTable(at hit: Int) {
    var line = hit
    var isTable = false
    var column = -1
    // `refresh_interval  768h`, the first row of `vault read`.
    if bytes[hit] | 0x20 == 0x72 {
      var value = hit + 16
      while bytes.at(value).isBlank { value += 1 }
      guard isLineStart(hit), line > 4, bytes.has("---", at: bytes.lineStart(of: hit - 1, reach: 256)) else { return }
      isTable = true
      column = value - hit
    }
    for _ in 0..<Self.answerLines {
      guard let next = nextLine(after: line) else { return }
      line = next.lowerBound
      if bytes.has("---", at: line) {
        isTable = true
        continue
      }
      guard isTable else {
        guard bytes.has("Key", at: line), let head = bytes.first("Value", in: next) else { return }
        column = head - line
        continue
      }
      var name = line
      while name < next.upperBound, bytes[name] > 0x20 { name += 1 }
      var value = name..<next.upperBound
      while let first = value.first, bytes[first].isBlank { value = value.dropFirst() }
      while let last = value.last, bytes[last].isSpace { value = value.dropLast() }
      // A line of something else may have a blank there, too.
      guard name > line, !value.isEmpty, value.lowerBound - name > 1, value.lowerBound - line == column else { return }
      shown(value)
    }
  }

  /// `abcdef.0123456789abcdef` in a line that speaks of bootstrapping: with it a node joins the cluster. A name or a version in that form has
  /// no digits among its letters as a generator puts them there.
  mutating func bootstrapTokens(near hit: Int) {
    let start = bytes.lineStart(of: hit, reach: 512)
    let end = bytes.lineEnd(from: hit, limit: min(bytes.count, hit + 512))
    var index = start
    while let dot = bytes.firstByte(0x2E, from: index, to: end) {
      index = dot + 1
      let token = dot - 6..<dot + 17
      guard token.lowerBound >= start, token.upperBound <= end, !bytes.at(token.lowerBound - 1).isKey,
        !bytes.at(token.upperBound).isKey || bytes.at(token.upperBound) == 0x2E,
        token.allSatisfy({ $0 == dot || bytes[$0].isLower || bytes[$0].isDigit })
      else { continue }
      let digits = (dot + 1..<token.upperBound).filter { bytes[$0].isDigit }
      let changes = token.dropFirst().filter { bytes[$0].isDigit != bytes[$0 - 1].isDigit }
      if 2...13 ~= digits.count, changes.count >= 3 { found(token, engine.builtin.kubernetesSecret) }
    }
  }

  /// `"lease_id":""` of an answer of Vault: the texts of its `data`, or of the `data` in there; `"Type":"SecureString"` of AWS:
  /// its `Value`.
  mutating func vaultAnswer(at hit: Int, length: Int) {
    let limit = min(bytes.count, hit + Self.answerReach)
    if bytes.hasIgnoringCase("securestring", at: hit + 1) {
      let close = bytes.firstByte(0x7D, from: hit, to: limit) ?? limit
      let open = max(0, hit - 512)
      let before = (open..<hit).last { bytes[$0] == 0x7B } ?? open
      if let value = bytes.first("\"Value\"", in: before..<close) { _ = text(after: value + 7, close) }
      return
    }
    if bytes.hasIgnoringCase("datacrc32c", at: hit + 1) {  // `"payload":{"data":"x","dataCrc32c":"1"}` of Google
      let before = max(0, hit - Self.answerReach)..<hit
      guard let open = before.last(where: { bytes[$0] == 0x7B }), let value = bytes.first("\"data\"", in: open..<hit)
      else { return }
      _ = text(after: value + 6, hit)
      return
    }
    guard let outer = bytes.first("\"data\"", in: hit..<limit) else { return }
    var open = outer + 6
    while open < limit, bytes[open].isSpace || bytes[open] == 0x3A { open += 1 }
    guard bytes.at(open) == 0x7B else { return }
    if let inner = bytes.first("\"data\"", in: open..<min(limit, open + 32)) {
      open = inner + 6
      while open < limit, bytes[open].isSpace || bytes[open] == 0x3A { open += 1 }
      guard bytes.at(open) == 0x7B else { return }
    }
    _ = members(open, limit)
  }

  /// `privateExponent:`, `prime1:`, `priv:` of openssl's text: the lines of hexadecimal pairs below it.
  mutating func keyNumber(at hit: Int, length: Int) {
    guard isLineStart(hit) else { return }
    var line = hit
    for _ in 0..<Self.answerLines {
      guard let next = nextLine(after: line) else { return }
      line = next.lowerBound
      var range = next
      while let first = range.first, bytes[first].isBlank { range = range.dropFirst() }
      while let last = range.last, bytes[last].isSpace { range = range.dropLast() }
      guard range.count >= 2, range.lowerBound > line,
        range.allSatisfy({ bytes[$0].isHexDigit || bytes[$0] == 0x3A })
      else { return }
      found(range, engine.builtin.privateKey, propagates: range.count >= 16)
    }
  }

  /// `kty: EC` of a JSON Web Key in YAML, `{Kty:EC … D:x}` in a dump of Go: the private members near it.
  mutating func jwkText(at hit: Int, length: Int) {
    let isDump = bytes[hit].isUpper
    let isQuoted = bytes.at(hit - 1).isQuote
    var start = isDump ? hit : max(0, bytes.lineStart(of: hit, reach: 1_024))
    if isQuoted, let open = (start..<hit).last(where: { bytes[$0] == 0x7B }) { start = open }
    let limit = min(bytes.count, hit + Self.answerReach)
    var end = hit
    if isDump || isQuoted {
      end = bytes.firstByte(0x7D, from: hit, to: limit) ?? bytes.lineEnd(from: hit, limit: limit)
    } else {
      let indent = column(of: hit)
      end = bytes.lineEnd(from: hit, limit: limit)
      while end < limit, let next = nextLine(after: end), column(of: next.upperBound) == indent,
        bytes.first(": ", in: next) != nil
      { end = next.upperBound }
    }
    var index = start
    while index < end {
      if index == start || !bytes[index - 1].isWord {
        var name = index
        while name < end, name - index < 3, bytes[name].isLetter { name += 1 }
        let word = String(decoding: bytes[index..<name].map(\.lowered), as: UTF8.self)
        if isQuoted, bytes.at(name).isQuote { name += 1 }
        if bytes.at(name) == 0x3A, ["d", "p", "q", "dp", "dq", "qi", "k"].contains(word) {
          var value = name + 1
          while value < end, bytes[value].isBlank || bytes[value].isQuote { value += 1 }
          var stop = value
          while stop < end, bytes[stop].isBase64 || bytes[stop] == 0x3D { stop += 1 }
          if stop - value >= 20 { found(value..<stop, engine.builtin.jwk) }
          index = max(stop, name)
        }
      }
      index += 1
    }
  }

  /// `334 UGFzc3dvcmQ6` of a mail server asks for the password: the last word of the next line, in base64.
  mutating func mailPassword(at hit: Int) {
    guard var range = nextLine(after: hit) else { return }
    while let last = range.last, bytes[last].isSpace { range = range.dropLast() }
    var start = range.upperBound
    while start > range.lowerBound, bytes[start - 1] > 0x20 { start -= 1 }
    let word = start..<range.upperBound
    guard word.count >= 4, word.allSatisfy({ bytes[$0].isBase64 || bytes[$0] == 0x3D }) else { return }
    shown(word)
  }

  /// `AUTH\r\n$8\r\nx\r\n` of Redis' protocol, as it is or escaped: the last of its arguments.
  mutating func redisArguments(at hit: Int, length: Int) {
    let isEscaped = bytes.at(hit + length - 2) == 0x6E
    func lineEnd(_ index: Int) -> Int? {
      let limit = min(bytes.count, index + 512)
      return isEscaped ? bytes.first("\\r\\n", in: index..<limit) : bytes.first("\r\n", in: index..<limit)
    }
    let step = isEscaped ? 4 : 2
    var index = hit + length - 1
    var secret: Range<Int>?
    for _ in 0..<2 {
      guard bytes.at(index) == 0x24, bytes.at(index + 1).isDigit, let size = lineEnd(index),
        let end = lineEnd(size + step)
      else { break }
      secret = size + step..<end
      index = end + step
    }
    if let secret { secretArgument(secret) }
  }

  /// A line of a cookie file: domain, flag, path, flag, time, name, value, with tabs between.
  mutating func cookieLine(at hit: Int) {
    let start = bytes.lineStart(of: hit, reach: 256)
    let end = bytes.lineEnd(from: hit, limit: min(bytes.count, hit + 4_096))
    guard start < hit, !(start..<hit).contains(where: { bytes[$0].isSpace }) else { return }
    var tabs: [Int] = []
    for index in hit..<end where bytes[index] == 0x09 { tabs.append(index) }
    guard tabs.count == 6, (tabs[3] + 1..<tabs[4]).allSatisfy({ bytes[$0].isDigit }), tabs[5] + 1 < end else { return }
    found(tabs[5] + 1..<end, engine.builtin.cookie)
  }
}
