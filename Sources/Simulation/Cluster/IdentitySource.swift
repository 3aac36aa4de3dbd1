/// Makes uids, hashes and container ids from a seed: the same scenario has the same names every time.
struct IdentitySource: Sendable {
  private var generator: SplitMix64

  init(seed: UInt64) {
    generator = SplitMix64(seed: seed)
  }

  /// A UUID of version 4.
  mutating func uid() -> String {
    var hex = Array(hexadecimal(32))
    hex[12] = "4"
    hex[16] = "a"
    return [hex[0..<8], hex[8..<12], hex[12..<16], hex[16..<20], hex[20..<32]].map { String($0) }
      .joined(separator: "-")
  }

  /// An id as containerd gives them.
  mutating func containerID() -> String { "containerd://" + hexadecimal(64) }

  /// Lower-case hexadecimal digits.
  mutating func hexadecimal(_ digits: Int) -> String {
    String((0..<digits).map { _ in Self.hex[Int(generator.next() % 16)] })
  }

  /// The letters and digits of Kubernetes' generated names, which leave out vowels and look-alikes.
  mutating func suffix(_ length: Int) -> String {
    String((0..<length).map { _ in Self.safe[Int(generator.next() % UInt64(Self.safe.count))] })
  }

  private static let hex = Array("0123456789abcdef")
  private static let safe = Array("bcdfghjklmnpqrstvwxz2456789")
}

/// SplitMix64 (Steele, Lea, Flood 2014): a small generator whose numbers depend on its seed alone.
package struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) {
    state = seed
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
