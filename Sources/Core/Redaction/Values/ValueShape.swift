/// What a value looks like, apart from the key it stands under.
enum ValueShape {
  /// True for a value that holds no secret: empty, null, a reference to another value, an example, or a mask.
  static func isPlaceholder(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    var start = range.lowerBound
    var end = range.upperBound
    while start < end, bytes[start].isSpace { start += 1 }
    while end > start, bytes[end - 1].isSpace { end -= 1 }
    guard end > start else { return true }
    let first = bytes[start]
    let last = bytes[end - 1]
    let count = end - start

    switch first {
    case 0x24:  // $VAR, ${VAR}, $(VAR), ${{ … }}
      let second = bytes.at(start + 1)
      if second == 0x7B { return last == 0x7D && !hasDefault(bytes, start..<end) }
      if second == 0x28 { return last == 0x29 }
      if last == 0x7D, bytes.has("__", at: start + 1) { return true }  // $__file{/etc/secrets/db} of Grafana
      var index = start + 1
      while index < end, bytes[index].isWord { index += 1 }
      return index == end && count > 1 && !bytes[start + 1].isDigit
    case 0x7B:  // {{ … }}, {%…%}, {}
      if bytes.at(start + 1) == 0x7B || bytes.at(start + 1) == 0x25 || count == 2 { return last == 0x7D }
      if last == 0x7D, bytes[start + 1] == 0x2E { return true }  // {.credential.access_token} of a JSONPath
      if last == 0x7D, isNumber(bytes, start + 1..<end - 1) { return true }  // {7} of a format
      if last == 0x7D, bytes[start + 1].isLower || bytes[start + 1] == 0x5F {
        return isName(bytes, start + 1..<end - 1)
      }
    case 0x3C:  // <your-key>, <nil>; not <<"erlang">>
      if last == 0x3E, count > 2, bytes.at(start + 1) != 0x3C { return true }
    case 0x25:  // %s, %v, %(name)s, %NAME%
      if count <= 3 || last == 0x25 && isIdentifier(bytes, start + 1..<end - 1) { return true }
      if bytes.at(start + 1) == 0x28 { return last.isLetter }
      if last == 0x25, bytes.has("env(", at: start + 1) { return true }  // %env(NAME)% of Symfony
      if bytes.at(start + 1) == 0x5B { return last == 0x5D }  // %[var(x)] of HAProxy
    case 0x23:  // #{name}
      if bytes.at(start + 1) == 0x7B { return last == 0x7D }
    case 0x5B:  // [], [REDACTED], [FILTERED], [REDACTED:4f2a9c]
      if last == 0x5D, count == 2 || isMaskWord(bytes, start + 1..<end - 1) { return true }
    case 0x28:
      if last == 0x29, isMaskWord(bytes, start + 1..<end - 1) || bytes.hasIgnoringCase("nil", at: start + 1) {
        return true
      }
    case 0x56: if bytes.has("VARIABLE IS NOT DEFINED", at: start) { return true }  // of Ansible
    default: break
    }
    if isFill(bytes, start..<end) { return true }
    return count <= 12 && isEmptyWord(bytes, start..<end) || isMaskWord(bytes, start..<end)
  }

  /// `${VAR:-default}`, `${VAR:default}`: there is a value in the reference.
  private static func hasDefault(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    guard let body = defaultValue(bytes, range) else { return false }
    return !isPlaceholder(bytes, body)
  }

  /// The default inside a reference such as `${VAR:-default}`; nil where there is none.
  static func defaultValue(_ bytes: Bytes, _ range: Range<Int>) -> Range<Int>? {
    guard bytes.at(range.lowerBound) == 0x24, bytes.at(range.lowerBound + 1) == 0x7B else { return nil }
    var index = range.lowerBound + 2
    while index < range.upperBound, bytes[index].isWord || bytes[index] == 0x2E { index += 1 }
    guard index < range.upperBound - 1, bytes[index] == 0x3A else { return nil }
    if isSource(bytes, range.lowerBound + 2..<index) { return nil }
    index += 1
    if bytes[index] == 0x2D || bytes[index] == 0x3D { index += 1 }
    guard bytes[index] != 0x3F, bytes[index] != 0x2B, index < range.upperBound - 1 else { return nil }
    return index..<range.upperBound - 1
  }

