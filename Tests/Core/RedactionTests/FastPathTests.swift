internal import CScan
internal import Randomness
internal import Testing

@testable internal import Redaction

/// What is fast has a slow twin, and both say the same of every text.
@Suite("Fast paths")
struct FastPathTests {
  private static let engine: Engine? = try? Engine(.standard, masks: .plain, failing: nil)

  @Test("The lookup of trigger words finds the same with and without the wide instructions")
  func triggers() throws {
    var random = SplitMix64(seed: 11)
    let words = [UInt32](unsafeUninitializedCapacity: 8_192) { buffer, count in
      for place in 0..<8_192 { buffer[place] = UInt32.random(in: 0...UInt32.max, using: &random) & 0x1010_0101 }
      count = 8_192
    }
    let fronts = (0..<1_024).map { _ in UInt32.random(in: 0...UInt32.max, using: &random) }
    for count in [4, 5, 63, 64, 66, 67, 71, 72, 75, 76, 77, 140, 1_000, 2_051] {
      let text = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      let to = count - 3
      try words.withUnsafeBufferPointer { words in
        try fronts.withUnsafeBufferPointer { fronts in
          var tables = cscan_triggers_tables(words: words.baseAddress, fronts: fronts.baseAddress)
          let found = try Self.places(count) { cscan_triggers(&tables, text, 0, to, $0) }
          #expect(found == (try Self.places(count) { cscan_triggers_portable(&tables, text, 0, to, $0) }))
          #expect(found.count > to / 100 || to < 100)
        }
      }
    }
  }

  @Test("The lookup of known values finds the same with and without the wide instructions")
  func known() throws {
    var random = SplitMix64(seed: 12)
    for bits: UInt32 in [13, 17, 22] {
      let bitmap = (0..<1 << Int(bits - 5)).map { _ in UInt32.random(in: 0...UInt32.max, using: &random) & 0x0101_0011 }
      for count in [4, 5, 6, 48, 50, 51, 52, 53, 54, 55, 56, 103, 104, 999, 6_147] {
        let text = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        let found = try Self.places(count) { cscan_known(bitmap, bits, text, 0, count - 3, $0) }
        #expect(found == (try Self.places(count) { cscan_known_portable(bitmap, bits, text, 0, count - 3, $0) }))
        #expect(found.allSatisfy { $0 % 3 == 0 })
      }
    }
  }

  private static func places(_ count: Int, _ body: (UnsafeMutablePointer<UInt32>) -> Int) throws -> [UInt32] {
    [UInt32](unsafeUninitializedCapacity: count + 1) { buffer, used in
      used = buffer.baseAddress.map(body) ?? 0
    }
  }

  @Test("Blocks of a text show the triggers that its places show one by one")
  func blocks() throws {
    let prefilter = try #require(Self.engine).prefilter
    var random = SplitMix64(seed: 13)
    for _ in 0..<200 {
      let text = Self.text(&random, pieces: 1 + Int.random(in: 0..<300, using: &random))
      try text.withUnsafeBufferPointer { bytes in
        let end = bytes.count - 3
        guard end > 0 else { return }
        let places = try Self.places(end) { prefilter.candidates(in: bytes, from: 0, to: end, $0) }
        let found = places.map { Int($0) }.filter { Self.stands(prefilter, bytes, $0) }
        #expect(found == (0..<end).filter { Self.stands(prefilter, bytes, $0) })
      }
    }
  }

  private static func stands(_ prefilter: Prefilter, _ bytes: Bytes, _ place: Int) -> Bool {
    var candidate = prefilter.candidate(bytes, at: place)
    return prefilter.next(&candidate, bytes) != nil
  }

  private static func text(_ random: inout SplitMix64, pieces: Int) -> [UInt8] {
    let words = [
      "password", "PassWord=", "token", " key ", "AKIA", "ghp_", "eyJ", "://", "Authorization: ", "id=", "\u{E9}", "\n",
      "\0", "abc", "Bearer x", "-----BEGIN ", "=", "0123456789", " ",
    ]
    return (0..<pieces).flatMap { _ in Array((words.randomElement(using: &random) ?? "").utf8) }
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
