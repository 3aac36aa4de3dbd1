/// Secrets in sentences: `your password is x`, `token "x" rejected`, `password changed to x`, `use password x`.
extension TextScan {
  /// Words that may stand between the key and what it was set to.
  private static let connectors: WordSet = WordSet(
    """
    is was has been set changed reset updated rotated now to value with as will be provided used entered given specified
    following new currently equals here é è ist lautet est es jest wurde auf
    """.split(whereSeparator: \.isWhitespace).map { PackedWord($0.utf8) })

  /// Words after which a sentence is about a secret and holds none.
  private static let complaints: WordSet = WordSet(
    """
    failed failure error errors invalid denied expired missing not required unknown unable cannot authentication validation
    mismatch must should policy length review request requests type version
    """.split(whereSeparator: \.isWhitespace).map { PackedWord($0.utf8) })

  /// Words after a quoted name that say that it names an object.
  private static let nameMarks: [StaticString] = [
    "not ", "is forb", "is req", "is miss", "is not", "already", "does", "in ", "from ", "was ", "created", "deleted",
    "exists", "missing", "must", "cannot", "has ", "should", "of ", "on ", "could", "must ", "mounted", "already",
  ]

  /// A key that has no separator: what follows it may be a sentence with its value.
  mutating func prose(_ key: Key) {
    if saysCode(key) || logsIn(key) || namesSession(key) { return }
    if bytes.at(key.end) == 0x28, callArgument(of: key) { return }
    guard key.verdict >= .plural else { return }
    announced(key)
    if isUsedAs(key) || isComparedWith(key) || isValueFor(key) { return }
    var index = key.end
    if bytes.at(index).isQuote, reported(after: index, key) { return }
    if bytes.at(index).isQuote, stated(after: index, key) { return }
    // 'password' is…: the quote belongs to the name, and the sentence is about the name.
    if bytes.at(index).isQuote, bytes.at(key.name.lowerBound - 1) == bytes[index] { return }
    if callArgument(of: key) { return }
    guard bytes.at(index).isBlank else { return }
    while bytes.at(index).isBlank { index += 1 }
    if bytes.at(index).isQuote || bytes.has("\u{201C}", at: index) {
      quotedName(at: index, key)
      return
    }
    if dashed(from: index, key) || bracketed(from: index, key) || connected(from: index, key)
      || contrasted(from: index, key) || afterColon(index, key)
    {
      return
    }
    bare(at: index, key)
  }

  /// `Use code 123456 to log in`, `enter the code 123456`: six digits behind a word that asks for them.
  private mutating func saysCode(_ key: Key) -> Bool {
    guard key.name.count == 4, bytes.hasIgnoringCase("code", at: key.name.lowerBound), bytes.at(key.end) == 0x20 else {
      return false
    }
    let start = bytes.has(" is ", at: key.end) || bytes.has(" is: ", at: key.end) ? key.end + 4 : key.end + 1
    guard let word = valueWord(at: bytes.at(start) == 0x20 ? start + 1 : start), 6...9 ~= word.range.count,
      word.range.allSatisfy({ bytes[$0].isDigit }),
      ["use ", "enter ", "the ", "your ", "with ", "one-time "].contains(
        where: {
          bytes.hasIgnoringCase($0, at: key.name.lowerBound - $0.utf8CodeUnitCount)
        } as (StaticString) -> Bool)
    else { return false }
    found(word.range, engine.builtin.keyValue, propagates: false)
    return true
  }

  /// `session id x`, where x is random and no UUID: that is as often an id that everybody may read.
  private mutating func namesSession(_ key: Key) -> Bool {
    guard bytes.hasIgnoringCase("session", at: key.end - 7), bytes.hasIgnoringCase(" id ", at: key.end),
      var id = valueWord(at: key.end + 4)?.range
    else { return false }
    while let last = id.last, !bytes[last].isAlphanumeric, bytes[last] != 0x3D { id = id.dropLast() }
    guard ValueShape.looksRandom(bytes, id, least: 24), !ValueShape.isUUID(bytes, id) else { return false }
    accept(id, key, .arrow, isQuoted: true)
    return true
  }

