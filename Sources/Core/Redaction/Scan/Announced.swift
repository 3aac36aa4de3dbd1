/// A secret on a line of its own, behind one that says that it follows: `Your temporary password is:`, an empty line, the password;
/// `Generated admin password` above a line of dashes and the password.
extension TextScan {
  /// How far the line that announces a value may go on behind its key, and how long a line between the two may be, in bytes.
  private static let longestRest = 128
  /// Lines without a word that may stand between: an empty one and a rule, or two.
  private static let mostLinesBetween = 2

  /// Words behind a key that say on that the value follows.
  private static let bridges: [StaticString] = ["is", "for ", "to ", "of ", "below", "has ", "was ", "follows", "("]

  /// Words anywhere on the line that promise a value.
  private static let promises: [StaticString] = [
    "your ", "Your ", "enerated", "emporary", "nitial ", "following", "one-time ", "new ", "New ", "default ", " is:",
    "Here is", "here is",
  ]

  /// The end of a line that announces a value; whether a colon stands there, and whether what is between says on.
  private struct Announcement {
    var end: Int
    var hasColon: Bool
    var isDirect: Bool
  }

  /// The value on a line below the key's, if the rest of the key's line says that it follows: it ends in a colon, or with the key.
  mutating func announced(_ key: Key) {
    guard key.verdict >= .plural, key.dashes == 0, !bytes.at(key.end).isQuote, let rest = announcement(behind: key)
    else { return }
    var end = rest.end
    var hasRule = false
    for _ in 0...Self.mostLinesBetween {
      guard let next = nextLine(after: end) else { return }
      end = next.upperBound
      var text = next
      while let last = text.last, bytes[last].isSpace { text = text.dropLast() }
      if text.isEmpty { continue }
      if isRuleOfText(text) {
        hasRule = true
        continue
      }
      guard let word = loneWord(of: text, below: key), isAnnounced(word, key, rest, hasRule) else { return }
      return accept(word, key, .arrow, isQuoted: true)
    }
  }

  /// Where the line ends that holds the key, and whether it says that a value follows: nothing, or an explanation and a colon, stands
  /// behind the key. What explains has to begin in a way that does, or what follows has to look made.
  private func announcement(behind key: Key) -> Announcement? {
    var end = bytes.lineEnd(from: key.end, limit: min(bytes.count, key.end + Self.longestRest))
    if let escaped = bytes.first("\\n\"", in: key.end..<end) { end = escaped }
    guard end < bytes.count, bytes[end].isLineEnd || isEscapedEnd(end) else { return nil }
    var rest = key.end..<end
    while let last = rest.last, bytes[last].isBlank || bytes[last] == 0x2A { rest = rest.dropLast() }
    guard let last = rest.last else { return Announcement(end: end, hasColon: false, isDirect: true) }
    guard bytes[last] == 0x3A else { return nil }
    rest = rest.dropLast()
    while let first = rest.first, bytes[first].isBlank { rest = rest.dropFirst() }
    return Announcement(end: end, hasColon: true, isDirect: rest.isEmpty || isBridge(rest.lowerBound))
  }

  private func isBridge(_ index: Int) -> Bool { Self.bridges.contains { bytes.hasIgnoringCase($0, at: index) } }

  /// Four or more of the same mark: a line that parts a heading from what it is about.
  private func isRuleOfText(_ line: Range<Int>) -> Bool {
    var line = line
    while let first = line.first, bytes[first].isBlank { line = line.dropFirst() }
    guard let mark = line.first.map({ bytes[$0] }), line.count >= 4, "-=*~_#".utf8.contains(mark) else { return false }
    return line.allSatisfy { bytes[$0] == mark }
  }

  /// The last word of a line, without quotes around it, if nothing stands before it but what stands before the key's line as well: blanks,
  /// or what a logger wrote.
  private func loneWord(of line: Range<Int>, below key: Key) -> Range<Int>? {
    var start = line.upperBound
    while start > line.lowerBound, !bytes[start - 1].isBlank { start -= 1 }
    var front = line.lowerBound..<start
    while let last = front.last, bytes[last].isBlank { front = front.dropLast() }
    if !front.isEmpty {
      let own = afterLogPrefix(bytes.lineStart(of: key.name.lowerBound, reach: 256))
      guard own + front.count <= key.name.lowerBound, begins(own, like: front) else { return nil }
    }
    var word = start..<line.upperBound
    if word.count > 2, bytes[word.lowerBound].isQuote, bytes[word.upperBound - 1] == bytes[word.lowerBound] {
      word = word.dropFirst().dropLast()
    }
    return word
  }

