import Testing

@testable import Redaction

/// The examples of the rule file are its tests.
@Suite struct RuleFileTests {
  static let matches = RuleSet.standard.descriptions.flatMap { rule in rule.match.map { (rule.name, $0) } }
  static let clean = RuleSet.standard.descriptions.flatMap { rule in rule.clean.map { (rule.name, $0) } }

  /// Made once: the rules are the same for every example.
  private static let redactor = Result { try Redactor() }

  private func redact(_ text: String) throws -> Redacted<[UInt8]> {
    try Self.redactor.get().redact(RawFile(name: "example.log", bytes: Array(text.utf8)))
  }

  @Test(arguments: matches) func masks(_ rule: String, _ text: String) throws {
    let redacted = try redact(text)
    #expect(redacted.report.total > 0)
    #expect(String(decoding: redacted.value, as: UTF8.self).contains("[REDACTED]"))
  }

  @Test(arguments: clean) func leaves(_ rule: String, _ text: String) throws {
    #expect(String(decoding: try redact(text).value, as: UTF8.self) == text)
  }

  @Test(arguments: matches) func isIdempotent(_ rule: String, _ text: String) throws {
    let once = String(decoding: try redact(text).value, as: UTF8.self)
    #expect(String(decoding: try redact(once).value, as: UTF8.self) == once)
  }

  @Test("every format has an example that it masks and one that it leaves, and there are 60 providers at least")
  func formatsHaveExamples() {
    let formats = RuleSet.standard.formats.map(\.name)
    let described = RuleSet.standard.descriptions.filter { formats.contains($0.name) }
    #expect(described.filter { $0.match.isEmpty || $0.clean.isEmpty }.map(\.name).isEmpty)
    #expect(Set(formats.map { $0.prefix { $0 != "-" } }).count >= 60)
  }

  @Test("a right checksum proves a glued token, a wrong one saves none")
  func checksums() throws {
    // CRC-32 of "123456789" is CBF43926 (ITU-T V.42's check value).
    #expect(TokenChecksum.crc32("123456789".utf8) == 0xCBF4_3926)
    let token = "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"
    let wrong = "ghp_WUCfUBJ7ZUuj5BhUO2DHvJaiCBQ0PK4ASJ22"
    #expect(String(decoding: try redact("X\(token)y").value, as: UTF8.self) == "X[REDACTED]y")
    #expect(String(decoding: try redact("X\(wrong)y").value, as: UTF8.self) == "X\(wrong)y")
    #expect(String(decoding: try redact("got \(wrong) back").value, as: UTF8.self) == "got [REDACTED] back")
  }

  /// Files on which a rule must run that no single text of the rule file shows.
  private static let files = [
    "dsn-userinfo": ("x.log", "dial app:hunter2-Prod@tcp(db:3306)/shop\n"),
    "kubernetes-secret": ("x.yaml", "kind: Secret\ndata:\n  a: aGVsbG8gd29ybGQ=\n"),
    "known-value": ("x.log", "password=hunter2-Prod\nagain hunter2-Prod\n"),
  ]

  /// With each rule made to fail in turn, its examples are withheld, and nothing else than its name is told. At least one
  /// example of each rule is: on another one a different rule may come first.
  @Test(arguments: RuleSet.standard.names) func aFailingRuleWithholds(_ rule: String) throws {
    let redactor = try Redactor(options: RedactionOptions().failing(rule: rule))
    let examples = Self.matches.filter { $0.0 == rule }.map { ("example.log", $0.1) }
    var withheld = 0
    for (name, text) in examples + [Self.files[rule]].compactMap({ $0 }) {
      do throws(RedactionError) {
        _ = try redactor.redact(RawFile(name: name, bytes: Array(text.utf8)))
      } catch {
        #expect(error.code == .ruleFailed)
        #expect(error.rule == rule)
        #expect(error.place == name)
        withheld += 1
      }
    }
    #expect(withheld > 0, "the rule never ran")
  }

  @Test func userRulesAddReplaceAndSwitchOff() throws {
    let file = """
      formats:
        - name: acme-token
          why: ours
          patterns: ['acme_[a-z0-9]{10}']
      keys: ['*_HIDDEN']
      disable: [card-number]
      """
    let rules = try RuleSet.standard.merging(file: Array(file.utf8), name: "mine.yaml")
    let redactor = try Redactor(rules: rules)
    let text = "acme_0123456789 MY_HIDDEN=plain card=4111 1111 1111 1111"
    let out = try redactor.redact(RawFile(name: "x.log", bytes: Array(text.utf8))).value
    #expect(String(decoding: out, as: UTF8.self) == "[REDACTED] MY_HIDDEN=[REDACTED] card=4111 1111 1111 1111")
  }

  @Test func aWrongRuleNamesItsLine() {
    let file = "formats:\n  - name: bad\n    why: x\n    patterns:\n      - 'a(b'\n"
    #expect {
      _ = try RuleSet.standard.merging(file: Array(file.utf8), name: "mine.yaml")
    } throws: { error in
      (error as? RedactionError)?.code == .configuration && (error as? RedactionError)?.place == "mine.yaml:5"
    }
  }
}
