/// What redacting a text brings besides edits. A class: it grows in the middle of walks, which must not copy it.
final class Harvest {
  /// Values that rules found.
  var learned: [[UInt8]] = []
  /// Texts that name objects.
  var names = NameList()
  /// True once a part of a scalar or of a text was masked: what stands beside the mask has to be looked at again.
  var hasParts = false
  /// True once a text was seen in which known values could stand without showing in the document's bytes: escaped or encoded.
  var hidesValues = false
  /// Verdicts on the keys that were met.
  let keys = KeyCache()

  /// Takes over what a part of the text has brought.
  func add(_ other: Harvest) {
    learned += other.learned
    names.append(other.names)
    hasParts = hasParts || other.hasParts
    hidesValues = hidesValues || other.hidesValues
  }
}

/// Verdicts on keys by their bytes: a manifest has few keys, and each of them many times.
final class KeyCache {
  private struct Slot {
    var hash: UInt64 = 0
    var start = 0
    var count = -1
    var verdict = KeyVerdict.none
  }

  /// Slots; a key that falls on another one's takes its place.
  private static let size = 512
  /// Most bytes of keys that are kept; then all begins anew.
  private static let mostBytes = 65_536

  private var slots: [Slot] = []
  private var keys: [UInt8] = []

  /// The verdict on a key: from before, or by `judge`.
  func verdict(_ bytes: Bytes, _ range: Range<Int>, _ judge: () -> KeyVerdict) -> KeyVerdict {
    if slots.isEmpty { slots = Array(repeating: Slot(), count: Self.size) }
    let hash = Self.hash(bytes, range)
    let index = Int(truncatingIfNeeded: hash >> 32) & (Self.size - 1)
    let slot = slots[index]
    if slot.hash == hash, slot.count == range.count, isSame(slot, bytes, range) { return slot.verdict }
    let verdict = judge()
    if keys.count + range.count > Self.mostBytes {
      keys.removeAll(keepingCapacity: true)
      slots = Array(repeating: Slot(), count: Self.size)
    }
    slots[index] = Slot(hash: hash, start: keys.count, count: range.count, verdict: verdict)
    keys.append(contentsOf: bytes[range])
    return verdict
  }

  private func isSame(_ slot: Slot, _ bytes: Bytes, _ range: Range<Int>) -> Bool {
    keys.withUnsafeBufferPointer { keys in
      for offset in 0..<range.count where keys[slot.start + offset] != bytes[range.lowerBound + offset] { return false }
      return true
    }
  }

  /// Eight bytes at a time, each stirred by a multiplication. A hash alone decides nothing: keys are compared.
  private static func hash(_ bytes: Bytes, _ range: Range<Int>) -> UInt64 {
    var hash = UInt64(truncatingIfNeeded: range.count)
    var index = range.lowerBound
    while index + 8 <= range.upperBound {
      let eight = UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped + index).loadUnaligned(as: UInt64.self)
      hash = (hash ^ eight) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash &>> 29
      index += 8
    }
    var rest: UInt64 = 0
    while index < range.upperBound {
      rest = rest &<< 8 | UInt64(bytes[index])
      index += 1
    }
    hash = (hash ^ rest) &* 0x9E37_79B9_7F4A_7C15
    return hash ^ hash &>> 29
  }
}
