/// Tokens by the form that providers choose who publish none: a short name, perhaps a word for what it is, and random
/// characters, as `acme_pat_aB3z…`, `zx-9Kq…` or `tkn.aB3z….Qw8…`.
extension TextScan {
  /// Fewest random characters behind a name, and behind a name with a word that says what it is. Ids of objects in the same
  /// form (`cus_…`, `pi_…`, `user_2B…`) have up to 27.
  private static let leastRandom = 28
  private static let leastWithWord = 20
  /// Fewest characters where they are of one case, as hexadecimal digits are: then only a word proves it.
  private static let leastOfOneCase = 30
  /// Fewest characters of one case that are more than hexadecimal digits where no word proves it: ids have up to 32.
  private static let leastOfNoWord = 34
  /// Characters of an older token of Vault behind its letter.
  private static let vaultToken = 24
  /// Most random characters, and most parts of a name.
  private static let mostRandom = 512
  private static let mostParts = 3
  /// Parts of a path that are looked at: more of them are a long base64 text.
  private static let mostSegments = 16

  /// Words that say that a token follows. Behind the second kind another name has to stand before them.
  private static let tokenWords = WordSet(
    "sk pat tkn token tokens secret apikey oat uat pass password".split(separator: " ").map { PackedWord($0.utf8) })
  private static let weakTokenWords = WordSet(
    "api live sec auth key prod".split(separator: " ").map { PackedWord($0.utf8) })
  /// Names before ids that everybody may read, and before which `key` says nothing.
  private static let idWords = WordSet(
    """
    chatcmpl cmpl evt event req request trace span msg message run thread job batch file blob build cache etag chunk part
    upload dpl prj team seti pi cus sub inv resp row object sort partition idempotency dedup sha256 sha512 sha384 sha224 sha1 md5 id uid
    data img image meeting asset static page cursor node pod layer digest rev commit pub public pk
    """.split(whereSeparator: \.isWhitespace).map { PackedWord($0.utf8) })

  /// Patterns without an anchor, and tokens by their form, in the parts of a run between slashes.
  mutating func tokens(in run: Range<Int>) throws(RedactionError) {
    var start = run.lowerBound
    var reach = -1
    for _ in 0..<Self.mostSegments {
      var end = start
      while end < run.upperBound, bytes[end] != 0x2F { end += 1 }
      let front = Int(bytes.at(start))
      for place in engine.unanchoredStarts[front]..<engine.unanchoredStarts[front + 1] {
        if reach < 0 { reach = patternReach(behind: run) }
        if engine.unanchoredFronts[place].least > reach - start { break }
        let entry = engine.unanchored[engine.unanchoredFronts[place].index]
        if let match = entry.pattern.match(bytes, at: start), try enter(entry.rule) {
          if entry.high || ValueShape.looksRandom(bytes, match, least: 16) { found(match, entry.rule) }
        }
      }
      if end - start >= Self.leastWithWord, try enter(engine.builtin.prefixed), let token = prefixed(start..<end) {
        found(token, engine.builtin.prefixed)
      }
      guard end < run.upperBound else { return }
      start = end + 1
    }
  }

  /// How far what patterns are made of goes on from a run: most of them need more than there is.
  private func patternReach(behind run: Range<Int>) -> Int {
    var reach = run.upperBound
    let limit = min(bytes.count, reach + Self.mostRandom)
    let members = engine.unanchoredMembers
    while reach < limit, members.contains(bytes[reach]) { reach += 1 }
    // What goes on beyond that is as good as endless.
    return reach < limit ? reach : bytes.count
  }

  /// The token that a part of a run is; nil for anything else.
  private func prefixed(_ part: Range<Int>) -> Range<Int>? {
    if bytes.at(part.lowerBound - 1) == 0x2E { return dotted(part) }
    guard part.count >= Self.leastWithWord + 2, part.lowerBound == 0 || !bytes[part.lowerBound - 1].isWord else {
      return nil
    }
    var start = part.lowerBound
    var proves = false
    for place in 0..<Self.mostParts {
      let isUpper = bytes.at(start).isUpper
      var end = start
      while end < part.upperBound, end - start < PackedWord.longest,
        bytes[end].isDigit || (isUpper ? bytes[end].isUpper : bytes[end].isLower)
      {
        end += 1
      }
      guard end - start >= (isUpper ? 2 : 1), bytes[start].isLetter, end < part.upperBound,
        bytes[end] == 0x5F || bytes[end] == 0x2D, part.upperBound - end > Self.leastWithWord
      else { return nil }
      let word = PackedWord(bytes, start, end)
      if place == 0, Self.idWords.contains(word) { return nil }
      proves =
        proves || Self.tokenWords.contains(word)
        || Self.weakTokenWords.contains(word) && place > 0 && bytes[end] == 0x5F
      let rest = end + 1..<part.upperBound
      if proves || isName(part.lowerBound..<end, rest),
        isMixed(rest, least: proves ? Self.leastWithWord : Self.leastRandom, changes: proves ? 18 : 21)
      {
        return part.lowerBound..<tail(after: part.upperBound)
      }
      // `name_v1_` says as much as a word does.
      let isVersion = place > 0 && end - start == 2 && bytes[start] | 0x20 == 0x76 && bytes[start + 1].isDigit
      if proves || isVersion, isOneCase(rest) || ValueShape.isUUID(bytes, rest) { return part }
      // So many letters and digits of one case are no digest, nor an id.
      if bytes[end] == 0x5F, rest.count >= Self.leastOfNoWord, isOneCase(rest), !EightBytes.areHex(bytes, rest) {
        return part
      }
      start = end + 1
    }
    return nil
  }

