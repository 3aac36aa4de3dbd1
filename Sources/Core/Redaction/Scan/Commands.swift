/// Passwords in the arguments of well-known tools, where the option's name does not say what it is.
extension TextScan {
  /// How an option carries its secret.
  private enum Form {
    /// `-p secret` or `-psecret`.
    case value
    /// `-psecret` alone: with a blank, the option asks.
    case joined
    /// `-u user:secret`.
    case pair
    /// `-U user%secret`.
    case percentPair
    /// `-passin pass:secret`.
    case passArgument
  }

  /// A tool's options that take a secret.
  private struct Tool {
    var name: StaticString
    var options: [(StaticString, Form)]
  }

  private static let tools: [Tool] = [
    Tool(name: "curl", options: [("-u", .pair), ("--user", .pair), ("-U", .pair), ("--proxy-user", .pair), ("--pass", .value), ("-b", .pair)]),
    Tool(name: "wget", options: [("--user", .pair)]),
    Tool(name: "mysql", options: [("-p", .joined)]),
    Tool(name: "mariadb", options: [("-p", .joined)]),
    Tool(name: "sshpass", options: [("-p", .value)]),
    Tool(name: "redis-cli", options: [("-a", .value), ("--pass", .value)]),
    Tool(name: "valkey-cli", options: [("-a", .value), ("--pass", .value)]),
    Tool(name: "mongo", options: [("-p", .value)]),
    Tool(name: "docker", options: [("-p", .value)]),
    Tool(name: "podman", options: [("-p", .value), ("--creds", .pair)]),
    Tool(name: "buildah", options: [("-p", .value), ("--creds", .pair)]),
    Tool(name: "nerdctl", options: [("-p", .value)]),
    Tool(name: "crictl", options: [("--creds", .pair)]),
    Tool(name: "skopeo", options: [("-p", .value), ("--creds", .pair), ("--src-creds", .pair), ("--dest-creds", .pair)]),
    Tool(name: "ldap", options: [("-w", .value)]),
    Tool(name: "sqlcmd", options: [("-P", .value)]),
    Tool(name: "bcp ", options: [("-P", .value)]),
    Tool(name: "isql", options: [("-P", .value)]),
    Tool(name: "smbclient", options: [("-U", .percentPair)]),
    Tool(name: "mosquitto", options: [("-P", .value)]),
    Tool(name: "cqlsh", options: [("-p", .value)]),
    Tool(name: "clickhouse", options: [("--password", .value)]),
    Tool(name: "unzip", options: [("-P", .value)]),
    Tool(name: "zip ", options: [("-P", .value)]),
    Tool(name: "7z ", options: [("-p", .joined)]),
    Tool(name: "openssl", options: [("-k", .value), ("-passin", .passArgument), ("-passout", .passArgument), ("-pass", .passArgument), ("-K", .value)]),
    Tool(name: "snmp", options: [("-A", .value), ("-X", .value), ("-c", .value)]),
    Tool(name: "etcdctl", options: [("--user", .pair)]),
    Tool(name: "http", options: [("-a", .pair), ("--auth", .pair)]),
    Tool(name: "ipmitool", options: [("-P", .value)]),
  ]

  /// The name of a tool was seen at `hit`.
  mutating func command(at hit: Int, length: Int) {
    if hit > 0, bytes[hit - 1].isWord || bytes[hit - 1] == 0x2D || bytes[hit - 1] == 0x2E { return }
    guard let tool = Self.tools.first(where: { $0.name.utf8CodeUnitCount == length && bytes.hasIgnoringCase($0.name, at: hit) }) else {
      positional(at: hit)
      return
    }
    // `mysqldump`, `ldapsearch`, `mongosh` are the same tools; `httpd`, `curly` are not.
    var index = hit + length
    while index < bytes.count, bytes[index].isWord || bytes[index] == 0x2D || bytes[index] == 0x2E { index += 1 }
    if bytes.has("http", at: hit), length == 4, index != hit + 4, !(bytes.at(hit + 4) == 0x73 && index == hit + 5) { return }
    if bytes.at(index).isQuote { index += 1 }
    guard bytes.at(index).isBlank || bytes.at(index) == 0x2C else { return }
    if length == 6, bytes.has("docker", at: hit) || bytes.has("podman", at: hit), bytes.first("login", in: index..<min(bytes.count, index + 64)) == nil { return }
    if bytes.has("docker", at: hit), bytes.first(" run ", in: index - 1..<min(bytes.count, index + 16)) != nil { return }
    options(of: tool, from: index)
  }

