internal import Randomness
internal import Testing

@testable internal import Redaction

/// What a key's name says is looked up in tables; each says what reading the name by itself says.
@Suite("Key lookup")
struct KeyLookupTests {
  @Test("A set of globs matches what one of them matches")
  func globs() {
    var random = SplitMix64(seed: 29)
    let pieces = ["a", "b", "key", "Key", "_", "*", "?", "*_", "token", "é", "longer-than-eight"]
    func text(_ count: Int, without wildcards: Bool) -> [UInt8] {
      (0..<count).flatMap { _ -> [UInt8] in
        let piece = pieces.randomElement(using: &random) ?? ""
        return wildcards && (piece.contains("*") || piece.contains("?")) ? [] : Array(piece.utf8)
      }
    }
    var matched = 0
    for _ in 0..<500 {
      let globs = (0..<Int.random(in: 0..<6, using: &random)).map { _ in
        text(Int.random(in: 1..<5, using: &random), without: false).map(\.lowered)
      }
      let set = GlobSet(globs)
      for _ in 0..<20 {
        let name = text(Int.random(in: 0..<6, using: &random), without: true)
        let padded = Array("x=".utf8) + name + Array("=y".utf8)
        let range = 2..<2 + name.count
        padded.withUnsafeBufferPointer { bytes in
          let one = !name.isEmpty && globs.contains { Glob.matches($0[...], bytes, range) }
          #expect(set.matches(bytes, range) == one, "\(String(decoding: name, as: UTF8.self))")
          if one { matched += 1 }
        }
      }
    }
    #expect(matched > 500)
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

  @Test("A list of names keeps each name once")
  func names() {
    var random = SplitMix64(seed: 28)
    var list = NameList()
    var expected: Set<[UInt8]> = []
    for _ in 0..<20_000 {
      let name = Array("pod-\(Int.random(in: 0..<6_000, using: &random))".utf8)
      if name.count >= 6 { expected.insert(name) }
      name.withUnsafeBufferPointer { list.append($0) }
    }
    var other = NameList()
    other.append(list)
    other.append(list)
    var kept: [[UInt8]] = []
    other.eachName { kept.append(Array($0)) }
    #expect(kept.count == expected.count)
    #expect(Set(kept) == expected)
  }
}
