/// What the name of a key says about the value under it.
enum KeyVerdict: UInt8, Sendable, Comparable {
  /// Nothing.
  case none
  /// Secret if the value looks like a credential and not like a word, a name or a path.
  case likely
  /// Secret unless the value is a plain word or a short number: `PASSWORD_ADMIN`, `secretForStripe`.
  case presumed
  /// Secret, but a plural with a number under it is a count.
  case plural
  /// Secret whatever the value is, a number or a boolean of a document too, unless it stands for another value or for none.
  case secret
  /// As `secret`, and what reads as a version too.
  case password

  static func < (left: KeyVerdict, right: KeyVerdict) -> Bool { left.rawValue < right.rawValue }
}

/// Reads key names in every case style: `DB_PASSWORD`, `dbPassword`, `db-password`, `db.password`, `DBPassword`,
/// `dbpassword`. Works on bytes and allocates nothing.
struct KeyClassifier: Sendable {
  let table: WordTable

  /// Longest name that is looked at, in bytes. Longer ones are data, not names.
  static let longestName = 128

  /// The verdict on the name in `range`.
  func verdict(on bytes: Bytes, _ range: Range<Int>) -> KeyVerdict {
    guard !range.isEmpty, range.count <= Self.longestName else { return .none }
    if table.hexIsHarmless, range.count >= 16, isIdentifier(bytes, range) { return .none }
    var meanings: (WordClass, WordClass, WordClass, WordClass) = ([], [], [], [])  // last, one before, …
    var count = 0
    var earlier: WordClass = []  // words before the last four
    var plural = false

    func push(_ start: Int, _ end: Int) {
      var meaning = end - start <= PackedWord.longest ? table.meaning(of: PackedWord(bytes, start, end)) : []
      if meaning.isEmpty, end - start > 4 { meaning = table.compound(bytes, start, end) }
      let ignorable = meaning.isEmpty && bytes[start].isDigit
      if ignorable || meaning.contains(.ignored) && count > 0 { return }
      earlier.formUnion(meanings.3)
      meanings = (meaning, meanings.0, meanings.1, meanings.2)
      count += 1
      plural = bytes[end - 1].lowered == 0x73
    }

    eachWord(bytes, range, push) {
      // `output.es.password`: what negates or counts does so in its own part of the name.
      let fronts: WordClass = [.negates, .switches]
      meanings = (
        meanings.0.subtracting(fronts), meanings.1.subtracting(fronts), meanings.2.subtracting(fronts),
        meanings.3.subtracting(fronts)
      )
    }
    // `secret_id` of AppRole is a secret, that of a cloud's manager is a name.
    if count == 2, bytes.hasIgnoringCase("secret_id", at: range.upperBound - 9) { return .presumed }
    return judge(meanings, earlier: earlier, count: count, plural: plural)
  }

  /// True if a boolean under a key of this name, which says that it is secret, switches something: `automountServiceAccountToken`,
  /// `createSecret`, `passwordAuth`.
  func namesSwitch(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    var meaning: WordClass = []
    var last: WordClass = []
    eachWord(bytes, range) { start, end in
      last = end - start <= PackedWord.longest ? table.meaning(of: PackedWord(bytes, start, end)) : []
      meaning.formUnion(last)
    } atDot: {
      meaning = []
    }
    return !meaning.isDisjoint(with: [.actions, .switches, .negates]) || !last.isDisjoint(with: [.weak, .describes])
  }

  /// Hands out where each word of a name begins and ends, and each dot between two.
  ///
  /// Borders: anything that is no letter or digit, lower→Upper, and the last capital of a run before a lower-case letter.
  @inline(__always) private func eachWord(
    _ bytes: Bytes, _ range: Range<Int>, _ word: (Int, Int) -> Void, atDot: () -> Void
  ) {
    var start = range.lowerBound
    var index = range.lowerBound
    while index < range.upperBound {
      let byte = bytes[index]
      if !(byte.isAlphanumeric || byte >= 0x80) {
        if index > start { word(start, index) }
        start = index + 1
        if byte == 0x2E { atDot() }
      } else if index > start, byte.isUpper {
        let before = bytes[index - 1]
        let next = index + 1 < range.upperBound ? bytes[index + 1] : 0
        if before.isLower || before.isDigit || before >= 0x80
          || before.isUpper && next.isLower && !isPluralEnd(bytes, index, range)
        {
          word(start, index)
          start = index
        }
      } else if index > start, byte.isDigit, bytes[index - 1].isLetter, isTail(bytes, index, range) {
        word(start, index)
        start = index
      }
      index += 1
    }
    if range.upperBound > start { word(start, range.upperBound) }
  }

