/// Secrets in sentences and programs that no key stands right before: `use x as the password`, `[ x = "$PASSWORD" ]`,
/// `printf 'password=%s' x`, `your password is lemon`.
extension TextScan {
  /// Verbs before a secret that a key explains behind it.
  private static let givers: WordSet = WordSet(
    "use using uses used with enter entered set try tried have has supplied supply pass passing accept accepted".split(
      separator: " "
    ).map { PackedWord($0.utf8) })

  /// Last words before what a password is or was made.
  private static let copulas: WordSet = WordSet(
    "is to now as equals".split(separator: " ").map { PackedWord($0.utf8) })

  /// Words that say how a password is, where their ending does not show it.
  private static let conditions: WordSet = WordSet(
    """
    safe weak strong long short plain fine good wrong secure insecure unsafe stale fresh unique private public stronger weaker
    longer shorter obsolete lost known unknown shown unset ours yours theirs mine there here later today tomorrow yesterday soon again
    everything nothing something anything simple trivial common complete okay ready needed enough close similar identical right
    bcrypt scrypt argon2 plaintext cleartext base64 kerberos ldap oauth saml webauthn complex clear intact outdated nonempty
    whitespace default changeme rotation encryption verification strength policy overdue below above inline compliant mandatory secret
    """.split(whereSeparator: \.isWhitespace).map { PackedWord($0.utf8) })

  /// Endings of adjectives, participles and adverbs.
  private static let endings: [StaticString] = [
    "ed", "ing", "able", "ible", "ent", "ant", "ive", "ful", "less", "ous", "ary", "ory", "ic", "al", "ly", "ect",
    "ion", "ity", "en", "own", "ied",
  ]

  /// True for a word that says how a password is, and is none.
  func saysHow(_ range: Range<Int>) -> Bool {
    var end = range.upperBound
    while end > range.lowerBound, !bytes[end - 1].isAlphanumeric, bytes[end - 1] < 0x80 { end -= 1 }
    if Self.conditions.contains(PackedWord(bytes, range.lowerBound..<end)) { return true }
    return Self.endings.contains { bytes.hasIgnoringCase($0, at: end - $0.utf8CodeUnitCount) }
  }

  /// `your password is lemon`: a word that ends the line behind a word that says what it is; `start` is where it begins, and
  /// `words` counts those between. English alone: of other languages too few words are known that say how something is.
  func isPlainSecret(_ range: Range<Int>, behind start: Int, _ key: Key, words: Int) -> Bool {
    var end = range.upperBound
    while end > range.lowerBound, bytes[end - 1] == 0x2E || bytes[end - 1] == 0x21 { end -= 1 }
    var word = start
    while word > 0, bytes[word - 1].isBlank || bytes[word - 1] == 0x3A { word -= 1 }
    var first = word
    while first > 0, bytes[first - 1].isLetter { first -= 1 }
    guard key.verdict == .password, end - range.lowerBound >= 5, first < word,
      Self.copulas.contains(PackedWord(bytes, first..<word)),
      words > 1 || !bytes.hasIgnoringCase("to", at: first),  // enter the password to continue
      (range.lowerBound..<end).allSatisfy({ bytes[$0].isLetter })
    else { return false }
    return !isWordOfProse(range) && !saysHow(range) && verdict(range.lowerBound..<end) == .none
  }

  /// `password -- x`, `password – x`: a dash, and a word that looks chosen and ends the line.
  mutating func dashed(from start: Int, _ key: Key) -> Bool {
    for dash in ["-- ", "\u{2013} ", "\u{2014} ", "\u{2026} ", "... "] as [StaticString]
    where bytes.has(dash, at: start) {
      guard let word = valueWord(at: start + dash.utf8CodeUnitCount), word.endsLine, looksChosen(word.range) else {
        return false
      }
      accept(word.range, key, .arrow)
      return true
    }
    // `changed password bob -> x`
    guard key.verdict == .password, let owner = valueWord(at: start), bytes.has(" -> ", at: owner.range.upperBound),
      let word = valueWord(at: owner.range.upperBound + 4), word.endsLine, looksChosen(word.range)
    else { return false }
    accept(word.range, key, .arrow)
    return true
  }

  /// `use x as the admin password`: the word before `as`.
  mutating func isUsedAs(_ key: Key) -> Bool {
    let reach = max(0, key.name.lowerBound - 40)
    let before = reach..<key.name.lowerBound
    guard bytes.at(key.name.lowerBound - 1) == 0x20, let place = bytes.first(" as ", in: before),
      (place + 4..<key.name.lowerBound).allSatisfy({ bytes[$0].isLetter || bytes[$0] == 0x20 })
    else { return false }
    var end = place
    if bytes.at(end - 1).isQuote { end -= 1 }
    var start = end
    while start > 0, end - start < 256, bytes[start - 1] > 0x20, !bytes[start - 1].isQuote { start -= 1 }
    let isQuoted = end < place
    var verb = start - (isQuoted ? 1 : 0)
    guard verb > 0, start < end, bytes.at(verb - 1) == 0x20 else { return false }
    verb -= 1
    var first = verb
    while first > 0, bytes[first - 1].isLetter { first -= 1 }
    guard Self.givers.contains(PackedWord(bytes, first..<verb)), looksChosen(start..<end) || isQuoted else {
      return false
    }
    accept(start..<end, key, .arrow, isQuoted: true)
    return true
  }

