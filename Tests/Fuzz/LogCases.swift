/// Lines of logs with a secret in them, and what all generators share.
extension FuzzCase {
  /// A value that is remembered: letters of both cases and digits, with something to escape now and then.
  static func value(_ random: inout Random) -> [UInt8] {
    let letters = Array("abcdefghkmnpqrstuvwxyzABCDEFGHKMNPQRSTUVWXYZ23456789".utf8)
    var out = Array("Kx7".utf8) + random.text(letters, 9 + random.below(16))
    if random.one(in: 3) { out[4 + random.below(out.count - 6)] = random.pick(Array("!-_.~$".utf8)) }
    return out
  }

  static let secretKeys = [
    "password", "DB_PASSWORD", "apiKey", "client-secret", "spring.datasource.password", "AUTH_TOKEN", "clientSecret",
    "passwd",
  ]
  static let plainKeys = ["level", "msg", "path", "count", "id", "host", "image", "user", "a", "key"]
  static let words = [
    "started", "ok", "GET", "200", "12ms", "shop", "retry", "node-1", "true", "worker", "at", "2026",
  ]

  static func log(_ random: inout Random) -> FuzzCase {
    let secret = value(&random)
    let text = String(decoding: secret, as: UTF8.self)
    var lines: [String] = []
    for _ in 0..<(1 + random.below(4)) {
      lines.append((0..<random.below(6)).map { _ in random.pick(words) }.joined(separator: " "))
    }
    let key = random.pick(secretKeys)
    let planted =
      switch random.below(14) {
      case 0: "\(key)=\(text)"
      case 6: "GET /login?user=a&\(key)=\(Encodings.percent(secret))&x=1 HTTP/1.1"
      case 7: "\(key.uppercased()):\(text), b=2"
      case 8: "<\(key)>\(text)</\(key)>"
      case 9: "Authorization: Basic \(Encodings.base64(Array("app:".utf8) + secret))"
      case 10: "curl -u app:\(text) https://h/x"
      case 11: "{'\(key)': '\(text)', 'n': 1}"
      case 12: "got {\\\"\(key)\\\": \\\"\(text)\\\"}"
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
}
