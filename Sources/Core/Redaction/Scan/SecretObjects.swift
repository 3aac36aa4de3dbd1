/// Manifests of Secrets inside a text: every value of them is secret, whatever its key. Documents that parse are read by
/// `DocumentWalk`; this is for what stands in logs.
extension TextScan {
  /// `secretGenerator:` of kustomize was seen at `hit`: what its `literals:` assign is secret, whatever the names.
  mutating func generator(at hit: Int, length: Int) {
    let indent = column(of: hit)
    var line = hit + length
    var isLiterals = false
    for _ in 0..<200 {
      guard let next = nextLine(after: line) else { return }
      line = next.lowerBound
      var text = line
      while text < next.upperBound, bytes[text].isBlank { text += 1 }
      guard text < next.upperBound else { continue }
      guard text - line > indent || bytes[text] == 0x2D && text - line >= indent else { return }
      if let list = bytes.first("literals:", in: text..<next.upperBound) {
        isLiterals = true
        text = list + 9
        if bytes.first("[", in: text..<next.upperBound) == nil { continue }
      } else if !isLiterals || bytes[text] != 0x2D {
        isLiterals = false
        continue
      }
      literals(text..<next.upperBound)
    }
  }

  /// `- name=value`, `["name=value", …]`.
  private mutating func literals(_ range: Range<Int>) {
    var index = range.lowerBound
    while let equals = (index..<range.upperBound).first(where: { bytes[$0] == 0x3D }) {
      var name = equals
      while name > range.lowerBound, bytes[name - 1].isKey { name -= 1 }
      let quote = bytes.at(name - 1).isQuote ? bytes[name - 1] : 0
      var end = equals + 1
      while end < range.upperBound, quote != 0 ? bytes[end] != quote : !bytes[end].isLineEnd { end += 1 }
      if end > equals + 1, !ValueShape.isPlaceholder(bytes, equals + 1..<end) {
        found(equals + 1..<end, engine.builtin.kubernetesSecret)
      }
      index = end
      if quote == 0 { return }
    }
  }

  /// Bytes and lines around `kind: Secret` that are looked at.
  static let manifestReach = 32_768
  private static let manifestLines = 600

  /// `kind: Secret`, `"kind":"Secret"` or `&Secret{` was seen at `hit`.
  mutating func secretObject(at hit: Int, length: Int) throws(RedactionError) {
    if try recordedManifest(at: hit) { return }
    if bytes[hit + length - 1] == 0x7B || bytes[hit + length - 1] == 0x20 {
      goDump(from: hit)
    } else if bytes.hasIgnoringCase("kind\"", at: hit) {
      let end = hit + length
      guard bytes.at(end) == 0x22 || bytes.has("List\"", at: end) else { return }
      jsonObject(around: hit)
    } else {
      let end = hit + length
      let quote = bytes.at(hit + 6).isQuote ? bytes[hit + 6] : 0
      guard end >= bytes.count || bytes[end].isSpace || bytes[end] == quote || bytes.has("List", at: end) else {
        return
      }
      yamlObject(around: hit)
    }
  }

  /// `"stringData":{` or `stringData:` was seen at `hit`: no other object has such a member, so that its values are secret in a part
  /// of a manifest, too.
  mutating func stringData(at hit: Int, length: Int) {
    var index = hit + length
    if bytes.at(hit - 1) == 0x22, bytes.at(index) == 0x22 { index += 1 }
    guard bytes.at(index) == 0x3A else { return }
    index += 1
    while bytes.at(index).isBlank { index += 1 }
    if bytes.at(index) == 0x7B {
      let limit = min(bytes.count, index + Self.manifestReach)
      if bytes.at(hit - 1) == 0x22 {
        _ = jsonValues(index, limit)
      } else {
        flow(index..<bytes.lineEnd(from: index, limit: limit))
      }
      return
    }
    let indent = column(of: hit)
    guard index >= bytes.count || bytes[index].isLineEnd, bytes.at(hit - 1).isSpace || hit == 0 else { return }
    var line = index
    for _ in 0..<Self.manifestLines {
      guard let next = nextLine(after: line) else { return }
      line = next.lowerBound
      let (at, _) = textStart(next)
      guard at < next.count, bytes[next.lowerBound + at] != 0x23 else { continue }
      guard at > indent else { return }
      dataLine(next.lowerBound + at..<next.upperBound)
    }
  }

