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
      for place in 0..<8_192 { buffer[place] = UInt32.random(in: 0...UInt32.max, using: &random) & 0x7171_7171 }
      count = 8_192
    }
    let sets = (0..<2).map { _ in (0..<512).map { _ in UInt8.random(in: 0...255, using: &random) } }
    for count in [4, 5, 63, 64, 66, 67, 68, 71, 72, 75, 76, 77, 130, 131, 140, 1_000, 2_051] {
      let text = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      let to = count - 3
      try words.withUnsafeBufferPointer { words in
        try sets[0].withUnsafeBufferPointer { fronts in
          try sets[1].withUnsafeBufferPointer { backs in
            var tables = cscan_triggers_tables(
              words: words.baseAddress, fronts: fronts.baseAddress, backs: backs.baseAddress)
            let slow = try Self.places(count) { cscan_triggers_portable(&tables, text, 0, to, $0) }
            #expect(slow == (try Self.places(count) { cscan_triggers_wide(&tables, text, 0, to, $0) }))
            #expect(slow == (try Self.places(count) { cscan_triggers(&tables, text, 0, to, $0) }))
            #expect(slow.count > to / 50 || to < 100)
          }
        }
      }
    }
  }

  @Test("Runs and cards are found where a plain search finds them, with and without the wide instructions")
  func runs() throws {
    var random = SplitMix64(seed: 16)
    let pieces = [
      "a", "Z", "-", "_", "+/", " ", "=", ".", "\n", "\u{E9}", "0123456789", "abcdefghijklmnopqrs",
      "ABCDEFGHIJKLMNOPQRSTUV",
      "4111 1111 1111 1111", "4111-1111-1111-1111", "3782 822463 10005", "[", "@", "`", "{", ":", ",", "*",
    ]
    var seen = (runs: 0, cards: 0)
    for _ in 0..<300 {
      let text = (0..<Int.random(in: 1..<90, using: &random)).flatMap { _ in
        Array((pieces.randomElement(using: &random) ?? "").utf8)
      }
      let from = Int.random(in: 0...min(3, text.count), using: &random)
      let to = Int.random(in: from...text.count, using: &random)
      func places(
        _ find: (Bytes, UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<UInt32>, inout Int) -> Int
      ) throws -> [[Int]] {
        var cards: [UInt32] = []
        let runs = try text.withUnsafeBufferPointer { bytes in
          try Self.places(text.count) { runs in
            var cardCount = 0
            var count = 0
            cards = [UInt32](unsafeUninitializedCapacity: text.count + 1) { cards, used in
              if let cards = cards.baseAddress { count = find(bytes, runs, cards, &cardCount) }
              used = cardCount
            }
            return count
          }
        }
        return [runs, cards].map { $0.map { Int($0) + from } }
      }
      let fast = try places { bytes, runs, cards, cardCount in
        let found = WindowLookup.runs(bytes, from: from, to: to, runs, cards: cards)
        cardCount = found.cards
        return found.runs
      }
      let slow = try places { bytes, runs, cards, cardCount in
        let start = bytes.baseAddress.map { $0 + from }
        return cscan_runs_portable(start, bytes.at(from - 1), to - from, bytes.count - from, runs, cards, &cardCount)
      }
      #expect(fast == slow)
      let plain = (from..<to).filter { place in
        place + 20 <= text.count && text[place..<place + 20].allSatisfy(\.isBase64)
          && (place == 0 || !text[place - 1].isBase64)
      }
      #expect(fast[0] == plain)
      func isGap(_ place: Int) -> Bool { place < text.count && (text[place] == 0x20 || text[place] == 0x2D) }
      let cards = (from..<to).filter { place in
        place + 17 <= text.count && text[place].isDigit && (place == 0 || !text[place - 1].isDigit)
          && (place..<place + 17).allSatisfy { text[$0].isDigit || isGap($0) } && isGap(place + 4)
          && (isGap(place + 9) && isGap(place + 14) || isGap(place + 11))
      }
      #expect(fast[1] == cards)
      seen = (seen.runs + plain.count, seen.cards + cards.count)
    }
    #expect(seen.runs > 100 && seen.cards > 30)
  }

  @Test("The lookup of known values finds the same with and without the wide instructions")
  func known() throws {
    var random = SplitMix64(seed: 12)
    for bits: UInt32 in [13, 17, 22] {
      let bitmap = (0..<1 << Int(bits - 5)).map { _ in UInt32.random(in: 0...UInt32.max, using: &random) & 0x1111_0111 }
      for count in [8, 9, 10, 48, 50, 51, 52, 53, 54, 55, 56, 103, 104, 134, 135, 136, 263, 999, 6_147] {
        let text = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        let found = try Self.places(count) { cscan_known(bitmap, bits, text, 0, count - 3, $0) }
        #expect(found == (try Self.places(count) { cscan_known_portable(bitmap, bits, text, 0, count - 3, $0) }))
        #expect(found.allSatisfy { $0 % 3 == 0 })
        #expect(!found.isEmpty || count < 999)
        let long = try Self.places(count) { cscan_known_long(bitmap, bits, text, 0, count - 7, $0) }
        #expect(long == (try Self.places(count) { cscan_known_long_portable(bitmap, bits, text, 0, count - 7, $0) }))
        #expect(long.allSatisfy { $0 % 8 == 0 })
        #expect(!long.isEmpty || count < 999)
      }
    }
  }

  @Test("Known values are found where a plain search finds them, alike ones and many of them, too")
  func knownValues() {
    var random = SplitMix64(seed: 15)
    for round in 0..<24 {
      // Few letters and common parts: values that share windows with each other and with the text.
      let parts = [
        "user-", "password-for-", "ab", "ba", "0000", "x", "Zx81kq9Q", "/", "the same long middle of them all ",
      ]
      func piece(_ most: Int) -> [UInt8] {
        (0..<Int.random(in: 1...most, using: &random)).flatMap { _ in
          Array((parts.randomElement(using: &random) ?? "").utf8)
        }
      }
      let values = Set((0..<[1, 3, 40, 900][round % 4]).map { number in piece(5) + Array("\(number % 7)".utf8) })
      let all = Array(values)
      var text = piece(40)
      for _ in 0..<20 { text += (all.randomElement(using: &random) ?? []) + piece(6) }
      text.withUnsafeBufferPointer { bytes in
        let range = Int.random(in: 0..<20, using: &random)..<bytes.count - 5
        var found: [Range<Int>] = []
        KnownMatcher(bare: values).eachOccurrence(in: bytes, from: range) { found.append($0) }
        var expected: [Range<Int>] = []
        for start in range {
          for value in values where value.count >= 6 && start + value.count <= bytes.count {
            let end = start + value.count
            guard bytes[start..<end].elementsEqual(value) else { continue }
            let isInWord = bytes.at(start - 1).isAlphanumeric || bytes.at(end).isAlphanumeric
            if value.count >= 8 || !isInWord { expected.append(start..<end) }
          }
        }
        let order: (Range<Int>, Range<Int>) -> Bool = { ($0.lowerBound, $0.count) < ($1.lowerBound, $1.count) }
        #expect(found.sorted(by: order) == expected.sorted(by: order))
      }
    }
  }

  @Test("A value is known in what base64 makes of it, wherever its bytes begin", arguments: 6..<20)
  func alignments(count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    let value = (0..<count).map { _ in UInt8.random(in: 0x21...0xFF, using: &random) }
    let matcher = KnownMatcher([value])
    for before in count < 8 ? 0..<1 : 0..<7 {
      let text = Decoding.base64Encoded(Array("password".utf8.prefix(before)) + value + (count < 8 ? [] : [0x21]))
      let url = text.map { $0 == 0x2B ? 0x2D : $0 == 0x2F ? 0x5F : $0 }
      for encoded in count < 8 ? [text] : [text, url] {
        var found = false
        encoded.withUnsafeBufferPointer { bytes in
          matcher.eachMatch(in: bytes, from: 0..<bytes.count) { _ in found = true }
        }
        // Of eight bytes with bits of others on both sides fewer than eight characters are left.
        #expect(found || (value.count + before % 3) * 8 / 6 - (before % 3 * 8 + 5) / 6 < 8)
      }
    }
  }

  private static func places(_ count: Int, _ body: (UnsafeMutablePointer<UInt32>) -> Int) throws -> [UInt32] {
    [UInt32](unsafeUninitializedCapacity: count + 1) { buffer, used in
      used = buffer.baseAddress.map(body) ?? 0
    }
  }

  @Test("Nothing is found in a text that is told to be clean without being scanned")
  func clean() throws {
    let engine = try #require(Self.engine)
    var random = SplitMix64(seed: 17)
    let known = KnownMatcher([Array("Zx81kq9QZx81kq9Q".utf8), Array("k-1234".utf8)])
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

  @Test("Eight bytes at once are plain as far as each of them is")
  func leading() throws {
    let marks = try #require(Self.engine).marks
    var unmarked = 0
    var random = SplitMix64(seed: 20)
    let odd: [UInt8] = [0, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x5B, 0x5C, 0x5D, 0x7F, 0x80, 0x9F, 0xA0, 0xA2, 0xDC, 0xFF]
    for place in 0..<20_000 {
      var text = (0..<8).map { _ in UInt8.random(in: 0x2B...0x7B, using: &random) }
      if place % 4 == 0 { text = text.map { _ in UInt8.random(in: 0...255, using: &random) } }
      for _ in 0..<place % 3 { text[Int.random(in: 0..<8, using: &random)] = odd.randomElement(using: &random) ?? 0 }
      text.withUnsafeBufferPointer { bytes in
        let eight = EightBytes(bytes, 0)
        #expect(eight.mayHoldMark || !text.contains { marks.contains($0) }, "\(text)")
        if !eight.mayHoldMark { unmarked += 1 }
        #expect(eight.leadingPlainInJSON == text.prefix { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }.count, "\(text)")
        #expect(
          eight.leadingPathCharacters == text.prefix { $0.isWord || $0 == 0x2D || $0 == 0x2E || $0 == 0x2F }.count,
          "\(text)")
      }
    }
    #expect(unmarked > 2_000)
  }

  @Test("What is remembered of a text is what was worked out of the same bytes")
  func remembered() {
    let cache = TextCache(0)
    var random = SplitMix64(seed: 18)
    var made = 0
    for _ in 0..<6_000 {
      let count = Int.random(in: 0...KeyClassifier.longestName + 1, using: &random)
      let fill = UInt8.random(in: 0..<3, using: &random)
      let last = UInt8.random(in: 0..<8, using: &random)
      let text = [UInt8](repeating: fill, count: count) + [last]
      let number = (count * 3 + Int(fill)) * 8 + Int(last)
      text.withUnsafeBufferPointer { bytes in
        let value = cache.value(bytes, 0..<bytes.count) {
          made += 1
          return number
        }
        // Of an empty repetition every fill is the same text.
        #expect(value == number || count == 0 && value % 8 == Int(last))
      }
    }
    #expect(made < 6_000)
    let text = Array("text".utf8)
    text.withUnsafeBufferPointer { bytes in
      cache.set(-1, bytes, 0..<4)
      #expect(cache.value(bytes, 0..<4) { 0 } == -1)
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
