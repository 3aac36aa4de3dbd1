internal import CScan
internal import Randomness
internal import Testing

@testable internal import Redaction

/// What is looked up many bytes at once has a slow twin, and both say the same of every text.
@Suite("Fast paths over bytes")
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
        // What encodings make of the values does not count here.
        KnownMatcher(Set(values.map { SecretValue($0) })).eachOccurrence(in: bytes, from: range) {
          if values.contains(bytes.copy($0)) { found.append($0) }
        }
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
    let matcher = KnownMatcher([SecretValue(value)])
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

  @Test("Marks are found where a plain search finds them, with and without the wide instructions")
  func marks() throws {
    let marks = try #require(Self.engine).marks
    var random = SplitMix64(seed: 25)
    for count in [0, 1, 31, 63, 64, 65, 127, 128, 200, 1_000, 4_133] {
      let text = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      func words(
        _ find: (UnsafePointer<UInt8>, Int, UnsafeMutablePointer<UInt64>, UnsafeMutablePointer<UInt64>) -> Void
      ) -> (marks: [UInt64], stops: [UInt64]) {
        var found = [UInt64](repeating: ~0, count: (count + 63) / 64)
        var stops = found
        find(text, count, &found, &stops)
        return (found, stops)
      }
      let found = words(cscan_marks)
      let slow = words(cscan_marks_portable)
      #expect(found.marks == slow.marks && found.stops == slow.stops)
      for place in 0..<found.marks.count * 64 {
        let byte = place < count ? text[place] : 0x20
        let isStop = byte < 0x20 || byte == 0x22 || byte == 0x5C
        #expect(found.marks[place / 64] >> UInt64(place % 64) & 1 == (marks.contains(byte) ? 1 : 0))
        #expect(found.stops[place / 64] >> UInt64(place % 64) & 1 == (isStop ? 1 : 0))
      }
    }
  }

  @Test("A text is printable as far as each of its bytes is")
  func printable() {
    var random = SplitMix64(seed: 26)
    for count in [0, 1, 15, 16, 17, 4_095, 4_096, 4_097, 9_000] {
      var text = (0..<count).map { _ in UInt8.random(in: 0x20...0x7E, using: &random) }
      for _ in 0..<count / 9 { text[Int.random(in: 0..<count, using: &random)] = 0x0A }
      #expect(text.withUnsafeBufferPointer { WindowLookup.arePrintable($0) })
      for odd in [0, 0x09, 0x0D, 0x1F, 0x7F, 0x80, 0xFF] as [UInt8] where count > 0 {
        var other = text
        other[Int.random(in: 0..<count, using: &random)] = odd
        #expect(!other.withUnsafeBufferPointer { WindowLookup.arePrintable($0) })
      }
    }
  }

  @Test("Lines end and begin where a plain search finds it")
  func lines() {
    var random = SplitMix64(seed: 30)
    for _ in 0..<2_000 {
      let rare = Int.random(in: 1..<40, using: &random)
      let text = (0..<Int.random(in: 0..<60, using: &random)).map { _ -> UInt8 in
        Int.random(in: 0..<rare, using: &random) > 0
          ? UInt8.random(in: 0...255, using: &random) : [0x0A, 0x0D].randomElement(using: &random) ?? 0
      }
      let index = Int.random(in: 0...text.count, using: &random)
      let reach = Int.random(in: 0..<70, using: &random)
      let floor = max(0, index - reach)
      let limit = Int.random(in: index...text.count, using: &random)
      text.withUnsafeBufferPointer { bytes in
        #expect(bytes.lineEnd(from: index, limit: limit) == (index..<limit).first { bytes[$0].isLineEnd } ?? limit)
        let start = (floor..<index).last { bytes[$0].isLineEnd }.map { $0 + 1 } ?? floor
        #expect(bytes.lineStart(of: index, reach: reach) == start)
        let feed = (floor..<index).last { bytes[$0] == 0x0A }.map { $0 + 1 } ?? floor
        #expect(bytes.behindLineFeed(before: index, floor: floor) == feed)
      }
    }
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
        #expect(eight.holdColonOrHash == text.contains { $0 == 0x3A || $0 == 0x23 }, "\(text)")
        #expect(eight.leadingPlainInJSON == text.prefix { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }.count, "\(text)")
        #expect(
          eight.leadingPathCharacters == text.prefix { $0.isWord || $0 == 0x2D || $0 == 0x2E || $0 == 0x2F }.count,
          "\(text)")
      }
    }
    #expect(unmarked > 2_000)
  }

  @Test("A pattern without an anchor is left out only where it cannot match")
  func unanchored() throws {
    let engine = try #require(Self.engine)
    func fronts(_ byte: UInt8) -> Range<Int> {
      engine.unanchoredStarts[Int(byte)]..<engine.unanchoredStarts[Int(byte) + 1]
    }
    var random = SplitMix64(seed: 31)
    var matched = 0
    for (index, entry) in engine.unanchored.enumerated() {
      for _ in 0..<20 {
        let token = entry.pattern.elements.flatMap { element -> [UInt8] in
          let members = (0...255).map { UInt8($0) }.filter { element.set.contains($0) }
          let count = Int.random(in: element.least...min(element.most, element.least + 2), using: &random)
          return (0..<count).map { _ in members.randomElement(using: &random) ?? 0 }
        }
        try (token + [0x20]).withUnsafeBufferPointer { bytes in
          guard entry.pattern.match(bytes, at: 0) != nil else { return }
          matched += 1
          let front = try #require(bytes.first)
          let place = try #require(fronts(front).first { engine.unanchoredFronts[$0].index == index })
          let least = engine.unanchoredFronts[place].least
          #expect(least <= bytes.count)
          #expect(bytes.prefix(least).allSatisfy { engine.unanchoredMembers.contains($0) })
        }
      }
    }
    #expect(matched > engine.unanchored.count * 10)
    for front in UInt8.min...UInt8.max {
      let least = fronts(front).map { engine.unanchoredFronts[$0].least }
      #expect(least == least.sorted())
    }
  }

  @Test("A member that holds a value is found whatever keys before it have asked", arguments: [0, 1, 7, 30, 31, 60])
  func members(keysBefore count: Int) throws {
    let redactor = try Redactor()
    for filler in stride(from: 0, to: 560, by: 9) {
      let before =
        String(repeating: "api_key= password token ", count: count) + String(repeating: "a ", count: filler / 2)
      for pair in ["{Name:DB_PASSWORD Value:Zx9kQ2vT7m}", "{Value:Zx9kQ2vT7m Name:DB_PASSWORD}"] {
        let text = before + pair + " api_key= password\n"
        let output = try redactor.redact(RawFile(name: "x.log", bytes: Array(text.utf8)))
        #expect(!String(decoding: output.value, as: UTF8.self).contains("Zx9kQ2vT7m"), "\(text)")
      }
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
        let found = places.map { Int($0) }.filter { prefilter.isTrigger(bytes, at: $0) }
        #expect(found == (0..<end).filter { prefilter.isTrigger(bytes, at: $0) })
      }
    }
  }

  private static func text(_ random: inout SplitMix64, pieces: Int) -> [UInt8] {
    let words = [
      "password", "PassWord=", "token", " key ", "AKIA", "ghp_", "eyJ", "://", "Authorization: ", "id=", "\u{E9}", "\n",
      "\0", "abc", "Bearer x", "-----BEGIN ", "=", "0123456789", " ",
    ]
    return (0..<pieces).flatMap { _ in Array((words.randomElement(using: &random) ?? "").utf8) }
  }
}
