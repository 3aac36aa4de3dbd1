/// Values that stand deeper than their key: objects, lists and blocks under it.
extension TextScan {
  /// Most bytes and lines of what stands under a key.
  private static let longestNest = 2_048
  private static let mostLines = 200
  /// Most objects in each other that are read for one key, and bytes of them together: a key that stands deeper is read for itself.
  private static let deepestNest = 8
  private static let nestBudget = 3 * longestNest

  /// `"password": {"value": "x", "old": "y"}`, `variable "password" { default = "x" }`: the members that say nothing of their
  /// own, or that make the key more secret.
  mutating func object(at open: Int, _ key: Key) {
    guard key.verdict >= .plural, nesting < Self.deepestNest, !isKeyReference(open) else { return }
    if nesting == 0 { nestBudget = Self.nestBudget }
    nesting += 1
    defer { nesting -= 1 }
    let limit = min(bytes.count, open + min(Self.longestNest, nestBudget))
    var index = open + 1
    var depth = 1
    var read = index
    while index < limit, depth > 0 {
      let byte = bytes[index]
      // The colon of a pseudonym is none of the object's.
      if byte == 0x5B, let mask = ExistingMask.range(at: index, in: bytes) {
        index = mask.upperBound
        continue
      }
      if byte == 0x7B { depth += 1 }
      if byte == 0x7D { depth -= 1 }
      if byte.isQuote {
        var end = index + 1
        while end < limit, bytes[end] != byte, !bytes[end].isLineEnd { end += bytes[end] == 0x5C ? 2 : 1 }
        if depth == 1, end < limit { member(index + 1..<end, after: end + 1, key) }
        index = min(end, limit)
      } else if byte.isLetter, depth == 1 {
        var end = index
        while end < limit, bytes[end].isKey { end += 1 }
        member(index..<end, after: end, key)
        index = end - 1
      }
      nestBudget -= max(0, index + 1 - read)
      read = index + 1
      if nestBudget <= 0 { return }
      if resume > index + 1, resume <= limit {
        // A value in quotes was read: its closing quote opens nothing.
        index = bytes.at(resume).isQuote ? resume + 1 : resume
      } else {
        index = max(index + 1, min(resume, limit))
      }
    }
  }

  /// `{name: oidc, key: client-secret}`: where an object of Kubernetes keeps the value, and not the value.
  private func isKeyReference(_ open: Int) -> Bool {
    let limit = min(bytes.count, open + 160)
    guard let close = bytes.firstByte(0x7D, from: open, to: limit) else { return false }
    var names = 0
    var keys = 0
    var index = open + 1
    while index < close {
      guard bytes[index].isLetter, !bytes[index - 1].isKey else {
        index += 1
        continue
      }
      let word = index
      while index < close, bytes[index].isKey { index += 1 }
      let isQuoted = bytes.at(index).isQuote
      guard bytes.at(isQuoted ? index + 1 : index) == 0x3A else { continue }
      if index - word == 4, bytes.has("name", at: word) { names += 1 }
      if index - word == 3, bytes.has("key", at: word) { keys += 1 }
    }
    return names == 1 && keys == 1
  }

  /// `[tokens]` alone on its line: the assignments below it, whose names are read together with the section's. True if it is one.
  mutating func section(_ key: Key) -> Bool {
    guard key.verdict >= .plural, bytes.at(key.name.lowerBound - 1) == 0x5B, bytes.at(key.end) == 0x5D,
      key.end + 1 >= bytes.count || bytes[key.end + 1].isLineEnd, isLineStart(key.name.lowerBound - 1)
    else { return false }
    var line = key.end
    for _ in 0..<Self.mostLines {
      guard let next = nextLine(after: line), bytes.at(next.lowerBound) != 0x5B else { break }
      line = next.lowerBound
      var name = line
      while bytes.at(name).isBlank { name += 1 }
      var end = name
      while end < next.upperBound, bytes[end].isKey { end += 1 }
      var equals = end
      while bytes.at(equals).isBlank { equals += 1 }
      if end > name, bytes.at(equals) == 0x3D, let inner = nested(name..<end, end: end, in: key) {
        value(at: equals + 1, inner, .spacedEquals)
      }
    }
    return true
  }