  /// `a1 LOGIN bob x` of IMAP (RFC 3501): the last of two words, quoted or not, that end the line; a tag stands before.
  private mutating func logsIn(_ key: Key) -> Bool {
    guard key.name.count == 5, bytes.hasIgnoringCase("login", at: key.name.lowerBound), bytes.at(key.end) == 0x20,
      bytes.at(key.name.lowerBound - 1) == 0x20, bytes.at(key.name.lowerBound - 2).isAlphanumeric
    else { return false }
    var tag = key.name.lowerBound - 1
    while tag > 0, key.name.lowerBound - tag < 10, bytes[tag - 1].isAlphanumeric { tag -= 1 }
    guard (tag..<key.name.lowerBound - 1).contains(where: { bytes[$0].isDigit }),
      tag == 0 || bytes[tag - 1].isLineEnd || bytes.has(": ", at: tag - 2) || bytes.has("> ", at: tag - 2)
    else { return false }
    let limit = bytes.lineEnd(from: key.end, limit: min(bytes.count, key.end + 512))
    let (user, end) = nextWord(key.end, limit)
    guard end > user else { return false }
    let (from, to) = nextWord(bytes.at(end).isQuote ? end + 1 : end, limit)
    let after = bytes.at(to).isQuote ? to + 1 : to
    guard to > from, after >= limit || bytes[after] == 0x0D, !isWordOfProse(from..<to) else { return false }
    secretArgument(from..<to)
    return true
  }

  /// `Found key 'db.password' in PropertySource 'x' with value of type String: y` of Spring.
  private mutating func reported(after quote: Int, _ key: Key) -> Bool {
    guard bytes.has(" in ", at: quote + 1) else { return false }
    let line = quote..<bytes.lineEnd(from: quote, limit: min(bytes.count, quote + 512))
    guard let with = bytes.first(" with value", in: line), let colon = bytes.first(": ", in: with..<line.upperBound)
    else {
      return false
    }
    value(at: colon + 2, key, .arrow)
    return true
  }

  /// `Value for property 'app.passcode' is 'x'`, `field "password" has value "x"`: a text in quotes behind the name.
  private mutating func stated(after quote: Int, _ key: Key) -> Bool {
    guard bytes.at(key.name.lowerBound - 1) == bytes[quote] || bytes.at(key.name.lowerBound - 1) == 0x2E else {
      return false
    }
    for words in [
      " is ", " has value ", " with value ", " set to ", " was set to ", " is set to ", " changed to ", " to ",
    ]
      as [StaticString]
    where bytes.has(words, at: quote + 1) {
      let open = quote + 1 + words.utf8CodeUnitCount
      guard bytes.at(open) == 0x22 || bytes.at(open) == 0x27,
        let close = bytes.firstByte(bytes[open], from: open + 1, to: min(bytes.count, open + 512)),
        !isWordOfProse(open + 1..<close), verdict(open + 1..<close) == .none
      else { return false }
      value(at: open, key, .arrow)
      return true
    }
    return false
  }

  /// `is x`, `has been set to x`, `changed from "x" to "y"`, `with value "x"`.
  private mutating func connected(from start: Int, _ key: Key) -> Bool {
    var index = afterOwner(start)
    var words = 0
    while words < 5 {
      let word = index
      while bytes.at(index).isLetter || bytes.at(index) >= 0x80 { index += 1 }
      guard index > word, Self.connectors.contains(PackedWord(bytes, word..<index)) else {
        index = word
        break
      }
      words += 1
      if bytes.at(index) == 0x3A { index += 1 }
      guard bytes.at(index).isBlank else { return false }
      while bytes.at(index).isBlank { index += 1 }
    }
    if bytes.hasIgnoringCase("from ", at: index), bytes.at(index + 5).isQuote {
      index += 5
    } else if bytes.hasIgnoringCase("from ", at: index), let old = valueWord(at: index + 5), looksChosen(old.range),
      bytes.has(" to ", at: old.range.upperBound), let new = valueWord(at: old.range.upperBound + 4)
    {
      // `changed from x to y`
      accept(old.range, key, .arrow, isQuoted: true)
      accept(new.range, key, .arrow, isQuoted: true)
      return true
    } else if words == 0 {
      return false
    }
    guard let word = valueWord(at: index) else { return false }
    // `secrets set NAME="x"`: a pair of its own.
    if bytes[word.range.upperBound - 1] == 0x3D || bytes[word.range.lowerBound] == 0x2D { return false }
    // `a password with '-a'` is about an option.
    if bytes[index].isQuote, bytes.at(index + 1) == 0x2D { return false }
    if bytes[index] == 0x60, word.range.count > 2,
      let close = bytes.firstByte(0x60, from: index + 1, to: word.range.upperBound),
      close > index + 1, isProgramWord(index + 1..<close)
    {
      return true
    }
    if bytes[index].isQuote {
      value(at: index, key, .arrow)
      // … to "the new one".
      if let to = (word.range.upperBound - 1...word.range.upperBound).first(where: {
        bytes.hasIgnoringCase(" to ", at: $0)
      }), bytes.at(to + 4).isQuote {
        value(at: to + 4, key, .arrow)
      }
      return true
    }
    // `db_password is lemon`: a name of a program, and a word that ends the sentence.
    let isNamed =
      words > 0 && !isBareWord(key.name) && !key.isSpaced && word.endsLine && word.range.count >= 6
      && !isWordOfProse(word.range)
    if isNamed {
      found(word.range, engine.builtin.keyValue)
      return true
    }
    if word.endsLine, isPlainSecret(word.range, behind: index, key, words: words) {
      found(word.range, engine.builtin.keyValue)
      return true
    }
    guard looksChosen(word.range) || isOneTimeCode(key, word.range) else { return false }
    value(at: index, key, .prose)
    return true
  }

