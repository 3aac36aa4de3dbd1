/// One input, and what is known about it.
struct FuzzCase {
  /// Name of the file, which decides on its form.
  var name: String
  var bytes: [UInt8]
  /// Values under a key that says that they are secret: none of them may come out in any trivial encoding.
  var planted: [[UInt8]] = []
  /// Where a stream is cut.
  var cut = 0
}

extension FuzzCase {
  /// Makes the case of this number.
  static func make(seed: UInt64, number: UInt64) -> FuzzCase {
    var random = Random(seed: seed, number: number)
    var made =
      switch random.below(10) {
      case 0...2: pieces(&random)
      case 3...5: log(&random)
      case 6, 7: json(&random)
      case 8: yaml(&random)
      default: FuzzCase(name: random.pick(names), bytes: (0..<random.below(120)).map { _ in UInt8(random.below(256)) })
      }
    if random.one(in: 4) { made.mutate(&random) }
    made.cut = random.below(made.bytes.count + 1)
    return made
  }

  private static let names = ["x.log", "x.json", "x.yaml"]

  /// What scanners look at, in any order.
  private static let parts: [[UInt8]] =
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

  private static func pieces(_ random: inout Random) -> FuzzCase {
    let count = 1 + random.below(20)
    return FuzzCase(name: random.pick(names), bytes: (0..<count).flatMap { _ in random.pick(parts) })
  }

  /// A value that is remembered: letters of both cases and digits, with something to escape now and then.
  private static func value(_ random: inout Random) -> [UInt8] {
    let letters = Array("abcdefghkmnpqrstuvwxyzABCDEFGHKMNPQRSTUVWXYZ23456789".utf8)
    var out = Array("Kx7".utf8) + random.text(letters, 9 + random.below(16))
    if random.one(in: 3) { out[4 + random.below(out.count - 6)] = random.pick(Array("!-_.~$".utf8)) }
    return out
  }

  private static let secretKeys = [
    "password", "DB_PASSWORD", "apiKey", "client-secret", "spring.datasource.password", "AUTH_TOKEN", "clientSecret",
    "passwd",
  ]
  private static let plainKeys = ["level", "msg", "path", "count", "id", "host", "image", "user", "a", "key"]
  private static let words = [
    "started", "ok", "GET", "200", "12ms", "shop", "retry", "node-1", "true", "worker", "at", "2026",
  ]

  private static func log(_ random: inout Random) -> FuzzCase {
    let secret = value(&random)
    let text = String(decoding: secret, as: UTF8.self)
    var lines: [String] = []
    for _ in 0..<(1 + random.below(4)) {
      lines.append((0..<random.below(6)).map { _ in random.pick(words) }.joined(separator: " "))
    }
    let key = random.pick(secretKeys)
    let planted =
      switch random.below(7) {
      case 0: "\(key)=\(text)"
      case 1: "level=info \(key)=\"\(text)\" next=1"
      case 2: "{\"\(key)\": \"\(text)\", \"n\": 1}"
      case 3: "connect postgres://app:\(text)@db:5432/x"
      case 4: "\(key): \(text)"
      case 5: "run --\(key.lowercased()) '\(text)' --verbose"
      default: "export \(key)='\(text)'"
      }
    lines.insert(planted, at: random.below(lines.count + 1))
    // Elsewhere in another notation.
    let other =
      switch random.below(6) {
      case 0: text
      case 1: Encodings.base64(secret)
      case 2: Encodings.percent(secret)
      case 3: Encodings.base64(Array("u:".utf8) + secret)
      case 4: "x" + text + "y"
      default: Encodings.json(secret)
      }
    lines.insert("\(random.pick(words)) \(other) \(random.pick(words))", at: random.below(lines.count + 1))
    let end = random.one(in: 4) ? "\r\n" : "\n"
    let bytes = Array((lines.joined(separator: end) + (random.one(in: 3) ? "" : end)).utf8)
    return FuzzCase(name: "x.log", bytes: bytes, planted: [secret])
  }

  private static func json(_ random: inout Random) -> FuzzCase {
    let secret = value(&random)
    var left = 8
    var isPlanted = false
    func node(_ depth: Int) -> String {
      left -= 1
      if depth > 4 || left < 0 { return "1" }
      switch random.below(7) {
      case 0, 1, 2:
        var members = (0..<random.below(4)).map { _ in "\"\(random.pick(plainKeys))\": \(node(depth + 1))" }
        if random.one(in: 2) {
          isPlanted = true
          members.append("\"\(random.pick(secretKeys))\":\"\(Encodings.json(secret))\"")
        }
        return "{" + members.joined(separator: random.one(in: 3) ? ",\n  " : ",") + "}"
      case 3: return "[" + (0..<random.below(4)).map { _ in node(depth + 1) }.joined(separator: ", ") + "]"
      case 4: return "\"\(random.pick(words)) \(random.one(in: 2) ? Encodings.json(secret) : "\\u00e9\\n")\""
      case 5: return random.pick(["null", "true", "-1.5e3", "12", "\"\""])
      default: return "\"\(Encodings.json(Array("{\"\(random.pick(secretKeys))\": 7}".utf8)))\""
      }
    }
    let text = "{\"root\": \(node(0))}"
    return FuzzCase(name: "x.json", bytes: Array(text.utf8), planted: isPlanted ? [secret] : [])
  }

  private static func yaml(_ random: inout Random) -> FuzzCase {
    let secret = String(decoding: value(&random), as: UTF8.self)
    var out = random.one(in: 4) ? "---\n" : ""
    var isPlanted = false
    for number in 0..<(1 + random.below(5)) {
      let key = "\(random.pick(plainKeys))\(number)"
      switch random.below(8) {
      case 0:
        out += "\(random.pick(secretKeys)).\(number)x: 1\n"
      case 1, 2:
        isPlanted = true
        let written = random.pick([
          "\(secret)", "'\(secret)'", "\"\(secret)\"", "\(secret) # ours", "|\n  \(secret)", ">-\n  \(secret)",
        ])
        out += "\(random.pick(secretKeys))_\(number)_value: \(written)\n"
      case 3: out += "\(key):\n- \(random.pick(words))\n- name: \(random.pick(secretKeys))\n  value: q\(number)x\n"
      case 4: out += "\(key): |\n  \(random.pick(words))\n  see \(secret) there\n"
      case 5: out += "\(key): {a: \(random.pick(words)), b: [x, '\(secret)']}\n"
      case 6: out += "# \(random.pick(words)) \(secret)\n"
      default: out += "\(key): \(random.pick(words)) \(random.pick(words))\n"
      }
    }
    return FuzzCase(name: "x.yaml", bytes: Array(out.utf8), planted: isPlanted ? [Array(secret.utf8)] : [])
  }

  /// Some bytes changed, gone, doubled or put in. What was planted may be broken by it.
  private mutating func mutate(_ random: inout Random) {
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
}