  /// A member of an object under a key: masked if the two names together are a secret's.
  private mutating func member(_ name: Range<Int>, after end: Int, _ key: Key) {
    var place = end
    while bytes.at(place).isSpace { place += 1 }
    guard bytes.at(place) == 0x3A || bytes.at(place) == 0x3D, let inner = nested(name, end: end, in: key) else {
      return
    }
    place += bytes.at(place + 1) == 0x3E ? 2 : 1
    value(at: place, inner, .colon)
  }

  /// The key of a member, with what the names say together; nil where that is nothing. A name that says nothing of its own hands
  /// the outer one on: `{"password": {"current": {"value": "x"}}}`.
  private func nested(_ name: Range<Int>, end: Int, in key: Key) -> Key? {
    let scope = key.scope ?? key.name
    let joined = engine.verdict(on: bytes[name], in: bytes[scope])
    guard joined >= .presumed else { return nil }
    var inner = Key(name: name, dashes: 0, end: end, verdict: joined >= .plural ? key.verdict : .presumed)
    if name.count == 3, bytes.has("key", at: name.lowerBound) { inner.verdict = .likely }  // of a reference
    if engine.verdict(bytes, name) < .plural { inner.scope = scope }
    return inner
  }

  /// `password:` with nothing after it: the list or the map on the deeper lines below it.
  mutating func nestedLines(after end: Int, _ key: Key) {
    guard key.verdict >= .plural, isLineStart(key.name.lowerBound) || bytes.at(key.name.lowerBound - 1).isQuote else {
      return
    }
    let indent = column(of: key.name.lowerBound)
    var line = end
    if let rule = nextLine(after: line), rule.count >= 4, rule.count < 64, bytes.has("----", at: rule.upperBound - 4),
      rule.dropLast(4).allSatisfy({ bytes[$0].isBlank })
    {
      described(after: rule.lowerBound, key)
      return
    }
    for number in 0..<Self.mostLines {
      guard let next = nextLine(after: line) else { return }
      line = next.lowerBound
      var text = line
      while text < next.upperBound, bytes[text].isBlank { text += 1 }
      guard text < next.upperBound else { continue }
      if number == 0, text - line > indent, !bytes[text].isQuote, key.verdict == .password,
        let word = valueWord(at: text), word.endsLine,
        looksChosen(word.range), !isAssignment(word.range), bytes[word.range.upperBound - 1] != 0x3A
      {
        // A form, or YAML: the value alone in the next line.
        return accept(word.range, key, .arrow)
      }
      let isItem = bytes[text] == 0x2D && bytes.at(text + 1) == 0x20
      guard text - line > indent || isItem && text - line >= indent else { return }
      if isItem { text += 2 }
      var stop = text
      while stop < next.upperBound, bytes[stop].isKey || bytes[stop].isQuote { stop += 1 }
      if bytes.at(stop) == 0x3A, bytes.at(stop + 1).isBlank || stop + 1 == next.upperBound {
        if !isItem, stop + 1 < next.upperBound, let inner = nested(text..<stop, end: stop, in: key) {
          value(at: stop + 1, inner, .colon)
        }
      } else if isItem {
        item(text..<next.upperBound, key)
      } else {
        if line == nextLine(after: end)?.lowerBound { alone(text..<next.upperBound, key) }
        return
      }
    }
  }

  /// A value that stands alone on the line below its key, and deeper: a word in quotes, or one that no sentence has.
  private mutating func alone(_ line: Range<Int>, _ key: Key) {
    var range = line
    while let last = range.last, bytes[last].isSpace || bytes[last] == 0x2C { range = range.dropLast() }
    guard range.count > 2, key.verdict >= .secret || key.verdict == .password,
      !range.contains(where: { bytes[$0].isBlank })
    else { return }
    if bytes[range.lowerBound].isQuote {
      guard bytes[range.upperBound - 1] == bytes[range.lowerBound] else { return }
      range = range.lowerBound + 1..<range.upperBound - 1
    } else if !looksChosen(range) || isAssignment(range) || bytes.first("://", in: range) != nil {
      return
    }
    guard !ValueShape.isPlaceholder(bytes, range), !ValueShape.isPath(bytes, range) else { return }
    found(range, engine.builtin.keyValue)
  }