  /// Goes over the words of a command line up to its end: a line end, `|`, `;`, `&&`.
  private mutating func options(of tool: Tool, from start: Int) {
    var index = start
    let limit = min(bytes.count, start + 4_096)
    while index < limit, !bytes[index].isLineEnd {
      while index < limit, bytes[index].isBlank || bytes[index] == 0x2C || bytes[index].isQuote || bytes[index] == 0x5B { index += 1 }
      let word = index
      guard word < limit, !bytes[word].isLineEnd else { return }
      if bytes[word] == 0x7C || bytes[word] == 0x3B || bytes.has("&&", at: word) || bytes[word] == 0x29 { return }
      let quote = bytes.at(word - 1).isQuote ? bytes[word - 1] : 0
      while index < limit, bytes[index] > 0x20, bytes[index] != quote || quote == 0 {
        if quote == 0, bytes[index].isQuote {  // -p'my secret'
          let inner = bytes[index]
          index += 1
          while index < limit, bytes[index] != inner, !bytes[index].isLineEnd { index += 1 }
        }
        index += 1
      }
      // A control character, such as the escape of a colour, is no word: without a step over it this would never end.
      index = min(max(index, word + 1), limit)
      guard bytes[word] == 0x2D, index > word + 1 else { continue }
      for (name, form) in tool.options where bytes.has(name, at: word) {
        let after = word + name.utf8CodeUnitCount
        if after == index {
          guard form != .joined else { break }
          let (from, to) = nextWord(index, limit)
          option(from..<to, form)
          index = max(index, to)
          break
        }
        if bytes[after] == 0x3D {
          option(unquoted(after + 1..<index), form)
          break
        }
        if name.utf8CodeUnitCount == 2, form == .joined || form == .value && !bytes[after].isLetter || form == .pair {
          option(unquoted(after..<index), form)
          break
        }
      }
    }
  }

  private func unquoted(_ range: Range<Int>) -> Range<Int> {
    guard range.count >= 2, bytes[range.lowerBound].isQuote, bytes[range.upperBound - 1] == bytes[range.lowerBound] else {
      return range
    }
    return range.lowerBound + 1..<range.upperBound - 1
  }

  /// The next word, which may be quoted, or the next element of a list.
  private func nextWord(_ start: Int, _ limit: Int) -> (Int, Int) {
    var from = start
    if from < limit, bytes[from].isQuote { from += 1 }
    while from < limit, bytes[from].isBlank || bytes[from] == 0x2C { from += 1 }
    guard from < limit, !bytes[from].isLineEnd else { return (start, start) }
    let quote: UInt8 = bytes[from].isQuote ? bytes[from] : 0
    if quote != 0 { from += 1 }
    var to = from
    while to < limit, quote != 0 ? bytes[to] != quote && !bytes[to].isLineEnd : bytes[to] > 0x20 && !bytes[to].isQuote { to += 1 }
    return (from, to)
  }

  private mutating func option(_ range: Range<Int>, _ form: Form) {
    guard !range.isEmpty, !ValueShape.isPlaceholder(bytes, range) else { return }
    switch form {
    case .value:
      guard bytes[range.lowerBound] != 0x2D else { return }
      found(range, engine.builtin.command)
    case .joined: found(range, engine.builtin.command)
    case .pair, .percentPair:
      let mark: UInt8 = form == .pair ? 0x3A : 0x25
      guard let colon = range.first(where: { bytes[$0] == mark }), colon + 1 < range.upperBound else { return }
      let secret = colon + 1..<range.upperBound
      if bytes.has("://", at: colon) || ValueShape.isPlaceholder(bytes, secret) { return }
      found(secret, engine.builtin.command)
    case .passArgument:
      guard bytes.has("pass:", at: range.lowerBound), range.count > 5 else { return }
      found(range.lowerBound + 5..<range.upperBound, engine.builtin.command)
    }
  }