  /// True for what begins a token by its form: one character before a joint, or two of which one is a digit or a capital, begin many
  /// a value in base64url, which mostly has joints of its own.
  private func isName(_ name: Range<Int>, _ rest: Range<Int>) -> Bool {
    if name.count > 2 { return true }
    guard name.count == 2, name.allSatisfy({ bytes[$0].isLetter }) else { return false }
    return bytes[name.lowerBound].isLower || rest.allSatisfy { bytes[$0].isAlphanumeric }
  }

  /// The end of a second part behind a dot, as a signature or a key has it; `end` where there is none.
  private func tail(after end: Int) -> Int {
    guard bytes.at(end) == 0x2E else { return end }
    var last = end + 1
    let limit = min(bytes.count, last + Self.mostRandom)
    while last < limit, bytes[last].isWord || bytes[last] == 0x2D { last += 1 }
    return isMixed(end + 1..<last, least: Self.leastWithWord) ? last : end
  }

  /// `name.random.random`: a part between two dots, the name before it, and what follows.
  private func dotted(_ part: Range<Int>) -> Range<Int>? {
    var start = part.lowerBound - 1
    while start > 0, part.lowerBound - start < 13, bytes[start - 1].isLower || bytes[start - 1].isDigit { start -= 1 }
    // `s.Zk3…`: a token of Vault before 1.10.
    let isVault = part.count == Self.vaultToken && part.lowerBound - 1 - start == 1 && "sbr".utf8.contains(bytes[start])
    if isVault, start == 0 || !bytes[start - 1].isWord && bytes[start - 1] != 0x2E,
      !"(.[".utf8.contains(bytes.at(part.upperBound)), isMixed(part, least: Self.vaultToken)
    {
      return start..<part.upperBound
    }
    guard part.lowerBound - 1 - start >= 2, bytes[start].isLower,
      start == 0 || !bytes[start - 1].isWord && bytes[start - 1] != 0x2E && bytes[start - 1] != 0x2D
    else { return nil }
    guard isMixed(part, least: Self.leastWithWord) else { return nil }
    let end = tail(after: part.upperBound)
    return end > part.upperBound ? start..<end : nil
  }

  /// Both cases and digits that change as often as a generator makes them: every second or third character. In names that
  /// are written together (`getOrdersByIdV2`) they change less often.
  /// `changes` is how often in 50 characters: less behind a word that says what follows.
  func isMixed(_ range: Range<Int>, least: Int, changes often: Int = 21) -> Bool {
    guard least...Self.mostRandom ~= range.count else { return false }
    var (lower, upper, digits, changes, joints) = (0, 0, 0, 0, 0)
    var previous = 0
    for index in range {
      let byte = bytes[index]
      let kind = byte.isLower ? 1 : byte.isUpper ? 2 : byte.isDigit ? 3 : 4
      switch kind {
      case 1: lower += 1
      case 2: upper += 1
      case 3: digits += 1
      default: joints += 1
      }
      if kind != previous, kind != 4 { changes += 1 }
      previous = kind
    }
    guard lower >= 3, upper >= 3, digits >= 1, joints * 8 <= range.count else { return false }
    // `kwDO…` are ids of GitHub's objects.
    if bytes.has("kwDO", at: range.lowerBound) || bytes.has("kgDO", at: range.lowerBound) { return false }
    return changes * 50 >= range.count * often
  }

  /// Letters of one case and digits, without a joint, so many that no name has them.
  private func isOneCase(_ range: Range<Int>) -> Bool {
    guard Self.leastOfOneCase...Self.mostRandom ~= range.count else { return false }
    var (lower, upper, digits, changes) = (0, 0, 0, 0)
    var wasDigit = false
    for index in range {
      let byte = bytes[index]
      guard byte.isAlphanumeric else { return false }
      if byte.isLower { lower += 1 } else if byte.isUpper { upper += 1 } else { digits += 1 }
      if byte.isDigit != wasDigit { changes += 1 }
      wasDigit = byte.isDigit
    }
    return (lower == 0) != (upper == 0) && digits >= 3 && lower + upper >= 4 && changes * 6 >= range.count
  }
}
