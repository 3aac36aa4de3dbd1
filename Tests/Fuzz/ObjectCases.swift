/// Lists of objects whose parts mean something to what stands elsewhere in them: a kind beside the data, a kind in a map of its own,
/// a resource in an entry of the audit log, a type in a state of Terraform. The same parts stand in objects that mean nothing as
/// well, for what brought nothing once may be stepped over.
extension FuzzCase {
  static func objects(_ random: inout Random) -> FuzzCase {
    let secret = value(&random)
    let part = Self.part(secret, &random)
    var kinds = (0..<1 + random.below(3)).map { _ in secretObject(part, &random) }
    kinds += (0..<1 + random.below(3)).map { _ in plainObject(part, &random) }
    // Some of them again and again, so that the list is longer than the shortest one in which parts are stepped over.
    var items = kinds
    for _ in 0..<random.below(24) { items.append(random.pick(kinds)) }
    items.shuffle(using: &random)
    var list = [("items", Node.list(items))]
    if random.one(in: 3) { list.append(("kind", .text("List"))) }
    let text: String
    var name = "x.json"
    switch random.below(7) {
    case 0: text = Node.map(list).json
    case 1: text = Node.list(items).json
    case 2: text = items.map(\.json).joined(separator: "\n") + "\n"
    case 3:
      name = "x.yaml"
      text = Node.map(list).block(0, &random)
    case 4:
      name = "x.yaml"
      text = items.map { $0.block(0, &random) }.joined(separator: "---\n")
    case 5:
      name = "x.log"
      text = records(part, &random)
    default:
      name = "x.log"
      text = "level=info object=1\n" + kinds.map(\.json).joined(separator: "\n") + "\nlevel=info done\n"
    }
    return FuzzCase(name: name, bytes: Array(text.utf8), planted: [secret])
  }

  /// The data of an object, under keys that say nothing: in base64 as `data`, or as it is as `stringData`.
  private static func part(_ secret: [UInt8], _ random: inout Random) -> (key: String, data: Node) {
    let isPlain = random.one(in: 2)
    let written = isPlain ? String(decoding: secret, as: UTF8.self) : Encodings.base64(secret)
    var members: [(String, Node)] = [(random.pick(["color", "a", "note.txt", "x-1"]), .text(written))]
    for number in 0..<random.below(3) {
      let word = random.pick(words)
      members.append(("w\(number)", .text(isPlain ? word : Encodings.base64(Array(word.utf8)))))
    }
    members.shuffle(using: &random)
    return (isPlain ? "stringData" : "data", .map(members))
  }

  /// A log in JSON that holds a Secret of the part, a line in each record, between records of something else.
  private static func records(_ part: (key: String, data: Node), _ random: inout Random) -> String {
    var members: [(String, Node)] = [
      ("apiVersion", .text("v1")), ("kind", .text("Secret")), ("metadata", .map([("name", .text(random.pick(words)))])),
      part,
    ]
    members.shuffle(using: &random)
    var lines = Node.map(members).block(0, &random).split(separator: "\n").map(String.init)
    if random.one(in: 2) { lines = ["", "---"] + lines + ["---"] }
    for _ in 0..<random.below(4) {
      lines.insert("GET /ready 200", at: 0)
      lines.append(random.pick(words) + " " + random.pick(words))
    }
    let isDocker = random.one(in: 2)
    let gap = random.one(in: 2) ? " " : ""
    return lines.map { line in
      let text = Encodings.json(Array(line.utf8))
      return isDocker
        ? "{\"log\":\(gap)\"\(text)\\n\",\(gap)\"stream\":\"stdout\"}\n"
        : "{\"level\":\"info\",\(gap)\"msg\":\(gap)\"\(text)\"}\n"
    }.joined()
  }

