/// Passwords in SQL and in the commands of database shells.
extension TextScan {
  private static let longestText = 1_024

  /// Where a text in quotes ends that opens at `start`; with SQL's doubled quotes and with backslashes.
  private func textEnd(_ start: Int) -> Int? {
    let quote = bytes.at(start)
    guard quote == 0x27 || quote == 0x22 else { return nil }
    var end = start + 1
    let limit = min(bytes.count, start + Self.longestText)
    while end < limit, !bytes[end].isLineEnd {
      if bytes[end] == quote {
        if bytes.at(end + 1) != quote { return end }
        end += 1
      } else if bytes[end] == 0x5C {
        end += 1
      }
      end += 1
    }
    return min(end, limit)
  }

  /// Masks the text, or the bare word, at `start`. Returns where it ends.
  private mutating func text(at start: Int, allowsBare: Bool) -> Int {
    var from = start
    if bytes.at(from) | 0x20 == 0x6E, bytes.at(from + 1) == 0x27 { from += 1 }  // N'x'
    var to: Int
    if let end = textEnd(from) {
      from += 1
      to = end
    } else if allowsBare, bytes.at(from) > 0x20, bytes[from] != 0x3B {
      to = from
      while to < bytes.count, to - from < Self.longestText, bytes[to] > 0x20, bytes[to] != 0x3B, bytes[to] != 0x29 {
        to += 1
      }
    } else {
      return start
    }
    guard to > from, !ValueShape.isPlaceholder(bytes, from..<to), !ValueShape.isReference(bytes, from..<to) else {
      return start
    }
    found(from..<to, engine.builtin.sql)
    resume = max(resume, to)
    return to
  }

  private func afterBlanks(_ start: Int) -> Int {
    var index = start
    while bytes.at(index).isSpace || bytes.at(index) == 0x28 { index += 1 }
    return index
  }

  /// `IDENTIFIED BY 'x'`, `IDENTIFIED WITH plugin BY 'x'`, `IDENTIFIED BY PASSWORD 'x'`, `… REPLACE 'old'`.
  mutating func identified(at hit: Int, length: Int) {
    var index = afterBlanks(hit + length)
    guard index > hit + length else { return }
    let hasPlugin = bytes.hasIgnoringCase("with", at: index)
    if hasPlugin {
      index = afterBlanks(index + 4)
      while bytes.at(index).isWord || bytes.at(index).isQuote { index += 1 }
      index = afterBlanks(index)
    }
    guard bytes.hasIgnoringCase("by", at: index) || hasPlugin && bytes.hasIgnoringCase("as", at: index) else { return }
    index = afterBlanks(index + 2)
    for word in ["password", "values"] as [StaticString] where bytes.hasIgnoringCase(word, at: index) {
      index = afterBlanks(index + word.utf8CodeUnitCount)
      // `near 'IDENTIFIED BY PASSWORD' at line 1`: the quote ends what an error cites.
      if bytes.at(index - 1).isLetter, bytes.at(index).isQuote { return }
    }
    // `problems identified by valgrind` is no statement.
    let isStatement = bytes[hit] == 0x49 || bytes.hasUser(before: hit)
    var end = text(at: index, allowsBare: isStatement && bytes.at(index) != 0x60)
    if bytes.at(end).isQuote { end += 1 }
    end = afterBlanks(end)
    if bytes.hasIgnoringCase("replace ", at: end) { _ = text(at: afterBlanks(end + 8), allowsBare: true) }
  }

  /// `WITH PASSWORD 'x'`, `PASSWORD('x')`, `SET PASSWORD FOR u = 'x'`, `OPTIONS (password 'x')`.
  mutating func passwordClause(at hit: Int, length: Int) {
    // On the same line: a name may end in `password` there, and the next one begin with a quote.
    var index = hit + length
    while bytes.at(index).isBlank || bytes.at(index) == 0x28 { index += 1 }
    guard index > hit + length else { return }
    if bytes.hasIgnoringCase("for ", at: index) {  // SET PASSWORD FOR 'u'@'h' = 'x'
      let limit = min(bytes.count, index + 160)
      var place = index
      while place < limit, bytes[place] != 0x3D, !bytes[place].isLineEnd, bytes[place] != 0x3B { place += 1 }
      if place < limit, bytes[place] == 0x3D, bytes.at(hit - 4) | 0x20 == 0x73 {
        _ = text(at: afterBlanks(place + 1), allowsBare: false)
      }
      return
    }
    guard
      bytes.at(index) == 0x27 || bytes.at(index) == 0x22 && bytes.at(index - 1) == 0x28
        || bytes.hasIgnoringCase("n'", at: index)
    else { return }
    // `password 'x'` of a sentence is read by `prose`, which knows names of objects.
    guard bytes.at(hit - 1) != 0x27 else { return }
    _ = text(at: index, allowsBare: false)
  }

