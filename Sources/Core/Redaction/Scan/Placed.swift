/// Secrets that stand right behind a literal, or in a place that a literal gives away.
extension TextScan {
  /// `bob:x:1000:1000::/home/bob:/bin/bash`: the second field of a line of `/etc/passwd`, which holds `x` today.
  mutating func passwordLine(at hit: Int) {
    var start = hit
    while start > 0, hit - start < 256, bytes[start - 1] > 0x20, !bytes[start - 1].isQuote { start -= 1 }
    let colons = (start..<hit).filter { bytes[$0] == 0x3A }
    guard colons.count == 5, colons[1] - colons[0] > 3 else { return }
    secretArgument(colons[0] + 1..<colons[1])
  }

  /// A literal right behind which a secret stands: `::add-mask::x`, `: EAP "x"`, `"AUTH" "user" "x"`, `login attempt [root/x]`.
  mutating func placed(at hit: Int, length: Int) throws(RedactionError) {
    let from = hit + length
    let end = bytes.lineEnd(from: from, limit: min(bytes.count, from + Self.longestText))
    if bytes.hasIgnoringCase("type=execve", at: hit) { return try execve(from..<end) }
    if bytes.has("::add-mask::", at: hit) { return secretArgument(from..<end) }
    if placedApart(at: hit, from..<end) { return }
    if bytes.hasIgnoringCase("login attempt [", at: hit) {
      guard let slash = (from..<end).first(where: { bytes[$0] == 0x2F || bytes[$0] == 0x3A }),
        let close = (slash..<end).first(where: { bytes[$0] == 0x5D })
      else { return }
      return secretArgument(slash + 1..<close)
    }
    guard var close = (from..<end).first(where: { bytes[$0] == 0x22 }) else { return }
    var start = from
    if bytes.hasIgnoringCase("\"auth\"", at: hit) {
      // The last of the arguments.
      while bytes.has("\" \"", at: close), let next = (close + 3..<end).first(where: { bytes[$0] == 0x22 }) {
        start = close + 3
        close = next
      }
    } else if bytes[hit] == 0x20, bytes.at(close + 1) != 0x20 || bytes.at(close + 2) != 0x2A {
      return  // `client * "x" *` of chap-secrets alone
    }
    secretArgument(start..<close)
  }

  private static let longestText = 1_024

  /// `type=EXECVE … a0="mysql" a1="-u" a2="root" a3="-px"` of the audit log: the arguments as a command line.
  private mutating func execve(_ line: Range<Int>) throws(RedactionError) {
    var view = View(origins: [])
    var index = line.lowerBound
    while index + 4 < line.upperBound {
      guard bytes[index] == 0x20, bytes[index + 1] == 0x61, bytes[index + 2].isDigit,
        let equals = (index + 2..<min(line.upperBound, index + 8)).first(where: { !bytes[$0].isDigit }),
        bytes[equals] == 0x3D, bytes.at(equals + 1) == 0x22
      else {
        index += 1
        continue
      }
      if !view.text.isEmpty { view.append(0x20, from: index) }
      index = equals + 2
      while index < line.upperBound, bytes[index] != 0x22 {
        view.append(bytes[index], from: index)
        index += 1
      }
    }
    guard let origins = view.origins, !origins.isEmpty, depth > 0 else { return }
    for finding in try scanInner(view.text, from: line) {
      found(
        origins[finding.range.lowerBound]..<origins[finding.range.upperBound - 1] + 1, finding.rule, propagates: false)
    }
  }

  /// `bob:{SHA}x=`: the hash behind the scheme.
  mutating func userHash(at hit: Int, length: Int) {
    var end = hit + length
    while end < bytes.count, end - hit < 256,
      bytes[end] > 0x20 && !bytes[end].isQuote && bytes[end] != 0x3A
    { end += 1 }
    guard end - hit - length >= 4, hit > 0, bytes[hit - 1].isKey else { return }
    found(hit + length..<end, engine.builtin.command)
  }

