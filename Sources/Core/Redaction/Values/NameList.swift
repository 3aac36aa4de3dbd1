/// Texts that name objects of an incident. A value that is part of one of them is not propagated.
struct NameList: Sendable {
  /// Most bytes that are kept. A name beyond that cannot spare itself a mask, which hides more than is needed, never less.
  private static let mostBytes = 4 << 20
  /// Names of fewer bytes hold no value that propagates; longer ones are data.
  private static let lengths = 6..<254

  private var bytes: [UInt8] = []
  private var ends: [Int] = []
  /// Hashes of the names that are there, so that each is kept once. Of two names with one hash the second is lost, which does
  /// no harm.
  private var hashes: Set<UInt64> = []

  var isEmpty: Bool { ends.isEmpty }

  mutating func append(_ name: Bytes) {
    guard Self.lengths.contains(name.count), bytes.count + name.count <= Self.mostBytes else { return }
    // FNV-1a.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name { hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01B3 }
    guard hashes.insert(hash).inserted else { return }
    bytes.append(contentsOf: name)
    ends.append(bytes.count)
  }

  mutating func append(_ other: NameList) {
    other.eachName { append($0) }
  }

  func eachName(_ body: (Bytes) -> Void) {
    bytes.withUnsafeBufferPointer { bytes in
      var start = 0
      for end in ends {
        body(Bytes(rebasing: bytes[start..<end]))
        start = end
      }
    }
  }
}
