/// Texts that name objects of an incident. A value that is part of one of them is not propagated.
struct NameList: Sendable {
  /// Most bytes that are kept. A name beyond that cannot spare itself a mask, which hides more than is needed, never less.
  private static let mostBytes = 4 << 20
  /// Names of fewer bytes hold no value that propagates; longer ones are data.
  private static let lengths = 6..<254

  private var bytes: [UInt8] = []
  private var ends: [Int] = []
  /// Hashes of the names that are there, so that each is kept once; zeros in empty slots. At most half of the slots, which are a power
  /// of two, are in use. Of two names with one hash the second is lost, and so is a name whose hash finds no slot near its own,
  /// which only a text made for it can bring about: that does no harm.
  private var hashes: [UInt64] = []

  /// Slots that are looked at for a hash.
  private static let probes = 128

  var isEmpty: Bool { ends.isEmpty }

  mutating func append(_ name: Bytes) {
    guard Self.lengths.contains(name.count), bytes.count + name.count <= Self.mostBytes else { return }
    if ends.count * 2 >= hashes.count { grow() }
    guard Self.insert(TextHash.of(name, 0..<name.count) | 1, in: &hashes) else { return }
    bytes.append(contentsOf: name)
    ends.append(bytes.count)
  }

  /// False for a hash that is there, or finds no room.
  @inline(__always) private static func insert(_ hash: UInt64, in hashes: inout [UInt64]) -> Bool {
    let mask = hashes.count - 1
    var slot = Int(truncatingIfNeeded: hash &>> 32) & mask
    for _ in 0..<probes {
      if hashes[slot] == hash { return false }
      if hashes[slot] == 0 {
        hashes[slot] = hash
        return true
      }
      slot = (slot + 1) & mask
    }
    return false
  }

  private mutating func grow() {
    var larger = [UInt64](repeating: 0, count: max(64, hashes.count * 2))
    for hash in hashes where hash != 0 { _ = Self.insert(hash, in: &larger) }
    hashes = larger
  }

  mutating func append(_ other: NameList) {
    guard !isEmpty else {
      self = other
      return
    }
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
