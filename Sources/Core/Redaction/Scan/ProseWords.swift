/// Words and sentences behind a key that are none of its values.
extension TextScan {
  /// Words that stand after `password:` in messages and declarations.
  func isWordOfProse(_ range: Range<Int>) -> Bool {
    var end = range.upperBound
    while end > range.lowerBound,
      bytes[end - 1] == 0x2E || bytes[end - 1] == 0x2C || bytes[end - 1] == 0x3B || bytes[end - 1] == 0x21
        || bytes[end - 1] == 0x29 || bytes[end - 1] == 0x5D
    { end -= 1 }
    let isOpened = bytes.at(range.lowerBound) == 0x5B || bytes.at(range.lowerBound) == 0x28
    // A word of a script of its own: `密码：必填`. Passwords are typed with ASCII.
    if range.allSatisfy({ bytes[$0] >= 0x80 }) { return true }
    var word = PackedWord()
    for index in min(end, range.lowerBound + (isOpened ? 1 : 0))..<end {
      guard bytes[index].isAlphanumeric || bytes[index] == 0x27 || bytes[index] == 0x2D || bytes[index] == 0x5F else {
        return false
      }
      word.append(bytes[index].lowered)
    }
    return Self.proseWords.contains(word)
  }

  /// `token: unexpected end of input`: a plain word with more words after it, behind a key inside a sentence.
  func isSentence(_ range: Range<Int>, _ key: Range<Int>) -> Bool {
    guard bytes.at(range.upperBound) == 0x20,
      bytes.at(range.upperBound + 1).isLower || bytes.at(range.upperBound + 1) == 0x22
        || bytes.at(range.upperBound + 1) == 0x28
    else { return false }
    // An abbreviation, `secret: IVs are public`, needs a second word behind it that is no pair's.
    var hasCapitals = false
    for index in range
    where !bytes[index].isLower && bytes[index] != 0x27 && bytes[index] != 0x2C && bytes[index] != 0x3A {
      guard bytes[index].isUpper else { return false }
      hasCapitals = true
    }
    if hasCapitals {
      let isTitle = range.dropFirst().allSatisfy { !bytes[$0].isUpper }
      guard isTitle || range.count < 8 && bytes[range.lowerBound + 1].isUpper else { return false }
      var end = range.upperBound + 1
      while bytes.at(end).isLower || bytes.at(end) == 0x27 { end += 1 }
      guard end > range.upperBound + 2, bytes.at(end) == 0x20, bytes.at(end + 1).isLower else { return false }
    }
    // A pair of the same line (`user: x password: y host: z`) is no sentence.
    var next = range.upperBound + 1
    while bytes.at(next).isWord { next += 1 }
    return bytes.at(next) != 0x3A && bytes.at(next) != 0x3D
  }

  static let proseWords: WordSet = WordSet(
    """
    a an the is was are were be been must may can cannot could should would will not no none null nil undefined missing
    required optional invalid valid incorrect correct wrong bad expired expires revoked rejected denied unauthorized
    forbidden failed failure failing error unknown unset set empty blank found loaded created updated changed rotated deleted
    removed generated reset expire disabled enabled ok success successful succeeded accepted mismatch mismatched unexpected expected
    malformed unsupported unable unavailable connection context string str int bool boolean bytes text varchar char any object
    number secretstr optional true false yes that this these it its for from to in on at by with of and or if when while
    has have had does do did please see use using used too only already never also default stdin prompt interactive
    authentication authorization permission access timeout timed eof end invalid_grant hidden redacted masked encrypted
    sha1 sha256 sha384 sha512 md5 hs256 hs384 hs512 rs256 rs512 es256 es512 ed25519 aes128 aes256 aes-256-gcm http https
    pass passed fail skip skipped identifier keyword punctuation literal numeric operator deprecated unchanged changeable via flag option argument parameter your-password unspecified
    always secrets serviceaccounts configmaps converting character varchar2 nvarchar bigint integer timestamp jsonb bytea longtext
    sha-1 sha-224 sha-256 sha-384 sha-512
    """.split(whereSeparator: \.isWhitespace).map { PackedWord($0.utf8) })
}
