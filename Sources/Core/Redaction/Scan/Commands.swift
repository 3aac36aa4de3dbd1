/// Passwords in the arguments of well-known tools, where the option's name does not say what it is.
extension TextScan {
  /// Longest command line that is read, in bytes.
  private static let longestCommand = 4_096

  /// The name of a tool was seen at `hit`.
  mutating func command(at hit: Int, length: Int) {
    if hit > 0, bytes[hit - 1].isWord || bytes[hit - 1] == 0x2D || bytes[hit - 1] == 0x2E { return }
    // `mysqldump`, `ldapsearch`, `mongosh` are the same tools; `httpd`, `curly` are not.
    var index = hit + length
    let isOpen = bytes[index - 1] == 0x20
    if !isOpen {
      while index < bytes.count, bytes[index].isWord || bytes[index] == 0x2D || bytes[index] == 0x2E { index += 1 }
    }
    if bytes.has("http", at: hit), length <= 5, index != hit + length { return }
    if bytes.at(index).isQuote { index += 1 }
    guard isOpen || bytes.at(index).isBlank || bytes.at(index) == 0x2C else { return }
    if bytes.has("docker", at: hit), bytes.first(" run ", in: index - 1..<min(bytes.count, index + 16)) != nil {
      return
    }
    for tool in CommandTools.tools(bytes, at: hit, length: length) {
      let near = index..<min(bytes.count, index + tool.reach)
      if tool.verbs.isEmpty || tool.verbs.contains(where: { bytes.first($0, in: near) != nil }) {
        options(of: tool, from: index)
      }
    }
  }

  /// Where a command goes on behind a backslash that ends its line; nil where none does.
  func continuation(at index: Int) -> Int? {
    guard bytes.at(index) == 0x5C else { return nil }
    let end = bytes.at(index + 1) == 0x0D ? index + 2 : index + 1
    guard bytes.at(end) == 0x0A, var next = nextLine(after: end)?.lowerBound else { return nil }
    while bytes.at(next).isBlank { next += 1 }
    return next
  }

  /// Goes over the words of a command line up to its end: a line end, `|`, `;`, `&&`.
  private mutating func options(of tool: CommandTools.Tool, from start: Int) {
    var index = start
    let limit = min(bytes.count, start + Self.longestCommand)
    while index < limit, !bytes[index].isLineEnd {
      while index < limit, bytes[index].isBlank || bytes[index] == 0x2C || bytes[index].isQuote || bytes[index] == 0x5B
      { index += 1 }
      let word = index
      guard word < limit, !bytes[word].isLineEnd else { return }
      if bytes[word] == 0x5C, let next = continuation(at: word) {
        index = next
        continue
      }
      if bytes[word] == 0x7C || bytes[word] == 0x3B || bytes.has("&&", at: word) || bytes[word] == 0x29 { return }
      // The same tool again begins a command of its own, which is read when its name is reached.
      if word > start, bytes.hasIgnoringCase(tool.name, at: word),
        bytes.first("://", in: word..<min(limit, word + 16)) == nil
      {
        return
      }
      let quote = bytes.at(word - 1).isQuote ? bytes[word - 1] : 0
      while index < limit, bytes[index] > 0x20, bytes[index] != quote || quote == 0 {
        if quote == 0, bytes[index].isQuote {  // -p'my secret'
          let inner = bytes[index]
          index += 1
          while index < limit, bytes[index] != inner, !bytes[index].isLineEnd { index += 1 }
          if index < limit, bytes[index].isLineEnd { break }
        }
        index += 1
      }
      // A control character is no word: step over it.
      index = min(max(index, word + 1), limit)
      guard bytes[word] == 0x2D || bytes[word] == 0x2F, index > word + 1 else { continue }
      index = max(index, option(of: tool, word..<index, limit))
    }
  }

  /// Options of several letters behind one dash that begin like those which take a password.
  private var longNames: [StaticString] {
    [
      "-password", "-passw", "-port", "-path", "-pid", "-profile", "-proxy", "-print", "-plugin", "-parallel", "-pull",
      "-push",
    ]
  }

