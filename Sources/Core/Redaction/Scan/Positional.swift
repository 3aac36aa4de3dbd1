extension TextScan {
  /// The first word of such a command was seen at `hit`.
  mutating func positional(at hit: Int, length: Int) {
    if hit > 0, bytes[hit - 1].isWord || bytes[hit - 1] == 0x2D || bytes[hit - 1] == 0x2E { return }
    guard
      bytes[hit + length - 1] == 0x20 || bytes.at(hit + length).isBlank || bytes.at(hit + length).isQuote
        || bytes.at(hit + length) == 0x2C
    else { return }
    let limit = min(bytes.count, hit + 1_024)
    var words: [Range<Int>] = []
    let mostWords = bytes.hasIgnoringCase("auth ", at: hit) ? 4 : 24
    var all = 0
    var index = hit
    // The elements of a list, or words; then a quote ends the text that holds the command.
    let isList = bytes.at(hit - 1).isQuote && bytes.at(hit + length).isQuote
    while index < limit, !bytes[index].isLineEnd, all < mostWords {
      let (from, to) = nextWord(index, limit)
      if from > index, bytes.at(from).isQuote, bytes.at(from - 1) == bytes[from] {  // ""
        index = from + 1
        continue
      }
      guard to > from else { break }
      if bytes[from] == 0x7C || bytes[from] == 0x3B || bytes.has("&&", at: from) { break }
      all += 1
      // The value of an option that stands between the words of a command: `rabbitmqctl -n rabbit@h add_user`.
      if let last = words.last, words.count == 1, bytes[from..<to].contains(0x40),
        bytes[last.upperBound..<from].contains(0x2D)
      {
        index = to
        continue
      }
      // An option with its value apart cannot be told from one without: only what begins with a dash is left out.
      if bytes[from] != 0x2D { words.append(from..<to) }
      if bytes[to - 1] == 0x3D, bytes.at(to).isQuote {  // NAME="x"
        index = assigned(to - 1, to).upperBound + 1
        continue
      }
      if !isList, bytes.at(to) == 0x22, !bytes.at(from - 1).isQuote { break }
      index = bytes.at(to).isQuote ? to + 1 : to
    }
    guard let form = Positional.forms.first(where: { matches($0, words) }) else { return }
    if form.words.count == 1, bytes.hasIgnoringCase("auth ", at: hit) {
      redisAuth(hit, words)
      return
    }
    take(form, words)
  }

  private func matches(_ form: Positional.Form, _ words: [Range<Int>]) -> Bool {
    guard words.count >= max(form.words.count, form.least), words.count > form.words.count || form.place < 0 else {
      return false
    }
    return zip(form.words, words).allSatisfy { word, range in
      "\(word)" == "*" || "\(word)" == "#" && ValueShape.isNumber(bytes, range)
        || word.utf8CodeUnitCount == range.count && bytes.hasIgnoringCase(word, at: range.lowerBound)
    }
  }

  private mutating func take(_ form: Positional.Form, _ words: [Range<Int>]) {
    switch form.place {
    case -1:
      // `htpasswd -D file bob` takes a user away.
      if bytes.first(" -D ", in: words[0].lowerBound..<words[words.count - 1].upperBound) != nil { return }
      if let last = words.last, words.count > form.words.count { argument(last) }
    case -2:
      for word in words.dropFirst(form.words.count) {
        if let equals = word.first(where: { bytes[$0] == 0x3D }) { argument(assigned(equals, word.upperBound)) }
      }
    case -5:  // vault write auth/approle/login role_id=x secret_id=y
      for word in words.dropFirst(3) {
        if let equals = word.first(where: { bytes[$0] == 0x3D }),
          looksChosen(equals + 1..<word.upperBound) || bytes.has("secret", at: word.lowerBound)
        {
          argument(equals + 1..<word.upperBound)
        }
      }
    case -3:  // ACL SETUSER alice on >password
      for word in words.dropFirst(3)
      where [0x3E, 0x3C, 0x23, 0x21].contains(bytes[word.lowerBound]) && word.count > 1 {
        argument(word.lowerBound + 1..<word.upperBound)
      }
    case -6:  // etcdctl put /db/password x: the word before the last one names it
      guard words.count > form.words.count + 1 else { return }
      let name = words[form.words.count]
      let tail = name.lastIndex { bytes[$0] == 0x2F || bytes[$0] == 0x3A }.map { $0 + 1 } ?? name.lowerBound
      let verdict = engine.verdict(bytes, tail..<name.upperBound)
      let value = words[form.words.count + 1]
      if verdict >= .plural || verdict == .likely && ValueShape.looksLikeCredential(bytes, value) { argument(value) }
      resume = max(resume, name.upperBound)
    case -7:  // HSET user:1 name bob password x: names and values in turn
      for (name, value) in zip(words.dropFirst(2), words.dropFirst(3)) where engine.verdict(bytes, name) >= .plural {
        argument(value)
      }
    case -8:  // poetry config http-basic.x bob x, poetry config pypi-token.x x
      if bytes.has("http-basic", at: words[2].lowerBound) || bytes.has("pypi-token", at: words[2].lowerBound),
        let last = words.last, words.count > 3
      {
        argument(last)
      }
    case -9:  // snmp-server user u g v3 auth sha x priv aes 128 y; createUser u SHA "x" AES "y"
      for (before, word) in zip(words.dropFirst(form.words.count), words.dropFirst(form.words.count + 1))
      where isAlgorithmName(before) && !isAlgorithmName(word) {
        argument(word)
      }
    case -4:  // stats auth user:password
      if let word = words.last, let colon = word.first(where: { bytes[$0] == 0x3A }), colon + 1 < word.upperBound {
        argument(colon + 1..<word.upperBound)
      }
    case -12:  // qpdf --encrypt user owner 256 -- a b
      for (index, word) in words.enumerated().dropFirst(3)
      where (["40", "128", "256"] as [StaticString]).contains(where: {
        $0.utf8CodeUnitCount == word.count && bytes.has($0, at: word.lowerBound)
      }) {
        guard bytes.first("--encrypt", in: words[0].upperBound..<word.lowerBound) != nil else { return }
        argument(words[index - 2])
        return argument(words[index - 1])
      }
    case -13:  // .logon host/bob,x of Teradata
      if let comma = bytes.firstByte(0x2C, from: words[1].lowerBound, to: words[1].upperBound) {
        argument(comma + 1..<words[1].upperBound)
      }
    case -14:  // psexec.py domain/bob:x@host
      for word in words.dropFirst() {
        guard let at = word.last(where: { bytes[$0] == 0x40 }),
          let colon = bytes.firstByte(0x3A, from: word.lowerBound, to: at)
        else { continue }
        return argument(colon + 1..<at)
      }
    case -11:  // mkpasswd -m sha-512 x
      if let last = words.last, words.count > 1, !isAlgorithmName(last) { argument(last) }
    case -10:  // community public x
      if words.count == 3 && !isPlainSentence(words[2]) || words.count > 2 && looksChosen(words[2])
        || words.count == 5 && bytes.has("authorization", at: words[3].lowerBound)
      {
        argument(words[2])
      }
    default:
      guard form.place < words.count else { return }
      if form.also > 0, form.also < words.count { argument(words[form.also]) }
      var word = words[form.place]
      // `net use \\srv\share /user:bob secret`, `net use z: \\srv\share secret`
      for next in words.dropFirst(form.place + 1) where bytes[word.lowerBound] == 0x2F || bytes[word.lowerBound] == 0x5C
      {
        word = next
      }
      if ValueShape.isPath(bytes, word), !ValueShape.looksLikeCredential(bytes, word) { return }
      argument(word)
    }
  }

  /// `sha`, `aes`, `128`: what SNMP signs or encrypts with.
  private func isAlgorithmName(_ range: Range<Int>) -> Bool {
    let names: [StaticString] = [
      "md5", "sha", "sha1", "sha224", "sha256", "sha384", "sha512", "sha-256", "sha-512", "des", "3des", "aes",
      "aes128",
      "aes192", "aes256", "128", "192", "256",
    ]
    return names.contains { $0.utf8CodeUnitCount == range.count && bytes.hasIgnoringCase($0, at: range.lowerBound) }
  }

  /// `enable secret rotation`: a word of a sentence about secrets.
  private func isTopic(_ range: Range<Int>) -> Bool {
    ["rotation", "encryption", "authentication", "validation", "injection", "generation", "management"].contains {
      (word: StaticString) in word.utf8CodeUnitCount == range.count && bytes.has(word, at: range.lowerBound)
    }
  }

  /// A word that says how something is, or one with more words behind it.
  private func isPlainSentence(_ range: Range<Int>) -> Bool {
    let endsLine =
      range.upperBound >= bytes.count || bytes[range.upperBound].isLineEnd || bytes[range.upperBound] == 0x22
    return !endsLine || range.count < 6 || saysHow(range)
  }

  private mutating func argument(_ range: Range<Int>) {
    var range = range
    if range.isEmpty { return }
    if range.count > 1, bytes[range.upperBound - 1] == 0x3B { range = range.lowerBound..<range.upperBound - 1 }
    guard bytes[range.lowerBound] != 0x2D, !isWordOfProse(range), !isTopic(range),
      !(range.count == 1 && bytes[range.lowerBound] == 0x2A)
    else { return }
    secretArgument(range)
  }

  /// `AUTH secret`, `AUTH user secret`: commands of Redis, in capitals at the front of a line or after the tool's name.
  private mutating func redisAuth(_ hit: Int, _ words: [Range<Int>]) {
    guard bytes.has("AUTH ", at: hit), var last = words.last else { return }
    // `redis: AUTH x failed: WRONGPASS`
    if words.count > 2, bytes.has("failed", at: words[2].lowerBound), looksChosen(words[1]) {
      last = words[1]
    } else if words.count > 3 {
      // `MIGRATE h 6379 "" 0 5000 AUTH x KEYS a`
      let line = bytes.lineStart(of: hit, reach: 128)
      guard bytes.first("MIGRATE ", in: line..<hit) != nil else { return }
      return argument(words[1])
    }
    // `Unable to AUTH to MASTER`
    if words.count > 1, words[1].count == 2, bytes.has("to", at: words[1].lowerBound) { return }
    var before = hit
    while bytes.at(before - 1).isBlank || bytes.at(before - 1).isQuote { before -= 1 }
    guard
      before == 0 || bytes[before - 1].isLineEnd || bytes[before - 1] == 0x5D || bytes[before - 1] == 0x3E
        || bytes[before - 1].isAlphanumeric || bytes[before - 1] == 0x3A || bytes[before - 1] == 0x2C
        || isLineStart(hit)
    else { return }
    if words.count == 2, !looksChosen(last), last.count < 10 || last.allSatisfy({ !bytes[$0].isLower }) { return }
    argument(last)
  }

  /// `echo "x" | sudo -S`, `echo x | docker login --password-stdin`, `echo u:x | chpasswd`, `sudo -S <<< "x"`.
  mutating func pipe(at hit: Int, length: Int) {
    if bytes.has("<<<", at: hit) {
      let line = bytes.lineStart(of: hit, reach: 256)
      let takesSecret =
        ["sudo -S", "-stdin", "pass", "crypt", "login", "kinit", "pdbedit", "token", "secret", "realm join", "auth"]
        as [StaticString]
      guard takesSecret.contains(where: { bytes.first($0, in: line..<hit) != nil }) || readsSecret(line..<hit) else {
        return
      }
      var (from, to) = nextWord(hit + 3, min(bytes.count, hit + 1_024))
      if bytes.first("chpasswd", in: line..<hit) != nil, let colon = (from..<to).first(where: { bytes[$0] == 0x3A }) {
        from = colon + 1
      }
      to = max(from, to)
      argument(from..<to)
      return
    }
    if bytes.has("<(", at: hit) { return substitutedFile(at: hit, length: length) }
    if bytes.hasIgnoringCase("chpasswd", at: hit), userLines(after: hit + length) { return }
    let line = bytes.lineStart(of: hit, reach: 512)
    guard let bar = bytes[line..<min(bytes.count, hit + 2)].lastIndex(of: 0x7C),
      let echo = bytes.first("echo ", in: line..<bar) ?? bytes.first("printf ", in: line..<bar)
    else { return tracedEcho(beside: line, hit) }
    var index = echo + 5
    if bytes.has("printf ", at: echo) { index += 2 }
    while bytes.at(index) == 0x2D {  // echo -n
      while index < bar, bytes[index] > 0x20 { index += 1 }
      while index < bar, bytes[index].isBlank { index += 1 }
    }
    var (from, to) = nextWord(index, bar)
    if bytes.has("printf ", at: echo), bytes.first("%s", in: from..<max(from, to)) != nil {
      (from, to) = nextWord(bytes.at(to).isQuote ? to + 1 : to, bar)  // the format stands first
    }
    guard to > from, bytes.first("$(", in: from..<to) == nil else { return }
    var range = from..<to
    if bytes.has("chpasswd", at: hit) {
      guard let colon = range.first(where: { bytes[$0] == 0x3A }), colon + 1 < to else { return }
      range = colon + 1..<to
    }
    // What is encoded or hashed may be anything.
    if bytes.has("| base64", at: hit) || bytes.first("sum", in: hit..<hit + length) != nil, !looksChosen(range) {
      return
    }
    argument(range)
  }

  /// `+ echo x` above or below `+ docker login --password-stdin`: a shell traces both ends of a pipe.
  private mutating func tracedEcho(beside line: Int, _ hit: Int) {
    let start = afterLogPrefix(line)
    guard bytes.at(start) == 0x2B else { return }
    let above = line > 1 ? afterLogPrefix(bytes.lineStart(of: line - 1, reach: 512)) : start
    for place in [above, nextLine(after: hit)?.lowerBound ?? start] {
      var command = place
      while bytes.at(command) == 0x2B { command += 1 }
      guard command > place, bytes.has(" echo ", at: command), let word = valueWord(at: command + 6), word.endsLine,
        looksChosen(word.range)
      else { continue }
      argument(word.range)
    }
  }

  /// `--password-file=<(echo x)`: what the command writes, where the word before says that it is secret.
  private mutating func substitutedFile(at hit: Int, length: Int) {
    let before = max(bytes.lineStart(of: hit, reach: 64), hit - 48)..<hit
    let says: [StaticString] = ["pass", "secret", "token", "key"]
    let isSaid = says.contains { bytes.first($0, in: before) != nil }
    let limit = bytes.lineEnd(from: hit, limit: min(bytes.count, hit + 512))
    var (from, to) = nextWord(hit + length, limit)
    while from < to, bytes[from] == 0x2D || bytes[from] == 0x25 {
      (from, to) = nextWord(bytes.at(to).isQuote ? to + 1 : to, limit)
    }
    if let close = (from..<max(from, to)).first(where: { bytes[$0] == 0x29 }) { to = close }
    let range = from..<max(from, to)
    if isSaid || !range.isEmpty && looksChosen(range) { argument(range) }
  }

  /// `chpasswd <<EOF`, `chpasswd:` with its list: lines of `user:x` up to the first that is none. True if a list begins here.
  private mutating func userLines(after start: Int) -> Bool {
    var line = bytes.lineEnd(from: start, limit: min(bytes.count, start + 64))
    guard bytes.has(":", at: start) || bytes.first("<<", in: start..<line) != nil, bytes.at(line).isLineEnd else {
      return false
    }
    for number in 0..<64 {
      guard let next = nextLine(after: line) else { break }
      line = next.lowerBound
      var text = line
      while text < next.upperBound, bytes[text].isBlank || bytes[text] == 0x2D { text += 1 }
      var user = text
      while user < next.upperBound, bytes[user].isWord || bytes[user] == 0x2D || bytes[user] == 0x2E { user += 1 }
      guard user > text, bytes.at(user) == 0x3A else { break }
      // `list: |` and `expire: false` of cloud-init.
      if bytes.at(user + 1).isBlank || user + 1 >= next.upperBound {
        if number < 3 { continue } else { break }
      }
      var end = user + 1
      while end < next.upperBound, bytes[end] > 0x20, !bytes[end].isQuote { end += 1 }
      argument(user + 1..<end)
    }
    return true
  }

  /// `read -r PASSWORD <<<`: the name of a variable that says so.
  private func readsSecret(_ line: Range<Int>) -> Bool {
    var end = line.upperBound
    while end > line.lowerBound, bytes[end - 1].isBlank { end -= 1 }
    var name = end
    while name > line.lowerBound, bytes[name - 1].isKey { name -= 1 }
    return bytes.first("read ", in: line) != nil && engine.verdict(bytes, name..<end) >= .plural
  }
}
