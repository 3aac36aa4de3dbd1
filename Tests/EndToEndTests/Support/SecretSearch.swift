internal import FoundationEssentials

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// Looks for a value in bytes: as it is, and in base64 wherever it begins in the encoded text.
struct SecretSearch {
  /// What is searched for.
  let value: String
  private let needles: [[UInt8]]

  init(_ value: String) {
    self.value = value
    needles = [Array(value.utf8)] + (0..<3).map { Self.base64(of: value, after: $0) }
  }

  /// Whether one of the forms stands in the bytes.
  func matches(_ bytes: [UInt8]) -> Bool {
    needles.contains { needle in
      bytes.withUnsafeBytes { bytes in needle.withUnsafeBytes { Self.holds(bytes, $0) } }
    }
  }

  /// By the C library: a loop over some megabytes takes seconds in a debug build. Reads no byte outside of the two buffers.
  private static func holds(_ hay: UnsafeRawBufferPointer, _ needle: UnsafeRawBufferPointer) -> Bool {
    guard let start = hay.baseAddress, let wanted = needle.baseAddress else { return false }
    var position = 0
    while position + needle.count <= hay.count {
      // Only where the rest of the needle still fits.
      let left = hay.count - needle.count - position + 1
      guard let found = memchr(start + position, Int32(needle[0]), left) else { return false }
      if memcmp(found, wanted, needle.count) == 0 { return true }
      position = start.distance(to: found) + 1
    }
    return false
  }

  /// The digits that a value has in base64 whatever stands around it, after `shift` bytes of something else. Six bits a digit:
  /// a digit that shares bits with a neighbour is left out.
  private static func base64(of value: String, after shift: Int) -> [UInt8] {
    let bytes = [UInt8](repeating: 0, count: shift) + Array(value.utf8)
    let digits = Array(Data(bytes).base64EncodedString().utf8)
    return Array(digits[(shift * 8 + 5) / 6..<bytes.count * 8 / 6])
  }
}
