internal import Documents
import Randomness
import Testing

@testable import Redaction

/// Texts made to break a scanner: triggers, quotes, escapes and control characters in any order.
@Suite("Hostile text", .timeLimit(.minutes(20)))
struct HostileTextTests {
  static let pieces: [[UInt8]] =
    [
      "password", "token", "secret", "=", ":", " ", "\n", "\"", "'", "{", "}", "[", "]", "\\", "\\n", "https://",
      "user:", "pw@host",
      "curl -u ", "mysql -p", "--password", "Authorization: Bearer ", "Basic ", "-----BEGIN RSA PRIVATE KEY-----",
      "-----END RSA PRIVATE KEY-----", "MIIEowIBAAKCAQEA", "AKIAQ7T2M9KD4VLEXMPL", "YWJjZGVmZ2hpamtsbW5vcA==",
      "\u{1B}[31m",
      "\u{0}", "\r\n", "\t", "%20", "\\u0041", "4111 1111 1111 1111", "kari.nordmann1@kunde.example", "- ", "|\n  ",
      "---\n",
      "&a ", "*a", "${X}", "{{", "kind: Secret\ndata:\n  a: ", "x", "12345", ",", "IDENTIFIED BY ", "redis://:pw@h:1/0",
      "//",
    ].map { Array($0.utf8) } + [[0xFF, 0xFE], [0xC3]]

