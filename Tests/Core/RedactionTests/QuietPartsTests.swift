internal import Randomness
internal import Testing

@testable internal import Redaction

@Suite("Parts that come again")
struct QuietPartsTests {
  private static let engine = try? Redactor().engine

  @Test("A collection is found again where the same bytes stand in the same column")
  func collections() {
    let part = #"{"limits":{"memory":"64Mi"}}"#
    Self.withBytes("[\(part),\(part),\(part.replacing("64", with: "65"))]") { bytes in
      let parts = QuietParts()
      defer { parts.deallocate() }
      let (first, second, third) = (1, 2 + part.utf8.count, 3 + 2 * part.utf8.count)
      #expect(parts.collection(bytes, at: first) == nil)
      parts.add(collection: first..<first + part.utf8.count, bytes)
      #expect(parts.collection(bytes, at: second) == part.utf8.count)
      #expect(parts.collection(bytes, at: second, column: 2) == nil)
      #expect(parts.collection(bytes, at: third) == nil)
      #expect(parts.collection(bytes, at: bytes.count - 1) == nil)
    }
  }

  @Test("A line is found again by all of its bytes", arguments: ["a:", "kind: Pod", "creationTimestamp: null"])
  func lines(line: String) {
    let count = line.utf8.count
    // What looks a short line up are the bytes behind it, too.
    Self.withBytes("\(line)\n- an item\n\(line)\n- an item\n\(line) \n--------") { bytes in
      let parts = QuietParts()
      defer { parts.deallocate() }
      #expect(parts.colon(bytes, ofLine: 0..<count) == nil)
      parts.add(line: 0..<count, bytes, colon: 1)
      let (second, third) = (count + 11, 2 * count + 22)
      #expect(parts.colon(bytes, ofLine: second..<second + count) == 1)
      #expect(parts.colon(bytes, ofLine: third..<third + count + 1) == nil)
      // Too near to the end to be looked up.
      #expect(parts.colon(bytes, ofLine: bytes.count - 2..<bytes.count) == nil)
    }
  }

  @Test("Objects of a JSON list bring what each of them brings alone")
  func json() throws {
    let engine = try #require(Self.engine)
    var random = SplitMix64(seed: 61)
    var edited = 0
    for _ in 0..<120 {
      // What is read alone must not be stepped over in there.
      let objects = Self.objects(&random)
        .map { Array($0.json(indent: random.next() % 3 == 0 ? "\n " : "").utf8) }
        .filter { $0.count < QuietParts.shortest }
      var whole: [UInt8] = [0x5B]
      var expected: [Edit] = []
      var learned: Set<[UInt8]> = []
      for object in objects {
        if whole.count > 1 { whole.append(0x2C) }
        let alone = DocumentRedactor(engine, known: .none, isOverTime: { false })
        let edits = try #require(try object.withUnsafeBufferPointer { try alone.jsonEdits($0, depth: 4) })
        expected += edits.map {
          var edit = $0
          edit.range = edit.range.lowerBound + whole.count..<edit.range.upperBound + whole.count
          return edit
        }
        learned.formUnion(alone.harvest.learned)
        whole += object
      }
      whole.append(0x5D)
      let together = DocumentRedactor(engine, known: .none, isOverTime: { false })
      let edits = try whole.withUnsafeBufferPointer { try together.jsonEdits($0, depth: 4) }
      #expect(edits == expected, "\(String(decoding: whole, as: UTF8.self))")
      #expect(Set(together.harvest.learned) == learned)
      edited += expected.count
    }
    #expect(edited > 500)
  }

  @Test("Block YAML with the same parts many times gives what libyaml gives")
  func yaml() throws {
    let engine = try #require(Self.engine)
    var random = SplitMix64(seed: 62)
    var edited = 0
    for round in 0..<150 {
      let objects = Self.objects(&random)
      let text =
        round % 3 == 0
        ? "items:\n" + objects.map { $0.yaml(indent: 0, isItem: true) }.joined()
        : objects.map { "---\n" + $0.yaml(indent: 0, isItem: false) }.joined()
      try Array(text.utf8).withUnsafeBufferPointer { bytes in
        let fast = DocumentRedactor(engine, known: .none, isOverTime: { false })
        let slow = DocumentRedactor(engine, known: .none, isOverTime: { false })
        let pass = YAMLPass(redactor: fast.apart(for: bytes), bytes: bytes, depth: 4)
        #expect(try BlockYAML.read(bytes, pass) != nil, "\(text)")
        let edits = try fast.yamlEdits(bytes, depth: 4)
        let others = try slow.anyYAMLEdits(bytes, depth: 4)
        #expect(edits == others, "\(text)")
        #expect(Set(fast.harvest.learned) == Set(slow.harvest.learned), "\(text)")
        edited += edits?.count ?? 0
      }
    }
    #expect(edited > 500)
  }

