internal import Documents

extension RuleSet {
  /// Largest rule file, in bytes: the one that comes with the program has 60 KiB.
  static let largestFile = 1 << 20

  /// Reads a rule file. Every fault names its line.
  package init(file bytes: [UInt8], name: String) throws(RedactionError) {
    self.init(version: "", descriptions: [], words: [], endings: [], formats: [])
    try read(bytes, name: name)
  }

  private init(
    version: String, descriptions: [Description], words: [(word: String, meaning: WordClass)],
    endings: [(word: String, meaning: WordClass)], formats: [Format]
  ) {
    self.version = version
    self.descriptions = descriptions
    self.words = words
    self.endings = endings
    self.formats = formats
  }

  /// These rules with those of a user's file: a format of the same name takes the place of ours, `disable` switches
  /// rules off, `keys` are globs of key names.
  package func merging(file bytes: [UInt8], name: String) throws(RedactionError) -> RuleSet {
    var copy = self
    try copy.read(bytes, name: name)
    return copy
  }

  private mutating func read(_ bytes: [UInt8], name: String) throws(RedactionError) {
    guard bytes.count <= Self.largestFile else {
      throw RedactionError(.configuration, place: name, message: "a rule file may have \(Self.largestFile) bytes")
    }
    let root: YAMLNode
    do throws(YAMLError) { root = try YAMLNode.parse(bytes) } catch {
      throw RedactionError(.configuration, place: "\(name):\(error.line)", message: error.problem)
    }
    guard let entries = root.entries else {
      throw RedactionError(.configuration, place: "\(name):\(root.line)", message: "a rule file is a mapping")
    }
    for entry in entries {
      switch entry.key {
      case "version": version = version.isEmpty ? entry.value.text ?? "" : "\(version)+\(entry.value.text ?? "")"
      case "words": try readWords(entry.value, name)
      case "verifiers": for node in entry.value.elements ?? [] { try add(describe(node, name), at: node, name) }
      case "formats": for node in entry.value.elements ?? [] { try readFormat(node, name) }
      case "keys": keyGlobs += try strings(entry.value, name)
      case "disable":
        for rule in try strings(entry.value, name) {
          guard descriptions.contains(where: { $0.name == rule }) else {
            throw RedactionError(
              .configuration, rule: rule, place: "\(name):\(entry.line)", message: "there is no such rule to disable")
          }
          disabled.insert(rule)
        }
      default:
        throw RedactionError(.configuration, place: "\(name):\(entry.line)", message: "unknown key \(entry.key)")
      }
    }
  }

  private static let classes: [String: WordClass] = [
    "password": .password, "secret": .secret, "token": .token, "key": .key, "qualifier": .qualifier,
    "harmless": .harmless, "describes": .describes, "ignored": .ignored, "negates": .negates, "weak": .weak,
    "session": .session,
  ]

  private mutating func readWords(_ node: YAMLNode, _ name: String) throws(RedactionError) {
    for entry in node.entries ?? [] {
      if entry.key == "endings" {
        for ending in entry.value.entries ?? [] {
          guard let meaning = Self.classes[ending.key] else { throw Self.unknown(ending.key, name, ending.line) }
          endings += try strings(ending.value, name).map { ($0, meaning) }
        }
        continue
      }
      guard let meaning = Self.classes[entry.key] else { throw Self.unknown(entry.key, name, entry.line) }
      words += try strings(entry.value, name).map { ($0, meaning) }
    }
  }

  private mutating func readFormat(_ node: YAMLNode, _ name: String) throws(RedactionError) {
    let description = try describe(node, name)
    var patterns: [Pattern] = []
    for (text, line) in zip(description.patterns, (node["patterns"]?.elements ?? []).map(\.line)) {
      do throws(PatternError) { patterns.append(try Pattern(text)) } catch {
        throw RedactionError(
          .configuration, rule: description.name, place: "\(name):\(line)", message: "pattern \(text): \(error.message)"
        )
      }
    }
    guard !patterns.isEmpty else {
      throw RedactionError(
        .configuration, rule: description.name, place: "\(name):\(node.line)", message: "a format needs patterns")
    }
    let confidence: Confidence
    switch node["confidence"]?.text {
    case nil, "high": confidence = .high
    case "low": confidence = .low
    case let other?: throw Self.unknown(other, name, node.line)
    }
    let format = Format(name: description.name, patterns: patterns, confidence: confidence)
    if let index = formats.firstIndex(where: { $0.name == format.name }) {
      formats[index] = format
      disabled.remove(format.name)
      if let old = descriptions.firstIndex(where: { $0.name == format.name }) { descriptions[old] = description }
    } else {
      try add(description, at: node, name)
      formats.append(format)
    }
  }

  private mutating func add(_ description: Description, at node: YAMLNode, _ name: String) throws(RedactionError) {
    guard !descriptions.contains(where: { $0.name == description.name }) else {
      throw RedactionError(
        .configuration, rule: description.name, place: "\(name):\(node.line)", message: "the rule stands twice")
    }
    descriptions.append(description)
  }

  private func describe(_ node: YAMLNode, _ name: String) throws(RedactionError) -> Description {
    let known: Set = ["name", "why", "patterns", "confidence", "match", "clean"]
    for entry in node.entries ?? [] where !known.contains(entry.key) {
      throw Self.unknown(entry.key, name, entry.line)
    }
    guard let rule = node["name"]?.text, !rule.isEmpty else {
      throw RedactionError(.configuration, place: "\(name):\(node.line)", message: "a rule needs a name")
    }
    return Description(
      name: rule, why: node["why"]?.text ?? "", patterns: try strings(node["patterns"], name),
      match: try strings(node["match"], name), clean: try strings(node["clean"], name))
  }

  private func strings(_ node: YAMLNode?, _ name: String) throws(RedactionError) -> [String] {
    guard let node else { return [] }
    var out: [String] = []
    for element in node.elements ?? [node] {
      guard case .scalar(let text, _) = element.content else {
        throw RedactionError(.configuration, place: "\(name):\(element.line)", message: "a list of texts is expected")
      }
      out.append(text)
    }
    return out
  }

  private static func unknown(_ key: String, _ name: String, _ line: Int) -> RedactionError {
    RedactionError(.configuration, place: "\(name):\(line)", message: "unknown key or value \(key)")
  }
}
