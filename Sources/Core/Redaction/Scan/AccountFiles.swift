/// Files of accounts and keys whose lines have places in stead of names.
extension TextScan {
  /// Lines of such a file that are read below what gives it away, and bytes of it.
  private static let mostEntries = 256
  private static let entriesReach = 16_384

  /// The words of a line, which tabs or blanks part; those in quotes without them.
  func words(_ line: Range<Int>) -> [Range<Int>] {
    var out: [Range<Int>] = []
    var index = line.lowerBound
    while index < line.upperBound, out.count < 32 {
      let (from, to) = nextWord(index, line.upperBound)
      guard to > from else { break }
      out.append(from..<to)
      index = bytes.at(to).isQuote ? to + 1 : to
    }
    return out
  }

  /// A word that a generator made, and no time: `2026-11-03T10:00:00Z`.
  func isMadeWord(_ word: Range<Int>) -> Bool {
    ValueShape.looksRandom(bytes, word, least: 16)
      && !(bytes[word.lowerBound].isDigit && bytes.at(word.lowerBound + 4) == 0x2D)
  }

  /// `# Secrets for authentication using CHAP` above lines of client, server, secret and addresses.
  mutating func pointToPoint(_ rest: Range<Int>) {
    guard bytes.hasIgnoringCase("pap", at: rest.lowerBound) || bytes.hasIgnoringCase("chap", at: rest.lowerBound) else {
      return
    }
    var end = rest.upperBound
    for _ in 0..<Self.mostEntries {
      guard let next = nextLine(after: end) else { return }
      end = next.upperBound
      if next.first.map({ bytes[$0] == 0x23 }) == true { continue }
      let words = words(next)
      if words.count > 2 { secretArgument(words[2]) }
    }
  }

  /// `bob:1000:LMHASH:NTHASH:[U ]:LCT-5F:` of Samba and `bob:hash:19000:0:99999:7:::` of `/etc/shadow`: the fields before `hit` that hold
  /// hashes.
  mutating func accountFields(before hit: Int) {
    var start = hit
    while start > 0, hit - start < 512, !bytes[start - 1].isLineEnd, !bytes[start - 1].isQuote { start -= 1 }
    start = afterLogPrefix(start)
    guard start < hit else { return }
    let colons = (start..<hit).filter { bytes[$0] == 0x3A }
    let isSamba = bytes.hasIgnoringCase(":lct-", at: hit)
    guard colons.count == 4, (start..<colons[0]).allSatisfy({ bytes[$0].isKey }) else { return }
    for field in isSamba ? [1, 2] : [0] {
      let hash = colons[field] + 1..<colons[field + 1]
      if hash.count >= 10, hash.allSatisfy({ bytes[$0] > 0x20 }), hash.contains(where: { bytes[$0].isAlphanumeric }) {
        secretArgument(hash)
      }
    }
  }

  /// `<apikeys>` of NuGet's configuration: the values of the elements in it.
  mutating func apiKeys(_ rest: Range<Int>) {
    let limit = min(bytes.count, rest.lowerBound + Self.entriesReach)
    let end = bytes.first("</apikeys>", in: rest.lowerBound..<limit) ?? rest.lowerBound
    var index = rest.lowerBound
    while index < end, let value = bytes.first("value=\"", in: index..<end),
      let close = bytes.firstByte(0x22, from: value + 7, to: end)
    {
      secretArgument(value + 7..<close)
      index = close
    }
  }

  /// `digest:bob:x:cdrwa` of ZooKeeper: base64 of the SHA-1 of user and password.
  mutating func zooKeeperDigest(_ rest: Range<Int>) {
    guard let colon = rest.first(where: { !bytes[$0].isKey }), bytes[colon] == 0x3A, colon > rest.lowerBound else {
      return
    }
    let end = rest.first { $0 > colon && !bytes[$0].isBase64 && bytes[$0] != 0x3D } ?? rest.upperBound
    let hash = colon + 1..<end
    if hash.count == 28, bytes[end - 1] == 0x3D { secretArgument(hash) }
  }

  /// A Secret as etcd holds it, in the encoding of Protocol Buffers: `k8s`, its type, then entries of `data` with a key and a value.
  mutating func storedSecret(at hit: Int) {
    let limit = min(bytes.count, hit + Self.entriesReach)
    guard bytes.first("Secret", in: hit..<min(limit, hit + 32)) != nil else { return }
    var index = hit
    while index + 8 < limit {
      // 0x12, the length of the entry; 0x0A, that of its key; 0x12, that of its value.
      guard bytes[index] == 0x12, let entry = varint(at: index + 1), bytes.at(entry.end) == 0x0A,
        let name = varint(at: entry.end + 1), 1...253 ~= name.value, name.end + name.value < limit,
        (name.end..<name.end + name.value).allSatisfy({ bytes[$0].isKey }), bytes[name.end + name.value] == 0x12,
        let text = varint(at: name.end + name.value + 1), text.value > 0, text.end + text.value <= limit
      else {
        index += 1
        continue
      }
      let value = text.end..<text.end + text.value
      if !ValueShape.isPlaceholder(bytes, value) { found(value, engine.builtin.kubernetesSecret) }
      index = value.upperBound
    }
    resume = max(resume, min(index, limit))
  }

  /// A number of at most 28 bits, seven of them in a byte, and where it ends.
  private func varint(at start: Int) -> (value: Int, end: Int)? {
    var value = 0
    for place in 0..<4 {
      guard start + place < bytes.count else { return nil }
      let byte = bytes[start + place]
      value |= Int(byte & 0x7F) << (7 * place)
      if byte < 0x80 { return (value, start + place + 1) }
    }
    return nil
  }
}