  /// True for a word that only a secret is. A plain one counts behind a promise alone, and one that names something never.
  private func isAnnounced(_ word: Range<Int>, _ key: Key, _ rest: Announcement, _ hasRule: Bool) -> Bool {
    guard word.count >= 6, word.count <= 256, bytes[word.upperBound - 1] != 0x3A,
      !word.contains(where: { bytes[$0] == 0x28 || bytes[$0] == 0x3C || bytes[$0] == 0x22 || bytes[$0] == 0x5C }),
      bytes[word.lowerBound] != 0x2D,
      !word.contains(where: { bytes[$0] == 0x3D && $0 + 1 < word.upperBound && bytes[$0 + 1] != 0x3D }),
      bytes.first("://", in: word) == nil, !ValueShape.isPath(bytes, word),
      !ValueShape.isNumber(bytes, word) || word.count >= 8 && word.allSatisfy({ bytes[$0].isDigit }),
      verdict(word) == .none
    else { return false }
    if ValueShape.looksLikeCredential(bytes, word) {
      if !rest.isDirect { return isPromised(key, rest.end) }
      return rest.hasColon || hasRule || isPromised(key, rest.end) || isDeeper(word, key)
    }
    guard rest.isDirect else { return false }
    guard rest.hasColon || hasRule, key.verdict == .password else { return false }
    if word.contains(where: { bytes[$0] == 0x3A || bytes[$0] == 0x2F }) { return false }
    let isWords = word.allSatisfy { bytes[$0].isLower || bytes[$0] == 0x2D || bytes[$0] == 0x2E || bytes[$0] == 0x5F }
    if !isWords, looksChosen(word) { return true }
    return isPromised(key, rest.end) && !isWordOfProse(word) && !saysHow(word)
  }

  private func isPromised(_ key: Key, _ end: Int) -> Bool {
    let line = bytes.lineStart(of: key.name.lowerBound, reach: 128)..<end
    return Self.promises.contains { bytes.first($0, in: line) != nil }
  }

  private func isDeeper(_ word: Range<Int>, _ key: Key) -> Bool {
    column(of: word.lowerBound) >= column(of: key.name.lowerBound) + 2
  }

  /// First words of commands that show names of files, not what is in them.
  private static let listers: [StaticString] = [
    "ls", "find", "stat", "file", "tree", "wc", "which", "cd", "sha256sum", "md5sum", "rm",
  ]

  /// `$ cat /data/admin.password` was seen, at its prompt: the answer below, if it is one word that looks chosen.
  mutating func prompted(at hit: Int, length: Int) {
    let start = hit + length
    let end = bytes.lineEnd(from: start, limit: min(bytes.count, start + 512))
    guard let next = nextLine(after: end), next.count >= 6, next.count <= Self.longestRest * 4 else { return }
    var word = next
    while let first = word.first, bytes[first].isBlank { word = word.dropFirst() }
    while let last = word.last, bytes[last].isSpace { word = word.dropLast() }
    guard word.count >= 6, word.allSatisfy({ bytes[$0] > 0x20 }), looksChosen(word) || ValueShape.isUUID(bytes, word),
      !ValueShape.isPath(bytes, word), !bytes[word].contains(0x2F) || ValueShape.looksLikeCredential(bytes, word),
      bytes[word.lowerBound] != 0x24, bytes[word.lowerBound] != 0x2D, !isAssignment(word),
      !word.contains(where: { "(<\"{@[".utf8.contains(bytes[$0]) }), bytes[word.upperBound - 1] != 0x3A,
      bytes.first("://", in: word) == nil, asks(start..<end), verdict(word) == .none
    else { return }
    found(word, engine.builtin.command)
  }

  /// True for a command with a word in it that says that it shows a secret.
  private func asks(_ command: Range<Int>) -> Bool {
    var index = command.lowerBound
    let tool = index..<(command.first { !bytes[$0].isKey } ?? command.upperBound)
    if Self.listers.contains(where: { $0.utf8CodeUnitCount == tool.count && bytes.has($0, at: index) }) { return false }
    while index < command.upperBound {
      var word = index
      while word < command.upperBound, bytes[word].isKey { word += 1 }
      var name = index..<word
      while let first = name.first, bytes[first] == 0x2D { name = name.dropFirst() }
      if name.count > 2, verdict(name) >= .plural { return true }
      index = word + 1
    }
    return false
  }
}