  /// Behind `for user bob`, `of 'bob'`: whose secret it is.
  private func afterOwner(_ start: Int) -> Int {
    guard bytes.hasIgnoringCase("for ", at: start) || bytes.hasIgnoringCase("of ", at: start) else { return start }
    var index = start
    for _ in 0..<4 {
      while bytes.at(index) > 0x20, bytes[index] != 0x3A, index - start < 64 { index += 1 }
      guard bytes.at(index) == 0x20 else { return start }
      index += 1
      for word in ["is ", "is: ", "has ", "was ", "set ", "changed ", "now ", "to "] as [StaticString]
      where bytes.has(word, at: index) {
        return index
      }
    }
    return start
  }

  /// `password mismatch: "x" != "y"`, `password (got "x")`: the texts in quotes that a check compared.
  private mutating func contrasted(from start: Int, _ key: Key) -> Bool {
    if expected(from: start, key) { return true }
    guard key.verdict == .password else { return false }
    let line = start..<bytes.lineEnd(from: start, limit: min(bytes.count, start + 40))
    guard let open = line.first(where: { bytes[$0] == 0x22 || bytes[$0] == 0x27 }), open >= start + 4,
      bytes.has("got ", at: open - 4) || bytes.has("mismatch: ", at: open - 10)
    else { return false }
    let limit = min(bytes.count, open + 512)
    guard let close = bytes.firstByte(bytes[open], from: open + 1, to: limit), looksChosen(open + 1..<close) else {
      return false
    }
    accept(open + 1..<close, key, .arrow, isQuoted: true)
    if bytes.has(" != ", at: close + 1), bytes.at(close + 5) == bytes[open] { value(at: close + 5, key, .arrow) }
    return true
  }

  /// `password to log in: x`, `password is generated for root@localhost: x`, `PASSWORD elastic = x`: the value is the rest of
  /// the line, or of the sentence.
  private mutating func afterColon(_ start: Int, _ key: Key) -> Bool {
    var index = start
    let limit = min(bytes.count, start + Self.longestExplanation)
    guard bytes.first(": ", in: start..<limit + 1) != nil || bytes.first(" = ", in: start - 1..<limit + 1) != nil else {
      return false
    }
    var word = index
    var count = 0
    var hasComma = false
    while index < limit {
      let byte = bytes[index]
      // `password for the user (reset with bin/reset): x`
      if byte == 0x28, index == word, let close = bytes.firstByte(0x29, from: index, to: limit),
        bytes.at(close + 1) == 0x3A, bytes.firstByte(0x0A, from: index, to: close) == nil
      {
        index = close + 1
        break
      }
      if byte == 0x2C, index > word, bytes.at(index + 1) == 0x20 {
        hasComma = true
        index += 2
        word = index
        count += 1
        continue
      }
      if byte.isWord || byte >= 0x80 || byte == 0x40 || byte == 0x27 || byte == 0x2D || byte == 0x2E || byte == 0x2F {
        index += 1; continue
      }
      if index > word, Self.complaints.contains(PackedWord(bytes, word..<index)) { return false }
      // `token bucket: 100/s` is about a bucket.
      if index > word, count == 0, verdict(key.name.lowerBound..<index) == .none, !isPromise(word..<index) {
        return false
      }
      count += index > word ? 1 : 0
      if byte == 0x3A || byte == 0x3D && bytes[index - 1] == 0x20 && count == 1 { break }
      guard byte == 0x20 else { return false }
      index += 1
      word = index
    }
    guard index < limit, bytes.at(index + 1) == 0x20, let value = valueWord(at: index + 2),
      !isAssignment(value.range), !hasComma || ValueShape.looksRandom(bytes, value.range, least: 16)
    else { return false }
    // `creds for the registry: bob / x`
    if key.verdict == .plural, bytes.has(" / ", at: value.range.upperBound),
      let second = valueWord(at: value.range.upperBound + 3), second.endsLine, looksChosen(second.range)
    {
      accept(second.range, key, .arrow)
      return true
    }
    let isSentenceEnd = bytes[value.range.upperBound - 1] == 0x2E && bytes.at(value.range.upperBound) == 0x20
    guard value.endsLine || isSentenceEnd, count < 10 else { return false }
    guard bytes[index] == 0x3D || looksChosen(value.range) || isPromise(start..<index) && !isPlainWord(value.range)
    else {
      return false
    }
    if value.endsLine {
      accept(value.range, key, .prose)
    } else {
      self.value(at: index + 2, key, .prose)
    }
    return true
  }

