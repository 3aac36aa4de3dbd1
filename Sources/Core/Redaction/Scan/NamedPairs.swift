/// Pairs whose key is itself a value: `{"name": "DB_PASSWORD", "value": "x"}`, `<add key="Password" value="x"/>`,
/// `<param-name>password</param-name><param-value>x`, `{Name:DB_PASSWORD Value:x}`, `name: DB_PASSWORD` above `value: x`.
extension TextScan {
  /// Names of members that hold a value, as they end: see `KeyMeaning` for those that hold its key.
  /// Elements of HTML whose neighbour holds the value.
  private static let cells: [StaticString] = ["dt", "td", "th", "string"]
  private static let valueWords: [StaticString] = [
    "value", "val", "old", "new", "before", "after", "current", "previous", "string", "content", "text", "data",
    "default", "v",
  ]

  /// How far a value may stand from its name, in bytes: other attributes stand between them.
  static let pairReach = 512

  private func endsWith(_ range: Range<Int>, _ words: [StaticString]) -> Bool { bytes.ends(range, with: words) }

  private func isNameWord(_ range: Range<Int>) -> Bool { keys.meaning(engine, bytes, range).isNameWord }

  /// `key` is `name` or the like, followed by a separator: what it names may hold no word that is a trigger of its own.
  mutating func pairNamed(after key: Key) {
    var place = key.name.upperBound
    while place - key.name.upperBound < 8,
      bytes.at(place).isQuote || bytes.at(place).isBlank || bytes.at(place) == 0x3A
        || bytes.at(place) == 0x3D || bytes.at(place) == 0x3E
    { place += 1 }
    guard place > key.name.upperBound else { return }
    var end = place
    // The ids under most such names, eight digits at a time.
    let fast = min(bytes.count, place + KeyClassifier.longestName) - 8
    while end <= fast, EightBytes(bytes, end).areHexDigits { end += 8 }
    while end < bytes.count, end - place < KeyClassifier.longestName, bytes[end].isKey { end += 1 }
    guard end > place else { return }
    let verdict = engine.verdict(bytes, place..<end)
    guard verdict > .none else { return }
    _ = pairValue(of: Key(name: place..<end, dashes: 0, end: end, verdict: verdict))
  }

  /// If the key stands where a name does, masks what its value member holds. True if there was one.
  mutating func pairValue(of key: Key) -> Bool {
    var open = key.name.lowerBound - key.dashes
    // `"label": "admin password"`: words before it belong to the name.
    if bytes.at(open - 1) == 0x20, bytes.at(open - 2).isLetter {
      var word = open
      while word > 0, open - word < 24, bytes[word - 1] == 0x20 || bytes[word - 1].isLetter { word -= 1 }
      if bytes.at(word - 1).isQuote { open = word }
    }
    // `"path": "/data/password"`: the last part of a path names the value.
    if bytes.at(open - 1) == 0x2F,
      let quote = (max(0, open - 96)..<open).last(where: { bytes[$0] <= 0x20 || bytes[$0].isQuote })
    {
      open = quote + 1
    }
    guard let member = memberName(before: open, key.verdict) else { return false }
    let end = key.name.upperBound
    let found = findings.count
    let masks = masksRead
    switch member.kind {
    case .element: elementAfter(end, key)
    case .attribute: attributes(around: member.start, end, key)
    case .member: members(around: member.start, end, key)
    }
    // A mask is read like what it masks.
    return findings.count > found || masksRead > masks
  }

  private enum MemberKind { case element, attribute, member }

  /// The member whose value begins at `start`: its beginning and its kind; nil where none of a name stands there.
  private func memberName(before start: Int, _ verdict: KeyVerdict) -> (start: Int, kind: MemberKind)? {
    var index = start
    if bytes.at(index - 1).isQuote { index -= 1 }
    if bytes.at(index - 1) == 0x5C { index -= 1 }
    if bytes.at(index - 1) == 0x3E {  // <key>X, <param-name>X
      var name = index - 1
      while name > 0, index - name < 48, bytes[name - 1] != 0x3C, bytes[name - 1] > 0x20 { name -= 1 }
      // A map of strings: <string>password</string><string>x</string>.
      let tag = name..<index - 1
      guard bytes.at(name - 1) == 0x3C,
        isNameWord(tag)
          || Self.cells.contains(where: { $0.utf8CodeUnitCount == tag.count && bytes.hasIgnoringCase($0, at: name) })
      else { return nil }
      return (name - 1, .element)
    }
    let isQuoted = index < start
    while index > 0, start - index < 6, bytes[index - 1].isBlank { index -= 1 }
    guard bytes.at(index - 1) == 0x3A || bytes.at(index - 1) == 0x3D else { return nil }
    let isEquals = bytes[index - 1] == 0x3D
    index -= 1
    while index > 0, bytes[index - 1].isBlank || bytes[index - 1].isQuote || bytes[index - 1] == 0x5C { index -= 1 }
    var name = index
    while name > 0, index - name < 32, bytes[name - 1].isKey { name -= 1 }
    let isType = index - name == 4 && bytes.hasIgnoringCase("type", at: name) && isQuoted && verdict == .password
    let isLetter = index - name == 1 && bytes[name] | 0x20 == 0x6B && isQuoted  // {"k": …, "v": …}
    guard isNameWord(name..<index) || isType || isLetter else { return nil }
    if isEquals, isQuoted, isInTag(name) { return (name, .attribute) }
    return (name, .member)
  }