  /// Tools that take the secret by its place: `vault login TOKEN`, `rabbitmqctl add_user u p`, `htpasswd -b f u p`.
  private mutating func positional(at hit: Int) {
    var index = hit
    let limit = min(bytes.count, hit + 1_024)
    var words: [Range<Int>] = []
    while index < limit, !bytes[index].isLineEnd, words.count < 12 {
      let (from, to) = nextWord(index, limit)
      guard to > from else { break }
      if bytes[from] == 0x7C || bytes[from] == 0x3B { break }
      words.append(from..<to)
      index = bytes.at(to).isQuote ? to + 1 : to
    }
    func isWord(_ place: Int, _ text: StaticString) -> Bool {
      place < words.count && words[place].count == text.utf8CodeUnitCount && bytes.has(text, at: words[place].lowerBound)
    }
    var secret: Int?
    if isWord(0, "vault"), isWord(1, "login"), words.count == 3 { secret = 2 }
    if isWord(0, "rabbitmqctl") {
      for (place, _) in words.enumerated() where isWord(place, "add_user") || isWord(place, "change_password") || isWord(place, "authenticate_user") {
        secret = place + 2
      }
    }
    if isWord(0, "htpasswd"), words.count >= 4, let flags = words.indices.first(where: { bytes[words[$0].lowerBound] == 0x2D && words[$0].contains { bytes[$0] == 0x62 } }) {
      secret = words.count - 1 > flags + 1 ? words.count - 1 : nil
    }
    if isWord(0, "mc"), isWord(1, "alias"), isWord(2, "set") { secret = 6 }
    if let secret, secret < words.count, !ValueShape.isPlaceholder(bytes, words[secret]), bytes[words[secret].lowerBound] != 0x2D {
      found(words[secret], engine.builtin.command)
    }
  }

  /// `IDENTIFIED BY 'x'`, `WITH PASSWORD 'x'`, `PASSWORD('x')`, `SET PASSWORD = 'x'`.
  mutating func sqlPassword(at hit: Int, length: Int) {
    var index = hit + length
    guard bytes.at(index).isSpace || bytes.at(index) == 0x28 else { return }
    func skipBlanks() {
      while bytes.at(index).isSpace || bytes.at(index) == 0x28 { index += 1 }
    }
    skipBlanks()
    let identified = length == 10
    if identified {
      if bytes.hasIgnoringCase("with", at: index) {
        index += 4
        skipBlanks()
        while bytes.at(index).isWord || bytes.at(index).isQuote { index += 1 }
        skipBlanks()
      }
      guard bytes.hasIgnoringCase("by", at: index) || bytes.hasIgnoringCase("as", at: index) else { return }
      index += 2
      skipBlanks()
      if bytes.hasIgnoringCase("password", at: index) {
        index += 8
        skipBlanks()
      }
      if bytes.hasIgnoringCase("values", at: index) {
        index += 6
        skipBlanks()
      }
    }
    let quote = bytes.at(index)
    var end = index + 1
    let limit = min(bytes.count, index + 1_024)
    if quote == 0x27 || quote == 0x22 {
      while end < limit, !bytes[end].isLineEnd {
        if bytes[end] == quote {
          if bytes.at(end + 1) != quote { break }
          end += 1
        } else if bytes[end] == 0x5C {
          end += 1
        }
        end += 1
      }
      end = min(end, limit)
      index += 1
    } else if identified, quote > 0x20, quote != 0x3B {
      while end < limit, bytes[end] > 0x20, bytes[end] != 0x3B, bytes[end] != 0x29 { end += 1 }
    } else {
      return
    }
    guard end > index, !ValueShape.isPlaceholder(bytes, index..<end) else { return }
    found(index..<end, engine.builtin.sql)
    resume = max(resume, end)
  }
}