  private mutating func secretValue(_ range: Range<Int>) {
    guard !range.isEmpty, !ValueShape.isPlaceholder(bytes, range) else { return }
    found(range, engine.builtin.kubernetesSecret)
    if let plain = Decoding.base64(Bytes(rebasing: bytes[range])), Decoding.isText(plain) { learned.append(plain) }
  }

  /// The column where the text of a line begins, behind `- ` of a list.
  private func textStart(_ line: Range<Int>) -> (column: Int, isItem: Bool) {
    var text = line.lowerBound
    // A line that a difference adds.
    if bytes.at(text) == 0x2B, bytes.at(text + 1) == 0x20 { text += 1 }
    while text < line.upperBound, bytes[text] == 0x20 { text += 1 }
    var isItem = false
    while text + 1 < line.upperBound, bytes[text] == 0x2D, bytes[text + 1] == 0x20 {
      isItem = true
      text += 2
      while text < line.upperBound, bytes[text] == 0x20 { text += 1 }
    }
    return (text - line.lowerBound, isItem)
  }

  private func lineBefore(_ start: Int) -> Range<Int>? {
    guard start > 1 else { return nil }
    let raw = bytes.lineStart(of: start - 1, reach: 4_096)
    let line = afterLogPrefix(raw)
    return line..<max(line, bytes.lineEnd(from: raw, limit: start))
  }

  private mutating func yamlObject(around hit: Int) {
    let raw = bytes.lineStart(of: hit, reach: 4_096)
    var first = afterLogPrefix(raw)
    guard first <= hit else { return }
    var (column, isItem) = textStart(first..<hit + 4)
    if first + column != hit {
      guard let front = commonFront(raw, hit) else { return }
      lineFront = front
      first = front.upperBound
      (column, isItem) = textStart(first..<hit + 4)
    }
    defer { lineFront = 0..<0 }
    // A record of Docker may hold all lines of the manifest.
    let hasFront = first > raw && bytes[raw] != 0x7B
    var start = first
    var rawStart = raw
    // Up to the beginning of the manifest.
    var lines = 0
    while !isItem, lines < Self.manifestLines, hit - rawStart < Self.manifestReach, let line = lineBefore(rawStart) {
      let (at, opensItem) = textStart(line)
      if at < line.count {
        guard at >= column, !hasFront || bytes.lineStart(of: line.lowerBound, reach: 512) < line.lowerBound,
          !bytes.has("---", at: line.lowerBound),
          !bytes.has("kind:", at: line.lowerBound + column) || at > column
        else { break }
        // A line of something else: no `key:` at our column.
        if at == column, !isYAMLKey(line.lowerBound + at, line.upperBound) { break }
      }
      start = line.lowerBound
      rawStart = bytes.lineStart(of: rawStart - 1, reach: 4_096)
      lines += 1
      if opensItem, at == column { break }
    }
    // Down to its end.
    var line = start..<bytes.lineEnd(from: start, limit: bytes.count)
    var inData = false
    lines = 0
    while lines < Self.manifestLines * 2, line.lowerBound - hit < Self.manifestReach {
      let (at, opensItem) = textStart(line)
      let text = line.lowerBound + at
      if at < line.count, bytes[text] != 0x23, bytes[text] != 0x0D {
        if at < column || bytes.has("---", at: line.lowerBound) || opensItem && line.lowerBound > start && at <= column
        {
          return
        }
        if at == column {
          if text > hit, bytes.has("kind:", at: text) { return }
          guard isYAMLKey(text, line.upperBound) else { return }
          inData = bytes.has("data:", at: text) || bytes.has("stringData:", at: text)
          if inData, let brace = bytes[text..<line.upperBound].firstIndex(of: 0x7B) { flow(brace..<line.upperBound) }
        } else if inData {
          dataLine(text..<line.upperBound)
        }
      }
      guard let next = nextLine(after: line.lowerBound) else { return }
      // A line without the front that the others have is another program's.
      if hasFront, next.count > 0, bytes[next.lowerBound - 1].isLineEnd { return }
      line = next
      lines += 1
    }
  }

  /// What stands before `kind:` in its line, if the line above or below begins like that, too: the name of a pod, a time, `[debug] `.
  private func commonFront(_ line: Int, _ hit: Int) -> Range<Int>? {
    var end = hit
    while end > line, bytes[end - 1].isBlank { end -= 1 }
    guard end > line, hit > end, end - line < Self.longestFrontOfLine else { return nil }
    let front = line..<end + 1
    let below = bytes.lineEnd(from: hit, limit: min(bytes.count, hit + 512)) + 1
    let above = line > 1 ? bytes.lineStart(of: line - 1, reach: 4_096) : 0
    return begins(below, like: front) || line > 1 && begins(above, like: front) ? front : nil
  }

