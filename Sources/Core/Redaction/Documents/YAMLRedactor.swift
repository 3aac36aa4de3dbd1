internal import Documents

extension DocumentRedactor {
  /// The edits of a YAML text; nil where it is none, or is one scalar: that is text.
  func yamlEdits(_ bytes: Bytes, depth: Int) throws(RedactionError) -> [Edit]? {
    guard bytes.firstByte(0, from: 0) == nil else { return nil }
    let inner = apart(for: bytes)
    if var pass = try BlockYAML.read(bytes, YAMLPass(redactor: inner, bytes: bytes, depth: depth)) {
      harvest.add(inner.harvest)
      pass.edits.normalize()
      return pass.edits
    }
    return try anyYAMLEdits(bytes, depth: depth)
  }

  /// The same with libyaml alone, which reads all that is YAML.
  func anyYAMLEdits(_ bytes: Bytes, depth: Int) throws(RedactionError) -> [Edit]? {
    let inner = apart(for: bytes)
    var pass = YAMLPass(redactor: inner, bytes: bytes, depth: depth)
    do throws(YAMLStop<RedactionError>) {
      try YAMLEvents.parse(bytes) { event throws(RedactionError) in try pass.take(event) }
    } catch {
      switch error {
      case .syntax: return nil
      case .stopped(let cause): throw cause
      }
    }
    // A mask at its beginning would turn a scalar into a list, or into no YAML: then it is quoted, and its quotes stay.
    guard pass.hasCollection || pass.isQuoted || pass.edits.contains(where: \.quotesMask) else { return nil }
    try pass.finish()
    harvest.add(inner.harvest)
    pass.edits.normalize()
    return pass.edits
  }
}

extension Edit {
  /// True for a scalar that begins with a mask and was put into quotes for it.
  fileprivate var quotesMask: Bool {
    replacement.first?.isQuote == true && replacement.dropFirst().starts(with: MaskStyle.opening)
  }
}

/// Follows what one YAML text consists of.
struct YAMLPass {
  let redactor: DocumentRedactor
  let bytes: Bytes
  let depth: Int
  var edits: [Edit] = []
  var hasCollection = false
  /// True for a document that is one scalar in quotes.
  var isQuoted = false
  private var walk: DocumentWalk
  /// Whether each open collection is a map, and, in a map, whether a key comes next.
  private var stack: [(isMap: Bool, isKeyNext: Bool, isFlow: Bool)] = []
  private var anchors = YAMLAnchors()
  /// Steps that aliases stood for.
  private var repeated = 0
  /// End of the last event: what stands between two events is layout and comments.
  private var last = 0
  private var events = 0
  /// Values that were learned up to the end of the last collection.
  private var learned = 0
  /// True behind the key `<<`.
  private var isMergeNext = false
  /// True if nothing has come of what stands behind the last key.
  private var isQuiet = false

  init(redactor: DocumentRedactor, bytes: Bytes, depth: Int) {
    self.redactor = redactor
    self.bytes = bytes
    self.depth = depth
    walk = DocumentWalk(redactor.engine, bytes, redactor.harvest)
  }

  mutating func take(_ event: YAMLEvent) throws(RedactionError) {
    try comments(upTo: event.range.lowerBound)
    last = max(last, event.range.upperBound)
    switch event.kind {
    case .documentStart: break
    case .documentEnd: endDocument()
    case .mappingStart, .sequenceStart:
      let isMap = event.kind == .mappingStart
      anchors.begin(isMap: isMap, name: event.anchor, depth: stack.count)
      try begin(isMap: isMap, isFlow: event.isFlow)
    case .mappingEnd, .sequenceEnd:
      try end()
      anchors.end(depth: stack.count)
    case .alias(let name):
      let wasKey = isKey
      flipKey()
      if wasKey {
        walk.key(bytes, 0..<0)
        anchors.add(.key([]))
      } else {
        try alias(anchors.steps(of: name))
      }
    case .scalar(let value, let style): try scalar(event, value, style)
    }
  }

  @inline(__always) private mutating func checkTime() throws(RedactionError) {
    events += 1
    if events & 1_023 == 0, redactor.isOverTime() {
      throw RedactionError(.timeout, place: "", message: "the time for redaction is used up")
    }
  }