  /// An object that makes a secret of the part, by something that stands elsewhere in it.
  private static func secretObject(_ part: (key: String, data: Node), _ random: inout Random) -> Node {
    let (key, data) = part
    let inner = Node.map([("metadata", .map([("name", .text(random.pick(words)))])), (key, data)])
    var members: [(String, Node)]
    switch random.below(8) {
    case 0, 1: members = [("apiVersion", .text("v1")), ("kind", .text("Secret")), (key, data)]
    case 2: members = [("kind", .text("SecretList")), ("items", .list([inner, .map([(key, data)])]))]
    case 3:
      let kind = Node.map([("group", .text("")), ("version", .text("v1")), ("kind", .text("Secret"))])
      var request: [(String, Node)] = [("uid", .text("7f")), ("kind", kind), ("object", inner)]
      if random.one(in: 2) { request.append(("oldObject", inner)) }
      request.shuffle(using: &random)
      members = [("kind", .text("AdmissionReview")), ("request", .map(request))]
    case 4:
      members = [
        ("kind", .text("Event")), ("verb", .text("update")),
        ("objectRef", .map([("resource", .text("secrets")), ("name", .text("app"))])), ("requestObject", inner),
      ]
      if random.one(in: 2) { members.append(("responseObject", inner)) }
    case 5:
      let attributes = Node.map([("attributes", .map([("id", .text("shop/app")), ("data", data)]))])
      members = [("type", .text("kubernetes_secret")), ("instances", .list([attributes]))]
    case 6:
      let last = Node.map([("kind", .text("Secret")), (key, data)]).json
      let notes = Node.map([("kubectl.kubernetes.io/last-applied-configuration", .text(last))])
      members = [("kind", .text("Secret")), ("metadata", .map([("annotations", notes)]))]
    default:
      // As Helm's values and Compose's files have them: the part has a name, and the Secret refers to it.
      let shared = Node.anchored("part", data)
      let alias = Node.alias("part", data)
      let used = random.one(in: 2) ? alias : .map([("<<", alias), ("b", .text("1"))])
      return .map([("x-part", shared), ("object", .map([("kind", .text("Secret")), (key, used)]))])
    }
    members.shuffle(using: &random)
    return .map(members)
  }

  /// An object in which the part is nothing.
  private static func plainObject(_ part: (key: String, data: Node), _ random: inout Random) -> Node {
    var members: [(String, Node)]
    switch random.below(5) {
    case 0: members = [("kind", .text("ConfigMap")), (part.key, part.data)]
    case 1: members = [("kind", .text("Widget")), ("spec", .map([("values", part.data)]))]
    case 2:
      members = [
        ("kind", .text("AdmissionReview")),
        ("request", .map([("kind", .map([("kind", .text("Pod"))])), ("object", .map([(part.key, part.data)]))])),
      ]
    case 3: members = [("type", .text("kubernetes_config_map")), ("instances", .list([.map([("data", part.data)])]))]
    default:
      let probe = Node.map([("path", .text("/ready")), ("port", .text("http"))])
      members = [("kind", .text("Pod")), ("spec", .map([("probe", probe), ("again", probe)]))]
    }
    members.shuffle(using: &random)
    return .map(members)
  }
}

/// A document before it is written in one form or the other.
indirect enum Node {
  case text(String)
  case list([Node])
  case map([(String, Node)])
  /// In YAML a part with a name, and a place that refers to it; in JSON the part itself.
  case anchored(String, Node)
  case alias(String, Node)

  var json: String {
    switch self {
    case .text(let text): "\"\(Encodings.json(Array(text.utf8)))\""
    case .list(let items): "[\(items.map(\.json).joined(separator: ","))]"
    case .map(let members):
      "{\(members.map { "\"\($0.0)\":\($0.1.json)" }.joined(separator: ","))}"
    case .anchored(_, let node), .alias(_, let node): node.json
    }
  }

  /// Block YAML, what begins a line in this column.
  func block(_ column: Int, _ random: inout Random) -> String {
    let front = String(repeating: " ", count: column)
    switch self {
    case .list(let items):
      return items.map { item in
        let text = item.block(column + 2, &random)
        return item.isInLine ? "\(front)- \(item.inLine(&random))\n" : "\(front)- \(text.dropFirst(column + 2))"
      }.joined()
    case .map(let members):
      return members.map { key, node in
        node.isInLine
          ? "\(front)\(key): \(node.inLine(&random))\n"
          : "\(front)\(key):\(node.name)\n\(node.block(column + 2, &random))"
      }.joined()
    case .anchored(_, let node): return node.block(column, &random)
    case .text, .alias: return ""
    }
  }

  /// What stands behind the key of a part of several lines.
  private var name: String { if case .anchored(let name, _) = self { " &\(name)" } else { "" } }

  private var isInLine: Bool {
    switch self {
    case .text, .alias: true
    case .list(let items): items.isEmpty
    case .map(let members): members.isEmpty
    case .anchored(_, let node): node.isInLine
    }
  }

  private func inLine(_ random: inout Random) -> String {
    switch self {
    case .text(let text):
      if text.isEmpty { return "\"\"" }
      if text.first == "{" || random.one(in: 8) { return "'\(text)'" }
      return text
    case .list: return "[]"
    case .map: return "{}"
    case .alias(let name, _): return "*\(name)"
    case .anchored(let name, let node): return "&\(name) \(node.inLine(&random))"
    }
  }
}