  /// True for where a reference is looked up, before its colon: `${env:DB_PASSWORD}` of OpenTelemetry and Serverless, `${sys:name}` of
  /// Log4j. What follows is a name then, and no default.
  private static func isSource(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    let sources: [StaticString] = ["env", "sys", "file", "ssm", "opt", "self", "param", "ctx"]
    return sources.contains { $0.utf8CodeUnitCount == range.count && bytes.has($0, at: range.lowerBound) }
  }

  /// The same mark over and over: `****`, `xxxx`, `....`, `----`, `••••`.
  private static func isFill(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    let first = bytes[range.lowerBound]
    // `sk_live_************abcd`: all but the ends is masked already.
    if bytes.first("******", in: range) != nil,
      range.allSatisfy({ bytes[$0] == 0x2A || bytes[$0].isWord }), range.count(where: { bytes[$0] != 0x2A }) <= 12
    {
      return true
    }
    if first == 0xE2 {
      for index in range where bytes[index] < 0x80 { return false }
      return true
    }
    guard first == 0x2A || first == 0x2E || first == 0x2D || first == 0x23 || first == 0x5F || first | 0x20 == 0x78
    else {
      return false
    }
    for index in range where bytes[index] | 0x20 != first | 0x20 { return false }
    return range.count >= (first | 0x20 == 0x78 ? 3 : 1)
  }

  private static func isEmptyWord(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    switch range.count {
    case 1: bytes[range.lowerBound] == 0x7E
    case 2: bytes.hasIgnoringCase("no", at: range.lowerBound) || bytes.hasIgnoringCase("ok", at: range.lowerBound)
    case 3: bytes.hasIgnoringCase("nil", at: range.lowerBound) || bytes.hasIgnoringCase("yes", at: range.lowerBound)
    case 4:
      bytes.hasIgnoringCase("null", at: range.lowerBound) || bytes.hasIgnoringCase("none", at: range.lowerBound)
        || bytes.hasIgnoringCase("true", at: range.lowerBound) || bytes.has("read", at: range.lowerBound)
    case 5:
      bytes.has("write", at: range.lowerBound) || bytes.hasIgnoringCase("false", at: range.lowerBound)
        || bytes.has("<nil>", at: range.lowerBound)
    case 9: bytes.hasIgnoringCase("undefined", at: range.lowerBound) || bytes.has("on_create", at: range.lowerBound)
    default: false
    }
  }

  private static func isMaskWord(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    let start = range.lowerBound
    switch range.count {
    case 6: return bytes.hasIgnoringCase("masked", at: start) || bytes.hasIgnoringCase("hidden", at: start)
    case 8:
      return bytes.hasIgnoringCase("redacted", at: start) || bytes.hasIgnoringCase("filtered", at: start)
        || bytes.hasIgnoringCase("scrubbed", at: start)
    case 15: return ExistingMask.isPseudonym(bytes, start)
    default: return false
    }
  }

  /// `{db_password}`, `{__name__}`: what a program fills in. ODBC puts braces around a password: only names that say so count.
  private static func isName(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    range.allSatisfy { bytes[$0].isLower || bytes[$0] == 0x5F }
      && (bytes.has("__", at: range.lowerBound) || range.count { bytes[$0] == 0x5F } == 1 || endsLikeKey(bytes, range))
  }

  private static func isIdentifier(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    for index in range where !bytes[index].isWord { return false }
    return !range.isEmpty
  }

  /// True for a whole number or a decimal, with or without a sign.
  static func isNumber(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    guard !range.isEmpty else { return false }
    for index in range where !bytes[index].isDigit && bytes[index] != 0x2E && bytes[index] != 0x2D { return false }
    return true
  }

  /// True for `true`, `false`, `yes`, `no`.
  static func isBoolean(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    let start = range.lowerBound
    switch range.count {
    case 2: return bytes.hasIgnoringCase("no", at: start)
    case 3: return bytes.hasIgnoringCase("yes", at: start)
    case 4: return bytes.hasIgnoringCase("true", at: start)
    case 5: return bytes.hasIgnoringCase("false", at: start)
    default: return false
    }
  }

  /// 8-4-4-4-12 hexadecimal digits.
  static func isUUID(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    guard range.count == 36 else { return false }
    for offset in 0..<36 {
      let byte = bytes[range.lowerBound + offset]
      let dash = offset == 8 || offset == 13 || offset == 18 || offset == 23
      if dash ? byte != 0x2D : !byte.isHexDigit { return false }
    }
    return true
  }

