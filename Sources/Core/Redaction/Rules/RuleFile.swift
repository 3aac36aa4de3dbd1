internal import Documents

extension RuleSet {
  /// Largest rule file, in bytes: the one that comes with the program has 60 KiB.
  package static let largestFile = 1 << 20

  /// Reads the rule file that comes with the program. Every fault names its line.
  init(file bytes: [UInt8], name: String) throws(RedactionError) {
    self.init(version: "", descriptions: [], words: [], endings: [], formats: [])
    var reader = RuleFileReader(rules: self, name: name, isUsers: false)
    try reader.read(bytes)
    self = reader.rules
    builtInGlobs = keyGlobs.count
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

  /// These rules with those of a user's file: `patterns` and `formats` add rules or take the place of those of the same name,
  /// `disable` switches rules off, `keys` are globs of key names, `words` are words of key names. Whatever is wrong with the
  /// file names its line; its regular expressions and examples are checked when a `Redactor` is made.
  package func merging(file bytes: [UInt8], name: String) throws(RedactionError) -> RuleSet {
    var reader = RuleFileReader(rules: self, name: name, isUsers: true)
    try reader.read(bytes)
    return reader.rules
  }
}

/// Reads one rule file into a set of rules.
private struct RuleFileReader {
  var rules: RuleSet
  /// Name of the file, for errors.
  let name: String
  let isUsers: Bool
  /// Lines of the rules that this file has defined so far.
  private var lines: [String: Int] = [:]

  init(rules: RuleSet, name: String, isUsers: Bool) {
    self.rules = rules
    self.name = name
    self.isUsers = isUsers
  }

  mutating func read(_ bytes: [UInt8]) throws(RedactionError) {
    guard bytes.count <= RuleSet.largestFile else {
      throw RedactionError(.configuration, place: name, message: "a rule file may have \(RuleSet.largestFile) bytes")
    }
    let root: YAMLNode
    do throws(YAMLError) { root = try YAMLNode.parse(bytes) } catch { throw wrong(error.line, error.problem) }
    guard let entries = root.entries else { throw wrong(root.line, "a rule file is a mapping") }
    // What is switched off may stand above what it names.
    var disable: [YAMLNode] = []
    for entry in entries {
      switch (entry.key, isUsers) {
      case ("version", _): readVersion(entry.value)
      case ("words", _): try readWords(entry.value)
      case ("formats", _): for node in try list(entry.value) { try readFormat(node) }
      case ("patterns", true): for node in try list(entry.value) { try readPattern(node) }
      case ("keys", _):
        for glob in try texts(entry.value) { try rules.add(glob: glob.text, place: place(glob.line)) }
      case ("disable", true): disable = try list(entry.value)
      case ("verifiers", false):
        for node in try list(entry.value) {
          rules.descriptions.append(try describe(node, fields: ["match", "clean"]))
        }
      case ("verifiers", true):
        throw wrong(entry.line, "verifiers are code and come with the program; disable switches them off")
      default:
        throw wrong(entry.line, "unknown key \(entry.key); known: patterns, formats, keys, words, disable, version")
      }
    }
    for node in disable { try readDisabled(node) }
  }

  private mutating func readVersion(_ node: YAMLNode) {
    let text = node.text ?? ""
    rules.version = rules.version.isEmpty ? text : "\(rules.version)+\(text)"
  }

  private mutating func readDisabled(_ node: YAMLNode) throws(RedactionError) {
    guard let rule = node.text else { throw wrong(node.line, "the name of a rule is expected") }
    guard rules.names.contains(rule) else { throw wrong(node.line, rule: rule, "there is no such rule to disable") }
    if let line = lines[rule] {
      throw wrong(node.line, rule: rule, "this file defines it in line \(line) and disables it")
    }
    // The last check looks for known values in any case, and would withhold what masking has left.
    if rule == "known-value" {
      throw wrong(node.line, rule: rule, "what is secret in one place is secret in all: it stays on")
    }
    rules.disabled.insert(rule)
  }

  private static let classes: [String: WordClass] = [
    "password": .password, "secret": .secret, "token": .token, "key": .key, "qualifier": .qualifier,
    "harmless": .harmless, "describes": .describes, "ignored": .ignored, "negates": .negates, "weak": .weak,
    "session": .session, "onetime": .onetime, "code": .code, "switches": .switches, "actions": .actions,
  ]

  private mutating func readWords(_ node: YAMLNode) throws(RedactionError) {
    for entry in try mapping(node) {
      if entry.key == "endings" {
        for ending in try mapping(entry.value) {
          rules.endings += try words(ending)
        }
      } else {
        rules.words += try words(entry)
      }
    }
  }

  private func words(_ entry: YAMLNode.Entry) throws(RedactionError) -> [(word: String, meaning: WordClass)] {
    guard let meaning = Self.classes[entry.key] else {
      throw wrong(
        entry.line, "unknown class of words \(entry.key); known: \(Self.classes.keys.sorted().joined(separator: ", "))")
    }
    return try texts(entry.value).map { word throws(RedactionError) in
      // The table packs words: a longer one would never be found.
      guard (1...16).contains(word.text.utf8.count) else { throw wrong(word.line, "a word has 1 to 16 bytes") }
      // What splits a name into words stands in none.
      guard word.text.utf8.allSatisfy({ $0.isAlphanumeric || $0 >= 0x80 }) else {
        throw wrong(word.line, "a word is made of letters and digits; for a whole name take keys")
      }
      return (word.text, meaning)
    }
  }