  /// Bytes behind a key in which a comparison begins.
  private static let expectedReach = 24

  /// True if a comparison may begin behind a key. Most sentences hold none, and their lines are not read.
  private func saysExpected(_ start: Int) -> Bool {
    for place in start..<max(start, min(bytes.count, start + Self.expectedReach)) {
      switch bytes[place] {
      case 0x65: if bytes.has("expected ", at: place) { return true }
      case 0x77: if bytes.has("want ", at: place) { return true }
      case 0x0A, 0x0D: return false
      default: break
      }
    }
    return false
  }

  /// `password mismatch: expected x, got y`, `token: want x but was y`: what a check compared, without quotes. True if a word was noted.
  mutating func expected(from start: Int, _ key: Key) -> Bool {
    guard saysExpected(start) else { return false }
    let line = start..<bytes.lineEnd(from: start, limit: min(bytes.count, start + 200))
    guard let first = bytes.first("expected ", in: line) ?? bytes.first("want ", in: line),
      first - start < Self.expectedReach
    else { return false }
    let count = findings.count
    for mark in ["expected ", "want ", "got ", "but was ", "actual "] as [StaticString] {
      guard let place = bytes.first(mark, in: first..<line.upperBound),
        let word = valueWord(at: place + mark.utf8CodeUnitCount)
      else { continue }
      var end = word.range.upperBound
      while end > word.range.lowerBound, [0x2C, 0x3B, 0x2E, 0x29].contains(bytes[end - 1]) { end -= 1 }
      let range = word.range.lowerBound..<end
      if !range.isEmpty, !bytes[end - 1].isQuote, looksChosen(range) { accept(range, key, .arrow, isQuoted: true) }
    }
    return findings.count > count
  }

  /// `key=x`, `with key x`, where x is base64 of 16, 32 or 64 bytes with its padding: what ciphers and signatures take.
  mutating func symmetricKey(_ key: Key) {
    guard key.name.count == 3, bytes.hasIgnoringCase("key", at: key.name.lowerBound),
      !bytes.hasIgnoringCase("public ", at: key.name.lowerBound - 7)
    else { return }
    var start = key.end
    while start - key.end < 4, bytes.at(start).isBlank || bytes.at(start) == 0x3D || bytes.at(start) == 0x3A {
      start += 1
    }
    guard start > key.end else { return }
    var end = start
    while end < bytes.count, end - start < 90, bytes[end].isBase64 { end += 1 }
    let padding = bytes.has("==", at: end) ? 2 : bytes.at(end) == 0x3D ? 1 : 0
    end += padding
    guard padding > 0, [24, 44, 88].contains(end - start), !bytes.at(end).isWord,
      ValueShape.looksLikeCredential(bytes, start..<end)
    else { return }
    found(start..<end, engine.builtin.keyValue)
  }

  /// `invalid value "x" for field password`, `int() of 'x' (DB_PASSWORD)`: the text in quotes before the key that it belongs to.
  mutating func isValueFor(_ key: Key) -> Bool {
    let start = key.name.lowerBound
    var close = start - 1
    if bytes.at(close) == 0x28, bytes.at(close - 1) == 0x20 {
      close -= 2
    } else {
      let reach = max(0, start - 28)..<start
      guard bytes.at(close) == 0x20 || bytes.at(close).isQuote, let place = bytes.first(" for ", in: reach),
        (place + 5..<start).allSatisfy({ bytes[$0].isLetter || bytes[$0] == 0x20 || bytes[$0].isQuote })
      else { return false }
      close = place - 1
    }
    guard close > 0, bytes[close] == 0x22 || bytes[close] == 0x27 else { return false }
    var open = close - 1
    while open > 0, close - open < 256, bytes[open] != bytes[close], !bytes[open].isLineEnd { open -= 1 }
    guard open >= 0, bytes[open] == bytes[close], close - open > 5 else { return false }
    let text = open + 1..<close
    let isGiven = key.verdict == .password && bytes.has("value ", at: open - 6) && !isWordOfProse(text)
    guard looksChosen(text) || isGiven, !text.contains(where: { bytes[$0] == 0x20 }), verdict(text) == .none else {
      return false
    }
    accept(text, key, .arrow, isQuoted: true)
    return true
  }