  /// What stands behind the literals whose form is their own. True if `hit` is one of these.
  private mutating func placedApart(at hit: Int, _ rest: Range<Int>) -> Bool {
    let from = rest.lowerBound
    switch bytes[hit] | 0x20 {
    case 0x20 where bytes.has(" on >", at: hit) || bytes.has(" on #", at: hit):  // user alice on >x ~* of Redis
      let line = bytes.lineStart(of: hit, reach: 128)
      let isRule = bytes.first(" ~", in: rest) ?? bytes.first(" &", in: rest) ?? bytes.first(" +@", in: rest) != nil
      if bytes.first("SETUSER ", in: line..<hit) != nil || isRule && bytes.first("user ", in: line..<hit) != nil {
        secretArgument(from..<wordEnd(rest))
      }
    case 0x20 where bytes.has(" <- [", at: hit): bound(before: hit, rest)
    case 0x20 where bytes.has(" (from client ", at: hit): rejectedLogin(before: hit)
    case 0x20 where bytes.has(" one is ", at: hit):  // the old password was x, the new one is y
      let line = max(bytes.lineStart(of: hit, reach: 256), hit - 128)..<hit
      if let word = valueWord(at: from), looksChosen(word.range), !ValueShape.isNumber(bytes, word.range),
        (["assword", "passwd", " pw ", "passphrase", " token", " secret"] as [StaticString]).contains(where: {
          bytes.first($0, in: line) != nil
        })
      {
        secretArgument(withoutStop(word.range))
      }
    case 0x2B: tracedTest(rest)
    case 0x26:  // exec?command=mysql&command=-px of an entry of the audit log
      let line = bytes.lineStart(of: hit, reach: 256)
      let end = rest.first { bytes[$0] == 0x26 || bytes[$0] <= 0x20 || bytes[$0].isQuote } ?? rest.upperBound
      if bytes.first("command=mysql", in: line..<hit) != nil || bytes.first("command=maria", in: line..<hit) != nil,
        end > from
      {
        secretArgument(from..<end)
      }
    case 0x73 where bytes.hasIgnoringCase("secretid:", at: hit):  // SecretID:  x of Consul
      var id = rest
      while let first = id.first, bytes[first].isBlank { id = id.dropFirst() }
      id = id.lowerBound..<wordEnd(id)
      if ValueShape.isUUID(bytes, id) { secretArgument(id) }
    case 0x6E where bytes.hasIgnoringCase("new value: ", at: hit):  // on the line below one about a password
      let above = max(0, bytes.lineStart(of: hit, reach: 64) - 96)..<hit
      if bytes.first("assword", in: above) != nil, let word = valueWord(at: from), word.endsLine,
        looksChosen(word.range)
      {
        secretArgument(word.range)
      }
    case 0x20 where bytes.hasIgnoringCase(" auth2 ", at: hit):  // MIGRATE h 6379 k 0 5000 AUTH2 bob x
      let user = from..<wordEnd(rest)
      let secret = user.upperBound + 1
      if !user.isEmpty, secret < rest.upperBound { secretArgument(secret..<wordEnd(secret..<rest.upperBound)) }
    case 0x22 where bytes.hasIgnoringCase("md5", at: hit + 1), 0x3A where bytes.hasIgnoringCase("md5", at: hit + 1):
      // "bob" "md5x", bob:md5x of PgBouncer and Pgpool
      let end = rest.first { !bytes[$0].isHexDigit } ?? rest.upperBound
      if end - from == 32, !bytes.at(end).isWord { secretArgument(from..<end) }
    case 0x65 where bytes.hasIgnoringCase("encrypt", at: hit), 0x2D where bytes.hasIgnoringCase("-encrypt", at: hit):
      gossipKey(rest)
    case 0x3A where bytes[from - 1] == 0x20 && bytes[hit + 1].isDigit:  // smtp.example.com:587 bob:x
      let word = from..<wordEnd(rest)
      if let colon = word.first(where: { bytes[$0] == 0x3A }), colon > from,
        (from..<colon).allSatisfy({ bytes[$0].isKey || bytes[$0] == 0x40 || bytes[$0] == 0x25 }),
        looksChosen(colon + 1..<word.upperBound)
      {
        secretArgument(colon + 1..<word.upperBound)
      }
    case 0x73 where bytes.hasIgnoringCase("secret id", at: hit): secretID(rest)
    case 0x61 where bytes.has("auth_bytes=", at: hit), 0x72 where bytes.hasIgnoringCase("response=", at: hit):
      // `\x00bob\x00x` of SASL's PLAIN, as programs show it: what stands behind the user.
      guard let user = bytes.first("\\x00", in: (bytes[from - 1] == 0x30 ? from - 4 : from)..<rest.upperBound),
        let next = bytes.first("\\x00", in: user + 4..<rest.upperBound)
      else { return true }
      var end = next + 4
      while end < rest.upperBound, bytes[end].isAlphanumeric || "!#$%&*+-./:;<=>?@^_~".utf8.contains(bytes[end]) {
        end += 1
      }
      secretArgument(next + 4..<end)
    case 0x63 where bytes.has("c=biws,r=", at: hit):  // c=biws,r=…,p=… of SCRAM (RFC 5802): a proof of the password
      let message = from..<wordEnd(rest)
      if let proof = bytes.first(",p=", in: message) { secretArgument(proof + 3..<message.upperBound) }
    case 0x63 where bytes.hasIgnoringCase("certificate", at: hit):  // of kubeadm, on the line below
      guard var key = bytes.at(from).isLineEnd ? nextLine(after: from) : rest else { return true }
      while let first = key.first, bytes[first].isBlank { key = key.dropFirst() }
      key = key.lowerBound..<wordEnd(key)
      if key.count == 64, key.allSatisfy({ bytes[$0].isHexDigit }) { secretArgument(key) }
    case 0x63 where bytes[from - 1] == 0x09:  // CREDENTIALS of `aws sts … --output text`
      for word in words(rest) where isMadeWord(word) { secretArgument(word) }
    case 0x63: userAndSecret(rest)
    case 0x66 where bytes.hasIgnoringCase("for authentication", at: hit): pointToPoint(rest)
    case 0x64 where bytes.hasIgnoringCase("digest:", at: hit): zooKeeperDigest(rest)
    case 0x2D where bytes.hasIgnoringCase("-hmac-sha", at: hit):  // (aes256-cts-hmac-sha1-96)  (0x3f1c…) of klist
      if let open = bytes.first("(0x", in: from..<min(rest.upperBound, from + 24)),
        let close = bytes.firstByte(0x29, from: open, to: rest.upperBound), close - open >= 19,
        (open + 3..<close).allSatisfy({ bytes[$0].isHexDigit })
      {
        secretArgument(open + 3..<close)
      }
    case 0x3A where bytes.hasIgnoringCase(":lct-", at: hit), 0x3A where bytes.has(":7:::", at: hit):
      accountFields(before: hit)
    case 0x3C: apiKeys(rest)
    case 0x68: secretArgument(from..<wordEnd(rest))  // HELLO 3 AUTH default x of Redis
    case 0x7D where bytes[hit] == 0x5D:  // [smtp.example.com]:587 bob@example.com:x of Postfix
      var word = rest
      while let first = word.first, bytes[first].isBlank { word = word.dropFirst() }
      word = word.lowerBound..<wordEnd(word)
      let user = word.first { bytes[$0] == 0x40 } ?? word.lowerBound
      if let colon = (user..<word.upperBound).first(where: { bytes[$0] == 0x3A }) {
        secretArgument(colon + 1..<word.upperBound)
      }
    case 0x3A where bytes.hasIgnoringCase(": rsa ", at: hit):  // : RSA key.pem "x" of strongSwan
      let open = wordEnd(rest) + 1
      if isLineStart(hit), bytes.at(open) == 0x22, open < rest.upperBound,
        let close = bytes.firstByte(0x22, from: open + 1, to: rest.upperBound)
      {
        secretArgument(open + 1..<close)
      }
    case 0x73 where bytes.hasIgnoringCase("secure_link", at: hit): linkSecret(rest)
    case 0x73: typed(at: hit, rest)
    case 0x77: wirelessPassword(rest)
    case 0x64:  // dial tcp: lookup bob:x@db: an address that was not parsed
      let word = from..<wordEnd(rest)
      if let at = word.last(where: { bytes[$0] == 0x40 }),
        let colon = (from..<at).first(where: { bytes[$0] == 0x3A })
      {
        secretArgument(colon + 1..<at)
      }
    case 0x61 where bytes.hasIgnoringCase("authenticate ", at: hit):  // a2 AUTHENTICATE PLAIN x of IMAP
      let end = wordEnd(rest)
      if end - from >= 8, (from..<end).allSatisfy({ bytes[$0].isBase64 || bytes[$0] == 0x3D }) {
        secretArgument(from..<end)
      }
    case 0x61, 0x75: userAndSecret(rest)
    case 0x6C where bytes.hasIgnoringCase("log", at: hit) && bytes[from - 1] == 0x20: userAndSecret(rest)
    case 0x7C: hashedText(before: hit)
    default: return false
    }
    return true
  }

