/// Whether a value is a secret, and how far it goes.
extension TextScan {
  /// Decides on a value whose ends are known.
  mutating func accept(_ found: Range<Int>, _ key: Key, _ separator: Separator, isQuoted: Bool = false) {
    var range = found
    if let inner = ValueShape.defaultValue(bytes, range) { range = inner }
    if ExistingMask.range(at: range.lowerBound, in: bytes) != nil { masksRead += 1 }
    guard !range.isEmpty, !ValueShape.isPlaceholder(bytes, range), !ValueShape.isBoolean(bytes, range),
      range.count > 3 || range.contains(where: { bytes[$0].isAlphanumeric || bytes[$0] >= 0x80 })
    else { return }
    if ValueShape.isPath(bytes, range) || ValueShape.isReference(bytes, range) { return }
    if isPathInBrackets(range) || !isQuoted && (isFlagName(range) || isOfLog(range, key)) { return }
    switch key.verdict {
    case .none: return
    case .likely:
      let isCredential =
        ValueShape.looksLikeCredential(bytes, range) || isQueryKey(key.name) && isQueryCredential(range, key.name)
        || isWeakCredential(range, key, separator)
      guard isCredential, !isCode(range, key, isQuoted) else { return }
    case .presumed:
      // `docker-credential-gcr: cli-docker-credential-gcr`: the name of what is named alike.
      if range.allSatisfy({ bytes[$0].isLower || bytes[$0] == 0x2D }), engine.verdict(bytes, range) == .presumed {
        return
      }
      if range.count(where: { bytes[$0] == 0x20 }) >= 3 { return }  // a sentence
      // `tokens_seen=1234567`
      if ValueShape.isNumber(bytes, range), bytes.first("okens", in: key.name) != nil { return }
      guard looksChosen(range) || isVariable(key.name, separator) && isLongWord(range), !isCode(range, key, isQuoted)
      else {
        return
      }
    case .plural:
      // `credentials:edit`, `tokens:list`: the name of a task.
      if separator == .tight, !isQuoted, bytes.at(key.end) == 0x3A, range.count < 10,
        range.allSatisfy({ bytes[$0].isLower })
      {
        return
      }
      if ValueShape.isNumber(bytes, range) || !isQuoted && isTypeName(range) || isCommandLine(range) { return }
      // `Creating keys: https://x/docs/keys`
      if bytes.first("://", in: range.lowerBound..<min(range.upperBound, range.lowerBound + 8)) != nil { return }
    case .secret, .password: break
    }
    if isPublic(range, key, separator, isQuoted) || isMessage(range) { return }
    if !isQuoted {
      if isCode(range, key, isQuoted) || isItsOwnName(range, key) { return }
      if key.dashes > 0, separator == .space || bytes.has("  ", at: range.upperBound), isMetavariable(range) { return }
      let isProse = separator == .colon || separator == .prose || separator == .space
      if isProse || separator == .spacedEquals {
        if isWordOfProse(range) { return }
        if isProse, separator != .space, isSentence(range, key.name) { return }
        if separator == .prose, !looksChosen(range), !isOneTimeCode(range) { return }
      } else if separator == .tight, isPointer(range) || isState(range) {
        return
      }
      extend(&range, key, separator)
    }
    self.found(range, engine.builtin.keyValue, propagates: key.verdict >= .plural)
    resume = max(resume, range.upperBound)
  }

  /// `saved to file: [/etc/app.json]`
  private func isPathInBrackets(_ range: Range<Int>) -> Bool {
    guard range.count > 2, bytes[range.lowerBound] == 0x5B, bytes[range.upperBound - 1] == 0x5D else { return false }
    return ValueShape.isPath(bytes, range.lowerBound + 1..<range.upperBound - 1)
  }

  /// `**kwargs` of Python, `--clear-key`: what a call passes on, and the name of an option.
  private func isFlagName(_ range: Range<Int>) -> Bool {
    guard range.count > 3, bytes.has("**", at: range.lowerBound) || bytes.has("--", at: range.lowerBound) else {
      return false
    }
    return range.dropFirst(2).allSatisfy { bytes[$0].isLower || bytes[$0] == 0x2D || bytes[$0] == 0x5F }
  }

