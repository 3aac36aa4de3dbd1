internal import Randomness

/// The same case comes again from its seed and number.
struct Random: RandomNumberGenerator {
  private var generator: SplitMix64

  init(seed: UInt64, number: UInt64) {
    generator = SplitMix64(seed: seed ^ (number &* 0xD1B5_4A32_D192_ED03))
  }

  mutating func next() -> UInt64 { generator.next() }

  /// From 0 to `limit` - 1.
  mutating func below(_ limit: Int) -> Int { limit < 2 ? 0 : Int(next() % UInt64(limit)) }

  /// True once in `count` times.
  mutating func one(in count: Int) -> Bool { below(count) == 0 }

  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

  /// Characters of an alphabet.
  mutating func text(_ alphabet: [UInt8], _ count: Int) -> [UInt8] { (0..<count).map { _ in pick(alphabet) } }
}