  /// `Token [x] not recognized`, `password <x> rejected`: a word in brackets that looks made, or chosen.
  mutating func bracketed(from start: Int, _ key: Key) -> Bool {
    let close: UInt8
    switch bytes.at(start) {
    case 0x5B: close = 0x5D
    case 0x3C: close = 0x3E
    default: return false
    }
    guard let end = bytes.firstByte(close, from: start + 1, to: min(bytes.count, start + 256)), end > start + 1,
      (start + 1..<end).allSatisfy({ bytes[$0] > 0x20 })
    else { return false }
    let text = start + 1..<end
    let fits =
      key.verdict == .password
      ? ValueShape.looksLikeCredential(bytes, text) : ValueShape.looksRandom(bytes, text, least: 16)
    guard fits, !bytes.hasIgnoringCase("your", at: start + 1) else { return false }
    accept(text, key, .arrow, isQuoted: true)
    return true
  }

  /// `test x = "$PASSWORD"`, `[[ x == $TOKEN ]]`: the word before the sign.
  mutating func isComparedWith(_ key: Key) -> Bool {
    var index = key.name.lowerBound - 1
    if bytes.at(index) == 0x7B { index -= 1 }
    let isVariable = bytes.at(index) == 0x24
    if isVariable, bytes.at(index - 1) == 0x22 { index -= 1 }
    if isVariable { index -= 1 }
    guard bytes.at(index) == 0x20, bytes.at(index - 1) == 0x3D,
      isVariable || [0x3D, 0x21].contains(bytes.at(index - 2))
    else { return false }
    index -= 1
    while [0x3D, 0x21].contains(bytes.at(index)) { index -= 1 }
    guard bytes.at(index) == 0x20 else { return false }
    var end = index
    // `assert 'x' == settings.KEY`: a name without a sign stands for anything else, too.
    guard isVariable || bytes.at(end - 1).isQuote else { return false }
    if bytes.at(end - 1).isQuote { end -= 1 }
    var start = end
    while start > 0, end - start < 256, bytes[start - 1] > 0x20, !bytes[start - 1].isQuote { start -= 1 }
    guard start < end, looksChosen(start..<end), bytes[start] != 0x24 else { return false }
    accept(start..<end, key, .arrow, isQuoted: true)
    return true
  }

  /// `password == 'lemonanchor'`: a word that a program compares with, and no name of a kind of login.
  func isComparedWord(_ range: Range<Int>, _ key: Key) -> Bool {
    key.verdict == .password && range.count >= 6 && !isWordOfProse(range) && !saysHow(range) && verdict(range) == .none
      && range.allSatisfy { bytes[$0].isLetter }
  }

  /// `setPassword(x)` of a trace, where x is no variable and no place in a file.
  mutating func tracedArgument(at start: Int) -> Bool {
    guard let close = bytes.firstByte(0x29, from: start, to: min(bytes.count, start + 128)), close > start else {
      return false
    }
    let text = start..<close
    guard text.allSatisfy({ bytes[$0].isAlphanumeric || "!#*%^-_@~+".utf8.contains(bytes[$0]) }), looksChosen(text),
      verdict(text) == .none, bytes[start].isAlphanumeric
    else { return false }
    secretArgument(text)
    return true
  }

  /// `KEY=$(echo x)`, `KEY=$(cat <<< x)`: the text that a command writes; any other command reads it from somewhere.
  mutating func substituted(_ start: Int, _ key: Key) {
    let line = start..<bytes.lineEnd(from: start, limit: min(bytes.count, start + 512))
    guard let close = line.first(where: { bytes[$0] == 0x29 }) else { return }
    var index = start + 2
    if bytes.has("echo ", at: index) {
      index += 5
    } else if bytes.has("printf ", at: index) {
      index += 7
    } else if let text = bytes.first("<<<", in: index..<close) {
      index = text + 3
    } else {
      return
    }
    var (from, to) = nextWord(index, close)
    while from < to, bytes[from] == 0x2D || bytes[from] == 0x25 {
      (from, to) = nextWord(bytes.at(to).isQuote ? to + 1 : to, close)
    }
    if to > from { accept(from..<to, key, .arrow, isQuoted: true) }
    resume = max(resume, close)
  }

  /// `printf 'user=%s password=%s\n' bob x`: the argument that fills in the value. True if one was noted.
  mutating func formatted(at start: Int, _ key: Key) -> Bool {
    guard bytes.at(start + 1) == 0x73 || bytes.at(start + 1) == 0x71 else { return false }
    let line = bytes.lineStart(of: start, reach: 256)
    guard let name = bytes.first("printf ", in: line..<start), bytes.at(name + 7).isQuote else { return false }
    let limit = min(bytes.count, start + 512)
    guard let close = bytes.firstByte(bytes[name + 7], from: start, to: limit) else { return false }
    var index = close + 1
    var word = index..<index
    let place = (name + 8..<start).count { bytes[$0] == 0x25 && bytes[$0 + 1] != 0x25 && bytes[$0 - 1] != 0x25 }
    for _ in 0...place {
      let (from, to) = nextWord(index, limit)
      guard to > from else { return false }
      word = from..<to
      index = bytes.at(to).isQuote ? to + 1 : to
    }
    guard looksChosen(word) else { return false }
    accept(word, key, .arrow, isQuoted: true)
    return true
  }
}
