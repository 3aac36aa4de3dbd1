/// Documents with secrets in them.
extension FuzzCase {
  static func json(_ random: inout Random) -> FuzzCase {
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

  static func yaml(_ random: inout Random) -> FuzzCase {
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

  /// An object of Kubernetes, as JSON or YAML: Secrets, variables of containers, and a document in an annotation.
  static func manifest(_ random: inout Random) -> FuzzCase {
    let secret = value(&random)
    let text = String(decoding: secret, as: UTF8.self)
    let key = random.pick(secretKeys)
    let name = random.pick(words)
    let members: [(String, String)] =
      switch random.below(4) {
      case 0: [("kind", "Secret"), ("data", "{\"\(random.pick(plainKeys))\": \"\(Encodings.base64(secret))\"}")]
      case 1: [("stringData", "{\"\(random.pick(plainKeys)).x\": \"\(Encodings.json(secret))\"}"), ("kind", "Secret")]
      case 2:
        [
          ("kind", "Pod"),
          ("spec", "{\"containers\": [{\"env\": [{\"name\": \"\(key)\", \"value\": \"\(Encodings.json(secret))\"}]}]}"),
        ]
      default:
        [
          ("kind", "ConfigMap"),
          (
            "metadata",
            "{\"annotations\": {\"last\": \"{\\\"\(key)\\\":\\\"\(Encodings.json(Array(Encodings.json(secret).utf8)))\\\"}\"}}"
          ),
        ]
      }
    let other = ("note", "\"\(name) \(random.one(in: 2) ? Encodings.json(secret) : Encodings.base64(secret)) \(name)\"")
    var all = members + [other]
    all.shuffle(using: &random)
    if random.one(in: 2) {
      let body = all.map { "\"\($0.0)\":\($0.1.first == "{" || $0.1.first == "\"" ? $0.1 : "\"\($0.1)\"")" }
      return FuzzCase(name: "x.json", bytes: Array("{\(body.joined(separator: ","))}".utf8), planted: [secret])
    }
    let block = random.one(in: 2) && text.utf8.allSatisfy { $0 != 0x24 && $0 != 0x7E }
    let body = all.map { pair in
      block && pair.0 == "note" ? "note: >-\n  \(name)\n  \(text)\n" : "\(pair.0): \(pair.1)\n"
    }
    return FuzzCase(name: "x.yaml", bytes: Array(body.joined().utf8), planted: [secret])
  }

  /// A command as a list of words, in JSON or YAML.
  static func arguments(_ random: inout Random) -> FuzzCase {
    let secret = value(&random)
    let text = Encodings.json(secret)
    let key = random.pick(secretKeys)
    var list = (0..<random.below(4)).map { _ in random.pick(words) }
    let place = random.below(list.count + 1)
    switch random.below(4) {
    case 0: list.insert(contentsOf: ["--\(key)", text], at: place)
    case 1: list.insert("--\(key)=\(text)", at: place)
    case 2: list.insert("\(key)=\(text)", at: place)
    default: list.insert(contentsOf: ["sh", "-c", "curl -u app:\(text) https://h/x"], at: place)
    }
    if random.one(in: 2) { list.append("see \(text)") }
    if random.one(in: 2) {
      let body = list.map { "\"\($0)\"" }.joined(separator: ",")
      return FuzzCase(name: "x.json", bytes: Array("{\"args\": [\(body)]}".utf8), planted: [secret])
    }
    let body = list.map { "- \"\($0)\"\n" }.joined()
    return FuzzCase(name: "x.yaml", bytes: Array("command:\n\(body)".utf8), planted: [secret])
  }

  /// A document with the same part many times: what was read once may be stepped over.
  static func repeated(_ random: inout Random) -> FuzzCase {
    var part = random.one(in: 2) ? yaml(&random) : random.one(in: 2) ? json(&random) : manifest(&random)
    // Longer than the shortest document in which that is done.
    let count = 2 + 2_200 / (part.bytes.count + 1)
    guard count < 60 else { return part }
    let isJSON = part.name == "x.json"
    let copies = [[UInt8]](repeating: part.bytes, count: count)
    part.bytes = Array(
      isJSON
        ? Array("{\"items\":[".utf8) + copies.joined(separator: ",".utf8) + Array("]}".utf8)
        : Array(copies.joined(separator: "---\n".utf8)))
    return part
  }
}
