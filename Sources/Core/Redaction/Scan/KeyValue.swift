/// Values under a key, in free text: where the key begins and ends, and who reads what follows it.
extension TextScan {
  /// Longest value that is looked for, in bytes. What is longer is cut there by the line anyway, or is no credential.
  static let longestValue = 16_384

  /// A key, where its name stands.
  struct Key {
    /// The name without dashes before it and dots after it.
    var name: Range<Int>
    /// Dashes that make it a flag.
    var dashes: Int
    /// Where the separator may begin: after dots that lead to the value (`password.....: x`).
    var end: Int
    /// What the name says.
    var verdict: KeyVerdict
    /// True if the words before it had to be read together with it: `API key`.
    var isSpaced = false
    /// The name that the verdict comes from, where that is the key around this one: `password` of `{"password": {"value": …}}`.
    var scope: Range<Int>?
  }

  /// A key was seen at `hit`: finds its ends, the separator and the value.
  mutating func keyValue(at hit: Int, length: Int) {
    var start = hit
    let floor = max(0, hit - KeyClassifier.longestName)
    while start > floor, isKeyByte(before: start) { start -= 1 }
    if bytes[start].isDigit, bytes.at(start - 1) == 0x5B || bytes.at(start - 1) == 0x3B {  // [36mpassword
      start = max(start, min(hit, afterColour(start - 1)))
    }
    var end = hit + length
    // `pw=` and `pw"` are triggers with their separator.
    while end > hit, !bytes[end - 1].isKey { end -= 1 }
    let ceiling = min(bytes.count, hit + KeyClassifier.longestName)
    while end < ceiling, bytes[end].isKey, bytes[end] < 0x80 || !isPunctuation(at: end) { end += 1 }
    keyEnd = end
    var whole = end
    // `password........x`: dots lead from the name to the value.
    if let dots = bytes.first("....", in: hit..<end) {
      end = dots
      whole = dots
      while bytes.at(whole) == 0x2E { whole += 1 }
    }
    while end > start, bytes[end - 1] == 0x2E || bytes[end - 1] == 0x2D { end -= 1 }
    // `… *_SECRET. Then`: the end of a sentence.
    if whole == end + 1, bytes[end] == 0x2E, bytes.at(whole) == 0x20 { return }
    // `-----END RSA PRIVATE KEY-----` is a border, and what stands behind it is not its value.
    if bytes.has("KEY-----", at: end - 3) { return }
    let dashes = leadingDashes(&start, end)
    guard end > start, end - start < KeyClassifier.longestName, !isInName(start) else { return }
    if bytes.has("checksum/", at: start - 9) { return }  // an annotation of a pod template
    // `nginx.ingress.kubernetes.io/auth-secret: x`: an annotation that names a Secret.
    if bytes.has("kubernetes.io/", at: start - 14), bytes.has("secret", at: end - 6) { return }
    // `${DB_PASSWORD:?required}`: what follows is a message, or stands in for a value that is set.
    if bytes.has("${", at: start - 2), bytes.has(":?", at: end) || bytes.has(":+", at: end) { return }

    let meaning = keys.meaning(engine, bytes, start..<end)
    var key = Key(name: start..<end, dashes: dashes, end: whole, verdict: meaning.verdict)
    // `-DdbPassword=x` of Java, `-PdbPassword=x` of Gradle: the option's letter is glued to the name.
    if dashes == 1, bytes[start].isUpper, end - start > 3 {
      key.verdict = max(key.verdict, verdict(start + 1..<end))
    }
    if key.verdict < .likely, isQueryKey(key.name) { key.verdict = .likely }
    if key.verdict < .plural {
      let spaced = spacedVerdict(start, end)
      if spaced > key.verdict {
        key.verdict = spaced
        key.isSpaced = true
      }
    }
    if key.verdict == .none {
      if meaning.isNameWord {
        pairNamed(after: key)
        symmetricKey(key)
      }
      return
    }
    if isTestResult(key.name.lowerBound) { return }
    if pairValue(of: key) || section(key) || mapped(key) { return }
    if var (separator, valueStart) = separator(after: key) {
      if separator == .tight, key.isSpaced, !bytes.at(valueStart).isLineEnd { key.verdict = verdict(key.name) }
      guard key.verdict > .none else { return }
      if separator == .colon, let typed = annotation(at: valueStart) {
        valueStart = typed
        separator = .spacedEquals
      }
      value(at: valueStart, key, separator)
    } else if !tableColumn(key) {
      prose(key)
    }
  }