  mutating func begin(isMap: Bool, isFlow: Bool) throws(RedactionError) {
    try checkTime()
    hasCollection = true
    flipKey()
    stack.append((isMap, true, isFlow || stack.last?.isFlow == true))
    walk.begin(isMap: isMap)
  }

  mutating func end() throws(RedactionError) {
    _ = stack.popLast()
    try step { walk, decide throws(RedactionError) in try walk.end(decide) }
  }

  /// An anchor is known up to the end of its document.
  mutating func endDocument() { anchors = YAMLAnchors() }

  /// What a name stands for is read again, where the alias stands. What `<<` merges belongs to the map itself.
  private mutating func alias(_ steps: [YAMLAnchors.Step]) throws(RedactionError) {
    repeated += steps.count
    guard repeated <= YAMLAnchors.most else {
      throw RedactionError(.limit, place: "", message: "aliases of YAML stand for too much")
    }
    var steps = steps[...]
    if isMergeNext, case .begin(isMap: true) = steps.first { steps = steps.dropFirst().dropLast() }
    for step in steps {
      try checkTime()
      anchors.add(step)
      switch step {
      case .begin(let isMap): walk.begin(isMap: isMap)
      case .end: try self.step { walk, decide throws(RedactionError) in try walk.end(decide) }
      case .key(let name): name.withUnsafeBufferPointer { walk.key($0, 0..<$0.count) }
      case .value(let leaf): try put(leaf)
      }
    }
  }

  // Mutating, though they change nothing: else they would be given a copy of the whole pass.

  /// Notes that a collection begins which may be met again.
  mutating func open(at start: Int) -> QuietParts.Open {
    guard redactor.parts != nil, walk.isNeutral, walk.depth < QuietParts.deepest else { return QuietParts.Open() }
    return QuietParts.Open(
      start: Int32(start), edits: edits.count, learned: learned, reach: walk.reach)
  }

  /// Remembers a collection that has ended before `end`, if it brought nothing.
  mutating func close(_ part: QuietParts.Open, end: Int, column: Int) {
    learned = redactor.harvest.learned.count
    guard let parts = redactor.parts, part.isQuiet(edits.count, learned, walk.reach) else { return }
    parts.add(collection: Int(part.start)..<end, bytes, column: column)
  }

  /// Bytes of the collection that begins at `start` and brought nothing before; nil where it has to be read.
  mutating func quietPart(at start: Int, column: Int) -> Int? {
    guard let parts = redactor.parts, walk.isNeutral, walk.depth < QuietParts.deepest else { return nil }
    return parts.collection(bytes, at: start, column: column)
  }

  /// The colon's place in a line of a key, or a key and a value, that brought nothing before: it brings nothing now. Nil where it has to be
  /// read.
  mutating func quietLine(_ range: Range<Int>) throws(RedactionError) -> Int? {
    guard let parts = redactor.parts, walk.isScopeless, let colon = parts.colon(bytes, ofLine: range) else {
      return nil
    }
    try checkTime()
    walk.indifferentKey()
    return range.lowerBound + colon
  }

  /// Remembers such a line, once all of it was read, if it brought nothing.
  mutating func endLine(_ range: Range<Int>, colon: Int) {
    guard let parts = redactor.parts, walk.isIndifferent, walk.isScopeless, isQuiet else { return }
    parts.add(line: range, bytes, colon: colon - range.lowerBound)
  }

  // `BlockYAML` calls the next two, which know without counting what is a key and what is not.

  /// A key that is written as it is.
  mutating func key(_ range: Range<Int>) throws(RedactionError) {
    try checkTime()
    walk.key(bytes, range)
    isQuiet = true
  }

  /// A value that no anchor and no tag stands before.
  mutating func value(_ leaf: Leaf) throws(RedactionError) {
    try checkTime()
    try put(leaf)
  }

  private var isKey: Bool { stack.last.map { $0.isMap && $0.isKeyNext } ?? false }

  private mutating func flipKey() {
    if let top = stack.indices.last { stack[top].isKeyNext.toggle() }
  }