  /// What logs write behind a word that is a key elsewhere: `credentials: error="…"`, the next pair; `token.rs:42:18`, a place in a file;
  /// `"GET /token HTTP/1.1"`; `kind Secret: Secret "db"`.
  private func isOfLog(_ range: Range<Int>, _ key: Key) -> Bool {
    switch bytes[range.lowerBound] {
    case 0x48: return bytes.has("HTTP/", at: range.lowerBound)
    case 0x53: return isWord("Secret", range) && bytes.has("Secret", at: key.name.lowerBound)
    case 0x30...0x39:
      return bytes[range].contains(0x3A) && range.allSatisfy { bytes[$0].isDigit || bytes[$0] == 0x3A }
        && bytes[key.name].contains(0x2E)
    default:
      return bytes[range.upperBound - 1] == 0x3D && bytes.at(range.upperBound).isQuote && range.count < 24
        && range.dropLast().allSatisfy { bytes[$0].isLower || bytes[$0] == 0x5F }
    }
  }

  /// `tokens: ParseResults`, `(self, token: AccessGrant)`: the name of a type, in letters with humps.
  private func isTypeName(_ range: Range<Int>) -> Bool {
    guard bytes[range.lowerBound].isUpper, range.allSatisfy({ bytes[$0].isLetter }) else { return false }
    return range.dropFirst().contains { bytes[$0].isUpper && bytes[$0 - 1].isLower }
  }

  /// A weak value of a variable or member whose name ends in `auth` or `login`: anything but the name of a way to authenticate.
  private func isWeakCredential(_ range: Range<Int>, _ key: Key, _ separator: Separator) -> Bool {
    let end = key.name.upperBound
    // `CLAVE=x`, `schluessel: x`: words for keys and for passwords alike.
    if ["clave", "chave", "schluessel"].contains(
      where: {
        bytes.hasIgnoringCase($0, at: end - $0.utf8CodeUnitCount)
      } as (StaticString) -> Bool)
    {
      return range.count >= 8 && looksChosen(range)
    }
    let isAuth = key.name.count > 5 && bytes.hasIgnoringCase("auth", at: end - 4) && !bytes[end - 5].isLetter
    if bytes.hasIgnoringCase("sonar.login", at: end - 11) { return range.count >= 8 }
    // `LOGIN=bob:x`
    if separator == .tight, bytes.hasIgnoringCase("login", at: end - 5), key.name.lowerBound == end - 5,
      let colon = range.first(where: { bytes[$0] == 0x3A }), colon + 6 < range.upperBound
    {
      return looksChosen(colon + 1..<range.upperBound) && !ValueShape.isNumber(bytes, colon + 1..<range.upperBound)
    }
    // `hash_salt=x`, `define('AUTH_SALT', 'x')`
    if bytes.hasIgnoringCase("salt", at: end - 4), key.name.count > 5, !bytes[end - 5].isLetter {
      return range.count >= 8 && looksChosen(range)
    }
    guard isAuth, range.count >= 8 else { return false }
    // `com.google.auth:google-auth-library:1.3.0`: an artifact and its version.
    if let colon = range.last(where: { bytes[$0] == 0x3A }), bytes.at(colon + 1).isDigit,
      (colon + 1..<range.upperBound).contains(where: { bytes[$0] == 0x2E })
    {
      return false
    }
    // `http_auth = bob:x`
    if let colon = range.first(where: { bytes[$0] == 0x3A }), colon > range.lowerBound, colon + 5 < range.upperBound,
      (range.lowerBound..<colon).allSatisfy({ bytes[$0].isKey }), looksChosen(colon + 1..<range.upperBound)
    {
      return true
    }
    guard separator == .tight else { return false }
    if looksChosen(range) { return true }
    return isVariable(key.name, separator) && isLongWord(range)
  }

  /// `node scripts/rotate.js`: words of small letters with a path among them.
  private func isCommandLine(_ range: Range<Int>) -> Bool {
    range.contains { bytes[$0] == 0x20 } && range.contains { bytes[$0] == 0x2F }
      && range.allSatisfy { bytes[$0].isLower || " /.:_-".utf8.contains(bytes[$0]) }
  }

  /// `NAME=value` of an environment.
  private func isVariable(_ name: Range<Int>, _ separator: Separator) -> Bool {
    separator == .tight && name.allSatisfy { !bytes[$0].isLower }
  }

