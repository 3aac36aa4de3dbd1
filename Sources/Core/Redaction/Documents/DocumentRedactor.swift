/// Redacts one text of any form: collects the edits that mask it, and what it learned on the way.
///
/// A class, for what it consists of is shared with each step of a walk: one reference is counted there, not five.
final class DocumentRedactor {
  let engine: Engine
  /// Secrets of the incident; empty in the first pass.
  let known: KnownMatcher
  let isOverTime: () -> Bool
  let harvest: Harvest
  /// Texts in which nothing can be found: of those that were met.
  private let clean = TextCache(false)
  /// Where something may stand in the document that is being read; nil for a short one, and where more is looked for.
  let quiet: QuietIndex?
  /// What was read of that document and brought nothing; nil for a short one.
  let parts: QuietParts?

  /// `document` is given where it is read by this redactor, and nothing else is.
  init(
    _ engine: Engine, known: KnownMatcher, harvest: Harvest = Harvest(), document: Bytes? = nil,
    isOverTime: @escaping () -> Bool
  ) {
    self.engine = engine
    if let document, known.isEmpty, engine.regexes.count == 0, document.count >= QuietIndex.shortest {
      quiet = QuietIndex(document, engine.prefilter)
    } else {
      quiet = nil
    }
    parts = (document?.count ?? 0) >= QuietParts.shortest ? QuietParts() : nil
    self.known = known
    self.harvest = harvest
    self.isOverTime = isOverTime
  }

  deinit {
    quiet?.deallocate()
    parts?.deallocate()
  }

  /// The same for one document, with a harvest of its own: what a text brings that turns out not to be what it looks like is dropped, for it was
  /// learned by a reading that does not hold.
  func apart(for document: Bytes) -> DocumentRedactor {
    DocumentRedactor(
      engine, known: known, harvest: Harvest(keys: harvest.keys), document: document, isOverTime: isOverTime)
  }

  /// Deepest nesting of collections in a JSON document; a deeper one is treated as text.
  static let deepest = 1_000

  /// The edits for a text that claims to be of `form`. What does not parse as that is treated as text.
  func edits(
    _ bytes: Bytes, form: TextSource.Form, depth: Int = TextScan.deepest
  ) throws(RedactionError) -> [Edit] {
    switch form {
    case .json:
      if let edits = try jsonEdits(bytes, depth: depth) { return edits }
      return try textEdits(bytes, depth: depth)
    case .yaml:
      if let edits = try yamlEdits(bytes, depth: depth) { return edits }
      if depth == TextScan.deepest { harvest.isText = true }
      return try textEdits(bytes, depth: depth)
    case .log, .message: return try textEdits(bytes, depth: depth)
    case .identifier: return try identifierEdits(bytes)
    }
  }

  /// A text with every text rule.
  func textEdits(_ bytes: Bytes, depth: Int) throws(RedactionError) -> [Edit] {
    let findings = try findings(bytes, depth: depth)
    if !findings.isEmpty { harvest.hasParts = true }
    return findings.map { edit($0, in: bytes) }
  }

  /// The edit that masks a finding.
  func edit(_ finding: Finding, in bytes: Bytes) -> Edit {
    Edit(range: finding.range, replacement: engine.masks.mask(finding.range, in: bytes), rule: finding.rule)
  }

  /// Findings of rules and known values in a text. What rules found is learned.
  func findings(_ bytes: Bytes, depth: Int) throws(RedactionError) -> [Finding] {
    var scan = TextScan(
      engine, bytes, depth: depth, known: known, keys: harvest.keys, isOverTime: isOverTime)
    try scan.run()
    harvest.learned += scan.learned
    if !scan.decoded.isEmpty || !scan.cuts.isEmpty { harvest.hidesValues = true }
    for finding in scan.findings where finding.propagates { harvest.learned.append(bytes.copy(finding.range)) }
    return scan.findings
  }

  /// A name: token formats alone.
  private func identifierEdits(_ bytes: Bytes) throws(RedactionError) -> [Edit] {
    harvest.names.append(bytes)
    var scan = TextScan(engine, bytes, depth: 0, isOverTime: isOverTime)
    try scan.runTriggers(engine.formatFilter, in: 0..<bytes.count)
    scan.findings.normalize(in: bytes)
    return scan.findings.map { edit($0, in: bytes) }
  }

  /// Learns a leaf that is masked whole: its text, and what that decodes to.
  func learn(_ text: Bytes, rule: Int) {
    harvest.learned.append(Self.withoutEnd(text))
    guard rule == engine.builtin.kubernetesSecret || text.count >= 16 else { return }
    if let plain = Decoding.base64(text), plain.count >= 6, Decoding.isText(plain) {
      harvest.learned.append(Self.withoutEnd(plain))
      // Of a file that is a value, the lines of a key alone: others stand in configurations, too.
      learnLines(plain) { $0.count >= Self.keyLine && $0.allSatisfy { $0.isBase64 || $0 == 0x3D } }
    }
    // A key or a file: each of its lines is secret by itself.
    learnLines(text) { $0.count >= 16 }
  }