  /// True for a line of a test run, `PASS  src/app.test.js (5.1 s)`: a path with a test in its name, and no password.
  private func isTestResult(_ start: Int) -> Bool {
    guard bytes.has("PASS ", at: start) else { return false }
    var word = start + 5
    while bytes.at(word).isBlank { word += 1 }
    var end = word
    // Longer than paths below a project are.
    while end < bytes.count, bytes[end] > 0x20, end - word < 512 { end += 1 }
    guard let dot = bytes[word..<end].lastIndex(of: 0x2E), 2...5 ~= end - dot else { return false }
    return bytes[dot + 1..<end].allSatisfy(\.isLetter)
      && (bytes.first("test", in: word..<dot) != nil || bytes.first("spec", in: word..<dot) != nil)
  }

  /// Letters, digits and what joins them; not the punctuation of other scripts, which ends a key like ours does.
  @inline(__always) private func isKeyByte(before index: Int) -> Bool {
    guard bytes[index - 1].isKey else { return false }
    guard bytes[index - 1] >= 0x80 else { return true }
    var lead = index - 1
    while lead > 0, index - lead < 4, bytes[lead] & 0xC0 == 0x80 { lead -= 1 }
    return !isPunctuation(at: lead)
  }

  /// Punctuation and symbols beyond ASCII, by their first bytes in UTF-8: `：`, `＝`, `“`, `│`, a no-break space.
  func isPunctuation(at index: Int) -> Bool {
    switch bytes[index] {
    case 0xC2, 0xE2: true
    case 0xE3: bytes.at(index + 1) == 0x80 || bytes.has("\u{306F}", at: index)  // `パスワードは x`
    case 0xE4: bytes.has("\u{4E3A}", at: index)  // 为, 是: `密码是 x`
    case 0xE6: bytes.has("\u{662F}", at: index)
    case 0xEF: bytes.at(index + 1) == 0xBC && (bytes.at(index + 2) < 0x90 || 0x9A...0xA0 ~= bytes.at(index + 2))
    default: false
    }
  }

  /// Takes dashes off the front of a key; they make it a flag if they stand at the front of a word.
  @inline(__always) private func leadingDashes(_ start: inout Int, _ end: Int) -> Int {
    let first = start
    while start < end, bytes[start] == 0x2D || bytes[start] == 0x2E || bytes[start] == 0x5F && bytes[start + 1] == 0x2D
    {
      start += 1
    }
    // Dots alone make no flag: `from .token import Endpoint`.
    let dashes = bytes[first..<start].contains(0x2D) ? start - first : 0
    guard first > 0 else { return dashes }
    let before = bytes[first - 1]
    // `/password:x` of Windows.
    if dashes == 0, before == 0x2F { return first == 1 || bytes.at(first - 2).isBlank ? 1 : 0 }
    guard dashes > 0 else { return 0 }
    return before.isSpace || before == 0 || before.isQuote || before == 0x2C || before == 0x5B || before == 0x28
      || before == 0x3D
      ? dashes : 0
  }

  /// True inside the name of a cloud resource: `arn:aws:secretsmanager:eu-west-1:1234:secret:prod/db`.
  @inline(__always) private func isInName(_ start: Int) -> Bool {
    bytes.at(start - 1) == 0x3A && isInResource(start)
  }

  private func isInResource(_ start: Int) -> Bool {
    var word = start
    while word > 0, start - word < 256, bytes[word - 1] > 0x20, !bytes[word - 1].isQuote { word -= 1 }
    return bytes.first("arn:", in: word..<start) != nil || bytes.first("urn:", in: word..<start) != nil
  }

  /// The verdict on a key of several words in prose: `API key: x`, `secret access key = x`.
  @inline(__always) private func spacedVerdict(_ start: Int, _ end: Int) -> KeyVerdict {
    start > 1 && bytes[start - 1] == 0x20 && bytes[start - 2].isLetter ? verdict(behindWordsBefore: start, end) : .none
  }

  private func verdict(behindWordsBefore start: Int, _ end: Int) -> KeyVerdict {
    var from = start
    for _ in 0..<2 {
      guard from > 1, bytes[from - 1] == 0x20, bytes[from - 2].isLetter else { break }
      from -= 1
      while from > 0, start - from < 40, bytes[from - 1].isWord || bytes[from - 1] == 0x2D { from -= 1 }
    }
    guard from < start else { return .none }
    let verdict = self.verdict(from..<end)
    return verdict >= .plural ? verdict : .none
  }

