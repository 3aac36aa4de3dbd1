/// The rules, ready to use: read once, at start-up, from the rule file and from what a user adds to it.
package struct RuleSet: Sendable {
  /// How sure a format is.
  enum Confidence: Sendable, Equatable {
    /// Its shape alone proves it: the last check looks for it, too.
    case high
    /// Its bytes must look random.
    case low
  }

  /// A token format of a provider.
  struct Format: Sendable {
    var name: String
    var patterns: [Pattern]
    var confidence: Confidence
  }

  /// A regular expression of a user's rule.
  struct Regex: Sendable {
    var rule: String
    var pattern: String
    /// Where it was written, e.g. "mine.yaml:7".
    var place: String
  }

  /// An example in a user's file: checked at start-up.
  struct Example: Sendable {
    var rule: String
    var text: String
    /// True if the rule has to find something in it; false if it must not.
    var isMatch: Bool
    var place: String
  }

  /// A rule as people see it: for the table in the documentation and for the tests.
  package struct Description: Sendable, Equatable {
    /// Name, as reports give it.
    package var name: String
    /// Why it is there.
    package var why: String
    /// Patterns; empty for a rule whose shape is code.
    package var patterns: [String]
    /// Texts in which it masks something.
    package var match: [String]
    /// Texts that stay as they are.
    package var clean: [String]
  }

  /// The version of the rule file.
  package internal(set) var version: String
  /// All rules, in the order of the file.
  package internal(set) var descriptions: [Description]
  var words: [(word: String, meaning: WordClass)]
  var endings: [(word: String, meaning: WordClass)]
  var formats: [Format]
  /// Of a user's rules, in the order of their files.
  var regexes: [Regex] = []
  /// Of a user's rules.
  var examples: [Example] = []
  /// Globs over key names, the rule file's and behind them a user's: whatever stands under such a key is secret.
  var keyGlobs: [String] = []
  /// How many of them are the rule file's.
  var builtInGlobs = 0
  /// Names of rules that are switched off.
  var disabled: Set<String> = []

  /// The rules that come with the program.
  package static let standard: RuleSet = {
    do throws(RedactionError) {
      return try RuleSet(file: Array(embeddedRules.utf8), name: "rules.yaml")
    } catch {
      // The file is part of the program and every build tests it: there is no way on without it.
      fatalError("\(error)")
    }
  }()

  /// The names that findings refer to by index.
  var names: [String] { descriptions.map(\.name) }

  /// Most globs of key names that a user may give: each is tried on every key.
  static let mostGlobs = 256

  /// Adds globs of key names, e.g. `*_SECRET`, matched without regard to case. `place` stands in errors.
  package func adding(keys globs: [String], place: String) throws(RedactionError) -> RuleSet {
    var copy = self
    for glob in globs { try copy.add(glob: glob, place: place) }
    return copy
  }

  mutating func add(glob: String, place: String) throws(RedactionError) {
    if let problem = Glob.problem(glob) {
      throw RedactionError(.configuration, place: place, message: "key glob \(glob.debugDescription): \(problem)")
    }
    guard keyGlobs.count - builtInGlobs < Self.mostGlobs else {
      throw RedactionError(.configuration, place: place, message: "there may be \(Self.mostGlobs) key globs")
    }
    keyGlobs.append(glob)
  }
}