  /// Fewest bytes of a line of a key: the last one, which may be shorter, stays.
  private static let keyLine = 32

  private func learnLines<Text: Collection<UInt8>>(_ text: Text, where isSecret: (Text.SubSequence) -> Bool) {
    guard text.count > 64, text.contains(0x0A) else { return }
    for line in text.split(separator: 0x0A) where isSecret(line) && !line.starts(with: "-----".utf8) {
      harvest.learned.append(Array(line))
    }
  }

  /// A value without the line end behind it, which is a block's or a file's and not the secret's.
  private static func withoutEnd(_ value: some BidirectionalCollection<UInt8>) -> [UInt8] {
    let end = value.lastIndex { !$0.isLineEnd }
    return end.map { Array(value[...$0]) } ?? []
  }

  /// The edits inside a leaf's decoded text: of a document in a string, or of plain text.
  func innerEdits(_ text: Bytes, depth: Int) throws(RedactionError) -> [Edit] {
    guard depth > 0 else { return try textEdits(text, depth: 0) }
    switch Self.sniff(text) {
    case .json: return try edits(text, form: .json, depth: depth - 1)
    case .yaml: return try edits(text, form: .yaml, depth: depth - 1)
    default: return try textEdits(text, depth: depth)
    }
  }

  /// What a text inside a document looks like.
  static func sniff(_ text: Bytes) -> TextSource.Form {
    var index = 0
    while index < text.count, text[index].isSpace { index += 1 }
    guard index < text.count else { return .message }
    if text[index] == 0x7B || text[index] == 0x5B, text.count > 4 { return .json }
    // YAML: at least two lines, and the first that is no comment is `key:` or `- `.
    guard text.firstByte(0x0A, from: 0) != nil else { return .message }
    while index < text.count, text[index] == 0x23 {
      index = text.lineEnd(from: index, limit: text.count)
      while index < text.count, text[index].isSpace { index += 1 }
    }
    if text.has("---", at: index) { return .yaml }
    if text.has("- ", at: index) { index += 2 }
    let key = index
    while index < text.count, text[index].isKey || text[index] == 0x2F || text[index].isQuote { index += 1 }
    guard index > key, text.at(index) == 0x3A, text.at(index + 1) == 0x20 || text.at(index + 1).isLineEnd else {
      return .message
    }
    return .yaml
  }
}

extension DocumentRedactor {
  /// Turns a decision into edits of the document.
  func perform(
    _ decision: DocumentWalk.Decision, in bytes: Bytes, depth: Int, into edits: inout [Edit]
  ) throws(RedactionError) {
    switch decision {
    case .mask(let leaf, let rule):
      guard try engine.enter(rule) else { return }
      let isMasked = leaf.withText(bytes) { text in
        if leaf.kind == .text, ValueShape.isPlaceholder(text, 0..<text.count) { return true }
        learn(text, rule: rule)
        return false
      }
      if isMasked { return }
      let mask = leaf.withText(bytes) { engine.masks.mask($0) }
      edits.append(LeafWriter.whole(leaf, mask: mask, in: bytes, rule: rule))
    case .scan(let leaf):
      if let text = leaf.text, leaf.isEscaped(text, in: bytes) { harvest.hidesValues = true }
      if isQuiet(leaf) { return }
      let inner = try leaf.withText(bytes) { text throws(RedactionError) in
        isClean(text) ? [] : try scannedEdits(text, depth: depth)
      }
      guard !inner.isEmpty else { return }
      harvest.hasParts = true
      edits += LeafWriter.parts(leaf, inner, in: bytes)
    case .maskAssigned(let leaf):
      guard try engine.enter(engine.builtin.kubernetesSecret) else { return }
      let inner: [Edit] = leaf.withText(bytes) { text in
        guard let equals = text.firstByte(0x3D, from: 0), equals + 1 < text.count,
          !ValueShape.isPlaceholder(text, equals + 1..<text.count)
        else { return [] }
        let value = Bytes(rebasing: text[(equals + 1)...])
        learn(value, rule: engine.builtin.kubernetesSecret)
        return [
          Edit(
            range: equals + 1..<text.count, replacement: engine.masks.mask(value), rule: engine.builtin.kubernetesSecret
          )
        ]
      }
      guard !inner.isEmpty else { return }
      harvest.hasParts = true
      edits += LeafWriter.parts(leaf, inner, in: bytes)
    case .scanWords(let leaves): try scanWords(leaves, in: bytes, depth: depth, into: &edits)
    }
  }

  /// The edits inside a leaf's text. Where it brings nothing it is clean from now on: one redactor reads leaves in one depth, so that
  /// the same text brings nothing the next time, and flags of the harvest stay set.
  private func scannedEdits(_ text: Bytes, depth: Int) throws(RedactionError) -> [Edit] {
    let before = harvest.learned.count
    let edits = try innerEdits(text, depth: depth)
    if edits.isEmpty, harvest.learned.count == before { clean.set(true, text, 0..<text.count) }
    return edits
  }