  /// `INSERT INTO users (name, password) VALUES ('bob', 'x'), (…)`: the column's place in each row.
  mutating func insert(at hit: Int, length: Int) {
    let limit = min(bytes.count, hit + 4_096)
    guard let open = (hit..<min(limit, hit + 160)).first(where: { bytes[$0] == 0x28 }) else { return }
    var columns: [KeyVerdict] = []
    var index = open + 1
    while index < limit, bytes[index] != 0x29, columns.count < 64 {
      while index < limit, !bytes[index].isKey, bytes[index] != 0x29 { index += 1 }
      let name = index
      while index < limit, bytes[index].isKey { index += 1 }
      if index > name { columns.append(engine.verdict(bytes, name..<index)) }
      while index < limit, bytes[index] != 0x2C, bytes[index] != 0x29 { index += 1 }
      if index < limit, bytes[index] == 0x2C { index += 1 }
    }
    guard columns.contains(where: { $0 >= .likely }),
      let values = firstIgnoringCase("values", index..<min(limit, index + 64))
    else { return }
    index = values + 6
    for _ in 0..<64 {
      index = afterBlanks(index)
      guard index < limit, bytes[index - 1] == 0x28 else { return }
      var column = 0
      while index < limit, bytes[index] != 0x29 {
        let verdict = column < columns.count ? columns[column] : .none
        if let end = textEnd(index) {
          let isMade = verdict >= .likely && ValueShape.looksLikeCredential(bytes, index + 1..<end)
          if verdict >= .plural || isMade { _ = text(at: index, allowsBare: false) }
          index = end + 1
        } else {
          let start = index
          while index < limit, bytes[index] != 0x2C, bytes[index] != 0x29, !bytes[index].isLineEnd, bytes[index] != 0x28
          { index += 1 }
          if index < limit, bytes[index] == 0x28 {  // a call: its texts are the column's
            while index < limit, bytes[index] != 0x29, !bytes[index].isLineEnd {
              if verdict >= .plural, let end = textEnd(index) {
                _ = text(at: index, allowsBare: false)
                index = end
              }
              index += 1
            }
            index += 1
          }
          if index == start { index += 1 }
        }
        while index < limit, bytes[index] != 0x2C, bytes[index] != 0x29, !bytes[index].isLineEnd { index += 1 }
        guard index < limit, !bytes[index].isLineEnd else { return }
        if bytes[index] == 0x2C {
          index += 1
          column += 1
          while bytes.at(index).isSpace { index += 1 }
        }
      }
      index += 1
      while bytes.at(index).isSpace { index += 1 }
      guard bytes.at(index) == 0x2C else { return }
      index += 1
    }
  }

  private func firstIgnoringCase(_ word: StaticString, _ range: Range<Int>) -> Int? {
    range.first { bytes.hasIgnoringCase(word, at: $0) }
  }