  /// Longest front of a line of a log that lines of a manifest may share, in bytes.
  private static let longestFrontOfLine = 128

  private func isYAMLKey(_ start: Int, _ end: Int) -> Bool {
    var index = start
    while index < end, bytes[index].isKey || bytes[index].isQuote || bytes[index] == 0x2F { index += 1 }
    return index > start && bytes.at(index) == 0x3A && (index + 1 >= end || bytes[index + 1].isSpace)
  }

  /// A line under `data:`: a pair, or a line of a block.
  private mutating func dataLine(_ line: Range<Int>) {
    var end = line.upperBound
    while end > line.lowerBound, bytes[end - 1].isSpace { end -= 1 }
    var start = line.lowerBound
    // A key that is masked is a key: `[REDACTED]: x`.
    if let mask = ExistingMask.range(at: start, in: bytes), bytes.at(mask.upperBound) == 0x3A {
      start = mask.upperBound + 1
      while start < end, bytes[start].isBlank { start += 1 }
      return secretValue(start..<max(start, end))
    }
    if isYAMLKey(line.lowerBound, line.upperBound), let colon = bytes[line].firstIndex(of: 0x3A) {
      start = colon + 1
      while start < end, bytes[start].isBlank { start += 1 }
      guard start < end else { return }
      if bytes[start] == 0x7C || bytes[start] == 0x3E, isBlockHeader(start) { return }
      if bytes[start].isQuote, end - start >= 2, bytes[end - 1] == bytes[start] {
        start += 1
        end -= 1
      }
    }
    if end > start { secretValue(start..<end) }
  }

  /// `{a: x, b: y}`
  private mutating func flow(_ range: Range<Int>) {
    var index = range.lowerBound
    while index < range.upperBound {
      if let mask = ExistingMask.range(at: index, in: bytes) { index = mask.upperBound }
      guard bytes.at(index) == 0x3A else {
        index += 1
        continue
      }
      var start = index + 1
      while start < range.upperBound, bytes[start].isBlank || bytes[start].isQuote { start += 1 }
      var end = start
      while end < range.upperBound, bytes[end] != 0x2C, bytes[end] != 0x7D, !bytes[end].isQuote { end += 1 }
      secretValue(start..<end)
      index = max(end, index + 1)
    }
  }

  /// The object that holds `"kind":"Secret"`: its `data` and `stringData`.
  private mutating func jsonObject(around hit: Int) {
    var open = openBrace(before: hit, until: "kind\"")
    // `"kind":{"group":"","version":"v1","kind":"Secret"}` of a review of admission: the objects stand beside.
    if let name = nameBefore(open), bytes.hasIgnoringCase("kind", at: name.upperBound - 4) {
      open = openBrace(before: name.lowerBound - 1, until: nil)
    }
    dataMembers(from: open)
  }

  /// A resource of Terraform's state by its type, or what stands beside `"objectRef":{"resource":"secrets"}` of an entry of the audit
  /// log, or `"metadata":{"created_time":…}` of an answer of Vault, before or behind it. False for a rule that names the resource.
  mutating func objectBeside(_ hit: Int) -> Bool {
    var open = openBrace(before: hit, until: nil, reach: Self.besideReach)
    if !bytes.hasIgnoringCase("type", at: hit + 1) {
      let marks: [StaticString] =
        bytes.hasIgnoringCase("resource", at: hit + 1) ? ["Ref", "esource"] : ["metadata"]
      guard let name = nameBefore(open),
        marks.contains(where: { bytes.has($0, at: name.upperBound - $0.utf8CodeUnitCount) })
      else { return false }
      open = openBrace(before: name.lowerBound - 1, until: nil, reach: Self.besideReach)
    }
    if open != lastObject {
      lastObject = open
      dataMembers(from: open, reach: 2 * Self.besideReach)
    }
    return true
  }

  /// How far before what names it an object may begin, in bytes: this is asked for at each of them.
  private static let besideReach = 8_192

  /// Where the object begins that holds `place`, or the member `name` before it.
  private func openBrace(before place: Int, until name: StaticString?, reach: Int = manifestReach) -> Int {
    var open = place
    var depth = 0
    let floor = max(0, place - reach)
    while open > floor {
      open -= 1
      if bytes[open] == 0x7D { depth += 1 }
      if bytes[open] == 0x7B {
        if depth == 0 { break }
        depth -= 1
      }
      if depth == 0, let name, bytes.has(name, at: open), bytes.at(open - 1) == 0x22 { break }
    }
    return open
  }

