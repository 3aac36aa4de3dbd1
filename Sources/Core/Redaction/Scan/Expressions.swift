/// What a program says behind a key: expressions, members and variables, which are no values.
extension TextScan {
  /// `self.tokens.next()`, `os.environ["X"]`, `getenv("X")`: an expression, not a value.
  func isCode(_ range: Range<Int>, _ key: Key, _ isQuoted: Bool) -> Bool {
    guard !isQuoted else { return false }
    // $_POST['x'], $this->x, $row["x"]
    if bytes[range.lowerBound] == 0x24,
      bytes.at(range.lowerBound + 1).isLetter || bytes.at(range.lowerBound + 1) == 0x5F
    {
      var end = range.lowerBound + 1
      while bytes.at(end).isWord { end += 1 }
      return bytes.at(end) == 0x5B || bytes.has("->", at: end) || end == range.upperBound || bytes.at(end) == 0x3B
    }
    if bytes.at(range.upperBound) == 0x20, Self.operators.contains(PackedWord(bytes, range)) { return true }
    if bytes.hasIgnoringCase("convertto-securestring", at: range.lowerBound) { return true }  // of PowerShell
    guard bytes[range.lowerBound].isLetter || bytes[range.lowerBound] == 0x5F || bytes[range.lowerBound] == 0x2A else {
      return false
    }
    var index = range.lowerBound
    while index < range.upperBound,
      bytes[index].isWord || bytes[index] == 0x2E || bytes[index] == 0x3A && bytes.at(index + 1) == 0x3A
        || bytes[index] == 0x3A && bytes.at(index - 1) == 0x3A
    {
      index += 1
    }
    let next = bytes.at(index)
    if next == 0x28 || next == 0x5B {  // a call or an index
      let after = bytes.at(index + 1)
      if bytes.at(index + 1).isLineEnd { return true }  // the arguments are on the next lines
      if after.isDigit {
        var end = index + 1
        while bytes.at(end).isDigit || bytes.at(end) == 0x2C { end += 1 }
        return bytes.at(end) == 0x29 || end >= range.upperBound && bytes.at(end - 1) == 0x2C
      }
      return index <= range.upperBound
        && (after.isQuote || after == 0x29 || after.isLetter || after == 0x26 || after == 0x24 || after == 0x2E)
    }
    guard index == range.upperBound else { return false }
    if isMember(range) || isVariableName(range, key) || isResourceMember(range) || isConstant(range, key) {
      return true
    }
    if bytes.has(" + ", at: range.upperBound) { return true }  // entity.plural + "Id"
    let roots: [StaticString] = [
      "self.", "this.", "os.", "process.", "config.", "cfg.", "settings.", "args.", "opts.", "options.", "ctx.", "req.",
      "request.", "response.", "resp.", "params.", "env.", "environ.", "var.", "local.", "data.", "module.", "System.",
      "Environment.", "std::", "secrets.", "vars.", "inputs.", "props.", "state.", "s.", "c.", "r.", "m.", "cmd.",
      "flags.", "Rails.", "app.", "self::", "static::", "crate::", "ENV[",
    ]
    // `s.7xkP…` is a token of Vault, and no member of s.
    if range.count > 20, bytes.at(range.lowerBound + 1) == 0x2E,
      ValueShape.looksLikeCredential(bytes, range.lowerBound + 2..<range.upperBound)
    {
      return false
    }
    return roots.contains { bytes.has($0, at: range.lowerBound) && $0.utf8CodeUnitCount < range.count }
  }

  /// `Settings.DbPassword`, `user.password`: a member of a program, whose last name is a key's.
  private func isMember(_ range: Range<Int>) -> Bool {
    guard let dot = range.last(where: { bytes[$0] == 0x2E }), dot > range.lowerBound, dot + 1 < range.upperBound,
      range.allSatisfy({ bytes[$0].isLetter || bytes[$0] == 0x5F || bytes[$0] == 0x2E })
    else { return false }
    return ValueShape.endsLikeKey(bytes, range)
  }

  /// `token = Name.Builtin`, `OP_COOKIE = lib.OP_COOKIE`: a member whose parts begin with capitals, or that is named like the key.
  private func isConstant(_ range: Range<Int>, _ key: Key) -> Bool {
    guard let dot = range.last(where: { bytes[$0] == 0x2E }), dot > range.lowerBound else { return false }
    if bytes[dot + 1..<range.upperBound].elementsEqual(bytes[key.name]) { return true }
    return key.verdict < .password && range.allSatisfy { bytes[$0].isLetter || bytes[$0] == 0x2E }
      && range.allSatisfy { bytes[$0].isUpper || $0 > range.lowerBound && bytes[$0 - 1] != 0x2E }
  }

  /// `aws_secretsmanager_secret.db.id` of Terraform: names in small letters with two dots, the first with joints.
  private func isResourceMember(_ range: Range<Int>) -> Bool {
    guard let dot = range.first(where: { bytes[$0] == 0x2E }), range.count(where: { bytes[$0] == 0x2E }) >= 2,
      (range.lowerBound..<dot).contains(where: { bytes[$0] == 0x5F })
    else { return false }
    return range.allSatisfy { bytes[$0].isLower || bytes[$0] == 0x5F || bytes[$0] == 0x2E }
  }

  /// `credentials=target_credentials`: a variable that is named like what it holds. A password may read like this, too.
  private func isVariableName(_ range: Range<Int>, _ key: Key) -> Bool {
    guard key.verdict < .password, range.contains(where: { bytes[$0] == 0x5F }), bytes[range.lowerBound].isLower else {
      return false
    }
    let next = bytes.at(range.upperBound)
    return ValueShape.isNameOfKey(bytes, range) && (next == 0x29 || next == 0x2C || next == 0x3B)
  }

  /// Words that begin an expression.
  private static let operators: WordSet = WordSet(
    "await async new function lambda typeof not yield defer func fn sizeof return".split(separator: " ").map {
      PackedWord($0.utf8)
    })
}