  /// `password: String = "x"`, `key: &'static str = "x"`, `token: Optional[str] = "x"`: where the value starts, if a type stands
  /// between.
  private func annotation(at index: Int) -> Int? {
    var place = index
    while place < bytes.count, bytes[place].isBlank { place += 1 }
    let name = place
    var isPlain = true
    var depth = 0
    // Blanks and commas are a type's only inside its brackets: `password: x, user = "bob"` has none.
    if bytes.has("&mut ", at: place) { place += 5 }
    if bytes.has("&'static ", at: place) { place += 9 }
    while place < bytes.count, place - name < 48 {
      let byte = bytes[place]
      if byte.isWord || byte == 0x3F || byte == 0x2E {
        place += 1
        continue
      }
      guard "&'<>[]*:|".utf8.contains(byte) || depth > 0 && (byte == 0x2C || byte == 0x20) else { break }
      if byte == 0x3C || byte == 0x5B { depth += 1 }
      if byte == 0x3E || byte == 0x5D { depth -= 1 }
      isPlain = false
      place += 1
    }
    if bytes.at(name) == 0x26 { isPlain = false }
    guard place > name, bytes.has(" = ", at: place) else { return nil }
    // What is no name alone is a type only where a text follows: a password may hold any of these.
    let opensType = bytes[name].isLetter || !isPlain && (bytes[name] == 0x26 || bytes[name] == 0x5B)
    guard opensType, isPlain || opensText(place + 3) else { return nil }
    return place + 3
  }

  /// True if a quote opens a text at `index`, escaped or not.
  func opensText(_ index: Int) -> Bool {
    let byte = bytes.at(index)
    return byte == 0x22 || byte == 0x27 || byte == 0x5C && bytes.at(index + 1) == 0x22
  }

  /// True if only blanks, `- `, `#` or `;` and a word such as `export` stand before `start` on its line.
  func isLineStart(_ start: Int) -> Bool {
    var index = bytes.lineStart(of: start, reach: 96)
    guard index == 0 || bytes[index - 1].isLineEnd else { return false }
    index = afterLogPrefix(index)
    while index < start,
      bytes[index].isBlank || bytes[index] == 0x2D || bytes[index] == 0x23 || bytes[index] == 0x3B
        || bytes[index] == 0x2B
    {
      index += 1
    }
    for word in ["export ", "set ", "setenv ", "ENV ", "ARG ", "declare -x ", "var ", "let ", "const "]
      as [StaticString]
    where bytes.has(word, at: index) {
      index += word.utf8CodeUnitCount
      break
    }
    return index >= start
  }

  /// True if a line begins like `front`, but for other digits, as times have.
  func begins(_ line: Int, like front: Range<Int>) -> Bool {
    guard line + front.count <= bytes.count else { return false }
    for (place, byte) in zip(line..., bytes[front]) {
      guard bytes[place] == byte || bytes[place].isDigit && byte.isDigit else { return false }
    }
    return true
  }

  /// Where the text of a line begins that a container runtime wrote: behind `TIME stdout F `, the `TIME ` of `kubectl logs
  /// --timestamps`, or `{"log":"`; or behind the front that the lines of a manifest share.
  func afterLogPrefix(_ line: Int) -> Int {
    if !lineFront.isEmpty { return begins(line, like: lineFront) ? line + lineFront.count : line }
    if bytes.at(line) == 0x7B, let text = recordText(line) { return text }
    guard bytes.at(line).isDigit, bytes.at(line + 4) == 0x2D else { return line }
    for place in line + 20..<line + 40 where bytes.at(place) == 0x20 {
      let isStream = bytes.has("stdout ", at: place + 1) || bytes.has("stderr ", at: place + 1)
      if isStream { return bytes.at(place + 9) == 0x20 ? place + 10 : line }
      return bytes.at(line + 10) == 0x54 && bytes[place - 1] == 0x5A ? place + 1 : line
    }
    return line
  }

  /// The line after the one that holds `index`: where its text begins and ends; nil at the end of the text.
  func nextLine(after index: Int) -> Range<Int>? {
    var end = bytes.lineEnd(from: index, limit: min(bytes.count, index + Self.longestValue))
    if bytes.at(end) == 0x0D { end += 1 }
    guard bytes.at(end) == 0x0A, end + 1 < bytes.count else { return nil }
    let start = afterLogPrefix(end + 1)
    let limit = max(start, bytes.lineEnd(from: end + 1, limit: min(bytes.count, end + 1 + Self.longestValue)))
    // A record of Docker ends where its text does, without the `\n` in it.
    guard start > end + 1, bytes[end + 1] == 0x7B else { return start..<limit }
    var close = start
    while close < limit, bytes[close] != 0x22, !isEscapedEnd(close) { close += bytes[close] == 0x5C ? 2 : 1 }
    return start..<min(close, limit)
  }

  /// True at the `\n"` that ends the text of a record of Docker.
  func isEscapedEnd(_ index: Int) -> Bool {
    bytes.has("\\n\"", at: index) || bytes.has("\\r\\n\"", at: index)
  }
}
