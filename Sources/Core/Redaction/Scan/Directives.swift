/// Keys whose value follows after a blank: statements of shells and configuration files, netrc, columns.
extension TextScan {
  /// Words that take a name and a value: shells, Dockerfile, nginx, Apache, `aws configure set`.
  private static let statements: WordSet = WordSet(
    """
    set setx setenv def define #define defvar setq export declare typeset readonly local let var val const env arg label fastcgi_param uwsgi_param
    scgi_param proxy_set_header grpc_set_header add_header more_set_headers passenv requestheader setprop add-generic-password
    """.split(whereSeparator: \.isWhitespace).map { PackedWord($0.utf8) })

  /// Words of configuration files whose value follows after a blank, wherever they stand on the line.
  private static let configWords: WordSet = WordSet(
    """
    cachemgr_passwd requirepass masterauth masterpass auth_pass auth-pass rootpw pre-shared-key preshared-key authpass authpassphrase
    privpassphrase insecure-password secret_access_k storepass keypass bindpw bindpasswd authkey auth-key psk shared_key aws_sec_key
    masteruser_password secret_token
    """.split(whereSeparator: \.isWhitespace).map { PackedWord($0.utf8) })

  /// True if the word before the key's is one of a statement; options of it (`set -gx`) may stand between.
  func isStatement(_ start: Int) -> Bool {
    var word = start
    while word > 0, start - word < 256, bytes[word - 1] > 0x20 { word -= 1 }
    for _ in 0..<3 {
      var end = word
      while end > 0, bytes[end - 1].isBlank { end -= 1 }
      var from = end
      while from > 0, end - from < 24, bytes[from - 1] > 0x20, !bytes[from - 1].isQuote { from -= 1 }
      if bytes.at(from) == 0x28 { from += 1 }  // `(def name "x")` of Lisp
      guard end > from else { return false }
      if bytes[from] == 0x2D {
        word = from
        continue
      }
      return Self.statements.contains(PackedWord(bytes, from..<end))
    }
    return false
  }

  /// True if the blank after this key is its separator.
  func isDirective(_ key: Key, value: Int) -> Bool {
    let name = key.name
    // `ENV STORAGE_KEY x` of a Dockerfile.
    if key.verdict == .likely, bytes.has("ENV ", at: name.lowerBound - 4), let word = valueWord(at: value) {
      return ValueShape.looksLikeCredential(bytes, word.range)
    }
    // `Admin password    x`: a pair in columns.
    if key.isSpaced, value - key.end >= 2, let word = valueWord(at: value) {
      return word.endsLine && looksChosen(word.range) && verdict(name) >= .plural
    }
    guard key.verdict >= .presumed, !key.isSpaced, !isAddressOfProxy(name) else { return false }
    if key.verdict == .presumed {
      // A pair in columns.
      return value - key.end >= 2 && isIndented(name.lowerBound) && valueWord(at: value)?.endsLine == true
    }
    guard let word = valueWord(at: value) else { return false }
    if Self.configWords.contains(PackedWord(bytes, name)) {
      // `auth-pass NAME x` of Redis Sentinel is a command of its own; `psk mode enabled` is a sentence.
      if bytes.hasIgnoringCase("sentinel ", at: name.lowerBound - 9) || isWordOfProse(word.range) { return false }
      return name.count > 3 || word.endsLine || !isPlainWord(word.range)
    }
    if isStatement(name.lowerBound),
      word.endsLine || bytes.has("ENC ", at: word.range.lowerBound) || bytes.at(word.range.upperBound) == 0x3B
        || !isPlainWord(word.range)
    {
      return !ValueShape.isPlaceholder(bytes, word.range) && !isWordOfProse(word.range)
    }
    if isBlockDirective(key, word.range, endsLine: word.endsLine) { return true }
    if name.count == 8, bytes.hasIgnoringCase("password", at: name.lowerBound), isNetrc(name.lowerBound) { return true }
    let isGap = bytes[value - 1] == 0x09 || value - key.end >= 2
    let first = isLineStart(name.lowerBound)
    if first || isGap && isIndented(name.lowerBound) {
      // A line of a properties file, or a pair in columns.
      guard key.verdict > .plural else { return false }
      if word.endsLine, !isPlainWord(word.range) || isGap && word.range.count >= 10 || isDotted(name) { return true }
      if isGap, ValueShape.looksLikeCredential(bytes, word.range) { return true }
    }
    return false
  }