  /// The name of the member whose value begins at `place`; nil where there is none.
  private func nameBefore(_ place: Int) -> Range<Int>? {
    var end = place
    while end > 0, bytes[end - 1].isSpace { end -= 1 }
    guard bytes.at(end - 1) == 0x3A else { return nil }
    end -= 1
    while end > 0, bytes[end - 1].isSpace { end -= 1 }
    guard bytes.at(end - 1) == 0x22 else { return nil }
    end -= 1
    var start = end
    while start > 0, end - start < 64, bytes[start - 1].isWord { start -= 1 }
    return bytes.at(start - 1) == 0x22 && end - start >= 4 ? start..<end : nil
  }

  /// The texts in `data` and `stringData` of the object that begins at `open`, in whatever depth.
  private mutating func dataMembers(from open: Int, reach: Int = 2 * manifestReach) {
    var index = open
    let limit = min(bytes.count, open + reach)
    var depth = 0
    while index < limit {
      switch bytes[index] {
      case 0x7B: depth += 1
      case 0x7D:
        depth -= 1
        if depth <= 0 { return }
      case 0x22 where bytes.has("\"data\"", at: index) || bytes.has("\"stringData\"", at: index):
        var place = index + (bytes[index + 1] == 0x64 ? 6 : 12)
        while bytes.at(place).isSpace || bytes.at(place) == 0x3A { place += 1 }
        if bytes.at(place) == 0x7B { index = jsonValues(place, limit) }
      default: break
      }
      index += 1
    }
  }

  /// Masks each text under a key of the object at `open`; returns where it closes.
  private mutating func jsonValues(_ open: Int, _ limit: Int) -> Int {
    var index = open + 1
    var isValue = false
    while index < limit, bytes[index] != 0x7D {
      switch bytes[index] {
      // In the front of a log's line, too, stand colons, and commas.
      case 0x3A: isValue = isValue || isBehindName(index)
      case 0x2C: isValue = false
      case 0x22:
        var end = index + 1
        while end < limit, bytes[end] != 0x22 { end += bytes[end] == 0x5C ? 2 : 1 }
        if isValue, end < limit { secretValue(index + 1..<end) }
        index = min(end, limit)
      default: break
      }
      index += 1
    }
    return index
  }

  /// True if a quote stands before the colon at `colon`.
  private func isBehindName(_ colon: Int) -> Bool {
    var before = colon - 1
    while before > 0, bytes[before].isBlank { before -= 1 }
    return bytes.at(before) == 0x22
  }

  /// `{Kind:Secret …} … Data:map[a:[104 117] b:x] …` of a dump of the values alone.
  private mutating func goMaps(from hit: Int, _ end: Int) {
    var index = hit
    while let place = bytes.first("ata:map[", in: index..<end) {
      index = place + 8
      if bytes.has("string]", at: index) { return }
      while index < end, bytes[index] != 0x5D, let colon = bytes.firstByte(0x3A, from: index, to: end) {
        let isList = bytes.at(colon + 1) == 0x5B
        let start = colon + (isList ? 2 : 1)
        var stop = start
        while stop < end, bytes[stop] != 0x5D, isList || bytes[stop] != 0x20 { stop += 1 }
        if stop > start { secretValue(start..<stop) }
        index = stop + (isList ? 1 : 0)
        while index < end, bytes[index] == 0x20 { index += 1 }
      }
    }
  }

  /// `&Secret{…Data:map[string][]byte{a: [104 117],},StringData:map[string]string{b: x,},…}`
  private mutating func goDump(from hit: Int) {
    let limit = min(bytes.count, hit + Self.manifestReach)
    var index = hit
    goMaps(from: hit, bytes.lineEnd(from: hit, limit: limit))
    while let place = bytes.first("ata:map[string]", in: index..<limit) {
      guard let open = (place..<min(limit, place + 48)).first(where: { bytes[$0] == 0x7B }) else { return }
      index = open + 1
      while index < limit, bytes[index] != 0x7D {
        guard bytes[index] == 0x3A, bytes.at(index + 1) == 0x20 else {
          index += 1
          continue
        }
        let start = index + 2
        guard start < limit else { return }
        let isList = bytes.at(start) == 0x5B
        var end = start
        while end < limit, isList ? bytes[end] != 0x5D : bytes[end] != 0x2C && bytes[end] != 0x7D { end += 1 }
        secretValue(isList ? start + 1..<end : start..<end)
        index = max(end, index + 1)
      }
    }
  }
}