  /// True if a `<` opens a tag before `index` that is not closed.
  private func isInTag(_ index: Int) -> Bool {
    var place = index
    while place > 0, index - place < Self.pairReach {
      place -= 1
      if bytes[place] == 0x3C { return true }
      if bytes[place] == 0x3E || bytes[place].isLineEnd && bytes.at(place - 1).isLineEnd { return false }
    }
    return false
  }

  /// `</param-name><param-value>x`, `</key><string>x`: the text of the element that follows.
  private mutating func elementAfter(_ end: Int, _ key: Key) {
    var index = end
    guard bytes.at(index) == 0x3C, bytes.at(index + 1) == 0x2F else { return }
    index = bytes[index..<min(bytes.count, index + 64)].firstIndex(of: 0x3E) ?? bytes.count
    var text = index + 1
    while bytes.at(text).isSpace, text - index < 64 {
      text += 1
      if bytes[text - 1] == 0x0A { text = afterLogPrefix(text) }
    }
    guard bytes.at(text) == 0x3C, bytes.at(text + 1).isLetter else { return }
    guard let open = bytes[text..<min(bytes.count, text + 96)].firstIndex(of: 0x3E) else { return }
    value(at: open + 1, key, .element)
  }

  /// `name="x" value="y"` in one tag, in either order; or the text of the element, or of the `<value>` in it.
  private mutating func attributes(around start: Int, _ end: Int, _ key: Key) {
    var open = start
    while open > 0, start - open < Self.pairReach, bytes[open - 1] != 0x3C { open -= 1 }
    var close = end
    var quote: UInt8 = 0
    let limit = min(bytes.count, end + Self.pairReach * 2)
    if bytes.at(close).isQuote { close += 1 }
    while close < limit {
      let byte = bytes[close]
      if quote != 0 {
        if byte == quote { quote = 0 }
      } else if byte == 0x22 || byte == 0x27 {
        quote = byte
      } else if byte == 0x3E {
        break
      }
      close += 1
    }
    guard close < limit else { return }
    var index = open
    var hasValue = false
    while index < close {
      guard bytes[index] == 0x3D, bytes.at(index + 1).isQuote else {
        index += 1
        continue
      }
      var name = index
      while name > open, bytes[name - 1].isKey { name -= 1 }
      var stop = index + 2
      while stop < close, bytes[stop] != bytes[index + 1] { stop += 1 }
      let isConnection = index - name >= 16 && bytes.hasIgnoringCase("connectionstring", at: name)
      if endsWith(name..<index, Self.valueWords), !isConnection {
        value(at: index + 1, key, .arrow)
        hasValue = true
      }
      index = stop + 1
    }
    guard bytes[close - 1] != 0x2F, !hasValue else { return }
    var text = close + 1
    while text < bytes.count, bytes[text].isSpace, text - close < 128 { text += 1 }
    if bytes.at(text) == 0x3C, bytes.at(text + 1) != 0x21 {
      guard bytes.hasIgnoringCase("<value", at: text),
        let inner = bytes[text..<min(bytes.count, text + 64)].firstIndex(of: 0x3E)
      else { return }
      text = inner + 1
    }
    value(at: text, key, .element)
  }