  /// `kubectl describe configmap` writes a key, a line of four dashes, the value, and an empty line.
  private mutating func described(after rule: Int, _ key: Key) {
    var line = rule
    for _ in 0..<Self.mostLines {
      guard let next = nextLine(after: line), next.contains(where: { !bytes[$0].isSpace }) else { return }
      line = next.lowerBound
      if !ValueShape.isPlaceholder(bytes, next), !isMessage(next) { found(next, engine.builtin.keyValue) }
    }
  }

  /// One element of a list of YAML under a key. Under a plural, plain words are the names of secrets.
  private mutating func item(_ range: Range<Int>, _ key: Key) {
    guard !range.isEmpty else { return }
    var range = range
    while range.count > 1, bytes[range.upperBound - 1].isBlank { range = range.lowerBound..<range.upperBound - 1 }
    if bytes[range.lowerBound].isQuote, range.count > 2, bytes[range.upperBound - 1] == bytes[range.lowerBound] {
      range = range.lowerBound + 1..<range.upperBound - 1
    } else if bytes[range.lowerBound].isQuote || bytes[range.lowerBound] == 0x7B || bytes[range.lowerBound] == 0x5B {
      return
    }
    guard !ValueShape.isPlaceholder(bytes, range), !ValueShape.isPath(bytes, range), !isMessage(range) else { return }
    let isName = range.allSatisfy { bytes[$0].isLower || bytes[$0] == 0x2D || bytes[$0] == 0x5F || bytes[$0] == 0x2E }
    if key.verdict == .plural, isName || ValueShape.isNumber(bytes, range) { return }
    found(range, engine.builtin.keyValue)
  }

  /// A sentence about a value: `can't be blank`, `is too short`.
  func isMessage(_ range: Range<Int>) -> Bool {
    guard let blank = range.first(where: { bytes[$0] == 0x20 }) else { return false }
    let first = range.lowerBound..<blank
    let words: [StaticString] = [
      "can't", "is", "must", "should", "cannot", "too", "not", "does", "has", "may", "was", "the", "doesn't",
    ]
    return words.contains { $0.utf8CodeUnitCount == first.count && bytes.hasIgnoringCase($0, at: first.lowerBound) }
  }

  /// Blanks before the first byte of the line that holds `index`, behind what a log driver put there.
  func column(of index: Int) -> Int {
    let line = afterLogPrefix(bytes.lineStart(of: index, reach: 512))
    var text = line
    while text < index, bytes[text].isBlank { text += 1 }
    return text - line
  }

  /// `|`, `>-`, `|2+` at the end of a line: a block of YAML follows.
  func isBlockHeader(_ start: Int) -> Bool {
    var index = start + 1
    while index < bytes.count, index - start < 4, bytes[index] == 0x2D || bytes[index] == 0x2B || bytes[index].isDigit {
      index += 1
    }
    while index < bytes.count, bytes[index].isBlank { index += 1 }
    return index == bytes.count || bytes[index].isLineEnd || isEscapedEnd(index)
  }

  /// The lines of a block that are indented deeper than the key's line.
  mutating func block(after start: Int, _ key: Key) {
    let indent = column(of: key.name.lowerBound)
    var line = start
    var end = start
    for _ in 0..<Self.mostLines {
      guard let next = nextLine(after: line) else { break }
      line = next.lowerBound
      var text = line
      while text < next.upperBound, bytes[text].isBlank { text += 1 }
      if text < next.upperBound {
        guard text - line > indent else { break }
        if !ValueShape.isPlaceholder(bytes, text..<next.upperBound) {
          found(text..<next.upperBound, engine.builtin.keyValue)
        }
      }
      end = next.upperBound
    }
    resume = max(resume, end)
  }
}