  /// More letters than a word that says how or where: a password made of two words.
  private func isLongWord(_ range: Range<Int>) -> Bool {
    range.count >= 10 && range.allSatisfy { bytes[$0].isLower } && !isWordOfProse(range)
  }

  /// What a key of this name also holds and everybody may read: a count of a test run, a pin of a board, an algorithm.
  private func isPublic(_ range: Range<Int>, _ key: Key, _ separator: Separator, _ isQuoted: Bool) -> Bool {
    let end = key.name.upperBound
    let isDigits = range.allSatisfy { bytes[$0].isDigit }
    if !isQuoted, bytes.hasIgnoringCase("pass", at: end - 4), key.name.count == 4 {
      // `pass: 12 fail: 0`, `PASS: TestLogin (0.01s)`
      if isDigits, range.count < 4 { return true }
      if bytes.at(range.upperBound) == 0x20, bytes.at(range.upperBound + 1) == 0x28 { return true }
    }
    if key.name.count >= 3, bytes.hasIgnoringCase("pin", at: end - 3), !isDigits || range.count < 4,
      key.name.count == 3 || !bytes[end - 4].isLetter
    {
      return true
    }
    // `Tokens:  default-token-x7kp2` of kubectl describe: the name of a Secret.
    if key.verdict == .plural, bytes.first("-token-", in: range) != nil { return true }
    // `secrets: db-tls, api-tls`: names in a row.
    let isPlural = key.verdict == .plural || bytes.hasIgnoringCase("words", at: end - 5)
    if !isQuoted, isPlural, separator != .tight, bytes.has(", ", at: range.upperBound), range.count < 40,
      range.allSatisfy({ bytes[$0].isLower || bytes[$0] == 0x2D })
    {
      return true
    }
    if key.verdict == .plural, ["include", "omit", "same-origin"].contains(where: { isWord($0, range) }) {
      return true  // {"credentials": "include"} of fetch
    }
    if isName(range, key) || key.verdict != .password && ValueShape.isVersion(bytes, range) { return true }
    // `password: SecretString }` of a program: a type that is named like what it holds.
    if !isQuoted, separator == .colon, isTypeName(range), verdict(range) > .none { return true }
    // `:param token: Unicode bearer token` of a docstring
    if !isQuoted, bytes.has(":param ", at: key.name.lowerBound - 7) || bytes.has("@param ", at: key.name.lowerBound - 7)
    {
      return true
    }
    // `Token: "#d8dee9"`: a colour.
    if range.count == 7, key.verdict != .password, bytes[range.lowerBound] == 0x23,
      range.dropFirst().allSatisfy({ bytes[$0].isHexDigit })
    {
      return true
    }
    // `"auth-token":"simple"` of etcd's configuration
    if isWord("simple", range), bytes.hasIgnoringCase("auth-token", at: end - 10) { return true }
    // `length of the key  [default: 2048]`
    if isDigits, range.count < 6, key.verdict != .password, bytes.at(range.upperBound) == 0x5D,
      bytes.has("default: ", at: range.lowerBound - 9)
    {
      return true
    }
    // `cannot fetch token: 401 Unauthorized`
    if isDigits, !isQuoted, range.count == 3, separator == .colon, bytes.at(range.upperBound) == 0x20,
      bytes.at(range.upperBound + 1).isUpper, bytes[range.lowerBound] == 0x34 || bytes[range.lowerBound] == 0x35
    {
      return true
    }
    // `bad credentials: app`, `invalid token: user`: a complaint, and what it is about.
    if !isQuoted, separator == .colon, key.verdict != .password, isPlainWord(range),
      ["bad ", "invalid ", "wrong ", "unknown ", "missing "].contains(
        where: {
          bytes.hasIgnoringCase($0, at: key.name.lowerBound - $0.utf8CodeUnitCount)
        } as (StaticString) -> Bool)
    {
      return true
    }
    // `mnemonic: add` of an assembler; a wallet's has twelve words.
    if !isQuoted, bytes.hasIgnoringCase("mnemonic", at: end - 8), isPlainWord(range) { return true }
    // `(password:VARCHAR) <- [x]` of Hibernate: the type of what is bound.
    if !isQuoted, bytes.has(") <- [", at: range.upperBound) { return true }
    // `ENC[AES256_GCM,data:…,iv:…,tag:…,type:str]` of sops: encrypted.
    if key.name.count == 2, bytes.has(",tag:", at: range.upperBound) { return true }
    // `== /Secret prod/app ==` of Argo CD: the name of an object.
    if key.name.count == 6, bytes.has("/Secret ", at: key.name.lowerBound - 1),
      range.contains(where: { bytes[$0] == 0x2F })
    {
      return true
    }
    // `string client_secret = 4;` of Protocol Buffers: the number of a field.
    if isDigits, range.count < 6, bytes.at(range.upperBound) == 0x3B,
      ["string ", "bytes "].contains(
        where: {
          bytes.has($0, at: key.name.lowerBound - $0.utf8CodeUnitCount)
        } as (StaticString) -> Bool)
    {
      return true
    }
    // `gpg: using RSA key 2A05…`: a fingerprint.
    if !isQuoted, separator == .prose, range.count == 40 || range.count == 16,
      range.allSatisfy({ bytes[$0].isDigit || 0x41...0x46 ~= bytes[$0] }), bytes.at(key.name.lowerBound - 2).isUpper
    {
      return true
    }
    // `jwt: 3 keys loaded`
    if isDigits, !isQuoted, range.count < 3, bytes.at(range.upperBound) == 0x20, bytes.at(range.upperBound + 1).isLower,
      bytes.at(key.name.upperBound) == 0x3A
    {
      return true
    }
    // `password: 16 bytes` of kubectl describe; `license: Apache-2.0`.
    if isDigits, !isQuoted, bytes.has(" bytes", at: range.upperBound) { return true }
    return bytes.hasIgnoringCase("license", at: end - 7) && !isLicenseKey(range)
  }