  /// True for hexadecimal digits and dashes alone, as traces and requests have them: the values under most keys of a log.
  private func isIdentifier(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    var index = range.lowerBound
    while index < range.upperBound {
      if index + 8 <= range.upperBound, EightBytes(bytes, index).areHexDigits {
        index += 8
        continue
      }
      guard bytes[index].isHexDigit || bytes[index] == 0x2D else { return false }
      index += 1
    }
    return true
  }

  /// True for the `s` of a plural in capitals, as in `APIKEYs`.
  private func isPluralEnd(_ bytes: Bytes, _ index: Int, _ range: Range<Int>) -> Bool {
    bytes[index + 1] == 0x73 && (index + 2 == range.upperBound || !bytes[index + 2].isAlphanumeric)
  }

  /// True if only digits follow up to the next border: `password2`.
  private func isTail(_ bytes: Bytes, _ index: Int, _ range: Range<Int>) -> Bool {
    var end = index
    while end < range.upperBound, bytes[end].isDigit { end += 1 }
    return end == range.upperBound || !bytes[end].isLetter
  }

  private func judge(
    _ words: (WordClass, WordClass, WordClass, WordClass), earlier: WordClass, count: Int, plural: Bool
  ) -> KeyVerdict {
    let last = words.0
    let before = words.1
    if last.contains(.session), !last.contains(.describes) { return .likely }
    if last.contains(.describes) {
      if count == 1, last.contains(.weak), !last.contains(.session) { return .likely }  // `refresh=x`
      // `session_id`, `connect.sid`: the id is the secret.
      return before.contains(.session) && last.contains(.session) ? .likely : .none
    }
    // `ENABLE_SECRET=x`: the value says whether it is a switch.
    if before.contains(.switches) || words.2.contains(.switches), !plural,
      !last.isDisjoint(with: [.password, .secret, .token]), !before.contains(.negates), !words.2.contains(.negates)
    {
      return .presumed
    }
    if last.contains(.password) { return before.contains(.negates) || words.2.contains(.negates) ? .none : .password }
    if last.contains(.secret) {
      if before.contains(.negates) { return .none }
      return plural ? .plural : .secret
    }
    if last.contains(.token) {
      if before.contains(.negates) || words.2.contains(.negates) { return .none }
      return plural ? .plural : .secret
    }
    if last.contains(.key) {
      if !before.isDisjoint(with: [.harmless, .negates, .switches]) { return .none }
      if before.contains(.qualifier) || before.contains(.secret) || before.contains(.password)
        || before.contains(.token)
        || before.contains(.session)
      {
        return plural ? .plural : .secret
      }
      // `aes_iv_key`: a word between.
      if before.contains(.weak), words.2.contains(.qualifier) { return .secret }
      return count > 1 || last.contains(.weak) ? .likely : .none  // `clave` is a password, too
    }
    // `verification code`, `mfa_code`
    // `backup_codes`
    if last.contains(.code), before.contains(.onetime) { return plural ? .plural : .secret }
    if last.contains(.weak) {
      if before.contains(.onetime), last.contains(.code) { return .secret }
      // `PASSWORD_SALT`, `jwt_private`
      return before.isDisjoint(with: [.password, .secret, .token]) || before.contains(.qualifier) ? .likely : .secret
    }
    // `clé_api`, `key_api`: the other way round.
    if last.contains(.qualifier), before.contains(.key), count <= 3 { return .likely }
    // An unknown last word: `PASSWORD_ADMIN`, `secretForStripe`.
    let rest = before.union(words.2).union(words.3).union(earlier)
    if !rest.isDisjoint(with: [.negates, .switches, .describes]) { return .none }
    if !rest.isDisjoint(with: [.password, .secret, .token]) { return .presumed }
    if rest.contains(.key), rest.contains(.qualifier) { return .likely }
    return .none
  }
}
