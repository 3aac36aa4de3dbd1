/// A scalar of a document.
struct Leaf: Sendable {
  /// What it is.
  enum Kind: Sendable, Equatable {
    case text
    case number
    case boolean
    case null
  }

  /// How it is written, which decides how a part of it is replaced.
  enum Style: Sendable, Equatable {
    case json
    case plain
    case singleQuoted
    case doubleQuoted
    case literal
    case folded
  }

  /// Where it stands, with its quotes or its header.
  var range: Range<Int>
  var kind: Kind
  var style: Style
  /// True inside `{}` or `[]` of YAML, where a plain scalar may hold fewer characters.
  var isFlow = false
  /// Its decoded text; nil where that is the bytes between the quotes.
  var text: [UInt8]?

  /// True if the document's bytes are not those of its text: escapes, doubled quotes, lines that were folded or indented.
  func isEscaped(_ text: [UInt8], in bytes: Bytes) -> Bool {
    if style == .literal || style == .folded { return true }
    if range.count != text.count + (style == .plain ? 0 : 2) { return true }
    return bytes.firstByte(0x0A, from: range.lowerBound, to: range.upperBound) != nil
      || style != .plain && bytes.firstByte(0x5C, from: range.lowerBound, to: range.upperBound) != nil
  }

  /// Where the text stands, if it is written as it is: without its quotes.
  var inside: Range<Int> {
    switch style {
    case .json, .singleQuoted, .doubleQuoted:
      kind == .text && range.count >= 2 ? range.lowerBound + 1..<range.upperBound - 1 : range
    case .plain, .literal, .folded: range
    }
  }

  /// Hands out the decoded text.
  func withText<Result, Failure: Error>(
    _ bytes: Bytes, _ body: (Bytes) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if let text { return try text.withUnsafeBufferPointer { text throws(Failure) in try body(text) } }
    return try body(Bytes(rebasing: bytes[inside]))
  }
}

/// Goes over the events of a JSON or YAML document, knows which values are secret by where they stand, and hands each leaf
/// on: to be masked whole, or to be scanned as text.
///
/// What it knows apart from keys: `{name: X, value: Y}` where X is a secret's name; every value of a Secret object; lists
/// of arguments, which are read as one command line; a value under a key under a secret key (`password: {value: x}`).
struct DocumentWalk {
  /// What is to be done with a leaf.
  enum Decision {
    /// It is secret.
    case mask(Leaf, rule: Int)
    /// Its text is to be scanned.
    case scan(Leaf)
    /// Its text is `name=value`, and the value is secret.
    case maskAssigned(Leaf)
    /// These texts belong together as the words of a command line.
    case scanWords([Leaf])
  }

  private struct Frame {
    var isMap: Bool
    /// The verdict on the key that the next value belongs to; in a list, on the key of the list.
    var verdict = KeyVerdict.none
    /// The key itself, where its verdict is at least `.plural`: nested keys are read together with it.
    var key: [UInt8] = []
    var outerKey: [UInt8] = []
    /// Verdict of a `name:` in this map, and the leaves of its `value:`, `old:`, `new:`.
    var nameVerdict = KeyVerdict.none
    /// How many there are of them, and leaves of `values` before this frame began.
    var valueCount = 0
    var firstValue = 0
    var role = Role.other
    var isSecretKind = false
    /// Leaves under `data:` seen before this frame began.
    var candidates = 0
    var isData = false
    /// True for the literals of a `secretGenerator`.
    var isLiterals = false
    /// True inside of a resource of Terraform that makes a password up: `result` in there is the password.
    var isMadeUp = false
    /// Leaves of `words` before this frame began.
    var firstWord = 0
  }

  /// Keys that mean something to this walk.
  private enum Role {
    case other, name, value, kind, data
    /// The kind of a value, which is a name where it says `password`.
    case type
    /// `secretGenerator` of kustomize, and the `literals` in it.
    case generator, literals
  }

  private let engine: Engine
  private var frames: [Frame] = []
  private var candidates: [Leaf] = []
  /// The leaves under `value:` and its like, and the texts in lists, of the frames that are open: those of the innermost one last.
  private var values: [Leaf] = []
  private var words: [Leaf] = []
  /// Depth at which a `data:` began, or -1.
  private var dataDepth = -1
  /// Depth at which a `secretGenerator:` began, or -1.
  private var generatorDepth = -1
  private let harvest: Harvest