  /// `Login incorrect (…): [bob/x] (from client …)` of FreeRADIUS.
  private mutating func rejectedLogin(before hit: Int) {
    guard bytes[hit - 1] == 0x5D else { return }
    let reach = max(0, hit - 160)..<hit - 1
    guard let open = reach.last(where: { bytes[$0] == 0x5B }),
      let slash = (open..<hit).first(where: { bytes[$0] == 0x2F }),
      slash + 1 < hit - 1
    else { return }
    secretArgument(slash + 1..<hit - 1)
  }

  /// `+ test -n x`, `+ [[ -z x ]]` of a shell's trace: a word that a generator made.
  private mutating func tracedTest(_ rest: Range<Int>) {
    var words = words(rest)
    if words.first?.count == 1 { words.removeFirst() }
    if let word = words.first, isMadeWord(word) { secretArgument(word) }
  }

  /// Without what ends a sentence.
  private func withoutStop(_ range: Range<Int>) -> Range<Int> {
    var range = range
    while let last = range.last, range.count > 1, [0x2E, 0x2C, 0x3B, 0x29].contains(bytes[last]) {
      range = range.dropLast()
    }
    return range
  }

  /// `encrypt = "x"`, `-encrypt=x` of Consul and Nomad: base64 of 16, 24 or 32 bytes.
  private mutating func gossipKey(_ rest: Range<Int>) {
    let end = rest.first { !bytes[$0].isBase64 && bytes[$0] != 0x3D } ?? rest.upperBound
    if [24, 32, 44].contains(end - rest.lowerBound), ValueShape.looksLikeCredential(bytes, rest.lowerBound..<end) {
      secretArgument(rest.lowerBound..<end)
    }
  }