  /// One word that begins with a dash; returns where its value ends, if that is the next word.
  private mutating func option(of tool: CommandTools.Tool, _ word: Range<Int>, _ limit: Int) -> Int {
    for (name, form) in tool.options {
      let length = name.utf8CodeUnitCount
      let after = word.lowerBound + length
      // `-sSu user:x`: the last of several short options takes the value.
      let isCluster =
        length == 2 && form == .pair && bytes[word.lowerBound + 1] != 0x2D && word.count > 2 && word.count < 8
        && bytes[word.upperBound - 1] == name.utf8Start[1]
        && word.dropFirst().allSatisfy { bytes[$0].isLetter }
      guard bytes.has(name, at: word.lowerBound) || isCluster else { continue }
      if after == word.upperBound || isCluster {
        guard form != .joined, name.utf8Start[length - 1] != 0x3A else { return word.upperBound }
        let (from, to) = nextWord(word.upperBound, limit)
        if form == .literal, let equals = (from..<to).first(where: { bytes[$0] == 0x3D }) {
          let value = assigned(equals, to)
          secretArgument(value)
          return value.upperBound
        }
        take(from..<to, form)
        return to
      }
      if bytes[after] == 0x3D {
        if after + 2 == word.upperBound, let next = continuation(at: after + 1) {
          let (from, to) = nextWord(next, limit)
          take(from..<to, form)
          return to
        }
        take(unquoted(after + 1..<word.upperBound), form)
        return word.upperBound
      }
      let isGlued = form == .joined || form == .glued || form == .pair || form == .value && !bytes[after].isLetter
      // `-port 27017`, `-password x`: a name of its own.
      if form == .glued, longNames.contains(where: { bytes.has($0, at: word.lowerBound) }) { continue }
      if length <= 3, bytes[word.lowerBound + 1] != 0x2D, isGlued {
        take(unquoted(after..<word.upperBound), form)
        return word.upperBound
      }
    }
    return word.upperBound
  }

  /// `-u bob -p x` of any tool: the word behind `-p`, `-P`, `-w`, `-pw` or `-xp` that looks chosen, if an option with a user stands
  /// before it. A port, a path and the user of `sudo` do not count.
  mutating func passwordBesideUser(at hit: Int, length: Int) {
    let (from, to) = nextWord(hit + length, min(bytes.count, hit + 512))
    guard to - from >= 5, bytes[from] != 0x2D, !ValueShape.isNumber(bytes, from..<to),
      !(from..<to).contains(where: { bytes[$0] == 0x2F || bytes[$0] == 0x3A || bytes[$0] == 0x3D }),
      looksChosen(from..<to)
    else { return }
    let line = bytes.lineStart(of: hit, reach: 128)..<hit
    let users: [StaticString] = [" -u ", " -U ", " -l ", " -D ", " --user ", " --username ", " -xu ", " -au "]
    guard let option = users.compactMap({ bytes.first($0, in: line) }).max(),
      !(option..<hit).contains(where: { bytes[$0] == 0x7C || bytes[$0] == 0x3B || bytes[$0] == 0x26 }),
      (option + 1..<hit).count(where: { bytes[$0] == 0x20 }) <= 4
    else { return }
    var tool = option
    while tool > line.lowerBound, bytes[tool - 1] > 0x20 { tool -= 1 }
    let others: [StaticString] = ["sudo", "su", "runas", "docker", "run", "exec", "chroot", "setpriv", "id", "ps"]
    guard !others.contains(where: { $0.utf8CodeUnitCount == option - tool && bytes.has($0, at: tool) }) else { return }
    secretArgument(from..<to)
  }

  /// `-u bob:x`, `--user=bob:x` of any tool, or of one whose name stands on a line before: a secret that looks chosen. What a
  /// container runs as (`1000:1000`, `nginx:nginx`) does not.
  mutating func pairBehindUser(at hit: Int, length: Int) {
    let (from, to) = nextWord(hit + length, min(bytes.count, hit + 256))
    guard let colon = bytes.firstByte(0x3A, from: from, to: to), colon > from, to - colon > 6,
      (from..<colon).allSatisfy({ bytes[$0].isKey || bytes[$0] == 0x40 }),
      !(colon + 1..<to).contains(where: { bytes[$0] == 0x2F || bytes[$0] == 0x3A }),
      !ValueShape.isNumber(bytes, colon + 1..<to), looksChosen(colon + 1..<to)
    else { return }
    secretArgument(colon + 1..<to)
  }

