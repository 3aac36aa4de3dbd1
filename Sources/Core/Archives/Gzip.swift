internal import CZlib

/// gzip (RFC 1952) of whole messages.
///
/// Memory: `compress` owns its `z_stream` from Init to End; zlib's pointers into our arrays are set and used within one
/// `withUnsafe…` block, and none outlives it.
package enum Gzip {
  /// Smaller messages are sent as they are: a header of 18 bytes and a dictionary that is not yet filled win nothing there.
  package static let threshold = 1_024

  /// Why bytes cannot be unpacked.
  package enum Failure: Error, Equatable {
    /// More than so many bytes come out.
    case tooLarge(limit: Int)
    /// They are no gzip, are cut off, or something follows.
    case corrupt
  }

  /// 32 KiB of window (2^15), and 16 for a gzip header instead of a zlib one.
  static let windowBits: Int32 = 15 + 16
  /// Of 1 to 9; zlib's default.
  private static let memoryLevel: Int32 = 8

  /// The message packed, or nil where that is no shorter. At the fastest level: logs shrink by some nine tenths even so.
  package static func compress(_ bytes: [UInt8]) -> [UInt8]? {
    var stream = z_stream()
    let size = Int32(MemoryLayout<z_stream>.size)
    guard
      deflateInit2_(
        &stream, Z_BEST_SPEED, Z_DEFLATED, windowBits, memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
    else { return nil }
    defer { deflateEnd(&stream) }
    // What does not fit here is not worth sending packed, so one call does it or nothing does.
    var output = [UInt8](repeating: 0, count: bytes.count)
    let result = bytes.withUnsafeBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        // zlib only reads through next_in; its type lacks the const.
        stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.avail_in = UInt32(clamping: input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(clamping: output.count)
        return deflate(&stream, Z_FINISH)
      }
    }
    guard result == Z_STREAM_END, stream.total_out < UInt(bytes.count) else { return nil }
    return Array(output.prefix(Int(stream.total_out)))
  }

  /// The beginning of what was packed, at most `limit` bytes, whether the rest of it is there or not; empty for what is no gzip.
  package static func beginning(of bytes: [UInt8], limit: Int) -> [UInt8] {
    guard let inflater = Inflater() else { return [] }
    var output: [UInt8] = []
    var position = 0
    var before = -1
    while output.count < limit, output.count != before {
      before = output.count
      guard inflater.step(bytes, &position, into: &output) == .more else { break }
    }
    return Array(output.prefix(limit))
  }

  /// The message that was packed, at most `limit` bytes: what a small input can grow to is known before it is kept.
  package static func decompress(_ bytes: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
    guard let inflater = Inflater() else { throw .corrupt }
    var output: [UInt8] = []
    var position = 0
    while true {
      let before = (position, output.count)
      switch inflater.step(bytes, &position, into: &output) {
      case .corrupt: throw .corrupt
      case .memberEnded:
        guard output.count <= limit else { throw .tooLarge(limit: limit) }
        guard position == bytes.count else { throw .corrupt }
        return output
      case .more:
        guard output.count <= limit else { throw .tooLarge(limit: limit) }
        // Neither input nor output moved: the input ends in the middle.
        guard (position, output.count) != before else { throw .corrupt }
      }
    }
  }
}
