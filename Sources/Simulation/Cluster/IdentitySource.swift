internal import Randomness

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
