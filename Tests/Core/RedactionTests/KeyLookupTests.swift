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
}
