/// The rules compiled for scanning. Made once; scans share it, which is why it is a class: a scan of a short leaf must not
/// pay for copying a dozen tables.
final class Engine: Sendable {
  /// Rules whose shape is code, by their index among all rules.
  struct Builtin: Sendable {
    var keyValue, url, dsn, authorization, cookie, privateKey, jwt, jwk, command, sql, encoded, card, mail, pgpass: Int
    var kubernetesSecret, knownValue, prefixed, der: Int
  }

  let names: [String]
  let builtin: Builtin
  let classifier: KeyClassifier
  let prefilter: Prefilter
  /// Each pattern that has an anchor, with its rule.
  let anchored: [(pattern: Pattern, rule: Int, high: Bool)]
  /// Patterns without an anchor: tried where a run of base64 characters begins, or a part of it behind a slash.
  let unanchored: [(pattern: Pattern, rule: Int, high: Bool)]
  /// Which of them may begin with a byte, with the fewest bytes that each needs, the shortest first. Those of byte `b` stand from
  /// `unanchoredStarts[b]` to `unanchoredStarts[b + 1]`: most runs begin none.
  let unanchoredFronts: [(index: Int, least: Int)]
  let unanchoredStarts: [Int]
  /// The bytes that any of them is made of.
  let unanchoredMembers: ByteSet
  /// Regular expressions of the user's rules, and their rules.
  let regexes: RegexSet
  let regexRules: [Int]
  /// Finds high-confidence formats alone: for the last check.
  let formatFilter: Prefilter
  /// Bytes that a view of a text is made for, mail addresses have, or that begin a second line.
  let marks = ByteSet("\u{1B}\\%&@\t\n\r")
  /// Finds lines that belong together: that a container runtime cut, and of dumps.
  let cutFilter: Prefilter
  /// Names of keys that are secret whatever their words say.
  let keyGlobs: GlobSet
  /// Rules that are switched off, by index.
  let off: [Bool]
  /// How masks are written.
  let masks: MaskStyle
  /// A rule that is made to fail, for tests of fail-safety; -1 for none.
  let failing: Int

  /// True if the time is used up, for tests of fail-safety.
  let hasNoTime: Bool

  init(_ rules: RuleSet, masks: MaskStyle, failing: String?, hasNoTime: Bool = false) throws(RedactionError) {
    self.hasNoTime = hasNoTime
    self.masks = masks
    let names = rules.names
    self.names = names
    func index(_ name: String) throws(RedactionError) -> Int {
      guard let index = names.firstIndex(of: name) else {
        throw RedactionError(.configuration, rule: name, place: "rules", message: "the rule file lacks this rule")
      }
      return index
    }
    builtin = Builtin(
      keyValue: try index("key-value"), url: try index("url-userinfo"), dsn: try index("dsn-userinfo"),
      authorization: try index("authorization"), cookie: try index("cookie"), privateKey: try index("private-key"),
      jwt: try index("jwt"), jwk: try index("jwk"), command: try index("command-option"),
      sql: try index("sql-password"), encoded: try index("encoded"), card: try index("card-number"),
      mail: try index("personal-mail"), pgpass: try index("pgpass"), kubernetesSecret: try index("kubernetes-secret"),
      knownValue: try index("known-value"),
      prefixed: try index("prefixed-token"), der: try index("private-key-der"))
    self.failing = try failing.map { name throws(RedactionError) in try index(name) } ?? -1
    off = names.map { rules.disabled.contains($0) }
    classifier = KeyClassifier(table: WordTable(rules.words, endings: rules.endings))
    let globs = rules.keyGlobs.map { Array($0.utf8).map(\.lowered) }
    keyGlobs = GlobSet(globs)

    var anchored: [(pattern: Pattern, rule: Int, high: Bool)] = []
    var unanchored: [(pattern: Pattern, rule: Int, high: Bool)] = []
    for format in rules.formats where !rules.disabled.contains(format.name) {
      let rule = try index(format.name)
      for pattern in format.patterns {
        let entry = (pattern: pattern, rule: rule, high: format.confidence == .high)
        if pattern.anchor.isEmpty { unanchored.append(entry) } else { anchored.append(entry) }
      }
    }
    let on = rules.regexes.filter { !rules.disabled.contains($0.rule) }
    regexRules = try on.map { regex throws(RedactionError) in try index(regex.rule) }
    do throws(RegexSet.Problem) { regexes = try RegexSet(on.map(\.pattern)) } catch {
      let regex = on[error.index]
      throw RedactionError(
        .configuration, rule: regex.rule, place: regex.place, message: "regex \(regex.pattern): \(error.message)")
    }
    self.anchored = anchored
    self.unanchored = unanchored
    unanchoredMembers = unanchored.reduce(into: ByteSet([])) { $0.formUnion($1.pattern.members) }
    var fronts: [(index: Int, least: Int)] = []
    unanchoredStarts =
      [0]
      + (0...255).map { byte in
        fronts += unanchored.enumerated().filter { $0.element.pattern.front.contains(UInt8(byte)) }
          .map { (index: $0.offset, least: $0.element.pattern.least) }.sorted { $0.least < $1.least }
        return fronts.count
      }
    unanchoredFronts = fronts
    let formatTriggers = anchored.enumerated().map {
      Trigger(
        literal: $0.element.pattern.anchor, caseSensitive: true, verifier: .format($0.offset),
        startsWord: $0.element.pattern.startsWord)
    }
    // Of two triggers at one place the one that was entered last is tried first: headers before keys.
    prefilter = Prefilter(Self.keyTriggers(rules, globs: globs) + formatTriggers + Self.structuralTriggers)
    cutFilter = Prefilter(
      Self.structuralTriggers.filter {
        $0.verifier == .partial || $0.verifier == .notation(.partialJSON) || $0.verifier == .notation(.hexdump)
      })
    formatFilter = Prefilter(
      formatTriggers.filter {
        if case .format(let index) = $0.verifier { anchored[index].high } else { false }
      } + Self.structuralTriggers.filter { $0.verifier == .jwt || $0.verifier == .pem })
  }