  private func isWord(_ word: StaticString, _ range: Range<Int>) -> Bool {
    word.utf8CodeUnitCount == range.count && bytes.has(word, at: range.lowerBound)
  }

  /// `secret="prod/api-tls"`, `kube_secret_info{secret="db"}`, `Image pull secrets: regcred`: the name of an object; `passwordKey:
  /// db-password`: the name of a key in one.
  private func isName(_ range: Range<Int>, _ key: Key) -> Bool {
    let start = key.name.lowerBound
    switch KeyNaming(bytes, key.name) {
    case .none:
      return key.verdict < .password && isAnnotation(start) && KeyNaming.endsInSecret(bytes, key.name)
        && ValueShape.isNameOfObjects(bytes, range)
    case .key: return ValueShape.isNameOfKey(bytes, range)
    case .annotation: return ValueShape.isNameOfObjects(bytes, range)
    case .object:
      if ValueShape.isNameOfSecret(bytes, range) || bytes.hasIgnoringCase("pull ", at: start - 5) { return true }
      let line = max(0, start - Self.longestMetric)..<start
      guard let open = line.last(where: { bytes[$0] == 0x7B || bytes[$0].isLineEnd }), bytes[open] == 0x7B else {
        return false
      }
      return bytes.first("kube_secret_", in: max(0, open - 64)..<open) != nil
    }
  }

  /// True for a key behind the domain of an annotation: `cert-manager.io/private-key-secret`.
  private func isAnnotation(_ start: Int) -> Bool {
    guard bytes.at(start - 1) == 0x2F else { return false }
    var domain = start - 1
    while domain > 0, start - domain < 64,
      bytes[domain - 1].isLower || bytes[domain - 1] == 0x2D || bytes[domain - 1] == 0x2E
    {
      domain -= 1
    }
    let before = bytes.at(domain - 1)
    return bytes[domain..<start].contains(0x2E) && (domain == 0 || before.isSpace || before.isQuote)
  }

  /// How far the name of a metric may stand before one of its labels, in bytes.
  private static let longestMetric = 512

  /// True for the key that a license is bought with: random characters, or groups of capitals and digits. What a license is called
  /// (`Apache-2.0`, `BSD3_Google`, `GFDL-NIV-1.3+`) has neither.
  private func isLicenseKey(_ range: Range<Int>) -> Bool {
    let digits = range.count { bytes[$0].isDigit }
    if range.count >= 12, digits >= 3, !range.contains(where: { bytes[$0].isLower }) { return true }
    return isMixed(range, least: 16, changes: 18)
  }