  /// True where nothing can be found in a text of one line, whatever the rules: no trigger, no run that could be encoded, no
  /// mark of an escape, no known value. Most scalars of a manifest are like that, and many of them are alike.
  func isClean(_ text: Bytes) -> Bool { clean.value(text, 0..<text.count) { showsNothing(text) } }

  /// True where that is known without looking at the text itself.
  @inline(__always) private func isQuiet(_ leaf: Leaf) -> Bool {
    guard let quiet, leaf.text == nil else { return false }
    return quiet.isQuiet(leaf.inside)
  }

  /// True where nothing can be found in a leaf: see `isClean`.
  @inline(__always) func isClean(_ leaf: Leaf, in bytes: Bytes) -> Bool {
    isQuiet(leaf) || leaf.withText(bytes) { isClean($0) }
  }

  private func mayHoldMark(_ text: Bytes) -> Bool {
    let marks = engine.marks
    guard text.count >= 8 else { return text.contains { marks.contains($0) } }
    // The last eight are those up to the end, whether they were looked at before or not.
    for place in stride(from: 0, to: text.count, by: 8) where EightBytes(text, min(place, text.count - 8)).mayHoldMark {
      return true
    }
    return false
  }

  private func showsNothing(_ text: Bytes) -> Bool {
    guard engine.regexes.count == 0, let first = text.first else { return text.isEmpty }
    // Something that holds a document.
    if first == 0x7B || first == 0x5B || first == 0x20 { return false }
    if mayHoldMark(text) { return false }
    if WindowLookup.mayHoldRun(text) { return false }
    var index = 0
    while index < text.count {
      let hit = engine.prefilter.candidate(in: text, from: index, to: text.count)
      if hit < text.count, engine.prefilter.isTrigger(text, at: hit) { return false }
      index = hit + 1
    }
    var isFound = false
    known.eachOccurrence(in: text, from: 0..<text.count) { _ in isFound = true }
    return !isFound
  }

  /// An argument may hold blanks, which end a value in a line of text: what is the value of a flag is masked up to its end.
  private func widen(_ finding: inout Finding, to words: [Range<Int>], in line: [UInt8]) {
    guard let index = words.firstIndex(where: { $0.contains(finding.range.lowerBound) }) else { return }
    let word = words[index]
    let isValue =
      finding.range.lowerBound == word.lowerBound
      ? index > 0 && line[words[index - 1].lowerBound] == 0x2D
      : line[word.lowerBound] == 0x2D && line[finding.range.lowerBound - 1] == 0x3D
    if isValue, finding.range.upperBound < word.upperBound {
      finding.range = finding.range.lowerBound..<word.upperBound
    }
  }

  /// A list of arguments read as one command line: `["--token", "x"]`, `["curl", "-u", "a:b"]`.
  private func scanWords(
    _ leaves: [Leaf], in bytes: Bytes, depth: Int, into edits: inout [Edit]
  ) throws(RedactionError) {
    // A longer list is read in parts that share some words: an option and its value stand side by side.
    var start = 0
    while start < leaves.count {
      var end = start
      var count = 0
      while end < leaves.count, count < Self.longestLine || end < start + 2 * Self.sharedWords {
        count += leaves[end].range.count + 1
        end += 1
      }
      try scanLine(Array(leaves[start..<end]), in: bytes, depth: depth, into: &edits)
      start = end < leaves.count ? end - Self.sharedWords : end
    }
  }

  /// Longest command line that is read at once, in bytes, and words that two parts of a longer one share.
  private static let longestLine = 65_536
  private static let sharedWords = 8

  private func scanLine(
    _ leaves: [Leaf], in bytes: Bytes, depth: Int, into edits: inout [Edit]
  ) throws(RedactionError) {
    var line: [UInt8] = []
    var places: [Range<Int>] = []
    for leaf in leaves {
      let start = line.count
      leaf.withText(bytes) { line.append(contentsOf: $0) }
      // A line end inside a word would end the command.
      for index in start..<line.count where line[index].isLineEnd { line[index] = 0x20 }
      places.append(start..<line.count)
      line.append(0x20)
    }
    let engine = engine
    let isOverTime = isOverTime
    let found = try line.withUnsafeBufferPointer { text throws(RedactionError) in
      var scan = TextScan(engine, text, depth: 0, keys: harvest.keys, isOverTime: isOverTime)
      try scan.run()
      return scan.findings
    }
    var word = 0
    for var finding in found {
      widen(&finding, to: places, in: line)
      while word < places.count, places[word].upperBound <= finding.range.lowerBound { word += 1 }
      var next = word
      while next < places.count, places[next].lowerBound < finding.range.upperBound {
        let part = finding.range.clamped(to: places[next])
        let inner = part.lowerBound - places[next].lowerBound..<part.upperBound - places[next].lowerBound
        if !inner.isEmpty {
          harvest.hasParts = true
          if finding.propagates { harvest.learned.append(Array(line[part])) }
          edits += LeafWriter.parts(
            leaves[next], [Edit(range: inner, replacement: engine.masks.mask(line[part]), rule: finding.rule)],
            in: bytes)
        }
        next += 1
      }
    }
  }
}