  /// The document.
  private let bytes: Bytes

  init(_ engine: Engine, _ bytes: Bytes, _ harvest: Harvest) {
    self.engine = engine
    self.harvest = harvest
    self.bytes = bytes
  }

  /// Values of one map that wait for its name.
  private static let mostValues = 8

  /// Depth of nesting.
  var depth: Int { frames.count }

  mutating func begin(isMap: Bool) {
    var frame = Frame(isMap: isMap)
    frame.candidates = candidates.count
    frame.firstValue = values.count
    frame.firstWord = words.count
    // Field by field: a copy of the frame would count references.
    if let top = frames.indices.last {
      if frames[top].verdict >= .plural {
        frame.outerKey = frames[top].key
      } else if !frames[top].isMap {
        frame.outerKey = frames[top].outerKey
      }
      if !isMap {
        frame.verdict = frames[top].verdict
        frame.key = frames[top].key
      }
      frame.isMadeUp = frames[top].isMadeUp
      if frames[top].isMap, frames[top].role == .data, dataDepth < 0 {
        dataDepth = frames.count
        frame.isData = true
      }
      if frames[top].isMap, frames[top].role == .generator, generatorDepth < 0 { generatorDepth = frames.count }
      frame.isLiterals = !isMap && frames[top].isMap && frames[top].role == .literals && generatorDepth >= 0
    }
    frames.append(frame)
  }

  mutating func end(_ decide: (Decision) throws(RedactionError) -> Void) throws(RedactionError) {
    guard let frame = frames.popLast() else { return }
    if frame.isData { dataDepth = -1 }
    if generatorDepth == frames.count { generatorDepth = -1 }
    if frame.isMap {
      if frame.nameVerdict > .none {
        for value in values[frame.firstValue...] { try Self.decide(value, frame.nameVerdict, engine, bytes, decide) }
      }
      values.removeLast(values.count - frame.firstValue)
      if frame.isSecretKind {
        for leaf in candidates[frame.candidates...] where leaf.kind != .null {
          try decide(.mask(leaf, rule: engine.builtin.kubernetesSecret))
        }
      }
    } else {
      if words.count - frame.firstWord > 1 { try decide(.scanWords(Array(words[frame.firstWord...]))) }
      words.removeLast(words.count - frame.firstWord)
    }
    if frames.isEmpty { candidates.removeAll(keepingCapacity: true) }
  }

  /// A key of the map that is open.
  mutating func key(_ bytes: Bytes, _ range: Range<Int>) {
    guard let top = frames.indices.last else { return }
    var verdict = harvest.keys.verdict(engine, bytes, range)
    let isOwn = verdict >= .plural
    if !frames[top].outerKey.isEmpty {
      let joined = frames[top].outerKey + [0x5F] + bytes[range]
      verdict = max(verdict, joined.withUnsafeBufferPointer { engine.verdict($0, 0..<$0.count) })
    }
    // `secretKey: password` of an ExternalSecret names a key.
    if verdict > .presumed, range.count == 9, bytes.has("secretKey", at: range.lowerBound) { verdict = .presumed }
    // The list of `chpasswd` in cloud-init: lines of a user and a password.
    if range.count == 4, bytes.has("list", at: range.lowerBound), frames[top].outerKey.elementsEqual("chpasswd".utf8) {
      verdict = .secret
    }
    if frames[top].isMadeUp, range.count == 6, bytes.has("result", at: range.lowerBound) { verdict = .secret }
    frames[top].verdict = verdict
    if verdict >= .plural {
      // A name that says nothing of its own hands the outer one on.
      frames[top].key = isOwn ? bytes.copy(range) : frames[top].outerKey
    } else if !frames[top].key.isEmpty {
      frames[top].key = []
    }
    frames[top].role = Self.role(bytes, range)
  }