  @Test("never loops, never traps, and what came out stays as it is", arguments: ["t.log", "t.json", "t.yaml"])
  func random(name: String) throws {
    let redactor = try Redactor()
    var random = SplitMix64(seed: 2_026)
    var finished = 0
    for _ in 0..<2_000 {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 1...30, using: &random) { bytes += Self.pieces.randomElement(using: &random) ?? [] }
      // What redaction cannot vouch for it withholds: also an answer.
      guard let once = try? redactor.redact(RawFile(name: name, bytes: bytes)) else { continue }
      guard let twice = try? redactor.redact(RawFile(name: name, bytes: once.value)) else { continue }
      #expect(twice.value == once.value, "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
      finished += 1
    }
    #expect(finished > 1_500)
  }

  @Test("a control character at the start of a word of a command line is stepped over")
  func controlCharacterInCommand() throws {
    let text = "\u{1B}[32mcurl\u{1B}[0m \u{1}-u admin:hunter2-Prod https://shop.example \u{7F}\u{1B}\n"
    let redacted = try Redactor().redact(RawFile(name: "x.log", bytes: Array(text.utf8)))
    #expect(!String(decoding: redacted.value, as: UTF8.self).contains("hunter2-Prod"))
  }

  @Test("objects under keys in each other are read to a depth, however many there are")
  func objectsWithoutEnd() throws {
    let text = String(repeating: "password: {\"", count: 8_000) + "\npassword: {\"value\": \"hunter2-Prod\"}\n"
    let redacted = try Redactor().redact(RawFile(name: "x.log", bytes: Array(text.utf8)))
    #expect(!String(decoding: redacted.value, as: UTF8.self).contains("hunter2-Prod"))
  }

  @Test("what stands between the borders of a key and is none is read like any other text")
  func secretBetweenBorders() throws {
    let text = "-----BEGINPRIVATE KEY-----authorization: Zx81kq9Q\n:\npassword: hunter2-Prod\n: x -----END"
    let redacted = try Redactor().redact(RawFile(name: "x.log", bytes: Array(text.utf8)))
    #expect(
      String(decoding: redacted.value, as: UTF8.self)
        == "-----BEGINPRIVATE KEY-----authorization: [REDACTED]\n:\npassword: [REDACTED]\n: x -----END")
  }

  @Test("the colon of a pseudonym makes no member of an object of it")
  func pseudonymInObject() throws {
    let text = "secret {\na\n5[REDACTED:4f2a9c]a"
    let redacted = try Redactor().redact(RawFile(name: "x.log", bytes: Array(text.utf8)))
    #expect(String(decoding: redacted.value, as: UTF8.self) == text)
  }

  @Test(
    "a scalar begins behind its anchor, whatever stands there",
    arguments: [
      ("a: &a://://pw:hunter2-Prod", "a: &a://://pw:[REDACTED]"),
      ("password: &a hunter2-Prod\n", "password: &a \"[REDACTED]\"\n"),
      ("password: &a-b_1 !!str hunter2-Prod\n", "password: &a-b_1 \"[REDACTED]\"\n"),
    ])
  func anchors(text: String, expected: String) throws {
    let redacted = try Redactor().redact(RawFile(name: "x.yaml", bytes: Array(text.utf8)))
    #expect(String(decoding: redacted.value, as: UTF8.self) == expected)
  }

  @Test("two tokens in one plain key of YAML are both masked, and the key stays one")
  func tokensInOneKey() throws {
    let text = "AKIAQ7T2M9KD4VLEXMPL AKIAQ7T2M9KD4VLEXMPZ: x\nb: c\n"
    let redacted = try Redactor().redact(RawFile(name: "x.yaml", bytes: Array(text.utf8)))
    #expect(String(decoding: redacted.value, as: UTF8.self) == "\"[REDACTED] [REDACTED]\": x\nb: c\n")
  }

  @Test(
    "a mask that makes a key, a value or a line readable does not change what stands around it",
    arguments: [
      (
        "x.yaml",
        "a=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" + String(repeating: "a", count: 120) + "\"authorization: a"
      ),
      ("x.yaml", "kind: Secret\ndata:\n a: &a"), ("x.yaml", "kind: Secret\ndata:\n  a: : \n  a:"),
      ("x.yaml", "? AKIAQ7T2M9KD4VLEXMPL"), ("x.log", "\"kty\"\"k\"\"{}\n\"kty\""),
      ("x.log", "mysql -p\"\n\n\"kty\"\"k\"\"a"),
      // A mask inside of a manifest, far from the word that makes it one.
      ("x.log", "kind: Secret\ndata:\n {{mysql -p}"),
      ("x.log", "kind: Secret\ndata:\n a: Set-Cooauthorization:%20Set-Coo"),
      ("x.log", "data:\n a: \"IDENTIFIED BYa\"\nkind: Secret"),
      ("x.log", "(k:\"pass\nkind: Secret\ndata:\n a: aa:aa\u{1B}"),
      // Lines that a private key has read over, until a mask ended it.
      ("x.log", "-----BEGINPRIVATE KEY-----Basic: |\n : \na"), ("x.log", "-----BEGINPRIVATE KEY-----Cookie: i\n: \na"),
      ("x.log", "Cookie:aaa=a-----BEGINPRIVATE KEY\nkind: Secret\ndata:\n -----END"),
      ("x.log", "passw%3aa-----BEGINPRIVATE KEY\na://:a@-----END"),
      // The value of a pair whose name is a value.
      ("x.log", "k:\"token:a\ndata:\n : r"),
      // A mask behind an escape, which with its bracket would be a colour.
      ("x.log", "EDACTED]mysql -p\u{1B}AKIAQ7T2M9KD4VLEXMPL"),
      // A brace that was masked: what stands behind it is no object any more.
      ("x.log", "{authorization:aaa}aa1a\ndata:aa\"k:\"tok"),
      // JSON that is none: what its keys said does not hold.
      ("x.json", "{\"authorization: B image\":\"{\\\"aaaa\""),
      ("x.json", "{\"\":{\"apiKey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\":\"a7aaaaaT\""),
    ]) func maskedOnceIsMasked(name: String, text: String) throws
  {
    let redactor = try Redactor()
    let once = try redactor.redact(RawFile(name: name, bytes: Array(text.utf8)))
    let twice = try redactor.redact(RawFile(name: name, bytes: once.value))
    #expect(String(decoding: twice.value, as: UTF8.self) == String(decoding: once.value, as: UTF8.self))
  }

  @Test(
    "a document that is one scalar, and a key behind a tag, parse behind their masks",
    arguments: [
      ("!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", "\"[REDACTED]\""), ("!:5432:::a", "\"[REDACTED]\""),
      ("aa\n-----ENDPRIVATE KEY\n", "\"[REDACTED]\"\n"), ("aa\n-----ENDPRIVATE KEY\n\t", "\"[REDACTED]\""),
      ("#secreta:>\n a", "\"[REDACTED]\""),
      ("! AKIAQ7T2M9KD4VLEXMPL: x", "! \"[REDACTED]\": x"), ("[?AKIAQ7T2M9KD4VLEXMPL]", "[?\"[REDACTED]\"]"),
      ("Cookie: a\n \t", "Cookie: \"[REDACTED]\""),
      ("  a: |\n   IDENTIFIED BY\"\\\n  b:", "  a: |\n   IDENTIFIED BY\"[REDACTED]\n  b:"),
    ]) func yamlThatParses(text: String, expected: String) throws
  {
    let redacted = try Redactor().redact(RawFile(name: "x.yaml", bytes: Array(text.utf8)))
    #expect(String(decoding: redacted.value, as: UTF8.self) == expected)
    _ = try YAMLNode.parse(redacted.value)
  }

  @Test("a record of Docker whose text has no beginning is stepped over")
  func recordWithoutText() throws {
    for text in ["{\"log\":\",\"stream\":\"stdout\"}", "{\"log\":\"\",\"stream\":\"\n{\"log\":\",\"stream\":\""] {
      let redacted = try Redactor().redact(RawFile(name: "x.log", bytes: Array(text.utf8)))
      #expect(redacted.value == Array(text.utf8))
    }
  }

  @Test("a pseudonym in a manifest's line is no pair of a key and a value")
  func pseudonymInFlow() throws {
    var options = RedactionOptions()
    options.masks = try .pseudonyms(key: Array("a key of sixteen".utf8))
    let redactor = try Redactor(options: options)
    let text = "stringData: {:Kx7MBcz.\"Kx7MBcz.a\nkind: Secret"
    let once = try redactor.redact(RawFile(name: "x.log", bytes: Array(text.utf8))).value
    #expect(try redactor.redact(RawFile(name: "x.log", bytes: once)).value == once)
  }

  @Test("a known value and a format that overlap in the last check are one mask")
  func overlappingFindsOfTheLastCheck() throws {
    let token = "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"
    let text = "password: x-\(token.prefix(20))\n\"x-\(token)\": 1\n"
    let redacted = try Redactor().redact(RawFile(name: "x.yaml", bytes: Array(text.utf8)))
    let out = String(decoding: redacted.value, as: UTF8.self)
    #expect(!out.contains("ghp_") && !out.contains("PK4ASJ21"))
    #expect(out.contains("[REDACTED]\": 1"))
  }
}