  /// How many bytes may say what a secret is for, between the key and the colon.
  private static let longestExplanation = 128

  /// `path=/run/x`: a pair of its own.
  func isAssignment(_ range: Range<Int>) -> Bool {
    guard let equals = range.first(where: { !bytes[$0].isKey }), bytes[equals] == 0x3D else { return false }
    let isName = bytes[range.lowerBound].isLower || range.prefix { $0 < equals }.allSatisfy { !bytes[$0].isLower }
    return equals > range.lowerBound && isName && equals + 2 < range.upperBound
  }

  /// True if the words say that a secret follows.
  private func isPromise(_ range: Range<Int>) -> Bool {
    for word in [
      "generated", "created", "issued", "found", "to log", "to proceed", "following", "provided", "set to", "is ",
    ]
      as [StaticString]
    where bytes.first(word, in: range) != nil {
      return true
    }
    return false
  }

  /// `password "x"`, `api key "x" rejected`: unless the text is the name of an object.
  private mutating func quotedName(at index: Int, _ key: Key) {
    let quote = bytes[index]
    let open = index + (quote == 0xE2 ? 3 : 1)
    var end = open
    let limit = min(bytes.count, open + 512)
    while end < limit, !bytes[end].isLineEnd, quote == 0xE2 ? !bytes.has("\u{201D}", at: end) : bytes[end] != quote {
      end += 1
    }
    guard end < limit, end - open >= 4, (open..<end).contains(where: { bytes[$0].isAlphanumeric || bytes[$0] >= 0x80 })
    else { return }
    if key.verdict < .password, isBareWord(key.name), followsComplaint(key.name.lowerBound) { return }
    if quote == 0x60 || isVerb(key), isProgramWord(open..<end) { return }
    // `the secret key 'SECRET_KEY' is too short`
    if (open..<end).allSatisfy({ bytes[$0].isUpper || bytes[$0] == 0x5F }), verdict(open..<end) > .none { return }
    var after = end + (quote == 0xE2 ? 3 : 1)
    while bytes.at(after) == 0x20 { after += 1 }
    // A password has no name of its own, and what a generator made is none.
    let isSecret =
      key.verdict == .password || !isBareWord(key.name) && !key.isSpaced
      || ValueShape.looksLikeCredential(bytes, open..<end)
    if Self.nameMarks.contains(where: { bytes.has($0, at: after) }) {
      guard isSecret, !bytes.has("not found", at: after), !bytes.has("in ", at: after),
        !bytes.has("from ", at: after) || bytes.has("from env", at: after),
        !bytes.has("of ", at: after)
      else { return }
    }
    // `secret "db"`, `token "identifier"`: words that name things as well.
    let isName = (open..<end).allSatisfy {
      bytes[$0].isLower || bytes[$0] == 0x2D || bytes[$0] == 0x2E || bytes[$0] == 0x5F || bytes[$0].isDigit
    }
    if key.verdict < .password, !key.isSpaced, isBareWord(key.name), isName,
      !followsPreposition(key.name.lowerBound) || isSecretWord(key.name)
    {
      guard ValueShape.looksLikeCredential(bytes, open..<end), !isSecretWord(key.name) else { return }
    }
    value(at: index, key, .space)
  }
}