  /// `"name": "x", "value": "y"`, `Name:x Value:y`, `name=x, value=y`, and the lines of YAML: all in one object.
  private mutating func members(around start: Int, _ end: Int, _ key: Key) {
    // `cs1Label=password cs1=x` of CEF: the member of the same name without `Label` holds the value.
    let labelled = labelledName(at: start)
    let limit = min(bytes.count, end + Self.pairReach)
    if labelled == nil, lacksValues(in: max(0, start - Self.pairReach)..<limit) { return }
    let opening = objectStart(before: start)
    var index = end
    var lines = 0
    while index < limit {
      let byte = bytes[index]
      if byte == 0x7D || byte == 0x7B && opening.isObject { break }
      if byte == 0x0A {
        lines += 1
        var text = index + 1
        while bytes.at(text).isBlank { text += 1 }
        // YAML: the next item of the list ends this one; a value stands on the next lines at the same indent.
        if !opening.isObject, bytes.at(text) == 0x2D || lines > 2 { break }
      }
      if byte.isLetter, !bytes[index - 1].isKey {
        var stop = index
        while stop < limit, bytes[stop].isKey { stop += 1 }
        let name = index..<stop
        index = stop
        if bytes.hasIgnoringCase("valueFrom", at: name.lowerBound) && name.count == 9 { continue }
        // `/v:host` is an option.
        if name.count == 1, bytes[name.lowerBound - 1] == 0x2F || bytes[name.lowerBound - 1] == 0x2D { continue }
        guard endsWith(name, Self.valueWords) || labelled.map({ isSame($0, name) }) ?? false else { continue }
        // Without a bracket around them, members on lines of their own stand below each other.
        if lines > 0, !opening.isObject, place(inLine: name.lowerBound) != place(inLine: start) { continue }
        if bytes.at(stop).isQuote { stop += 1 }
        while bytes.at(stop).isBlank { stop += 1 }
        guard bytes.at(stop) == 0x3A || bytes.at(stop) == 0x3D else { continue }
        let read = resume
        value(
          at: stop + (bytes.at(stop + 1) == 0x3E ? 2 : 1), key,
          bytes[stop] == 0x3A && bytes.at(stop + 1) == 0x20 ? .colon : .tight)
        index = max(index, stop + 1, min(resume, limit))
        // What stands between the two is still to be read.
        resume = read
        continue
      }
      index += 1
    }
    guard opening.isObject || opening.start < start else { return }
    // The value before the name.
    index = opening.start
    while index < start {
      guard bytes[index].isLetter, !bytes.at(index - 1).isKey else {
        index += 1
        continue
      }
      var stop = index
      while stop < start, bytes[stop].isKey { stop += 1 }
      let name = index..<stop
      index = stop
      guard endsWith(name, Self.valueWords) else { continue }
      if bytes.at(stop).isQuote { stop += 1 }
      while bytes.at(stop).isBlank { stop += 1 }
      guard bytes.at(stop) == 0x3A || bytes.at(stop) == 0x3D, stop < start else { continue }
      value(at: stop + 1, key, bytes.at(stop + 1) == 0x20 ? .colon : .tight)
      return
    }
  }

  /// True if no member in `range` has a name that holds a value. Of keys that stand close together each asks about nearly the same
  /// bytes: they are read once.
  private mutating func lacksValues(in range: Range<Int>) -> Bool {
    if range.lowerBound < valueGap.lowerBound || range.lowerBound > valueGap.upperBound {
      valueGap = range.lowerBound..<range.lowerBound
      isGapClosed = false
    }
    if valueGap.upperBound >= range.upperBound { return true }
    if isGapClosed { return false }
    var index = valueGap.upperBound
    while index < range.upperBound {
      guard bytes[index].isLetter, !bytes.at(index - 1).isKey else {
        index += 1
        continue
      }
      var stop = index
      while stop < range.upperBound, bytes[stop].isKey { stop += 1 }
      // A word that goes on behind the range is none here, but may be one of another range.
      if stop == range.upperBound { break }
      if endsWith(index..<stop, Self.valueWords), isSeparated(behind: stop) {
        isGapClosed = true
        break
      }
      index = stop
    }
    valueGap = valueGap.lowerBound..<min(index, range.upperBound)
    return !isGapClosed
  }

  /// True if a colon or `=` follows a name, perhaps behind a quote and blanks.
  private func isSeparated(behind name: Int) -> Bool {
    var index = name
    if bytes.at(index).isQuote { index += 1 }
    while bytes.at(index).isBlank { index += 1 }
    return bytes.at(index) == 0x3A || bytes.at(index) == 0x3D
  }

  /// How far a name stands from the beginning of its line, behind what a log driver put there; -1 where more than blanks and the dash
  /// of a list stand before it.
  private func place(inLine name: Int) -> Int {
    let line = afterLogPrefix(bytes.lineStart(of: name, reach: 512))
    for index in line..<max(line, name) where !bytes[index].isBlank && bytes[index] != 0x2D && !bytes[index].isQuote {
      return -1
    }
    return name - line
  }

  /// `cs1` of `cs1Label`.
  private func labelledName(at start: Int) -> Range<Int>? {
    var end = start
    while bytes.at(end).isKey { end += 1 }
    return end - start > 5 && bytes.has("Label", at: end - 5) ? start..<end - 5 : nil
  }

  private func isSame(_ left: Range<Int>, _ right: Range<Int>) -> Bool { bytes[left].elementsEqual(bytes[right]) }

  /// The `{` of the object around `start`, or the beginning of the item of a YAML list.
  private func objectStart(before start: Int) -> (start: Int, isObject: Bool) {
    var index = start
    while index > 0, start - index < Self.pairReach {
      index -= 1
      if bytes[index] == 0x7B || bytes[index] == 0x28 { return (index + 1, true) }
      if bytes[index] == 0x7D { break }
      if bytes[index] == 0x2D, bytes.at(index + 1) == 0x20 {
        let line = bytes.lineStart(of: index, reach: 128)
        if (line..<index).allSatisfy({ bytes[$0].isBlank }) { return (index + 2, false) }
      }
    }
    return (start, false)
  }
}
