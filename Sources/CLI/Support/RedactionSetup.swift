internal import ArgumentParser
internal import Observer
internal import Redaction

/// What a user tells redaction: rules, key names, how masks are written. One way from there to a `Redactor`, for every verb.
struct RedactionSetup {
  /// Rule files, each on top of those before it.
  var rules: [String] = []
  /// Globs of key names.
  var keys: [String] = []
  /// Masks are pseudonyms.
  var pseudonyms = false
  /// File with the key of pseudonyms; empty: a random key.
  var pseudonymKeyFile = ""

  /// Largest key file, in bytes: a key has 32 or so.
  private static let largestKey = 4_096

  /// The redactor. What is wrong with a file names it and its line, as a mistake of the command line.
  func redactor(recordsPlaces: Bool = false) throws(CommandFailure) -> Redactor {
    do {
      var set = RuleSet.standard
      for path in rules {
        let bytes = try SystemStreams.readFile(path, limit: RuleSet.largestFile)
        set = try set.merging(file: bytes, name: path)
      }
      set = try set.adding(keys: keys, place: "--keys")
      var options = RedactionOptions()
      options.masks = try masks()
      options.recordsPlaces = recordsPlaces
      #if DEBUG
        options = try RedactionFault.applied(to: options)
      #endif
      return try Redactor(rules: set, options: options)
    } catch let error as RedactionError {
      throw CommandFailure("redaction rules: \(error)", status: .usage)
    } catch let error as CommandFailure {
      throw CommandFailure("redaction rules: \(error.message)", status: .usage)
    } catch {
      throw CommandFailure("redaction rules: \(error)", status: .usage)
    }
  }

  private func masks() throws -> MaskStyle {
    guard pseudonyms || !pseudonymKeyFile.isEmpty else { return .plain }
    guard !pseudonymKeyFile.isEmpty else { return try .pseudonyms(key: Self.randomKey()) }
    var key = try SystemStreams.readFile(pseudonymKeyFile, limit: Self.largestKey)
    // An editor's line end is not the key's.
    while let last = key.last, last == 0x0A || last == 0x0D { key.removeLast() }
    do { return try .pseudonyms(key: key) } catch {
      throw CommandFailure("\(pseudonymKeyFile): \(error.message)")
    }
  }

  /// 256 bits from the system.
  private static func randomKey() -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<4).flatMap { _ in
      let word: UInt64 = generator.next()
      return (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64($0 * 8)) }
    }
  }
}

extension RedactionSetup {
  /// As `watch` is configured.
  init(_ configuration: ObserverConfiguration) {
    rules = configuration.redactionRules
    keys = configuration.redactionKeys
    pseudonyms = configuration.redactionPseudonyms
    pseudonymKeyFile = configuration.redactionPseudonymKeyFile
  }
}

/// Redaction, for the verbs that redact what they print or send.
struct RedactionOptionGroup: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Rule file that adds to, replaces or switches off the built-in rules. May be given several times.",
      valueName: "file"), completion: .file())
  var rules: [String] = []

  @Option(
    help: ArgumentHelp(
      "Globs of key names whose values are secret, with commas: '*_SECRET,*_TOKEN,*_KEY'.", valueName: "globs"))
  var keys: String?

  @Flag(help: "Masks that are the same for the same value, [REDACTED:4f2a9c], under a key that is made for this run.")
  var pseudonyms = false

  @Option(
    help: ArgumentHelp(
      "File with a key of at least 16 bytes for pseudonyms that stay the same from run to run.", valueName: "file"),
    completion: .file())
  var pseudonymKey: String?

  /// The globs of `--keys`. People write a blank behind a comma, which is in no name of a key.
  private var globs: [String] {
    (keys ?? "").split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
  }

  /// What was said.
  var setup: RedactionSetup {
    RedactionSetup(
      rules: rules, keys: globs, pseudonyms: pseudonyms, pseudonymKeyFile: pseudonymKey ?? "")
  }
}
