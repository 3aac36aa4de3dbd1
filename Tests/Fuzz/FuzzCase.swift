/// One input, and what is known about it.
struct FuzzCase {
  /// Name of the file, which decides on its form.
  var name: String
  var bytes: [UInt8]
  /// Values under a key that says that they are secret: none of them may come out in any trivial encoding.
  var planted: [[UInt8]] = []
  /// Where a stream is cut.
  var cut = 0

  static let names = ["x.log", "x.json", "x.yaml"]
}

extension FuzzCase {
  /// What scanners look at, in any order.
  static let parts: [[UInt8]] =
    [
      "password", "token", "secret", "=", ":", " ", "\n", "\"", "'", "{", "}", "[", "]", "\\", "\\n", "https://",
      "user:",
      "pw@host", "curl -u ", "mysql -p", "--password", "Authorization: Bearer ", "Basic ",
      "-----BEGIN RSA PRIVATE KEY-----",
      "-----END RSA PRIVATE KEY-----", "MIIEowIBAAKCAQEA", "AKIAQ7T2M9KD4VLEXMPL", "YWJjZGVmZ2hpamtsbW5vcA==",
      "\u{1B}[31m",
      "\u{0}", "\r\n", "\t", "%20", "%3D", "\\u0041", "4111 1111 1111 1111", "kari.nordmann1@kunde.example", "- ",
      "|\n  ",
      "---\n", "&a ", "*a", "${X}", "{{", "kind: Secret\ndata:\n  a: ", "x", "12345", ",", "IDENTIFIED BY ",
      "redis://:pw@h:1/0", "//", "[REDACTED]", "[REDACTED:4f2a9c]", "[REDACTED", "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln",
      "Set-Cookie: sid=", "db:5432:a:b:c", "&lt;", "&#61;", ": |\n  ", "? ", "!!binary ", "# ", "@tcp(",
      "app:pw@@tcp(h:1)/",
      "\"kty\":\"oct\",\"k\":\"", "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", "\u{FEFF}", "\u{201C}",
      "cGFzc3dvcmQ9aHVudGVyMg==",
    ].map { Array($0.utf8) } + [[0xFF, 0xFE], [0xC3]]

  /// Some bytes changed, gone, doubled or put in. What was planted may be broken by it.
  mutating func mutate(_ random: inout Random) {
    planted = []
    for _ in 0...random.below(4) where !bytes.isEmpty {
      let place = random.below(bytes.count)
      switch random.below(5) {
      case 0: bytes[place] = UInt8(random.below(256))
      case 1: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(8)))
      case 2: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 1 + random.below(16))], at: place)
      case 3: bytes.insert(contentsOf: random.pick(Self.parts), at: place)
      default: bytes.removeSubrange(place...)
      }
    }
  }

  /// The whole of it inside of something else: a string of a document, a block, base64, lines of a container runtime. What was
  /// planted must not come out of these, either.
  mutating func wrap(_ random: inout Random) {
    let text = String(decoding: bytes, as: UTF8.self)
    // A text that would not come through as it is.
    guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value < 0x7F || $0 == "\n" }) else { return }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let quoted = Encodings.json(bytes).split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\\n")
    switch random.below(5) {
    case 0: self = FuzzCase(name: "x.json", bytes: Array("{\"a\": [\"\(quoted)\", 1]}".utf8), planted: planted)
    case 1:
      let block = lines.map { "    " + $0 }.joined(separator: "\n")
      self = FuzzCase(name: "x.yaml", bytes: Array("a:\n  b: |\n\(block)\n  c: 1\n".utf8), planted: planted)
    case 2: self = FuzzCase(name: "x.log", bytes: Array("got \(Encodings.base64(bytes)) back\n".utf8), planted: planted)
    case 3:
      let said = lines.map { "2026-11-23T10:00:00.123456789Z stdout F \($0)" }.joined(separator: "\n")
      self = FuzzCase(name: "x.log", bytes: Array(said.utf8), planted: planted)
    default:
      self = FuzzCase(
        name: "x.log", bytes: Array("{\"log\":\"\(quoted)\\n\",\"stream\":\"stdout\"}\n".utf8), planted: planted)
    }
  }
}
