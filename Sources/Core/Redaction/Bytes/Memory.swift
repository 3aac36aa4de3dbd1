// The one use of libc in this module: memchr is the fastest way to a rare byte, memcmp to compare much. They read the borrowed
// buffers and keep nothing.

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

extension UnsafeBufferPointer<UInt8> {
  /// First place of a byte from `start` on; nil where there is none.
  @inline(__always) func firstByte(_ byte: UInt8, from start: Int) -> Int? {
    guard start < count, let base = baseAddress, let found = memchr(base + start, Int32(byte), count - start) else {
      return nil
    }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  /// First place of a byte from `start` on, before `end`; nil where there is none.
  @inline(__always) func firstByte(_ byte: UInt8, from start: Int, to end: Int) -> Int? {
    guard start < end, let base = baseAddress, let found = memchr(base + start, Int32(byte), end - start) else {
      return nil
    }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  /// True if the same bytes stand at `index` as in `other`, all of which must be there.
  @inline(__always) func isSame(_ index: Int, as other: UnsafeBufferPointer<UInt8>) -> Bool {
    guard index >= 0, index + other.count <= count, let base = baseAddress, let start = other.baseAddress else {
      return other.isEmpty
    }
    return memcmp(base + index, start, other.count) == 0
  }
}
