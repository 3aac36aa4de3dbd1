import Testing

@testable import Redaction

/// The hash behind pseudonyms, by the examples of its standards.
@Suite struct HashTests {
  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (String(repeating: "a", count: 1_000), "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"),
  ]) func fips180(_ message: String, _ digest: String) {
    #expect(hex(SHA256.digest(of: message.utf8)) == digest)
  }

  /// RFC 4231, test cases 1, 2 and 6.
  @Test(arguments: [
    (
      [UInt8](repeating: 0x0B, count: 20), "Hi There",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      Array("Jefe".utf8), "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
  ]) func rfc4231(_ key: [UInt8], _ message: String, _ code: String) {
    #expect(hex(HMAC(key: key).code(of: message.utf8)) == code)
  }
}

/// Masks and pseudonyms.
@Suite struct MaskTests {
  private static let key = Array("0123456789abcdef".utf8)

  private static let plain = Result { try Redactor() }
  private static let withPseudonyms = Result {
    var options = RedactionOptions()
    options.masks = try .pseudonyms(key: key)
    return try Redactor(options: options)
  }

  private static func redact(_ text: String, _ name: String, pseudonyms: Bool) throws -> String {
    let file = RawFile(name: name, bytes: Array(text.utf8))
    return String(decoding: try (pseudonyms ? withPseudonyms : plain).get().redact(file).value, as: UTF8.self)
  }

  @Test func equalValuesHaveEqualPseudonyms() throws {
    let out = try Self.redact(
      "DB_PASSWORD=p@ss-12345\nurl=redis://u:p%40ss-12345@h/0\nAPI_TOKEN=other-98765\nagain p@ss-12345\n", "x.log",
      pseudonyms: true)
    let masks = out.split(separator: "[").dropFirst().map { $0.prefix { $0 != "]" } }
    #expect(masks.count == 4)
    #expect(masks[0] == masks[1] && masks[0] == masks[3] && masks[0] != masks[2])
    #expect(masks[0].hasPrefix("REDACTED:") && masks[0].count == 15)
  }

  @Test func base64OfAValueHasItsPseudonym() {
    #expect(MaskStyle.canonical(Array("aHVudGVyMi1wcm9k".utf8)) == Array("hunter2-prod".utf8))
    #expect(MaskStyle.canonical(Array(#"a\"b"#.utf8)) == Array(#"a"b"#.utf8))
    #expect(MaskStyle.canonical(Array("100%".utf8)) == Array("100%".utf8))
  }

  @Test func anotherKeyGivesOtherPseudonyms() throws {
    let other = try MaskStyle.pseudonyms(key: Array("fedcba9876543210".utf8))
    let value = Array("hunter2".utf8)
    #expect(try MaskStyle.pseudonyms(key: Self.key).mask(value) != other.mask(value))
    #expect(MaskStyle.plain.mask(value) == Array("[REDACTED]".utf8))
  }

  @Test func aShortKeyIsRefused() {
    #expect {
      _ = try MaskStyle.pseudonyms(key: Array("fifteen bytes!!".utf8))
    } throws: { ($0 as? RedactionError)?.code == .configuration }
  }

  @Test(arguments: [true, false], [true, false]) func aMaskIsNeverMaskedAgain(_ first: Bool, _ second: Bool) throws {
    let documents = [
      (
        "x.json",
        #"{"a":"{\"password\":\"x y\"}","env":[{"name":"TOKEN","value":"v1"}],"args":["--token","abc"],"pin":7}"#
      ),
      (
        "x.yaml",
        "password: hunter2\nkey: |\n  password=hunter2-x\nu: redis://:pw12@h/0 # token=abc123\nc: [curl, -u, a:b1]\n"
      ),
    ]
    // What stands beside two masks is no secret that is masked elsewhere.
    let beside = ("x.log", "4f2a9c]aa.aa@a.aa curl -u[REDACTED:4f2a9c]h")
    for (name, text) in RuleFileTests.matches.map({ ("x.log", $0.1) }) + documents + [beside] {
      let once = try Self.redact(text, name, pseudonyms: first)
      #expect(try Self.redact(once, name, pseudonyms: second) == once)
    }
  }

  @Test(arguments: [
    ("password: hunter2 # ours\n", "password: \"[REDACTED:deda27]\" # ours\n"),
    ("a: {password: hunter2, b: 1}\n", "a: {password: \"[REDACTED:deda27]\", b: 1}\n"),
    ("url: redis://:hunter2@h/0\n", "url: redis://:[REDACTED:deda27]@h/0\n"),
    ("kind: Secret\nstringData:\n  a: 'hunter2'\n", "kind: Secret\nstringData:\n  a: '[REDACTED:deda27]'\n"),
  ]) func yamlQuotesPseudonyms(_ input: String, _ expected: String) throws {
    #expect(try Self.redact(input, "x.yaml", pseudonyms: true) == expected)
  }

  /// A pseudonym is longer than a mask: what is decided by the length of a line must not be decided by it.
  @Test(arguments: ["{-----BEGINaPRIVATE KEY-----b: [a,a]}", "{-----BEGIN PRIVATE KEY-----b: [a1b,a1b]}"])
  func pseudonymsDoNotWithhold(_ input: String) throws {
    for pseudonyms in [false, true] {
      let once = try Self.redact(input, "x.yaml", pseudonyms: pseudonyms)
      #expect(try Self.redact(once, "x.yaml", pseudonyms: !pseudonyms) == once)
    }
  }

  @Test(arguments: [
    ("password=[REDACTED]tail9x", "password=[REDACTED][REDACTED]"),
    ("password=[REDACTED:4f2a9c]", "password=[REDACTED:4f2a9c]"),
    ("password=[REDACTED:hunter]", "password=[REDACTED]"),
  ]) func whatStandsBesideAMaskIsMasked(_ input: String, _ expected: String) throws {
    #expect(try Self.redact(input, "x.log", pseudonyms: false) == expected)
  }
}
