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
  /// Globs over key names that a user gave: whatever stands under such a key is secret.
  var keyGlobs: [String] = []
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

  /// Adds globs of key names, e.g. `*_SECRET`, matched without regard to case.
  package func adding(keys globs: [String]) -> RuleSet {
    var copy = self
    copy.keyGlobs += globs.filter { !$0.isEmpty }
    return copy
  }
}
