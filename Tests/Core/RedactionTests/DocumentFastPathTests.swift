internal import Randomness
internal import Testing

@testable internal import Redaction

/// What a document is spared has a slow twin, and both say the same of every document.
@Suite("Fast paths over documents")
struct DocumentFastPathTests {
  private static let engine: Engine? = try? Engine(.standard, masks: .plain, failing: nil)

  @Test("Nothing is found in a text that is told to be clean without being scanned")
  func clean() throws {
    let engine = try #require(Self.engine)
    var random = SplitMix64(seed: 17)
    let known = KnownMatcher([SecretValue(Array("Zx81kq9QZx81kq9Q".utf8)), SecretValue(Array("k-1234".utf8))])
    let redactor = DocumentRedactor(engine, known: known, isOverTime: { false })
    let pieces = [
      "apps/v1", "http", "checkout", "-", ":", "/", ".", " ", "1.4.2", "TCP", "id", "pw", "key=", "Zx81kq9QZx81kq9Q",
      "k-1234", "4111 1111 1111 1111", "cGFzc3dvcmQ9aHVudGVyMg", "a.b@example.com", "\\n", "\t", "%3D", "&quot;",
      "password",
      "registry.shop.example", "AKIA", "=", ",", "{", "\u{E9}", "0123456789abcdef",
    ]
    var seen = (clean: 0, others: 0)
    for _ in 0..<4_000 {
      let text = (0..<Int.random(in: 1...6, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
      try Array(text.joined().utf8).withUnsafeBufferPointer { bytes in
        guard redactor.isClean(bytes) else {
          seen.others += 1
          return
        }
        seen.clean += 1
        #expect(redactor.isClean(bytes))
        let edits = try redactor.innerEdits(bytes, depth: 4)
        #expect(edits.isEmpty, "\(text.joined())")
      }
    }
    #expect(seen.clean > 500 && seen.others > 500)
  }

  @Test("A text that a document repeats gives the same as where it stands alone")
  func repeated() throws {
    let engine = try #require(Self.engine)
    var random = SplitMix64(seed: 19)
    let pieces = [
      "DB_PASSWORD", "password=", "hunter2Xy9", " ", ":", "id", "Bearer ", "${VALUE}", "token",
      "cGFzc3dvcmQ9aHVudGVyMg",
      "http", "://", "u:p4ss8Word@", "h/x", "key", "=", "k: v",
    ]
    func read(_ texts: [String]) throws -> (edits: [(Int, Edit)], learned: [[UInt8]], hides: Bool) {
      var document: [UInt8] = Array("[".utf8)
      var starts: [Int] = []
      for text in texts {
        if !starts.isEmpty { document.append(0x2C) }
        starts.append(document.count)
        document += Array(#"{"a":"\#(text)"}"#.utf8)
      }
      document.append(0x5D)
      return try document.withUnsafeBufferPointer { bytes in
        let redactor = DocumentRedactor(engine, known: .none, isOverTime: { false })
        let edits = try #require(try redactor.jsonEdits(bytes, depth: 4)).map { edit in
          let item = starts.lastIndex { $0 <= edit.range.lowerBound } ?? 0
          var edit = edit
          edit.range = edit.range.lowerBound - starts[item]..<edit.range.upperBound - starts[item]
          return (item, edit)
        }
        return (edits, redactor.harvest.learned, redactor.harvest.hidesValues)
      }
    }
    var seen = (found: 0, nothing: 0)
    for _ in 0..<300 {
      let texts = (0..<3).map { _ in
        (0..<Int.random(in: 1...4, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
      }
      let order = (0..<12).map { _ in Int.random(in: 0..<3, using: &random) }
      let alone = try texts.map { try read([$0]) }
      let all = try read(order.map { texts[$0] })
      #expect(all.learned == order.flatMap { alone[$0].learned })
      #expect(all.hides == order.contains { alone[$0].hides })
      for (item, text) in order.enumerated() {
        #expect(all.edits.filter { $0.0 == item }.map(\.1) == alone[text].edits.map(\.1), "\(texts[text])")
        if alone[text].edits.isEmpty { seen.nothing += 1 } else { seen.found += 1 }
      }
    }
    #expect(seen.found > 500 && seen.nothing > 500)
  }

  @Test("Nothing is found in a scalar that is told to be quiet, wherever it stands")
  func quiet() throws {
    let engine = try #require(Self.engine)
    var random = SplitMix64(seed: 27)
    let redactor = DocumentRedactor(engine, known: .none, isOverTime: { false })
    let pieces = [
      "apps/v1", "http", "checkout", "-", ":", "/", ".", " ", "1.4.2", "TCP", "key=", "4111 1111 1111 1111", "pw",
      "cGFzc3dvcmQ9aHVudGVyMg", "a.b@example.com", "\\n", "\t", "%3D", "&quot;", "password", "AKIA", "{", "[",
      "0123456789abcdef", "name of a thing ", "registry.shop.example ",
    ]
    var document: [UInt8] = []
    var scalars: [Range<Int>] = []
    for number in 0..<6_000 {
      let count = number % 500 == 0 ? 6_000 : Int.random(in: 0...5, using: &random)
      document.append(0x22)
      let start = document.count
      for _ in 0..<count {
        // A long one is mostly quiet.
        let some = count > 5 ? pieces[0..<4] : pieces[...]
        document += Array((some.randomElement(using: &random) ?? "").utf8)
      }
      scalars.append(start..<document.count)
      document += Array("\",".utf8)
    }
    try document.withUnsafeBufferPointer { bytes in
      let quiet = QuietIndex(bytes, engine.prefilter)
      defer { quiet.deallocate() }
      var seen = (quiet: 0, clean: 0)
      for (number, scalar) in scalars.enumerated() {
        // The reader of JSON moves the window as well, and may move it into the scalar.
        if number % 2 == 0 {
          let stop = bytes[scalar].firstIndex { $0 < 0x20 || $0 == 0x5C } ?? scalar.upperBound
          #expect(quiet.stop(from: scalar.lowerBound) == stop)
        }
        let text = Bytes(rebasing: bytes[scalar])
        let isClean = redactor.isClean(text)
        if isClean { seen.clean += 1 }
        guard quiet.isQuiet(scalar) else { continue }
        seen.quiet += 1
        #expect(isClean || text.count > 256)
        let edits = try redactor.innerEdits(text, depth: 4)
        #expect(edits.isEmpty)
      }
      #expect(redactor.harvest.learned.isEmpty && !redactor.harvest.hidesValues)
      // But for a few at the borders of windows.
      #expect(seen.quiet > seen.clean * 9 / 10 && seen.clean > 1_000)
      #expect(quiet.stop(from: bytes.count) == bytes.count)
    }
  }

  @Test("YAML of block style gives what libyaml gives")
  func yaml() throws {
    var random = SplitMix64(seed: 14)
    var understood = 0
    for _ in 0..<1_500 {
      let text = Self.yaml(&random)
      let (fast, slow) = try Self.both(text)
      #expect(fast.edits == slow.edits, "\(text.debugDescription)")
      #expect(fast.learned == slow.learned, "\(text.debugDescription)")
      #expect(fast.hidesValues == slow.hidesValues, "\(text.debugDescription)")
      understood += fast.isUnderstood ? 1 : 0
    }
    // Else nothing was compared.
    #expect(understood > 150)
  }

  @Test(
    "What is not of block style is left to libyaml",
    arguments: [
      "a: 1 # b\n", "# a\na: 1\n", "a: &x 1\n", "a: !!str 1\n", "a: [1, 2]\n", "a: {b: 1}\n", "a: 'x\n  y'\n",
      "a: x\n  y\n",
      "a: \"\\n\"\n", "a: >\n  x\n", "a: |2\n    x\n", "a:\tb\n", "a: é\n", "? a\n: b\n", "a\n", "a: b", "a: 'b' c\n",
      "- - a\n",
      "-\n  a\n", "a: b: c\n", "a:\n  b\n", "---\n---\n", "--- a\n", "a: 1\r\n", "a: 1\n...\n", "a: *x\n", "\"a\": 1\n",
      "", "\n",
      "a: 1\n b: 2\n", "a:\n- b\n c: d\n", "- a\nb: c\n", "a: |\n  x\n y\n", "a: |\n\n  x\n", "a: |\n  x\n   \n  y\n",
    ])
  func others(text: String) throws {
    let (fast, slow) = try Self.both(text)
    #expect(!fast.isUnderstood)
    #expect(fast.edits == slow.edits)
  }

  @Test(
    "What programs write is read without libyaml",
    arguments: [
      "a: 1\n", "---\na: 1\n---\nb:\n  c: d\n", "a:\n- b: 1\n  c: 2\n- d\n", "a:\n  - b\n  - c\ne: 'f''g'\n",
      "a: {}\nb: []\n",
      "- a: b\n- c\n", "a: |\n  x\n   y\n\n  z\n\nb: |-\n  {}\nc: |+\n  d\n\n", "a:\nb:\n", "a: http://x/y#z\n",
      "a: \"b\"\n\nc: -1\n",
    ])
  func own(text: String) throws {
    let (fast, slow) = try Self.both(text)
    #expect(fast.isUnderstood)
    #expect(fast.edits == slow.edits)
  }

  private struct Outcome {
    var edits: [Edit]?
    var learned: [[UInt8]]
    var hidesValues: Bool
    var isUnderstood: Bool
  }

  private static func both(_ text: String) throws -> (Outcome, Outcome) {
    let engine = try #require(Self.engine)
    return try Array(text.utf8).withUnsafeBufferPointer { bytes in
      let fast = DocumentRedactor(engine, known: .none, isOverTime: { false })
      let slow = DocumentRedactor(engine, known: .none, isOverTime: { false })
      let probe = DocumentRedactor(engine, known: .none, isOverTime: { false })
      let read = try BlockYAML.read(bytes, YAMLPass(redactor: probe, bytes: bytes, depth: 4))
      let edits = try fast.yamlEdits(bytes, depth: 4)
      let others = try slow.anyYAMLEdits(bytes, depth: 4)
      return (
        Outcome(
          edits: edits, learned: fast.harvest.learned, hidesValues: fast.harvest.hidesValues, isUnderstood: read != nil),
        Outcome(
          edits: others, learned: slow.harvest.learned, hidesValues: slow.harvest.hidesValues, isUnderstood: false)
      )
    }
  }

  /// Documents of block style, now and then with something in them that is not.
  private static func yaml(_ random: inout SplitMix64) -> String {
    var out = ""
    var indents = [0]
    let keys = ["name", "value", "password", "data", "kind", "a.b/c", "env", "api-key", "x"]
    let values = [
      "DB_PASSWORD", "hunter2hunter2", "Secret", "true", "12", "-3", "http://u:pw12345@h/x", "'it''s'", "\"q\"", "''",
      "\"\"",
      "null", "~", "a#b", "a: b", "{}", "[]", "'password=Zx81kq9Q'", "\"token: Zx81kq9Q\"", "<none>", "*x", "x y z",
      "'a' b",
      "a # b", "-", "- a", "|", "100m", "1.5", "\"a\\nb\"", "x:", "0x1F", "on",
    ]
    for _ in 0..<Int.random(in: 1..<14, using: &random) {
      let indent = indents.randomElement(using: &random) ?? 0
      var line = String(repeating: " ", count: indent)
      let key = keys.randomElement(using: &random) ?? ""
      let value = values.randomElement(using: &random) ?? ""
      switch Int.random(in: 0..<12, using: &random) {
      case 0: line = "---"
      case 1: line = ""
      case 2, 3:
        line += "\(key):"
        indents = indents.filter { $0 <= indent } + [indent + 2]
      case 4:
        line += "- \(key): \(value)"
        indents = indents.filter { $0 <= indent } + [indent + 2]
      case 5: line += "- \(value)"
      case 6:
        let header = ["|", "|-", "|+"].randomElement(using: &random) ?? ""
        line += "\(key): \(header)\n\(line)  password: Zx81kq9Q\n\(line)   more\n"
      default: line += "\(key): \(value)"
      }
      if Int.random(in: 0..<60, using: &random) == 0 { line += " " }
      out += line + "\n"
    }
    return out
  }
}
