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

  /// Kept small, for one is copied wherever a collection begins and ends. A document of 2 GiB, which would need more than 32 bits,
  /// is refused long before.
  private struct Frame {
    /// The key itself, where its verdict is at least `.plural`: nested keys are read together with it. A part of `names`, as is
    /// that of the frame around this one.
    var key: Range<Int32> = 0..<0
    var outerKey: Range<Int32> = 0..<0
    /// Bytes of `names`, and leaves of `values`, of `members`, of `words` and under `data:`, before this frame began.
    var firstName: Int32 = 0
    var firstValue: Int32 = 0
    var firstMember: Int32 = 0
    var firstWord: Int32 = 0
    var candidates: Int32 = 0
    /// Leaves of a `value:`, `old:`, `new:` in this map.
    var valueCount: UInt8 = 0
    var isMap: Bool
    /// The verdict on the key that the next value belongs to; in a list, on the key of the list.
    var verdict = KeyVerdict.none
    var role = KeyRole.other
    /// Verdict of a `name:` in this map.
    var nameVerdict = KeyVerdict.none
    var isSecretKind = false
    /// True for a JSON Web Key.
    var isKey = false
    var isData = false
    /// True for the literals of a `secretGenerator`.
    var isLiterals = false
    /// What the key that the next value belongs to says of names.
    var naming = KeyNaming.none
    /// True inside of a resource of Terraform that makes a password up: `result` in there is the password.
    var isMadeUp = false
    /// What the key that the next value belongs to makes of a `key` in there, and what the one around this map did.
    var makesKeySecret = false
    var holdsSecretKey = false
    /// True if a boolean under the key that the next value belongs to is none of its secrets.
    var isSwitch = false
  }

  private let engine: Engine
  /// The collection that is open, or nothing's, and those around it: what every token looks at is not fetched from a list.
  private var top = Frame(isMap: false)
  private var outer: [Frame] = []
  private var candidates: [Leaf] = []
  /// The leaves under `value:` and its like, and the texts in lists, of the frames that are open: those of the innermost one last.
  private var values: [Leaf] = []
  private var words: [Leaf] = []
  /// What may be private members of JSON Web Keys.
  private var members: [Leaf] = []
  /// The keys that frames refer to: a frame is copied without counting references.
  private var names: [UInt8] = []
  /// Depth at which a `data:` began, or -1.
  private var dataDepth = -1
  /// Depth at which a `secretGenerator:` began, or -1.
  private var generatorDepth = -1
  private let harvest: Harvest
  private let keys: KeyCache

  /// The document.
  private let bytes: Bytes

  init(_ engine: Engine, _ bytes: Bytes, _ harvest: Harvest) {
    self.engine = engine
    self.harvest = harvest
    keys = harvest.keys
    self.bytes = bytes
  }

  /// Values of one map that wait for its name.
  private static let mostValues = 8

  /// Leaves that wait for the `kty` of their map.
  private static let mostMembers = 1_024

  /// True where the leaf that comes next means nothing to this walk: its text is to be scanned, if it is one, and that is all.
  private(set) var isIndifferent = false

  /// How often something in a collection has meant something to one around it.
  private(set) var reach = 0

  /// True where what stands around means nothing to a collection that begins now: the same one brings the same anywhere else.
  @inline(__always) var isNeutral: Bool {
    top.verdict == .none && isScopeless && !top.makesKeySecret && generatorDepth < 0
      && top.role != .data && top.role != .generator && top.role != .literals
  }

  /// True where keys mean what they mean by themselves.
  @inline(__always) var isScopeless: Bool {
    top.outerKey.isEmpty && !top.isMadeUp && !top.holdsSecretKey && dataDepth < 0
  }

  /// A key of the map that is open that means nothing, where keys mean what they mean by themselves.
  @inline(__always) mutating func indifferentKey() {
    top.verdict = .none
    top.role = .other
    top.naming = .none
    top.makesKeySecret = false
    top.key = 0..<0
    Self.cut(&names, to: top.firstName)
    isIndifferent = true
  }

  /// Depth of nesting.
  var depth: Int { outer.count }

  mutating func begin(isMap: Bool) {
    var frame = Frame(isMap: isMap)
    frame.candidates = Int32(candidates.count)
    frame.firstValue = Int32(values.count)
    frame.firstWord = Int32(words.count)
    frame.firstMember = Int32(members.count)
    frame.firstName = Int32(names.count)
    if depth > 0 {
      if !top.key.isEmpty {
        frame.outerKey = top.key
      } else if !top.isMap {
        frame.outerKey = top.outerKey
      }
      if !isMap {
        frame.verdict = top.verdict
        frame.key = top.key
      }
      frame.isMadeUp = top.isMadeUp
      frame.holdsSecretKey = top.isMap && top.makesKeySecret
      if top.isMap, top.role == .data, dataDepth < 0 {
        dataDepth = depth
        frame.isData = true
      }
      if top.isMap, top.role == .generator, generatorDepth < 0 { generatorDepth = depth }
      frame.isLiterals = !isMap && top.isMap && top.role == .literals && generatorDepth >= 0
    }
    outer.append(top)
    top = frame
    isIndifferent = false
  }

  mutating func end(_ decide: (Decision) throws(RedactionError) -> Void) throws(RedactionError) {
    guard let around = outer.popLast() else { return }
    let frame = top
    top = around
    isIndifferent = false
    if frame.isData { dataDepth = -1 }
    if generatorDepth == depth { generatorDepth = -1 }
    Self.cut(&names, to: frame.firstName)
    if frame.isMap {
      if frame.nameVerdict > .none {
        for value in values[Int(frame.firstValue)...] {
          try Self.decide(value, frame.nameVerdict, engine, bytes, decide)
        }
      }
      Self.cut(&values, to: frame.firstValue)
      if frame.isKey {
        for leaf in members[Int(frame.firstMember)...] { try decide(.mask(leaf, rule: engine.builtin.jwk)) }
      }
      Self.cut(&members, to: frame.firstMember)
      if frame.isSecretKind {
        // `kind: {group: "", version: v1, kind: Secret}` of a review of admission: the objects stand beside it.
        reach += 1
        if around.isMap, around.role == .kind { top.isSecretKind = true }
        for leaf in candidates[Int(frame.candidates)...] where leaf.kind != .null {
          try decide(.mask(leaf, rule: engine.builtin.kubernetesSecret))
        }
      }
    } else {
      if words.count - Int(frame.firstWord) > 1 { try decide(.scanWords(Array(words[Int(frame.firstWord)...]))) }
      Self.cut(&words, to: frame.firstWord)
    }
    if depth == 0 { candidates.removeAll(keepingCapacity: true) }
  }

  private func name(_ place: Range<Int32>) -> ArraySlice<UInt8> { names[Int(place.lowerBound)..<Int(place.upperBound)] }

  /// Takes the end off a list. Mostly there is none.
  @inline(__always) private static func cut<Element>(_ list: inout [Element], to count: Int32) {
    if list.count > Int(count) { list.removeLast(list.count - Int(count)) }
  }

  /// A key of the map that is open.
  mutating func key(_ bytes: Bytes, _ range: Range<Int>) {
    guard depth > 0 else { return }
    let meaning = keys.meaning(engine, bytes, range)
    var verdict = meaning.verdict
    let isOwn = verdict >= .plural
    let scope = top.outerKey
    if !scope.isEmpty {
      verdict = max(verdict, engine.verdict(on: bytes[range], in: name(scope)))
      // `password: {name: db, key: pass}`: where Kubernetes keeps it, unless it looks made.
      if !isOwn, range.count == 3, bytes.has("key", at: range.lowerBound) { verdict = min(verdict, .likely) }
    }
    // `secretKey: password` of an ExternalSecret names a key.
    if verdict > .presumed, range.count == 9, bytes.has("secretKey", at: range.lowerBound) { verdict = .presumed }
    top.naming = verdict >= .presumed ? KeyNaming(bytes, range) : .none
    // The list of `chpasswd` in cloud-init: lines of a user and a password.
    if range.count == 4, bytes.has("list", at: range.lowerBound), name(scope).elementsEqual("chpasswd".utf8) {
      verdict = .secret
    }
    if top.holdsSecretKey, range.count == 3, bytes.hasIgnoringCase("key", at: range.lowerBound) {
      verdict = max(verdict, .presumed)
    }
    top.makesKeySecret = meaning.makesKeySecret
    top.isSwitch = meaning.isSwitch
    if top.isMadeUp, range.count == 6, bytes.has("result", at: range.lowerBound) { verdict = .secret }
    top.verdict = verdict
    Self.cut(&names, to: top.firstName)
    if verdict >= .plural || verdict == .presumed && !isOwn {
      // A name that says nothing of its own hands the outer one on.
      if isOwn { names.append(contentsOf: Bytes(rebasing: bytes[range])) }
      top.key = isOwn ? top.firstName..<Int32(names.count) : scope
    } else {
      top.key = 0..<0
    }
    top.role = meaning.role
    isIndifferent = verdict == .none && meaning.role == .other && !meaning.makesKeySecret && dataDepth < 0
  }

  /// A scalar value, with its decoded text.
  mutating func leaf(
    _ leaf: Leaf, _ text: Bytes, _ decide: (Decision) throws(RedactionError) -> Void
  ) throws(RedactionError) {
    guard depth > 0 else {
      if leaf.kind == .text { try decide(.scan(leaf)) }
      return
    }
    if dataDepth >= 0 {
      candidates.append(leaf)
      reach += 1
    }
    if !top.isMap {
      if leaf.kind == .text { words.append(leaf) }
      if leaf.kind == .text, top.isLiterals { return try decide(.maskAssigned(leaf)) }
      return try Self.decide(leaf, top.verdict, engine, bytes, decide, text: text)
    }
    switch top.role {
    case .keyType: top.isKey = true
    case .keyMember: if leaf.kind == .text, text.count >= 16, members.count < Self.mostMembers { members.append(leaf) }
    case .name:
      if leaf.kind == .text, text.count >= 16, text.allSatisfy(\.isBase64), members.count < Self.mostMembers {
        members.append(leaf)
      }
      top.nameVerdict = max(top.nameVerdict, keys.verdict(engine, name: text))
      // A text with a blank in it names no object.
      if !text.contains(where: \.isSpace) { harvest.names.append(text) }
    case .value:
      if top.valueCount < Self.mostValues {
        top.valueCount += 1
        values.append(leaf)
      }
    case .kind:
      if text.elementsEqual("Secret".utf8) || text.elementsEqual("SecretList".utf8) { top.isSecretKind = true }
    case .type:
      let verdict = engine.verdict(text, 0..<text.count)
      if text.elementsEqual("random_password".utf8) { top.isMadeUp = true }
      if verdict == .password { top.nameVerdict = max(top.nameVerdict, verdict) }
      // A parameter of AWS; a Secret in the state of Terraform.
      if text.elementsEqual("SecureString".utf8) { top.nameVerdict = .password }
      if text.starts(with: "kubernetes_secret".utf8) { top.isSecretKind = true }
    case .resource:
      // `objectRef: {resource: secrets}` of an entry of the audit log: what it sets stands beside.
      if text.elementsEqual("secrets".utf8) {
        reach += 1
        if depth > 1 { outer[outer.count - 1].isSecretKind = true }
      }
    case .data, .other, .generator, .literals: break
    }
    let range = 0..<text.count
    let saysNothing =
      switch top.naming {
      case _ where leaf.kind == .boolean: top.isSwitch
      case .none: false
      case .object: ValueShape.isNameOfSecret(text, range)
      case .key: ValueShape.isNameOfKey(text, range)
      case .annotation: top.verdict < .password && ValueShape.isNameOfObjects(text, range)
      }
    try Self.decide(leaf, saysNothing ? .none : top.verdict, engine, bytes, decide, text: text)
  }

  /// Masks or scans a leaf under a key with this verdict. Static, for the walk would be copied for what a closure needs of it.
  private static func decide(
    _ leaf: Leaf, _ verdict: KeyVerdict, _ engine: Engine, _ bytes: Bytes,
    _ decide: (Decision) throws(RedactionError) -> Void, text: Bytes? = nil
  ) throws(RedactionError) {
    var isSecret = false
    switch leaf.kind {
    case .null: return
    case .boolean, .number: isSecret = verdict >= .secret
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
    case .plural: return !ValueShape.isNumber(text, range) && !ValueShape.isVersion(text, range)
    case .secret: return !ValueShape.isVersion(text, range)
    case .password: return true
    }
  }
}