  private func unquoted(_ range: Range<Int>) -> Range<Int> {
    guard range.count >= 2, bytes[range.lowerBound].isQuote, bytes[range.upperBound - 1] == bytes[range.lowerBound]
    else {
      return range
    }
    return range.lowerBound + 1..<range.upperBound - 1
  }

  /// The next word, which may be quoted, or the next element of a list.
  func nextWord(_ start: Int, _ limit: Int) -> (Int, Int) {
    var from = start
    if from < limit, bytes[from].isQuote { from += 1 }
    while from < limit, bytes[from].isBlank || bytes[from] == 0x2C { from += 1 }
    if let next = continuation(at: from), next < limit { from = next }
    guard from < limit, !bytes[from].isLineEnd else { return (start, start) }
    let quote: UInt8 = bytes[from].isQuote ? bytes[from] : 0
    if quote != 0 { from += 1 }
    var to = from
    while to < limit, quote != 0 ? bytes[to] != quote && !bytes[to].isLineEnd : bytes[to] > 0x20 && !bytes[to].isQuote {
      to += 1
    }
    return (from, to)
  }

  /// What is assigned at an equals sign in a word that ends at `end`: the text in quotes right behind the sign, if one stands there.
  func assigned(_ equals: Int, _ end: Int) -> Range<Int> {
    guard equals + 1 == end, bytes.at(end).isQuote else { return unquoted(equals + 1..<max(end, equals + 1)) }
    let limit = min(bytes.count, end + Self.longestCommand)
    var close = end + 1
    while close < limit, bytes[close] != bytes[end], !bytes[close].isLineEnd { close += 1 }
    return end + 1..<max(close, end + 1)
  }

  private mutating func take(_ range: Range<Int>, _ form: OptionForm) {
    guard !range.isEmpty, !ValueShape.isPlaceholder(bytes, range) else { return }
    switch form {
    case .value, .glued:
      guard bytes[range.lowerBound] != 0x2D else { return }
      secretArgument(range)
    case .joined: secretArgument(range)
    case .pair: pair(range, mark: 0x3A)
    case .credential:
      if range.contains(where: { bytes[$0] == 0x3A }) {
        pair(range, mark: 0x3A)
      } else if looksChosen(range) {
        secretArgument(range)
      }
    case .lastPart:
      guard let colon = range.lastIndex(where: { bytes[$0] == 0x3A }) else { return }
      secretArgument(colon + 1..<range.upperBound)
    case .data:
      guard bytes.has("secret,", at: range.lowerBound), let data = bytes.first(",data=", in: range) else { return }
      let end = bytes.firstByte(0x2C, from: data + 6, to: range.upperBound) ?? range.upperBound
      secretArgument(data + 6..<end)
    case .percentPair: pair(range, mark: 0x25)
    case .commaPair: pair(range, mark: 0x2C)
    case .passArgument:
      guard bytes.has("pass:", at: range.lowerBound), range.count > 5 else { return }
      secretArgument(range.lowerBound + 5..<range.upperBound)
    case .userinfo:
      guard let at = range.lastIndex(where: { bytes[$0] == 0x40 }), bytes.first("://", in: range) == nil else { return }
      pair(range.lowerBound..<at, mark: 0x3A)
    case .cookies:
      var part = range.lowerBound
      while part < range.upperBound, let equals = (part..<range.upperBound).first(where: { bytes[$0] == 0x3D }) {
        let end = (equals..<range.upperBound).first { bytes[$0] == 0x3B } ?? range.upperBound
        secretArgument(equals + 1..<end)
        part = end + 1
      }
    case .literal:
      guard let equals = range.first(where: { bytes[$0] == 0x3D }) else { return }
      secretArgument(unquoted(equals + 1..<range.upperBound))
    }
  }

  private mutating func pair(_ range: Range<Int>, mark: UInt8) {
    guard let colon = range.first(where: { bytes[$0] == mark }), colon + 1 < range.upperBound,
      !bytes.has("://", at: colon)
    else { return }
    secretArgument(colon + 1..<range.upperBound)
  }

  /// Notes an argument that is secret by its place.
  mutating func secretArgument(_ range: Range<Int>) {
    guard !range.isEmpty, !ValueShape.isPlaceholder(bytes, range), !ValueShape.isReference(bytes, range) else { return }
    found(range, engine.builtin.command)
  }
}
