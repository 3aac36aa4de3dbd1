internal import Documents
internal import Kubernetes

/// What is wrong with the configuration: one line with its place.
package struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// e.g. `watch.yaml:7: debounce.window: "5" is not a duration such as 800ms, 30s, 5m or 1h30m`.
  package let message: String

  package init(_ message: String) {
    self.message = message
  }

  package var description: String { message }
}

/// Reads the configuration from a file, the environment and flags, each stronger than the one before.
package struct ConfigurationLoader {
  /// What is read so far.
  package private(set) var configuration = ObserverConfiguration()

  /// What each setting was given last, as written.
  private(set) var given: [String: [String]] = [:]

  static let settings = Dictionary(uniqueKeysWithValues: Settings.all.map { ($0.path, $0) })

  package init() {}

  /// Applies a YAML file. `name` stands in errors.
  package mutating func apply(file bytes: [UInt8], name: String) throws(ConfigurationError) {
    let root: YAMLNode
    do { root = try YAMLNode.parse(bytes) } catch {
      throw ConfigurationError("\(name):\(error.line): not YAML: \(error.problem)")
    }
    guard root.entries != nil || root.isNull else {
      throw ConfigurationError("\(name):\(root.line): the configuration must be a mapping of sections")
    }
    try apply(root, path: [], name: name)
  }

  private mutating func apply(_ node: YAMLNode, path: [String], name: String) throws(ConfigurationError) {
    for entry in node.entries ?? [] {
      let here = path + [entry.key]
      let key = here.joined(separator: ".")
      let place = "\(name):\(entry.line): \(key)"
      if let setting = Self.settings[key] {
        guard let value = Self.value(of: entry.value) else {
          throw ConfigurationError("\(place): wants a value or a list of values, not a mapping")
        }
        try apply(setting, value, place: place)
      } else if Self.settings.keys.contains(where: { $0.hasPrefix(key + ".") }) {
        guard entry.value.entries != nil || entry.value.isNull else {
          throw ConfigurationError("\(place): is a section and wants keys below it")
        }
        try apply(entry.value, path: here, name: name)
      } else {
        throw ConfigurationError("\(place): unknown key\(Self.suggestion(for: key))")
      }
    }
  }

  /// Applies the variables whose names begin with KUBE_MIND_; one that names no setting is an error.
  package mutating func apply(environment: [String: String]) throws(ConfigurationError) {
    for (name, text) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix(Self.prefix) {
      if Self.foreign.contains(where: { name.hasPrefix($0) }) { continue }
      guard let setting = Settings.all.first(where: { $0.environmentName == name }) else {
        throw ConfigurationError("environment: \(name): unknown variable; kube-mind watch --help lists the known ones")
      }
      try apply(setting, SettingValue(texts: [text]), place: "environment: \(name)")
    }
  }

  /// Applies a flag's value to a setting. `flag` stands in errors.
  package mutating func apply(flag: String, path: String, values: [String]) throws(ConfigurationError) {
    guard let setting = Self.settings[path] else {
      throw ConfigurationError("\(flag): \(path): unknown key\(Self.suggestion(for: path))")
    }
    try apply(setting, SettingValue(texts: values), place: flag)
  }

  /// The whole of it. Throws where settings that are right alone do not go together.
  package func finished() throws(ConfigurationError) -> ObserverConfiguration {
    if let problem = configuration.election.timing.problem { throw ConfigurationError("leaderElection: \(problem)") }
    return configuration
  }

  private mutating func apply(_ setting: Setting, _ value: SettingValue, place: String) throws(ConfigurationError) {
    do { try setting.apply(&configuration, value) } catch {
      throw ConfigurationError("\(place): \(error.message)")
    }
    given[setting.path] = value.texts
  }

  private static let prefix = "KUBE_MIND_"
  /// A Service named kube-mind puts variables of these names into every pod of its namespace, and the test suites have
  /// their own.
  private static let foreign = ["KUBE_MIND_SERVICE_", "KUBE_MIND_PORT", "KUBE_MIND_TEST_", "KUBE_MIND_PEER_"]

  /// Null counts as the empty text, so that `url:` with nothing behind it is no error of its own.
  private static func value(of node: YAMLNode) -> SettingValue? {
    switch node.content {
    case .mapping: return nil
    case .scalar(let text, _): return SettingValue(texts: [node.isNull ? "" : text])
    case .sequence(let elements):
      let texts = elements.compactMap(\.text)
      guard texts.count == elements.count else { return nil }
      // A sequence of one must not be split at commas again, nor one of none be taken for a missing value.
      return SettingValue(texts: texts.count == 1 ? texts + [""] : texts)
    }
  }

  private static func suggestion(for key: String) -> String {
    let near = settings.keys.map { ($0, distance($0.lowercased(), key.lowercased())) }.min { $0.1 < $1.1 }
    // A third of the key wrong is another word and not a slip.
    guard let (name, distance) = near, distance * 3 <= max(key.utf8.count, 3) else { return "" }
    return "; did you mean \(name)?"
  }

  /// Levenshtein's distance.
  private static func distance(_ left: String, _ right: String) -> Int {
    let right = Array(right.utf8)
    var row = Array(0...right.count)
    for (index, byte) in left.utf8.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in right.indices {
        let substituted = diagonal + (right[column] == byte ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(substituted, row[column] + 1, row[column + 1] + 1)
      }
    }
    return row[right.count]
  }
}