  /// `self.password = password`, `token = token;`: a variable of the same name.
  private func isItsOwnName(_ range: Range<Int>, _ key: Key) -> Bool {
    var end = range.upperBound
    while end > range.lowerBound, bytes[end - 1] == 0x3B || bytes[end - 1] == 0x2C { end -= 1 }
    let count = end - range.lowerBound
    guard count <= key.name.count, count > 0 else { return false }
    let start = key.name.upperBound - count
    for offset in 0..<count where bytes[start + offset] != bytes[range.lowerBound + offset] { return false }
    let isMember = start > key.name.lowerBound && bytes[start - 1] == 0x2E
    return isMember || end < range.upperBound || bytes.at(end) == 0x3B || bytes.at(end) == 0x2C || bytes.at(end) == 0x29
  }

  /// `--password PASSWORD`, `--api-key KEY`: the name of an argument in a help text.
  private func isMetavariable(_ range: Range<Int>) -> Bool {
    var words = 0
    for index in range {
      guard bytes[index].isUpper || bytes[index] == 0x5F || bytes[index] == 0x5D else { return false }
      words += 1
    }
    return words <= 24 && engine.verdict(bytes, range) > .none || bytes.has("KEY", at: range.lowerBound)
      || bytes.has("STRING", at: range.lowerBound) || bytes.has("VALUE", at: range.lowerBound)
  }

  /// 4 to 10 digits.
  private func isOneTimeCode(_ range: Range<Int>) -> Bool {
    4...10 ~= range.count && range.allSatisfy { bytes[$0].isDigit }
  }

  /// `sv=2023-01-03&…`: a shared access signature of Azure, all of which is the value.
  private func isAccessSignature(_ range: Range<Int>) -> Bool {
    let start = bytes[range.lowerBound] == 0x3F ? range.lowerBound + 1 : range.lowerBound
    let names: [StaticString] = ["sv=", "se=", "sr=", "sp=", "st=", "si=", "ss="]
    return names.contains { bytes.has($0, at: start) }
  }

  /// A value that goes on after a blank: `Bearer x`, or the rest of a line that holds nothing but this pair.
  private func extend(_ range: inout Range<Int>, _ key: Key, _ separator: Separator) {
    if bytes.at(range.upperBound) == 0x26, isAccessSignature(range) {
      while range.upperBound < bytes.count, bytes[range.upperBound] > 0x20, !bytes[range.upperBound].isQuote {
        range = range.lowerBound..<range.upperBound + 1
      }
      return
    }
    guard bytes.at(range.upperBound).isBlank, separator != .space, separator != .element, separator != .arrow,
      separator != .prose
    else { return }
    // The value of a flag ends at the blank, wherever the flag stands.
    let startsLine = key.dashes == 0 && isLineStart(key.name.lowerBound)
    let opening = bytes.at(key.name.lowerBound - 1 - key.dashes)
    let isInQuotes = (opening == 0x27 || opening == 0x22) && separator == .tight
    let isScheme = Self.isScheme(bytes, range)
    // Where the line ends is looked for only where it matters: in a line of many keys that would take its square.
    guard startsLine || isInQuotes || isScheme else { return }
    let reach = startsLine || isScheme ? Self.longestValue : 512
    let lineEnd = bytes.lineEnd(from: range.upperBound, limit: min(bytes.count, range.lowerBound + reach))
    guard startsLine else {
      // One quote around the whole pair: `'KEY=two words'` of a shell's trace.
      if isInQuotes, let close = (range.upperBound..<lineEnd).first(where: { bytes[$0] == opening }),
        !(range.upperBound..<close).contains(where: { bytes[$0] == 0x3D || bytes[$0] == 0x3B || bytes[$0] == 0x2C })
      {
        range = range.lowerBound..<close
      } else if isScheme {
        var end = range.upperBound
        while end < lineEnd, bytes[end].isBlank { end += 1 }
        while end < lineEnd, !bytes[end].isSpace, !bytes[end].isQuote { end += 1 }
        range = range.lowerBound..<end
      }
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

  /// `password=required`: what a check says of a value, which is no password.
  private func isState(_ range: Range<Int>) -> Bool {
    ["required", "missing", "invalid", "empty", "unset", "optional"].contains { isWord($0, range) }
  }

  /// `0xc000123456`: an address of a debug dump.
  private func isPointer(_ range: Range<Int>) -> Bool {
    guard range.count <= 18, bytes.has("0x", at: range.lowerBound) else { return false }
    return range.dropFirst(2).allSatisfy { bytes[$0].isHexDigit }
  }
}