  /// What a key means to this walk. What Kubernetes names is written as Kubernetes writes it.
  private static func role(_ bytes: Bytes, _ range: Range<Int>) -> Role {
    let start = range.lowerBound
    func named(_ word: StaticString) -> Bool { bytes.hasIgnoringCase(word, at: start) }
    switch range.count {
    case 1: return named("k") ? .name : named("v") ? .value : .other
    case 3: return named("key") ? .name : named("val") || named("old") || named("new") ? .value : .other
    case 4:
      if named("name") || named("path") { return .name }
      if named("type") { return .type }
      if named("text") { return .value }
      return bytes.has("kind", at: start) ? .kind : bytes.has("data", at: start) ? .data : .other
    case 5:
      return named("value") || named("after")
        ? .value : named("field") || named("label") || named("title") ? .name : .other
    case 6: return named("option") ? .name : named("before") ? .value : .other
    case 7: return named("setting") ? .name : named("default") || named("current") || named("content") ? .value : .other
    case 8:
      if bytes.has("literals", at: start) { return .literals }
      return named("variable") || named("property")
        ? .name : named("previous") || named("oldvalue") || named("newvalue") ? .value : .other
    case 10: return bytes.has("stringData", at: start) ? .data : .other
    case 12: return named("parameterkey") ? .name : named("defaultvalue") ? .value : .other
    case 13: return named("parametername") ? .name : .other
    case 15: return bytes.has("secretGenerator", at: start) ? .generator : .other
    case 14: return named("parametervalue") ? .value : .other
    default: return .other
    }
  }

  /// A scalar value, with its decoded text.
  mutating func leaf(
    _ leaf: Leaf, _ text: Bytes, _ decide: (Decision) throws(RedactionError) -> Void
  ) throws(RedactionError) {
    guard let top = frames.indices.last else {
      if leaf.kind == .text { try decide(.scan(leaf)) }
      return
    }
    if dataDepth >= 0 { candidates.append(leaf) }
    // Field by field: a copy of the frame would count references.
    if !frames[top].isMap {
      if leaf.kind == .text { words.append(leaf) }
      if leaf.kind == .text, frames[top].isLiterals { return try decide(.maskAssigned(leaf)) }
      return try Self.decide(leaf, frames[top].verdict, engine, bytes, decide, text: text)
    }
    switch frames[top].role {
    case .name:
      frames[top].nameVerdict = max(
        frames[top].nameVerdict,
        harvest.keys.verdict(engine, text, 0..<text.count))
      // A text with a blank in it names no object.
      if !text.contains(where: \.isSpace) { harvest.names.append(text) }
    case .value:
      if frames[top].valueCount < Self.mostValues {
        frames[top].valueCount += 1
        values.append(leaf)
      }
    case .kind:
      if text.elementsEqual("Secret".utf8) || text.elementsEqual("SecretList".utf8) { frames[top].isSecretKind = true }
    case .type:
      let verdict = engine.verdict(text, 0..<text.count)
      if text.elementsEqual("random_password".utf8) { frames[top].isMadeUp = true }
      if verdict == .password { frames[top].nameVerdict = max(frames[top].nameVerdict, verdict) }
    case .data, .other, .generator, .literals: break
    }
    try Self.decide(leaf, frames[top].verdict, engine, bytes, decide, text: text)
  }

  /// Masks or scans a leaf under a key with this verdict. Static, for the walk would be copied for what a closure needs of it.
  private static func decide(
    _ leaf: Leaf, _ verdict: KeyVerdict, _ engine: Engine, _ bytes: Bytes,
    _ decide: (Decision) throws(RedactionError) -> Void, text: Bytes? = nil
  ) throws(RedactionError) {
    var isSecret = false
    switch leaf.kind {
    case .null: return
    case .boolean: isSecret = verdict == .password
    case .number: isSecret = verdict >= .secret
    case .text:
      isSecret =
        if let text { isSecretText(text, verdict) } else { leaf.withText(bytes) { isSecretText($0, verdict) } }
    }
    if isSecret {
      try decide(.mask(leaf, rule: engine.builtin.keyValue))
    } else if leaf.kind == .text, text != nil {
      try decide(.scan(leaf))
    }
  }

  private static func isSecretText(_ text: Bytes, _ verdict: KeyVerdict) -> Bool {
    let range = 0..<text.count
    guard verdict > .none, !ValueShape.isPlaceholder(text, range), !ValueShape.isBoolean(text, range),
      !ValueShape.isPath(text, range), !ValueShape.isReference(text, range), ValueShape.defaultValue(text, range) == nil
    else { return false }
    switch verdict {
    case .none: return false
    case .likely: return ValueShape.looksLikeCredential(text, range)
    case .presumed: return ValueShape.looksChosen(text, range)
    case .plural: return !ValueShape.isNumber(text, range)
    case .secret, .password: return true
    }
  }
}
