/// Verdicts on keys by their bytes: a manifest and a log have few keys, and each of them many times.
///
/// A class with memory of its own: what walks and scans share must be neither copied nor guarded at each access. It is not
/// `Sendable`; the memory is freed by `deinit`.
final class KeyCache {
  private struct Slot {
    var hash: UInt64 = 0
    var start: Int32 = 0
    /// Bytes of the key; -1 in an empty slot.
    var count: Int16 = -1
    var verdict = KeyVerdict.none
  }

  /// Slots; a key that falls on another one's takes its place.
  private static let size = 512
  /// Most bytes of keys that are kept; then all begins anew.
  private static let mostBytes = 65_536

  private let slots: UnsafeMutablePointer<Slot>
  private let keys: UnsafeMutablePointer<UInt8>
  /// Bytes of `keys` that are in use.
  private var used = 0

  init() {
    slots = .allocate(capacity: Self.size)
    slots.initialize(repeating: Slot(), count: Self.size)
    keys = .allocate(capacity: Self.mostBytes)
  }

  deinit {
    slots.deallocate()
    keys.deallocate()
  }

  /// The verdict on a key: from before, or by the engine.
  func verdict(_ engine: Engine, _ bytes: Bytes, _ range: Range<Int>) -> KeyVerdict {
    // What is longer is no key: see `KeyClassifier`.
    guard !range.isEmpty, range.count <= KeyClassifier.longestName else { return engine.verdict(bytes, range) }
    let hash = Self.hash(bytes, range)
    let slot = slots + Int(truncatingIfNeeded: hash &>> 32) & (Self.size - 1)
    if slot.pointee.hash == hash, Int(slot.pointee.count) == range.count,
      isSame(keys + Int(slot.pointee.start), bytes, range)
    {
      return slot.pointee.verdict
    }
    let verdict = engine.verdict(bytes, range)
    if used + range.count > Self.mostBytes {
      used = 0
      slots.update(repeating: Slot(), count: Self.size)
    }
    slot.pointee = Slot(hash: hash, start: Int32(used), count: Int16(range.count), verdict: verdict)
    for (offset, place) in range.enumerated() { keys[used + offset] = bytes[place] }
    used += range.count
    return verdict
  }

  /// Keys are short: eight bytes at a time are faster than a call.
  @inline(__always) private func isSame(
    _ key: UnsafeMutablePointer<UInt8>, _ bytes: Bytes, _ range: Range<Int>
  ) -> Bool {
    let text = UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped + range.lowerBound)
    let key = UnsafeRawPointer(key)
    var offset = 0
    while offset + 8 <= range.count {
      if (key + offset).loadUnaligned(as: UInt64.self) != (text + offset).loadUnaligned(as: UInt64.self) {
        return false
      }
      offset += 8
    }
    while offset < range.count {
      if (key + offset).load(as: UInt8.self) != (text + offset).load(as: UInt8.self) { return false }
      offset += 1
    }
    return true
  }

  /// Eight bytes at a time, each stirred by a multiplication. A hash alone decides nothing: keys are compared.
  @inline(__always) private static func hash(_ bytes: Bytes, _ range: Range<Int>) -> UInt64 {
    let text = UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped)
    var hash = UInt64(truncatingIfNeeded: range.count)
    var index = range.lowerBound
    while index + 8 <= range.upperBound {
      hash = (hash ^ (text + index).loadUnaligned(as: UInt64.self)) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash &>> 29
      index += 8
    }
    var rest: UInt64 = 0
    if index < range.upperBound, index + 8 <= bytes.count {
      let mask: UInt64 = (1 &<< UInt64((range.upperBound - index) * 8)) &- 1
      rest = (text + index).loadUnaligned(as: UInt64.self) & mask
    } else {
      for place in index..<range.upperBound { rest |= UInt64(bytes[place]) &<< UInt64((place - index) * 8) }
    }
    hash = (hash ^ rest) &* 0x9E37_79B9_7F4A_7C15
    return hash ^ hash &>> 29
  }
}
