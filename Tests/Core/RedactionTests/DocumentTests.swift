import Documents
import Testing

@testable import Redaction

/// JSON and YAML are masked in place: what is no secret stays byte for byte.
@Suite struct DocumentTests {
  private func redact(_ text: String, _ name: String) throws -> String {
    String(decoding: try Redactor().redact(RawFile(name: name, bytes: Array(text.utf8))).value, as: UTF8.self)
  }

  @Test(arguments: [
    (#"{"password": 12345678, "n": 1}"#, #"{"password": "[REDACTED]", "n": 1}"#),
    (#"{"password": true, "secret": true}"#, #"{"password": "[REDACTED]", "secret": "[REDACTED]"}"#),
    (#"{"token": false, "apiKey":true, "n": true}"#, #"{"token": "[REDACTED]", "apiKey":"[REDACTED]", "n": true}"#),
    (#"{"env":[{"name":"DB_PASSWORD","value":"x1"}]}"#, #"{"env":[{"name":"DB_PASSWORD","value":"[REDACTED]"}]}"#),
    (#"{"pa55word":"tigger"}"#, #"{"pa55word":"[REDACTED]"}"#),
    (#"{"args":["serve","--token","abc"]}"#, #"{"args":["serve","--token","[REDACTED]"]}"#),
    (#"{"data":{"any":"aGVsbG8gd29ybGQ="},"kind":"Secret"}"#, #"{"data":{"any":"[REDACTED]"},"kind":"Secret"}"#),
    (#"{"a":"{\"password\":7}"}"#, #"{"a":"{\"password\":\"[REDACTED]\"}"}"#),
    (#"{"secretName": "db", "key": "app", "token": ""}"#, #"{"secretName": "db", "key": "app", "token": ""}"#),
  ]) func json(_ input: String, _ expected: String) throws {
    #expect(try redact(input, "x.json") == expected)
  }

  @Test(arguments: [
    ("password: hunter2 # ours\n", "password: \"[REDACTED]\" # ours\n"),
    ("a: {password: hunter2, b: 1}\n", "a: {password: \"[REDACTED]\", b: 1}\n"),
    ("key: |\n  password=hunter2-x\n  b=1\n", "key: |\n  password=[REDACTED]\n  b=1\n"),
    ("url: redis://:pw12@h/0\n", "url: redis://:[REDACTED]@h/0\n"),
    ("kind: Secret\nstringData:\n  a: 'x y'\n", "kind: Secret\nstringData:\n  a: '[REDACTED]'\n"),
    ("# DB_PASSWORD=hunter2-x\na: 1\n", "# DB_PASSWORD=[REDACTED]\na: 1\n"),
    ("x: &p hunter2-prod\npassword: *p\n", "x: &p \"[REDACTED]\"\npassword: *p\n"),
    ("secretKeyRef:\n  name: db\n  key: password\n", "secretKeyRef:\n  name: db\n  key: password\n"),
  ]) func yaml(_ input: String, _ expected: String) throws {
    #expect(try redact(input, "x.yaml") == expected)
  }

  /// A boolean is a switch where the name of its key says that something is done with a secret, or what it is like.
  @Test(arguments: [
    "automountServiceAccountToken", "createSecret", "persist-credentials", "allowCredentials", "hasToken", "tokenValid",
    "httpOnlyCookie", "passwordAuth", "PasswordAuthentication", "resetPassword", "existingSecret", "ENABLE_TOKEN",
  ]) func aSwitchStays(_ key: String) throws {
    #expect(try redact("{\"\(key)\": true}", "x.json") == "{\"\(key)\": true}")
    #expect(try redact("\(key): false\n", "x.yaml") == "\(key): false\n")
  }

  /// What stands below a secret's name says how it is kept.
  @Test func switchesBelowASecretStay() throws {
    let text = #"{"secret":{"create":true,"optional":false},"password":{"required":true},"token":{"valid":true}}"#
    #expect(try redact(text, "x.json") == text)
  }

  /// A user's glob is about the whole name, whatever stands in it.
  @Test func aUsersGlobMasksASwitch() throws {
    var rules = RuleSet.standard
    rules.keyGlobs = ["createSecret"]
    let masked = try Redactor(rules: rules).redact(
      RawFile(name: "x.json", bytes: Array(#"{"createSecret":true}"#.utf8)))
    #expect(String(decoding: masked.value, as: UTF8.self) == #"{"createSecret":"[REDACTED]"}"#)
  }

  /// The fuzzer's first find: each of these ended the process.
  @Test(arguments: ["1", "true", "null", "-7 ", "\"\"", "[]"]) func aDocumentMayBeOneScalar(_ text: String) throws {
    #expect(try redact(text, "x.json") == text)
  }

  @Test("a secret in a key is masked, and the document still parses")
  func keys() throws {
    #expect(try redact(#"{"AKIAQ7T2M9KD4VLEXMPL":1}"#, "x.json") == #"{"[REDACTED]":1}"#)
    #expect(try redact("AKIAQ7T2M9KD4VLEXMPL: 1\n", "x.yaml") == "\"[REDACTED]\": 1\n")
    #expect(
      try redact("password: hunter2-Prod\n- x\n", "x.yaml") == "password: [REDACTED]\n- x\n", "no YAML is text")
    #expect(
      try redact("password: hunter2-Prod\nby:\n  hunter2-Prod: 1\n", "x.yaml")
        == "password: \"[REDACTED]\"\nby:\n  \"[REDACTED]\": 1\n")
  }

  @Test("a long list of arguments is read to its end")
  func longArguments() throws {
    let filler = String(repeating: "\"--verbose\",", count: 9_000)
    let out = try redact("{\"args\":[\(filler)\"curl\",\"-u\",\"app:hunter2-Prod\"]}", "x.json")
    #expect(out == "{\"args\":[\(filler)\"curl\",\"-u\",\"app:[REDACTED]\"]}")
  }

  @Test(
    "a secret of the document is masked where it stands escaped or encoded",
    arguments: [
      #"{"password":"hunter2-Prod","a":"x hunter2\u002dProd"}"#,
      #"{"password":"hunter2-Prod","a":"x%20hunter2%2DProd"}"#,
      #"{"password":"hunter2-Prod","a":"eCBodW50ZXIyLVByb2QgYW5kIG1vcmU="}"#,
    ]) func hidden(_ text: String) throws
  {
    let out = try redact(text, "x.json")
    #expect(out.contains(#""password":"[REDACTED]","a":"#) && !out.contains("hunter2") && !out.contains("eCBodW50"))
  }

  @Test func whatDoesNotParseIsText() throws {
    #expect(try redact(#"{"password": "hunter2", "#, "x.json") == #"{"password": "[REDACTED]", "#)
    #expect(try redact("a: [\npassword: hunter2", "x.yaml") == "a: [\npassword: [REDACTED]")
  }

  @Test(arguments: ["\u{FEFF}a\r\nb", "x\0y", "no end", "", "\n\n"]) func bytesStay(_ text: String) throws {
    #expect(try redact(text, "x.log") == text)
  }

  @Test func invalidUTF8Stays() throws {
    let bytes: [UInt8] = [0xFF, 0xFE, 0x20] + Array("token=abc123".utf8) + [0x20, 0xC3, 0x28]
    let out = try Redactor().redact(RawFile(name: "x.log", bytes: bytes)).value
    #expect(out == [0xFF, 0xFE, 0x20] + Array("token=[REDACTED]".utf8) + [0x20, 0xC3, 0x28])
  }
}

/// What is secret in one text is masked in all texts of the incident.
@Suite struct KnownValueTests {
  @Test func aValueIsMaskedInEveryFileAndEncoding() throws {
    var files = FileRedaction(try Redactor())
    let manifest = RawFile(name: "a.yaml", bytes: Array("DB_PASSWORD: Sommer/2024#x\n".utf8))
    let log = RawFile(name: "b.log", bytes: Array("no Sommer/2024#x, Sommer%2F2024%23x, U29tbWVyLzIwMjQjeA==".utf8))
    try files.learn(manifest)
    try files.learn(log)
    let out = try files.masker().redacted(log).value
    #expect(!String(decoding: out, as: UTF8.self).contains("Sommer"))
    #expect(!String(decoding: out, as: UTF8.self).contains("U29tbWVy"))
  }

  @Test("lines of a key in a Secret are masked where they stand alone")
  func linesOfAKey() throws {
    let lines = [
      "2eJdzLsoirZ6CDhacoJjjl60wM4JhCjXeLPoH9EboiUMQzH24tTOcHAoGUEKRuAa",
      "nDJ67DRSy4XBl1Tsu4aGBTm3eBoh3rDaMLCAyNGqYmMGxA2u",
    ]
    let key = "-----BEGIN PRIVATE KEY-----\n\(lines[0])\n\(lines[1])\n-----END PRIVATE KEY-----\n"
    let config = "server.port=8080\nserver.address=0.0.0.0\nserver.compression.enabled=true\nmode=fast\n"
    let encoded = [key, config].map { String(decoding: Decoding.base64Encoded(Array($0.utf8)), as: UTF8.self) }
    var files = FileRedaction(try Redactor())
    try files.learn(
      RawFile(name: "a.yaml", bytes: Array("kind: Secret\ndata:\n  a: \(encoded[0])\n  b: \(encoded[1])\n".utf8)))
    let log = RawFile(name: "b.log", bytes: Array("chunk \(lines[1])\nserver.compression.enabled=true\n".utf8))
    try files.learn(log)
    let out = try files.masker().redacted(log).value
    #expect(String(decoding: out, as: UTF8.self) == "chunk [REDACTED]\nserver.compression.enabled=true\n")
  }

  /// Finds of the fuzzer: the line end of a block belonged to the value, and a sentence under `name` was a name.
  @Test(arguments: [
    (
      "password: |\n  Kx7b5vbUbewX\n# Kx7b5vbUbewX\nb: x Kx7b5vbUbewX\n",
      "password: |\n  [REDACTED]\n# [REDACTED]\nb: x [REDACTED]\n"
    ),
    ("name: see Kx7b5vbUbewX\npassword: Kx7b5vbUbewX\n", "name: see [REDACTED]\npassword: \"[REDACTED]\"\n"),
    ("name: Kx7b5vbUbewX\npassword: Kx7b5vbUbewX\n", "name: Kx7b5vbUbewX\npassword: \"[REDACTED]\"\n"),
    ("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.", "'[REDACTED].'"),
    ("see 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\n", "see [REDACTED]\n"),
  ]) func inYAML(_ text: String, _ expected: String) throws {
    let out = try Redactor().redact(RawFile(name: "x.yaml", bytes: Array(text.utf8))).value
    #expect(String(decoding: out, as: UTF8.self) == expected)
  }

  /// Finds of the fuzzer: a document that is one scalar, with more than one secret in it.
  @Test(arguments: [
    "eyJhbGciaa.aaaaaaaaa\"kty\"\"\"\"k\"\"", "cGFzc3dvcmQ9aHVaayaa:mysql -p", "cGFzc3dvcmQ9aaVaayM- mysql -p",
    "ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"kty\"\"k\"\"", "'see 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'",
  ]) func oneScalarStaysYAML(_ text: String) throws {
    let out = try Redactor().redact(RawFile(name: "x.yaml", bytes: Array(text.utf8))).value
    _ = try YAMLNode.parse(out)
    #expect(try Redactor().redact(RawFile(name: "x.yaml", bytes: out)).value == out)
  }

  @Test(arguments: ["admin", "true", "8080", "production", "changeme", "12345"]) func commonValuesDoNotSpread(
    _ value: String
  ) {
    #expect(!KnownValues.propagates(Array(value.utf8)))
  }

  @Test(arguments: ["hunter2", "n1ght-Train", "1541067018", "correct-horse-battery"]) func secretsSpread(
    _ value: String
  ) {
    #expect(KnownValues.propagates(Array(value.utf8)))
  }

  @Test func aValueInANameDoesNotSpread() {
    var known = KnownValues()
    known.learn(Array("payments-api".utf8))
    var names = NameList()
    Array("payments-api-7d9f".utf8).withUnsafeBufferPointer { names.append($0) }
    _ = known.matcher(without: names)
    #expect(known.isEmpty)
  }
}

/// An incident in small, for the two passes and the last check.
private struct Sample: Redactable {
  var log: String
  var manifest: String
  var leak: String = ""
  var masked = 0

  mutating func visitTexts(_ visit: (inout String, TextSource) throws(RedactionError) -> Void) throws(RedactionError) {
    try visit(&log, TextSource(.log, place: "log"))
    try visit(&manifest, TextSource(.yaml, place: "manifest"))
  }

  mutating func recordRedaction(_ report: RedactionReport) { masked = report.total }

  func encodedForLastCheck() throws(RedactionError) -> [UInt8] { Array((log + manifest + leak).utf8) }
}

@Suite struct RedactorTests {
  @Test func learnsFromOneTextAndMasksInAnother() throws {
    let out = try Redactor().redact(Sample(log: "rejected hunter2-Prod", manifest: "DB_PASSWORD: hunter2-Prod\n"))
    #expect(out.value.log == "rejected [REDACTED]")
    #expect(out.value.masked == 2)
  }

  @Test func theLastCheckWithholds() throws {
    let redactor = try Redactor()
    #expect {
      _ = try redactor.redact(Sample(log: "", manifest: "DB_PASSWORD: hunter2-Prod\n", leak: "hunter2-Prod"))
    } throws: { ($0 as? RedactionError)?.code == .lastCheck && !"\($0)".contains("hunter2") }
  }

  @Test func timeRunsOut() throws {
    let redactor = try Redactor()
    let log = String(repeating: "password=hunter2-Prod token\n", count: 2_000)
    #expect {
      _ = try redactor.redact(Sample(log: log, manifest: ""), isOverTime: { true })
    } throws: { ($0 as? RedactionError)?.code == .timeout }
  }
}