  /// Ports in a password file of PostgreSQL: the server's, its neighbour, those of common poolers, and any.
  static let pgpassPorts = ["5432", "5433", "6432", "6543", "*"]

  private static let structuralTriggers: [Trigger] = {
    func trigger(_ literal: String, _ verifier: Trigger.Verifier, exact: Bool = false) -> Trigger {
      Trigger(literal: Array(literal.utf8), caseSensitive: exact, verifier: verifier)
    }
    return [
      trigger("://", .url), trigger("-----begin", .pem), trigger("-----end", .pem), trigger("eyJ", .jwt, exact: true),
      trigger("authorization", .authorization), trigger("bearer", .bearer), trigger("basic ", .bearer),
      trigger("cookie", .cookie), trigger("@tcp(", .dsn), trigger("@unix(", .dsn), trigger("\"kty\"", .jwk),
      trigger("stdout p ", .partial), trigger("stderr p ", .partial),
    ] + pgpassPorts.map { trigger(":\($0):", .pgpass) } + Notation.triggers
  }()

  /// Stems of the words that make a key secret. A word that holds another one needs no trigger of its own.
  private static func keyTriggers(_ rules: RuleSet, globs: [[UInt8]]) -> [Trigger] {
    let wanted: WordClass = [.password, .secret, .token, .key, .weak, .session]
    var stems = Set(
      (rules.words + rules.endings).filter { !$0.meaning.isDisjoint(with: wanted) }.map { Array($0.word.utf8) })
    for glob in globs {
      // With fewer than three literal bytes in a row nothing could be searched for; `Glob.problem` has refused it.
      if let part = Glob.longestLiteral(glob) { stems.insert(part) }
    }
    // Words of two letters would fire everywhere: they count only right before a separator.
    for stem in stems where stem.count == 2 {
      for separator in "=:\" ',]>)}\t<|`*".utf8 { stems.insert(stem + [separator]) }
    }
    stems = stems.filter { $0.count >= 3 }
    // So do keys of three letters that are a part of common words (`cle` of French); another word may follow them in the name.
    let common = rules.words.filter { $0.meaning == .weak && $0.word.utf8.count == 3 }.map { Array($0.word.utf8) }
    for stem in common where rules.words.contains(where: { $0.meaning == .key && Array($0.word.utf8) == stem }) {
      stems.remove(stem)
      for separator in "_-.=:\" '".utf8 { stems.insert(stem + [separator]) }
    }
    return stems.filter { stem in
      !stems.contains { other in other.count < stem.count && contains(stem, other) }
    }.map { Trigger(literal: $0, caseSensitive: false, verifier: .keyValue) }
  }

  private static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
    guard part.count <= text.count else { return false }
    return (0...(text.count - part.count)).contains { text[$0..<($0 + part.count)].elementsEqual(part) }
  }

  /// True if a rule is on. The one place where a rule begins its work: a rule that is made to fail does so here.
  func enter(_ rule: Int) throws(RedactionError) -> Bool {
    if rule == failing {
      throw RedactionError(.ruleFailed, rule: names[rule], place: "", message: "the rule failed")
    }
    return !off[rule]
  }

  /// Ends of names that read like a secret's and are none: the digest of a static pod, the nonce of a handshake,
  /// the hash that a client of OAuth shows of its verifier, the type of a Secret.
  private static let publicNames: [StaticString] = [
    "kubernetes.io/config.hash", "sec-websocket-key", "x-goog-hash", "packageverificationcode",
    "code_challenge", "code-challenge", "codechallenge", "kubernetes.io/service-account-token",
  ]

  /// The verdict on a key: a user's globs first, then its words.
  func verdict(_ bytes: Bytes, _ range: Range<Int>) -> KeyVerdict {
    if keyGlobs.matches(bytes, range) { return .password }
    for name in Self.publicNames where bytes.hasIgnoringCase(name, at: range.upperBound - name.utf8CodeUnitCount) {
      return .none
    }
    // An annotation of Kubernetes names a Secret.
    if bytes.has("secret", at: range.upperBound - 6), bytes.first("kubernetes.io/", in: range) != nil { return .none }
    return classifier.verdict(on: bytes, range)
  }

  /// True if a boolean under this key is none of its secrets. What a user's glob names is always one.
  func namesSwitch(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    classifier.namesSwitch(bytes, range) && !keyGlobs.matches(bytes, range)
  }

  /// The verdict on a key together with the one that it stands below. A glob is about whole names: what stands below one is read as if
  /// it stood below a password.
  func verdict(on inner: Slice<Bytes>, in outer: some Collection<UInt8>) -> KeyVerdict {
    let name = Array(outer)
    let isGlobs = name.withUnsafeBufferPointer { keyGlobs.matches($0, 0..<$0.count) }
    let joined = (isGlobs ? Array("password".utf8) : name) + [0x5F] + inner
    return joined.withUnsafeBufferPointer { verdict($0, 0..<$0.count) }
  }
}
