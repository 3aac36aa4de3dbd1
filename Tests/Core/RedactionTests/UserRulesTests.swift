import Testing

@testable import Redaction

/// A user's rules: what they do, and how a wrong one is refused.
@Suite struct UserRulesTests {
  private func redactor(_ file: String, keys: [String] = []) throws -> Redactor {
    try Redactor(
      rules: RuleSet.standard.merging(file: Array(file.utf8), name: "mine.yaml").adding(keys: keys, place: "--keys"))
  }

  private func redact(_ text: String, _ redactor: Redactor, name: String = "x.log") throws -> String {
    String(decoding: try redactor.redact(RawFile(name: name, bytes: Array(text.utf8))).value, as: UTF8.self)
  }

  @Test func aPatternMasksItsGroupInTextsAndDocuments() throws {
    let redactor = try redactor(
      """
      patterns:
        - name: ticket
          why: Tickets of the desk open a customer's file
          regex: ['ticket (?:no )?([0-9]{6})', '(?i)desk-[a-z]+$']
          match: ['see ticket 123456', 'DESK-abc']
          clean: ['ticket 12345']
      """)
    #expect(
      try redact("ticket 654321 closed\r\nat desk-x\n", redactor) == "ticket [REDACTED] closed\r\nat [REDACTED]\n")
    #expect(try redact("at desk-x\nok", redactor) == "at [REDACTED]\nok")
    #expect(
      try redact(#"{"m":"a\tticket no 654321"}"#, redactor, name: "x.json") == #"{"m":"a\tticket no [REDACTED]"}"#)
    #expect(
      try redact("m: ticket 654321 # desk-y\n", redactor, name: "x.yaml") == "m: ticket [REDACTED] # [REDACTED]\n")
  }

  @Test func aMatchNeverCrossesALine() throws {
    let redactor = try redactor("patterns: [{name: x, regex: 'a[^b]*b'}]")
    #expect(try redact("a\nb ab", redactor) == "a\nb [REDACTED]")
  }

  @Test(
    "what a pattern finds does not depend on where it stands in a long text", arguments: [0, 65_530, 65_536, 200_000])
  func longTexts(_ place: Int) throws {
    let redactor = try redactor("patterns: [{name: x, regex: 'zz[0-9]{8}'}]")
    for filler in ["-", "-----------\n"] {
      let before = String(String(repeating: filler, count: place / filler.utf8.count + 1).prefix(place))
      #expect(try redact(before + "zz12345678 -", redactor) == before + "[REDACTED] -")
    }
  }

  @Test func bytesThatAreNoUTF8AreSteppedOver() throws {
    let redactor = try redactor("patterns: [{name: x, regex: 'zz[0-9]+'}]")
    let text: [UInt8] = [0xFF, 0x00] + Array("zz12".utf8) + [0xC3]
    #expect(
      try redactor.redact(RawFile(name: "x.log", bytes: text)).value == [0xFF, 0x00] + Array("[REDACTED]".utf8) + [0xC3]
    )
  }

  @Test func aUsersRuleTakesThePlaceOfOurs() throws {
    let redactor = try redactor(
      "patterns: [{name: github-token, regex: 'ghx_[0-9]+'}]\nformats: [{name: card-like, patterns: ['crd[0-9]{6}']}]")
    #expect(try redact("ghx_12 crd123456", redactor) == "[REDACTED] [REDACTED]")
    let token = "ghp_" + String(repeating: "a", count: 36)
    #expect(try redact("see \(token)", redactor) == "see \(token)")
  }

  @Test(arguments: ["*_HIDDEN", "my_h*", "MY?HID*", "*hidd*"]) func keyGlobs(_ glob: String) throws {
    let redactor = try redactor("{}", keys: [glob])
    #expect(try redact("MY_HIDDEN=plain\nword", redactor) == "MY_HIDDEN=[REDACTED]\nword")
    #expect(try redact(#"{"my_hidden":"plain"}"#, redactor, name: "x.json") == #"{"my_hidden":"[REDACTED]"}"#)
    #expect(try redact("YOUR_SHOWN=plain", redactor) == "YOUR_SHOWN=plain")
  }

  @Test("what stands below a key that a glob names is secret, as below a password") func keyGlobReach() throws {
    let redactor = try redactor("{}", keys: ["mything"])
    let yaml = try redact("myThing:\n  a: abcdef9\n  b: [true, x77zz1]\n  secretName: db\n", redactor, name: "x.yaml")
    #expect(yaml == "myThing:\n  a: \"[REDACTED]\"\n  b: [\"[REDACTED]\", \"[REDACTED]\"]\n  secretName: db\n")
    let json = try redact(#"{"myThing":{"a":{"c":"abcdef9"}},"n":{"a":"abcdef0"}}"#, redactor, name: "x.json")
    #expect(json == #"{"myThing":{"a":{"c":"[REDACTED]"}},"n":{"a":"abcdef0"}}"#)
    #expect(try redact(#"x myThing: {"a":"abcdef9"}"#, redactor) == #"x myThing: {"a":"[REDACTED]"}"#)
  }

  /// File, place, and what the message says.
  static let wrong: [(String, String, String)] = [
    ("patterns:\n  - name: a\n    regex: 'x('\n", "mine.yaml:3", "missing )"),
    ("patterns:\n  - name: a\n    regex:\n      - ok\n      - 'x{2,1}'\n", "mine.yaml:5", "repetition"),
    ("patterns: [{name: a, regex: 'x*'}]", "mine.yaml:1", "matches the empty text"),
    ("patterns: [{name: a, regex: '(\\pL{1000}){1000}'}]", "mine.yaml:1", "repetition"),
    ("patterns: [{name: a, regex: '((\\pL{100}){9})x{900}'}]", "mine.yaml:1", "too large"),
    ("patterns: [{name: a, regex: '(?<=x)y'}]", "mine.yaml:1", "(?<"),
    ("patterns:\n  - name: a\n", "mine.yaml:2", "needs a regex"),
    ("patterns:\n  - name: a\n    regex: x\n    colour: red\n", "mine.yaml:4", "unknown field colour"),
    ("patterns:\n  - regex: x\n", "mine.yaml:2", "needs a name"),
    ("patterns:\n  - name: 'a b'\n    regex: x\n", "mine.yaml:2", "needs a name"),
    ("patterns:\n  - {name: a, regex: x}\n  - {name: a, regex: y}\n", "mine.yaml:3", "stands twice, first in line 2"),
    ("patterns: x\n", "mine.yaml:1", "a list is expected"),
    ("formats:\n  - name: a\n    patterns: ['a(b']\n", "mine.yaml:3", "pattern a(b"),
    ("formats:\n  - name: a\n    patterns: [abc]\n    confidence: sure\n", "mine.yaml:4", "confidence sure"),
    ("formats:\n  - name: key-value\n    patterns: [abc]\n", "mine.yaml:2", "it is code"),
    ("keys: ['*']\n", "mine.yaml:1", "three characters"),
    ("keys:\n  - '*_X'\n", "mine.yaml:2", "three characters"),
    ("keys: ['a b_c']\n", "mine.yaml:1", "key name"),
    ("disable:\n  - nothing\n", "mine.yaml:2", "no such rule"),
    ("disable: [jwt, known-value]\n", "mine.yaml:1", "it stays on"),
    ("disable: [a]\npatterns: [{name: a, regex: x}]\n", "mine.yaml:1", "defines it in line 2"),
    ("verifiers: []\n", "mine.yaml:1", "verifiers are code"),
    ("wrods: {}\n", "mine.yaml:1", "unknown key wrods"),
    ("words:\n  pasword: [x]\n", "mine.yaml:2", "unknown class of words"),
    ("words:\n  password: [abcdefghijklmnopq]\n", "mine.yaml:2", "16 bytes"),
    ("words:\n  password: [geheim_wort]\n", "mine.yaml:2", "letters and digits"),
    ("- a\n", "mine.yaml:1", "a rule file is a mapping"),
    ("a: [\n", "mine.yaml:2", ""),
    (
      "patterns:\n  - name: a\n    regex: 'x[0-9]'\n    match:\n      - x1\n      - y1\n", "mine.yaml:6",
      "finds nothing"
    ),
    ("patterns:\n  - name: a\n    regex: 'x[0-9]'\n    clean: [x1]\n", "mine.yaml:4", "finds something"),
  ]

  @Test(arguments: wrong) func aWrongFileIsRefused(_ file: String, _ place: String, _ message: String) throws {
    do {
      _ = try redactor(file)
      Issue.record("it was taken")
    } catch let error as RedactionError {
      #expect(error.code == .configuration)
      #expect(error.place == place)
      #expect(message.isEmpty || error.message.contains(message), "\(error.message)")
    }
  }

  @Test func tooManyAreRefused() {
    let patterns = (0..<65).map { "  - {name: r\($0), regex: x\($0)}\n" }.joined()
    #expect(throws: RedactionError.self) { try redactor("patterns:\n" + patterns) }
    #expect(throws: RedactionError.self) { try redactor("{}", keys: (0..<257).map { "KEY\($0)" }) }
    #expect(throws: Never.self) { try redactor("{}", keys: (0..<256).map { "KEY\($0)" }) }
  }

  /// The rules that are code, but for the one that stays on.
  static let code = RuleSet.standard.descriptions.filter { $0.patterns.isEmpty && $0.name != "known-value" }.map(\.name)

  @Test("a rule that is switched off masks nothing", arguments: code) func switchedOff(_ rule: String) throws {
    let redactor = try redactor("disable: [\(rule)]")
    let examples = RuleSet.standard.descriptions.filter { $0.name == rule }.flatMap(\.match)
    for example in examples + ["kind: Secret\napiVersion: v1\ndata: {a: YWJjZGVm}\n"] {
      let report = try redactor.redact(RawFile(name: "x", bytes: Array(example.utf8))).report
      #expect(report.counts[rule] == nil, "\(example)")
    }
  }

  @Test func aFailingPatternWithholds() throws {
    let rules = try RuleSet.standard.merging(file: Array("patterns: [{name: mine, regex: 'zz9'}]".utf8), name: "m.yaml")
    let redactor = try Redactor(rules: rules, options: RedactionOptions().failing(rule: "mine"))
    #expect {
      _ = try redactor.redact(RawFile(name: "x.log", bytes: Array("a zz9 b".utf8)))
    } throws: { ($0 as? RedactionError)?.rule == "mine" }
  }
}