  private mutating func scalar(
    _ event: YAMLEvent, _ value: [UInt8], _ style: YAMLEvent.ScalarStyle
  ) throws(RedactionError) {
    try checkTime()
    let wasKey = isKey
    flipKey()
    var leaf = Leaf(
      range: event.range, kind: .text, style: Self.style(style), isFlow: stack.last?.isFlow ?? false, text: value)
    if !event.anchor.isEmpty || !event.tag.isEmpty { skipProperties(&leaf, hasTag: !event.tag.isEmpty) }
    if wasKey {
      value.withUnsafeBufferPointer { walk.key($0, 0..<$0.count) }
      isMergeNext = value.elementsEqual("<<".utf8)
      anchors.add(.key(value))
      return
    }
    if style == .plain, event.tag.isEmpty || event.tag.hasSuffix(":int") || event.tag.hasSuffix(":bool") {
      leaf.kind = value.withUnsafeBufferPointer { Self.kind($0) }
    }
    if stack.isEmpty { isQuoted = leaf.style == .singleQuoted || leaf.style == .doubleQuoted }
    if !event.anchor.isEmpty { anchors.name(event.anchor, leaf) }
    anchors.add(.value(leaf))
    try put(leaf)
  }

  private mutating func put(_ leaf: Leaf) throws(RedactionError) {
    let bytes = bytes
    if walk.isIndifferent, leaf.text == nil, leaf.kind != .text || redactor.isClean(leaf, in: bytes) { return }
    isQuiet = false
    try leaf.withText(bytes) { text throws(RedactionError) in
      try step { walk, decide throws(RedactionError) in try walk.leaf(leaf, text, decide) }
    }
  }

  private mutating func step(
    _ body: (inout DocumentWalk, (DocumentWalk.Decision) throws(RedactionError) -> Void) throws(RedactionError) -> Void
  ) throws(RedactionError) {
    let redactor = redactor
    try body(&walk) { decision throws(RedactionError) in
      try redactor.perform(decision, in: bytes, depth: depth, into: &edits)
    }
  }

  /// Steps over `&anchor` and `!tag` before a scalar. A tag other than a string's goes with the value, for a mask is text; of an anchor
  /// behind it `LeafWriter` takes care.
  private func skipProperties(_ leaf: inout Leaf, hasTag: Bool) {
    var index = leaf.range.lowerBound
    var tag: Int?
    while index < leaf.range.upperBound, bytes[index] == 0x26 || bytes[index] == 0x21 {
      let isTag = bytes[index] == 0x21
      if isTag, tag == nil { tag = index }
      // The name of an anchor ends at the first byte that cannot belong to it, and libyaml lets `:` follow.
      index += 1
      while index < leaf.range.upperBound, isTag ? !bytes[index].isSpace : bytes[index].isWord || bytes[index] == 0x2D {
        index += 1
      }
      while index < leaf.range.upperBound, bytes[index].isSpace { index += 1 }
    }
    leaf.range = (hasTag ? tag ?? index : index)..<leaf.range.upperBound
  }

  private static func style(_ style: YAMLEvent.ScalarStyle) -> Leaf.Style {
    switch style {
    case .plain: .plain
    case .singleQuoted: .singleQuoted
    case .doubleQuoted: .doubleQuoted
    case .literal: .literal
    case .folded: .folded
    }
  }

  /// What a plain scalar is in YAML 1.1.
  static func kind(_ text: Bytes) -> Leaf.Kind {
    let all = 0..<text.count
    guard let first = text.first else { return .null }
    if text.count == 1, first == 0x7E { return .null }
    if text.count == 4, text.hasIgnoringCase("null", at: 0) { return .null }
    if ValueShape.isBoolean(text, all) || text.count == 2 && text.hasIgnoringCase("on", at: 0)
      || text.count == 3 && text.hasIgnoringCase("off", at: 0)
    {
      return .boolean
    }
    return ValueShape.isNumber(text, all) && (first.isDigit || first == 0x2D && text.count > 1) ? .number : .text
  }

  /// Scans the comments between the last event and this place as text.
  private mutating func comments(upTo end: Int) throws(RedactionError) {
    guard let mark = bytes.firstByte(0x23, from: last, to: end) else { return }
    let range = mark..<end
    let findings = try redactor.findings(Bytes(rebasing: bytes[range]), depth: 1)
    if !findings.isEmpty { redactor.harvest.hasParts = true }
    edits += findings.map { finding in
      var edit = redactor.edit(finding, in: Bytes(rebasing: bytes[range]))
      edit.range = edit.range.lowerBound + mark..<edit.range.upperBound + mark
      return edit
    }
  }

  mutating func finish() throws(RedactionError) {
    try comments(upTo: bytes.count)
  }
}