  private mutating func readFormat(_ node: YAMLNode) throws(RedactionError) {
    let description = try describe(node, fields: ["patterns", "confidence", "checksum", "match", "clean"])
    if let checksum = node["checksum"], checksum.text != "crc32-base62" {
      throw wrong(checksum.line, rule: description.name, "a checksum is crc32-base62")
    }
    var patterns: [Pattern] = []
    for text in try texts(node["patterns"]) {
      do throws(PatternError) {
        var pattern = try Pattern(text.text)
        pattern.hasChecksum = node["checksum"] != nil
        patterns.append(pattern)
      } catch {
        throw wrong(text.line, rule: description.name, "pattern \(text.text): \(error.message)")
      }
    }
    guard !patterns.isEmpty else { throw wrong(node.line, rule: description.name, "a format needs patterns") }
    let confidence: RuleSet.Confidence
    switch node["confidence"]?.text {
    case nil, "high": confidence = .high
    case "low": confidence = .low
    case let other?:
      throw wrong(
        node["confidence"]?.line ?? node.line, rule: description.name, "confidence \(other) is not high or low")
    }
    let format = RuleSet.Format(name: description.name, patterns: patterns, confidence: confidence)
    // A format keeps its place in the table.
    if let index = rules.formats.firstIndex(where: { $0.name == format.name }) {
      rules.formats[index] = format
    } else {
      rules.formats.append(format)
    }
    rules.regexes.removeAll { $0.rule == format.name }
    try define(description, at: node)
  }

  private mutating func readPattern(_ node: YAMLNode) throws(RedactionError) {
    let description = try describe(node, fields: ["regex", "match", "clean"])
    let regexes = try texts(node["regex"])
    guard !regexes.isEmpty else { throw wrong(node.line, rule: description.name, "a pattern needs a regex") }
    rules.formats.removeAll { $0.name == description.name }
    rules.regexes.removeAll { $0.rule == description.name }
    rules.regexes += regexes.map {
      RuleSet.Regex(rule: description.name, pattern: $0.text, place: place($0.line))
    }
    guard rules.regexes.count <= RegexSet.most else {
      throw wrong(node.line, rule: description.name, "there may be \(RegexSet.most) regular expressions")
    }
    try define(description, at: node)
  }

  /// Enters a rule, in the place of the one of its name if there is one.
  private mutating func define(_ description: RuleSet.Description, at node: YAMLNode) throws(RedactionError) {
    let rule = description.name
    if isUsers {
      rules.disabled.remove(rule)
      rules.examples.removeAll { $0.rule == rule }
      for (field, isMatch) in [("match", true), ("clean", false)] {
        rules.examples += try texts(node[field]).map {
          RuleSet.Example(rule: rule, text: $0.text, isMatch: isMatch, place: place($0.line))
        }
      }
    }
    if let old = rules.descriptions.firstIndex(where: { $0.name == rule }) {
      rules.descriptions[old] = description
    } else {
      rules.descriptions.append(description)
    }
  }

  private mutating func describe(_ node: YAMLNode, fields: Set<String>) throws(RedactionError) -> RuleSet.Description {
    for entry in try mapping(node) where !fields.contains(entry.key) && entry.key != "name" && entry.key != "why" {
      let known = (["name", "why"] + fields.sorted()).joined(separator: ", ")
      throw wrong(entry.line, "unknown field \(entry.key); known: \(known)")
    }
    guard let rule = node["name"]?.text, Self.isName(rule) else {
      throw wrong(node.line, "a rule needs a name of 1 to 64 letters, digits, -, _ and .")
    }
    if let line = lines[rule] { throw wrong(node.line, rule: rule, "the rule stands twice, first in line \(line)") }
    lines[rule] = node.line
    let isCode =
      rules.names.contains(rule) && !rules.formats.contains { $0.name == rule }
      && !rules.regexes.contains { $0.rule == rule }
    if isUsers, isCode { throw wrong(node.line, rule: rule, "it is code: it can be disabled, but not replaced") }
    return RuleSet.Description(
      name: rule, why: node["why"]?.text ?? "",
      patterns: try texts(node["patterns"]).map(\.text) + texts(node["regex"]).map(\.text),
      match: try texts(node["match"]).map(\.text), clean: try texts(node["clean"]).map(\.text))
  }

  /// Names go into reports, logs and the labels of metrics.
  private static func isName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { $0.isWord || $0 == 0x2D || $0 == 0x2E }
  }

  private func mapping(_ node: YAMLNode) throws(RedactionError) -> [YAMLNode.Entry] {
    guard let entries = node.entries else { throw wrong(node.line, "a mapping is expected") }
    return entries
  }

  private func list(_ node: YAMLNode) throws(RedactionError) -> [YAMLNode] {
    guard let elements = node.elements else { throw wrong(node.line, "a list is expected") }
    return elements
  }

  /// The texts of a list, or of a single scalar.
  private func texts(_ node: YAMLNode?) throws(RedactionError) -> [(text: String, line: Int)] {
    guard let node else { return [] }
    return try (node.elements ?? [node]).map { element throws(RedactionError) in
      guard case .scalar(let text, _) = element.content else { throw wrong(element.line, "a text is expected") }
      return (text, element.line)
    }
  }

  private func place(_ line: Int) -> String { "\(name):\(line)" }

  private func wrong(_ line: Int, rule: String = "", _ message: String) -> RedactionError {
    RedactionError(.configuration, rule: rule, place: place(line), message: message)
  }
}