  /// `PRAGMA key = 'x'`, `ATTACH … KEY 'x'`, `crypt('x', …)`, `pgp_sym_encrypt(data, 'x')`, `SECRET 'x'`, `sp_addlogin 'u', 'x'`.
  mutating func keyClause(at hit: Int, length: Int) {
    if bytes.hasIgnoringCase("sp_", at: hit) {
      var index = hit + length
      let end = bytes.lineEnd(from: hit, limit: min(bytes.count, hit + 512))
      let isLogin = bytes.hasIgnoringCase("sp_addlogin", at: hit) || bytes.hasIgnoringCase("sp_setapprole", at: hit)
      let isLinked = bytes.hasIgnoringCase("sp_addlinkedsrvlogin", at: hit)
      var last: Int?
      var texts = 0
      // Another quote closes the text that the statement stands in.
      var mark: UInt8 = 0
      while index < end {
        if let close = textEnd(index) {
          guard mark == 0 || bytes[index] == mark else { break }
          mark = bytes[index]
          texts += 1
          if isLinked {
            last = index
          } else if !isLogin || texts == 2 {
            _ = text(at: index, allowsBare: false)
          }
          index = close
        }
        index += 1
      }
      if let last { _ = text(at: last, allowsBare: false) }
      return
    }
    if bytes.hasIgnoringCase("_encrypt(", at: hit) || bytes.hasIgnoringCase("_decrypt(", at: hit)
      || bytes.hasIgnoringCase("hmac(", at: hit)
    {
      // The key is the second argument.
      var index = hit + length
      let limit = min(bytes.count, hit + 512)
      if let end = textEnd(index) { index = end + 1 }
      while index < limit, bytes[index] != 0x2C, bytes[index] != 0x29, !bytes[index].isLineEnd { index += 1 }
      guard index < limit, bytes[index] == 0x2C else { return }
      _ = text(at: afterBlanks(index + 1), allowsBare: false)
      return
    }
    // `encrypt('data', …)` was read before.
    if bytes.hasIgnoringCase("crypt('", at: hit), hit > 0, bytes[hit - 1].isWord { return }
    // KEY and SECRET are words of sentences and columns, too.
    if bytes.hasIgnoringCase(" key '", at: hit), !bytes.hasAttach(before: hit) { return }
    if bytes.hasIgnoringCase(" secret '", at: hit), !bytes.has("SECRET '", at: hit + 1) { return }
    if bytes.hasIgnoringCase(" hash '", at: hit), !bytes.hasUser(before: hit) { return }
    var index = hit + length
    if bytes[hit + length - 1] == 0x27 { index -= 1 } else { index = afterBlanks(index) }
    if bytes.at(index) == 0x3D { index = afterBlanks(index + 1) }
    _ = text(at: index, allowsBare: false)
  }

  /// Oracle: `connect scott/x@orcl`, `sqlplus scott/x@//host`, `jdbc:oracle:thin:u/x@host`, `u/x@host:1521/svc`.
  mutating func oracle(at hit: Int, length: Int) {
    var word = hit
    if bytes.hasIgnoringCase("conn", at: hit) {
      guard hit == 0 || !bytes[hit - 1].isWord else { return }
      word = afterBlanks(hit + length)
      if bytes.hasIgnoringCase("to ", at: word) { return connection(hit, from: word + 3) }
    } else {
      while word > 0, hit - word < 256, bytes[word - 1] > 0x20, !bytes[word - 1].isQuote { word -= 1 }
      while word < hit, bytes[word] == 0x5B || bytes[word] == 0x28 { word += 1 }
      // A key and its value, or the scheme of JDBC, may stand before the user.
      if let equals = (word..<hit).first(where: { bytes[$0] == 0x3D }) { word = equals + 1 }
      if let thin = bytes.first(":thin:", in: word..<min(bytes.count, hit + 6)) { word = thin + 6 }
    }
    oracleLogin(at: word)
  }

  /// `connect to shop user bob using x` of Db2.
  private mutating func connection(_ hit: Int, from start: Int) {
    let limit = min(bytes.count, start + 256)
    let database = nextWord(start, limit)
    let user = nextWord(database.1, limit)
    guard user.1 - user.0 == 4, bytes.hasIgnoringCase("user", at: user.0) else { return }
    let using = nextWord(nextWord(user.1, limit).1, limit)
    guard using.1 - using.0 == 5, bytes.hasIgnoringCase("using", at: using.0) else { return }
    let (from, to) = nextWord(using.1, limit)
    // `connect to host user agent using proxy` says nothing of a database.
    if looksChosen(from..<to) || bytes.first("db2", in: max(0, hit - 16)..<hit) != nil { secretArgument(from..<to) }
  }