  /// `binding parameter (password:VARCHAR) <- [x]` of Hibernate: the name in the brackets before it decides.
  private mutating func bound(before hit: Int, _ rest: Range<Int>) {
    var name = hit
    while name > 0, hit - name < 96, bytes[name - 1] != 0x28, !bytes[name - 1].isLineEnd { name -= 1 }
    guard let colon = (name..<hit).first(where: { bytes[$0] == 0x3A }), verdict(name..<colon) >= .likely,
      let close = rest.first(where: { bytes[$0] == 0x5D })
    else { return }
    secretArgument(rest.lowerBound..<close)
  }

  /// `Secret ID = x` of Nomad and Consul.
  private mutating func secretID(_ rest: Range<Int>) {
    var index = rest.lowerBound
    while index < rest.upperBound, bytes[index].isBlank { index += 1 }
    guard bytes.at(index) == 0x3D || bytes.at(index) == 0x3A else { return }
    index += 1
    while index < rest.upperBound, bytes[index].isBlank { index += 1 }
    let end = wordEnd(index..<rest.upperBound)
    if end > index, looksChosen(index..<end) { secretArgument(index..<end) }
  }

  private func wordEnd(_ range: Range<Int>) -> Int { range.first { bytes[$0] <= 0x20 } ?? range.upperBound }