  /// True for what looks made by a generator or chosen as a password, and not like a word, a name, a path, an address, a
  /// number or a time. For places where the key alone does not prove it.
  static func looksLikeCredential(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    guard range.count >= 8, !isUUID(bytes, range) else { return false }
    var lower = 0
    var upper = 0
    var digits = 0
    var special = 0
    var separators = 0
    var changes = 0
    var hexOnly = true
    var previous: UInt8 = 0
    for index in range {
      let byte = bytes[index]
      if byte.isSpace || byte < 0x20 { return false }
      if byte == 0x3A, bytes.has("://", at: index) { return false }
      hexOnly = hexOnly && byte.isHexDigit
      let kind: UInt8
      if byte.isLower {
        lower += 1
        kind = 1
      } else if byte.isUpper {
        upper += 1
        kind = 2
      } else if byte.isDigit {
        digits += 1
        kind = 3
      } else if byte == 0x2D || byte == 0x5F || byte == 0x2E || byte == 0x2F || byte == 0x3A || byte == 0x2C {
        separators += 1
        kind = 4
      } else {
        special += 1
        kind = 5
      }
      if kind != previous, previous != 0, kind != 4, previous != 4 { changes += 1 }
      previous = kind
    }
    let first = bytes[range.lowerBound]
    if first == 0x2F || first == 0x2E || first == 0x7E, special == 0 { return false }
    let classes = (lower > 0 ? 1 : 0) + (upper > 0 ? 1 : 0) + (digits > 0 ? 1 : 0) + (special > 0 ? 1 : 0)
    if hexOnly { return range.count >= 32 }
    if classes >= 3, separators * 3 <= range.count { return true }
    if classes >= 2, special > 0, digits > 0 { return true }
    return range.count >= 20 && digits > 1 && lower + upper > 1 && changes >= 4
  }

  /// True for bytes that are spread as a generator spreads them: upper, lower and digits mixed, or long hexadecimal.
  /// For token-like words in free text.
  static func looksRandom(_ bytes: Bytes, _ range: Range<Int>, least: Int) -> Bool {
    range.count >= least && looksLikeCredential(bytes, range)
  }
}

extension ValueShape {
  /// True for the path of a file: it starts like one, and its parts are words.
  static func isPath(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    let first = bytes[range.lowerBound]
    let second = bytes.at(range.lowerBound + 1)
    let isFile = isNamedFile(bytes, range)
    let isWindows =
      first.isLetter && second == 0x3A
      && (bytes.at(range.lowerBound + 2) == 0x5C || bytes.at(range.lowerBound + 2) == 0x2F)
    guard
      first == 0x2F && (second.isLetter || second == 0x2E) || first == 0x7E && second == 0x2F || isWindows
        || first == 0x2E && (second == 0x2F || bytes.has("../", at: range.lowerBound))
        || bytes.has("file:", at: range.lowerBound) || isFile
    else { return false }
    var word = 0
    var mixed = 0
    var previous: UInt8 = 0
    var slashes = 0
    for index in range {
      let byte = bytes[index]
      guard
        byte.isWord || byte == 0x2F || byte == 0x2E || byte == 0x2D || byte == 0x5C || byte == 0x3A || byte == 0x24
          || byte == 0x7B || byte == 0x7D || byte == 0x40
      else {
        return false
      }
      if byte == 0x2F || byte == 0x5C { slashes += 1 }
      if byte.isUpper && (previous.isDigit || previous.isLower) || byte.isDigit && previous.isLetter { mixed += 1 }
      previous = byte
      word += 1
    }
    return mixed <= 1 + word / 12 && (slashes > 1 || word < 24 || isFile)
  }

  /// Ends of the names of files that hold keys, certificates and settings.
  private static let endings: [StaticString] = [
    ".key", ".pem", ".crt", ".cer", ".pub", ".p12", ".pfx", ".jks", ".txt", ".json", ".yaml", ".yml", ".conf", ".env",
  ]

  /// True for `certificates/server.key`, which begins like no path and ends like one.
  private static func isNamedFile(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    bytes[range.lowerBound].isWord && bytes[range].contains(0x2F)
      && endings.contains { bytes.has($0, at: range.upperBound - $0.utf8CodeUnitCount) }
  }
}