  /// `sqlplus -s u/x@orcl @script`, `rman target u/x@db`: the first of the words that has the form.
  mutating func oracleTool(at hit: Int, length: Int) {
    var index = hit + length
    let limit = min(bytes.count, hit + 256)
    if bytes.at(index - 1) == 0x3D { return oracleLogin(at: index) }  // userid=u/x@db
    // `exp u/x file=x.dmp`, `imp u/x@db full=y`: these words stand in sentences, too.
    if bytes.at(index - 1) == 0x20, bytes.at(hit + 2) == 0x70 {
      let (from, to) = nextWord(index, limit)
      if bytes.first("=", in: to..<min(limit, to + 16)) != nil { oracleLogin(at: from) }
      return
    }
    if bytes.at(index - 1) != 0x20 {
      while bytes.at(index).isLetter { index += 1 }
    }
    for _ in 0..<5 {
      let (from, to) = nextWord(index, limit)
      guard to > from else { return }
      if bytes[from].isLetter, bytes[from..<to].contains(0x2F) {
        let equals = bytes.firstByte(0x3D, from: from, to: to)
        if equals == nil || ["target", "auxiliary", "catalog"].contains(where: { bytes.hasIgnoringCase($0, at: from) })
        {
          return oracleLogin(at: equals.map { $0 + 1 } ?? from, isCertain: true)
        }
      }
      index = to
    }
  }

  /// `scott/x@ORCL`: a user, a secret that looks chosen, and the name of a service in capitals alone.
  mutating func oracleAddress(at sign: Int) {
    guard bytes.at(sign + 1).isUpper else { return }
    var end = sign + 1
    while bytes.at(end).isUpper || bytes.at(end).isDigit || bytes.at(end) == 0x5F { end += 1 }
    guard end - sign >= 3, !bytes.at(end).isWord, bytes.at(end) != 0x2E, bytes.at(end) != 0x2D else { return }
    var start = sign
    var slash = -1
    while start > 0, sign - start < 96, bytes[start - 1] > 0x20, !bytes[start - 1].isQuote, bytes[start - 1] != 0x3D {
      start -= 1
      if bytes[start] == 0x2F {
        guard slash < 0 else { return }
        slash = start
      }
    }
    guard slash > start, (start..<slash).allSatisfy({ bytes[$0].isWord }), looksChosen(slash + 1..<sign) else { return }
    oracleLogin(at: start)
  }

  /// `user/secret` or `user/secret@place` at the front of a word.
  mutating func oracleLogin(at start: Int, isCertain: Bool = false) {
    var user = start
    while user < bytes.count, user - start < 64, bytes[user].isWord || bytes[user] == 0x24 || bytes[user] == 0x23 {
      user += 1
    }
    guard user > start, bytes.at(user) == 0x2F, bytes.at(user + 1) != 0x2F, bytes.at(user + 1) > 0x20 else { return }
    var secret = user + 1
    // u/"x"@db: what holds a special character stands in quotes.
    if bytes.at(secret) == 0x22 {
      secret += 1
      guard let close = bytes.firstByte(0x22, from: secret, to: min(bytes.count, secret + 128)),
        bytes.at(close + 1) == 0x40, !ValueShape.isPlaceholder(bytes, secret..<close)
      else { return }
      found(secret..<close, engine.builtin.dsn)
      resume = max(resume, close)
      return
    }
    var end = secret
    var at = -1
    while end < bytes.count, end - secret < 512, bytes[end] > 0x20, !bytes[end].isQuote, bytes[end] != 0x3B {
      // The last @ before something that is a host, a name of a service, or a description.
      if bytes[end] == 0x40,
        bytes.at(end + 1).isLetter || bytes.at(end + 1).isDigit || bytes.at(end + 1) == 0x2F
          || bytes.at(end + 1) == 0x28
      {
        at = end
      }
      if bytes[end] == 0x28, at >= 0 { break }
      end += 1
    }
    let range = secret..<(at > secret ? at : end)
    guard !range.isEmpty, !ValueShape.isPlaceholder(bytes, range),
      at > secret || isCertain || looksChosen(range) || range.count >= 8
    else { return }
    found(range, engine.builtin.dsn)
    resume = max(resume, range.upperBound)
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// True if `ATTACH` stands within the 128 bytes before a place.
  fileprivate func hasAttach(before index: Int) -> Bool {
    (Swift.max(0, index - 128)..<index).contains { hasIgnoringCase("attach", at: $0) }
  }

  /// True if `USER` stands within the 96 bytes before a place.
  fileprivate func hasUser(before index: Int) -> Bool {
    (Swift.max(0, index - 96)..<index).contains { hasIgnoringCase("user ", at: $0) }
  }
}
