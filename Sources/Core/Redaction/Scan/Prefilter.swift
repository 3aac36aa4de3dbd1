/// A literal that makes a verifier look at its surroundings.
struct Trigger: Sendable {
  /// At least 3 bytes; in lower case unless it is case-sensitive.
  var literal: [UInt8]
  /// True if the case has to match.
  var caseSensitive: Bool
  /// What verifies it.
  var verifier: Verifier

  enum Verifier: Sendable, Equatable {
    case keyValue
    case format(Int)
    case url
    case authorization
    case bearer
    case cookie
    case pem
    case jwt
    case dsn
    case jwk
    case notation(Notation)
  }
}

/// Finds the places where some trigger stands, in one pass.
///
/// Every window of 4 bytes, with bit 5 set so that letters lose their case, is hashed to 16 bits and looked up in a
/// bitmap of 8 KiB, which stays in the first-level cache. Only a window whose bit is set is compared with literals. A
/// literal of 3 bytes is entered with each byte that may follow it.
final class Prefilter: Sendable {
  let triggers: [Trigger]
  /// 65,536 bits.
  let bitmap: [UInt64]
  /// First entry of a hash in `chain`, plus one; 0 for none.
  let heads: [UInt16]
  /// Trigger and next entry.
  let chain: [(trigger: UInt16, next: UInt16)]

  init(_ triggers: [Trigger]) {
    var bitmap = [UInt64](repeating: 0, count: 1_024)
    var heads = [UInt16](repeating: 0, count: 65_536)
    var chain: [(trigger: UInt16, next: UInt16)] = []
    func enter(_ window: UInt32, trigger: Int) {
      let hash = Self.hash(window)
      bitmap[hash >> 6] |= 1 << UInt64(hash & 63)
      chain.append((UInt16(trigger), heads[hash]))
      heads[hash] = UInt16(chain.count)
    }
    for (index, trigger) in triggers.enumerated() {
      var window: UInt32 = 0
      for offset in 0..<min(4, trigger.literal.count) {
        window |= UInt32(trigger.literal[offset] | 0x20) << UInt32(offset * 8)
      }
      if trigger.literal.count >= 4 {
        enter(window, trigger: index)
      } else {
        for last in UInt32(0)..<256 where last & 0x20 != 0 { enter(window | last << 24, trigger: index) }
      }
    }
    self.triggers = triggers
    self.bitmap = bitmap
    self.heads = heads
    self.chain = chain
  }

  @inline(__always) static func hash(_ window: UInt32) -> Int {
    Int(truncatingIfNeeded: (window &* 0x9E37_79B1) >> 16)
  }

  /// The window at `index`, in the form in which it is hashed. Beyond the end stand zeros.
  @inline(__always) static func window(_ bytes: Bytes, _ index: Int) -> UInt32 {
    if index + 4 <= bytes.count {
      return UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped + index).loadUnaligned(as: UInt32.self) | 0x2020_2020
    }
    var window: UInt32 = 0x2020_2020
    for offset in 0..<4 where index + offset < bytes.count {
      window |= UInt32(bytes[index + offset]) << UInt32(offset * 8)
    }
    return window
  }

  /// True if the literal of a trigger stands at `index`.
  @inline(__always) static func matches(_ trigger: Trigger, _ bytes: Bytes, _ index: Int) -> Bool {
    let count = trigger.literal.count
    guard index + count <= bytes.count else { return false }
    return trigger.literal.withUnsafeBufferPointer { literal in
      if trigger.caseSensitive {
        for offset in 0..<count where bytes[index + offset] != literal[offset] { return false }
      } else {
        for offset in 0..<count where bytes[index + offset].lowered != literal[offset] { return false }
      }
      return true
    }
  }
}