  /// `secure_link_md5 "$uri x"` of nginx: the last word, if it is no variable.
  private mutating func linkSecret(_ rest: Range<Int>) {
    var end = rest.first { bytes[$0] == 0x3B } ?? rest.upperBound
    while end > rest.lowerBound, bytes[end - 1].isQuote || bytes[end - 1].isBlank { end -= 1 }
    var start = end
    while start > rest.lowerBound, !bytes[start - 1].isBlank, !bytes[start - 1].isQuote { start -= 1 }
    if start < end, !(start..<end).contains(where: { bytes[$0] == 0x24 }) { secretArgument(start..<end) }
  }

  /// `send "x\r"` of an expect script, behind the question; `tcp-check send AUTH\ x` of HAProxy.
  private mutating func typed(at hit: Int, _ rest: Range<Int>) {
    if bytes[rest.lowerBound - 1] == 0x22 {
      let asked = max(0, hit - 160)..<hit
      guard bytes.first("assword", in: asked) != nil || bytes.first("assphrase", in: asked) != nil else { return }
    }
    let end = rest.first { bytes[$0] == 0x5C || bytes[$0] == 0x22 || bytes[$0].isBlank && bytes[hit + 4] != 0x20 }
    secretArgument(rest.lowerBound..<(end ?? rest.upperBound))
  }

  /// `WIFI:T:WPA;S:name;P:x;;` of a picture that holds a code.
  private mutating func wirelessPassword(_ rest: Range<Int>) {
    guard let mark = bytes.first(";P:", in: rest) ?? (bytes.has("P:", at: rest.lowerBound) ? rest.lowerBound - 1 : nil),
      let end = (mark + 3..<rest.upperBound).first(where: { bytes[$0] == 0x3B && bytes.at($0 - 1) != 0x5C })
    else { return }
    secretArgument(mark + 3..<end)
  }

  /// `logged in as bob:x`, `login with bob/x`, `using credentials bob / x`.
  private mutating func userAndSecret(_ rest: Range<Int>) {
    var index = rest.lowerBound
    while index < rest.upperBound, bytes[index].isKey || bytes[index] == 0x40 { index += 1 }
    guard index > rest.lowerBound, index < rest.upperBound else { return }
    if bytes.has(" / ", at: index) {
      index += 3
    } else if bytes.has(" with ", at: index), bytes.hasIgnoringCase(" as ", at: rest.lowerBound - 4) {
      index += 6
    } else if bytes[index] == 0x3A || bytes[index] == 0x2F {
      index += 1
    } else {
      return
    }
    guard let word = valueWord(at: index) else { return }
    var end = word.range.upperBound
    while end > index, [0x2E, 0x2C, 0x29, 0x3A].contains(bytes[end - 1]) { end -= 1 }
    let secret = index..<end
    // Names of versions and methods have one digit: `provider/oauth2`, `service:payments-v2`.
    let digits = secret.count { bytes[$0].isDigit }
    let isSpecial = secret.contains { !bytes[$0].isKey }
    guard secret.count >= 6, isSpecial || digits >= 2 || digits == 1 && secret.count >= 12, looksChosen(secret),
      !ValueShape.isNumber(bytes, secret),
      !secret.contains(where: { bytes[$0] == 0x2F || bytes[$0] == 0x3A })
    else { return }
    secretArgument(secret)
  }

  /// `'x' | password_hash('sha512')` of a template: the text that is hashed.
  private mutating func hashedText(before bar: Int) {
    var close = bar - 1
    while bytes.at(close).isBlank { close -= 1 }
    guard bytes.at(close) == 0x27 || bytes.at(close) == 0x22 else { return }
    var open = close - 1
    while open >= 0, close - open < 256, bytes[open] != bytes[close], !bytes[open].isLineEnd { open -= 1 }
    if open >= 0, bytes[open] == bytes[close] { secretArgument(open + 1..<close) }
  }
}