  /// `    password x` in a block of a configuration file: an indented line of two words, the second of which says nothing about a
  /// password.
  private func isBlockDirective(_ key: Key, _ word: Range<Int>, endsLine: Bool) -> Bool {
    guard key.verdict == .password, endsLine, word.count >= 6, isIndented(key.name.lowerBound),
      bytes.at(key.name.lowerBound - 1).isBlank, bytes.at(key.name.lowerBound - 2).isBlank
    else { return false }
    return !isWordOfProse(word) && !saysHow(word) && !bytes[word.lowerBound].isQuote
  }

  /// `proxy_pass`, `fastcgi_pass`: addresses of nginx.
  private func isAddressOfProxy(_ name: Range<Int>) -> Bool {
    guard name.count > 5, bytes.has("_pass", at: name.upperBound - 5) else { return false }
    let words: [StaticString] = ["proxy", "fastcgi", "uwsgi", "scgi", "grpc", "memcached", "js"]
    return words.contains { $0.utf8CodeUnitCount == name.count - 5 && bytes.has($0, at: name.lowerBound) }
  }

  /// The word at `index`, without a closing `;`, and whether nothing but blanks and comments follows it on its line.
  func valueWord(at index: Int) -> (range: Range<Int>, endsLine: Bool)? {
    var end = index
    let limit = min(bytes.count, index + Self.longestValue)
    let isQuoted = bytes.at(index).isQuote
    while end < limit, bytes[end] > 0x20, isQuoted || bytes[end] != 0x22 { end += 1 }
    guard end > index else { return nil }
    if !isQuoted, bytes.at(end) == 0x22 {  // the end of the text that holds this sentence
      while end > index + 1, bytes[end - 1] == 0x5C { end -= 1 }
      return (index..<end, true)
    }
    var after = end
    while after < limit, bytes[after].isBlank { after += 1 }
    let endsLine = after >= bytes.count || bytes[after].isLineEnd || bytes[after] == 0x23
    if end - index > 1, bytes[end - 1] == 0x3B { end -= 1 }
    return (index..<end, endsLine)
  }

  /// True for letters alone, of any script, with hyphens, an apostrophe or punctuation at the end: what sentences are made of.
  func isPlainWord(_ range: Range<Int>) -> Bool {
    var end = range.upperBound
    while end > range.lowerBound, [0x2E, 0x2C, 0x3B, 0x3A, 0x21, 0x3F, 0x29, 0x22, 0x27].contains(bytes[end - 1]) {
      end -= 1
    }
    for index in range.lowerBound..<end
    where !bytes[index].isLetter && bytes[index] < 0x80 && bytes[index] != 0x27 && bytes[index] != 0x2D
      && bytes[index] != 0x28
      && bytes[index] != 0x3C && bytes[index] != 0x5B && bytes[index] != 0x22
    {
      return false
    }
    return true
  }

  private func isDotted(_ name: Range<Int>) -> Bool { name.contains { bytes[$0] == 0x2E } }

  /// True if only blanks stand before `start` on its line.
  private func isIndented(_ start: Int) -> Bool {
    var index = start
    while index > 0, start - index < 64, bytes[index - 1].isBlank { index -= 1 }
    return index == 0 || bytes[index - 1].isLineEnd
  }

  /// `machine h login u password p` of netrc, in one line or in three; `default login u password p`.
  private func isNetrc(_ start: Int) -> Bool {
    var line = bytes.lineStart(of: start, reach: 512)
    if !isIndented(start), bytes.first(" login ", in: line..<start) == nil { return false }
    for _ in 0..<2 where line > 1 { line = bytes.lineStart(of: line - 1, reach: 512) }
    return bytes.first("machine ", in: line..<start) != nil || bytes.first("default login", in: line..<start) != nil
  }
}
