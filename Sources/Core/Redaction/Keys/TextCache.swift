/// What was worked out of short texts, by their bytes.
///
/// A class with memory of its own: what walks and scans share must be neither copied nor guarded at each access. It is not
/// `Sendable`; the memory is freed by `deinit`.
final class TextCache<Value: BitwiseCopyable> {
  private struct Slot {
    var hash: UInt64 = 0
    var start: Int32 = 0
    /// Bytes of the text; -1 in an empty slot.
    var count: Int16 = -1
    var value: Value
  }

  /// Longest text that is kept, in bytes: the longest key. Longer ones are worked out each time.
  private static var longest: Int { KeyClassifier.longestName }

  /// Slots; a text that falls on another one's takes its place.
  private static var size: Int { 512 }
  /// Most bytes of texts that are kept; then all begins anew.
  private static var mostBytes: Int { 65_536 }

  private let empty: Slot
  private let slots: UnsafeMutablePointer<Slot>
  private let texts: UnsafeMutablePointer<UInt8>
  /// Bytes of `texts` that are in use.
  private var used = 0

  /// `none` is what empty slots hold.
  init(_ none: Value) {
    empty = Slot(value: none)
    slots = .allocate(capacity: Self.size)
    slots.initialize(repeating: empty, count: Self.size)
    texts = .allocate(capacity: Self.mostBytes)
  }

  deinit {
    slots.deallocate()
    texts.deallocate()
  }

  /// What was worked out of a text, or what `make` works out now.
  @inline(__always) func value(_ bytes: Bytes, _ range: Range<Int>, _ make: () -> Value) -> Value {
    guard !range.isEmpty, range.count <= Self.longest else { return make() }
    let hash = TextHash.of(bytes, range)
    let slot = slot(hash)
    if slot.pointee.hash == hash, Int(slot.pointee.count) == range.count,
      isSame(texts + Int(slot.pointee.start), bytes, range)
    {
      return slot.pointee.value
    }
    let value = make()
    put(value, bytes, range, hash)
    return value
  }

  /// Takes the place of what was worked out of a text.
  func set(_ value: Value, _ bytes: Bytes, _ range: Range<Int>) {
    guard !range.isEmpty, range.count <= Self.longest else { return }
    put(value, bytes, range, TextHash.of(bytes, range))
  }

  @inline(__always) private func slot(_ hash: UInt64) -> UnsafeMutablePointer<Slot> {
    slots + Int(truncatingIfNeeded: hash &>> 32) & (Self.size - 1)
  }

  private func put(_ value: Value, _ bytes: Bytes, _ range: Range<Int>, _ hash: UInt64) {
    if used + range.count > Self.mostBytes {
      used = 0
      slots.update(repeating: empty, count: Self.size)
    }
    slot(hash).pointee = Slot(hash: hash, start: Int32(used), count: Int16(range.count), value: value)
    (texts + used).update(from: bytes.baseAddress.unsafelyUnwrapped + range.lowerBound, count: range.count)
    used += range.count
  }

  /// Texts are short: eight bytes at a time are faster than a call.
  @inline(__always) private func isSame(
    _ other: UnsafeMutablePointer<UInt8>, _ bytes: Bytes, _ range: Range<Int>
  ) -> Bool {
    let text = UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped + range.lowerBound)
    let other = UnsafeRawPointer(other)
    var offset = 0
    if range.count >= 8 {
      // The last eight are those up to the end, whether they were looked at before or not.
      while true {
        if (other + offset).loadUnaligned(as: UInt64.self) != (text + offset).loadUnaligned(as: UInt64.self) {
          return false
        }
        if offset + 8 == range.count { return true }
        offset = min(offset + 8, range.count - 8)
      }
    }
    while offset < range.count {
      if (other + offset).load(as: UInt8.self) != (text + offset).load(as: UInt8.self) { return false }
      offset += 1
    }
    return true
  }
}

/// The hash by which texts are looked up.
enum TextHash {
  /// Eight bytes at a time, each stirred by a multiplication. A hash alone decides nothing: texts are compared.
  @inline(__always) static func of(_ bytes: Bytes, _ range: Range<Int>) -> UInt64 {
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