  @Test("Each of several reviews says by its own kind that its object is a Secret")
  func reviews() throws {
    let kind = #"{"group":"","version":"v1","kind":"Secret"}"#
    let items = (0..<40).map {
      #"{"kind":\#(kind),"name":"review-\#($0)","object":{"data":{"a":"lemon-tree-\#($0)"}}}"#
    }
    let text = "[" + items.joined(separator: ",") + "]"
    let redacted = try Redactor().redact(RawFile(name: "x.json", bytes: Array(text.utf8)))
    let shown = String(decoding: redacted.value, as: UTF8.self)
    #expect(!shown.contains("lemon-tree"))
    #expect(shown.split(separator: "[REDACTED]", omittingEmptySubsequences: false).count == 41)
  }

  private static func withBytes(_ text: String, _ body: (Bytes) -> Void) {
    Array(text.utf8).withUnsafeBufferPointer(body)
  }

  /// A document of a few kinds of scalars that both forms write alike.
  private indirect enum Node {
    case scalar(String)
    case map([(String, Node)])
    case list([Node])

    func json(indent: String) -> String {
      switch self {
      case .scalar(let text):
        return ["true", "null", "12", "8080"].contains(text) ? text : "\"\(text)\""
      case .map(let members):
        let inner = indent.isEmpty ? "" : indent + " "
        return "{" + members.map { "\(inner)\"\($0.0)\":\($0.1.json(indent: inner))" }.joined(separator: ",") + indent
          + "}"
      case .list(let nodes):
        return "[" + nodes.map { $0.json(indent: indent) }.joined(separator: ",") + "]"
      }
    }

    /// Lines as kubectl writes them: lists stand in the column of their key.
    func yaml(indent: Int, isItem: Bool) -> String {
      let blanks = String(repeating: " ", count: indent)
      switch self {
      case .scalar(let text): return "\(blanks)- \(text)\n"
      case .list(let nodes): return nodes.map { $0.yaml(indent: indent, isItem: true) }.joined()
      case .map(let members):
        let column = isItem ? indent + 2 : indent
        var out = ""
        for (key, value) in members {
          out += out.isEmpty && isItem ? "\(blanks)- " : String(repeating: " ", count: column)
          switch value {
          case .scalar(let text): out += "\(key): \(text)\n"
          case .map(let inner) where inner.isEmpty: out += "\(key): {}\n"
          case .list(let inner) where inner.isEmpty: out += "\(key): []\n"
          case .map: out += "\(key):\n" + value.yaml(indent: column + 2, isItem: false)
          case .list: out += "\(key):\n" + value.yaml(indent: column, isItem: false)
          }
        }
        return out
      }
    }
  }

  /// Objects of one document that share most of their parts, under keys that mean much and keys that mean nothing.
  private static func objects(_ random: inout SplitMix64) -> [Node] {
    let parts = (0..<6).map { _ in node(3, &random) }
    return (0..<Int.random(in: 12...30, using: &random)).map { number in
      var members: [(String, Node)] = [("id", .scalar("object-\(number)"))]
      for place in 0..<Int.random(in: 1...4, using: &random) {
        let key = keys.randomElement(using: &random) ?? ""
        let isFresh = Int.random(in: 0..<6, using: &random) == 0
        members.append(
          ("\(key)", isFresh ? node(2, &random) : parts[Int.random(in: 0..<parts.count, using: &random)]))
        if place == 2 { members.append(("kind", .scalar(number % 5 == 0 ? "Secret" : "Pod"))) }
        if place == 3 { members.append(("kind", number % 2 == 0 ? secretKind : .scalar("Pod"))) }
      }
      return .map(members)
    }
  }

  /// A kind as a review of admission has it: it says what the object beside it is.
  private static let secretKind = Node.map([
    ("group", .scalar("core")), ("version", .scalar("v1")), ("kind", .scalar("Secret")),
  ])

  private static let keys = [
    "spec", "status", "metadata", "password", "data", "stringData", "env", "labels", "literals", "secretGenerator",
    "result", "type", "resource", "objectRef", "credentials", "value", "name", "kty", "d", "limits", "containerPort",
    "creationTimestamp",
  ]
  private static let scalars = [
    "checkout", "true", "null", "12", "8080", "hunter2hunter2", "Secret", "secrets", "random_password", "DB_PASSWORD",
    "http://u:pw12345@h/x", "password=Zx81kq9Q", "SecureString", "RSA", "apps/v1", "a text of some words",
    "c2VjcmV0LXZhbHVlLTE",
    "2026-11-23",
  ]

  private static func node(_ depth: Int, _ random: inout SplitMix64) -> Node {
    switch Int.random(in: 0..<(depth > 0 ? 6 : 2), using: &random) {
    case 0, 1: return .scalar(scalars.randomElement(using: &random) ?? "")
    case 2, 3, 4:
      return .map(
        (0..<Int.random(in: 0...4, using: &random)).map { _ in
          (keys.randomElement(using: &random) ?? "", node(depth - 1, &random))
        })
    default:
      // A list of lists is left to libyaml.
      return .list(
        (0..<Int.random(in: 0...3, using: &random)).map { _ in
          let node = node(depth - 1, &random)
          if case .scalar = node { return node }
          return .map([("name", node)])
        })
    }
  }
}
