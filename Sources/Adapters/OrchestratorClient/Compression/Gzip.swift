internal import CZlib

/// gzip (RFC 1952) of whole messages. The only file that touches zlib.
///
/// Memory: each call owns its `z_stream` from Init to End; zlib's pointers into our arrays are set and used within one
/// `withUnsafe…` block, and none outlives it.
enum Gzip {
  /// Smaller messages are sent as they are: a header of 18 bytes and a dictionary that is not yet filled win nothing there.
  static let threshold = 1_024

  /// Why bytes cannot be unpacked.
  enum Failure: Error, Equatable {
    /// More than so many bytes come out.
    case tooLarge(limit: Int)
    /// They are no gzip, are cut off, or something follows.
    case corrupt
  }

  /// 32 KiB of window (2^15), and 16 for a gzip header instead of a zlib one.
  private static let windowBits: Int32 = 15 + 16
  /// Of 1 to 9; zlib's default.
  private static let memoryLevel: Int32 = 8
  /// Bytes unpacked at a time.
  private static let step = 64 * 1024

  /// The message packed, or nil where that is no shorter. At the fastest level: logs shrink by some nine tenths even so.
  static func compress(_ bytes: [UInt8]) -> [UInt8]? {
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

  /// The message that was packed, at most `limit` bytes: what a small input can grow to is known before it is kept.
  static func decompress(_ bytes: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
    var stream = z_stream()
    guard inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw .corrupt
    }
    defer { inflateEnd(&stream) }
    var output: [UInt8] = []
    let result = bytes.withUnsafeBufferPointer { input -> Result<Void, Failure> in
      stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
      stream.avail_in = UInt32(clamping: input.count)
      return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: step) { chunk in
        while true {
          stream.next_out = chunk.baseAddress
          stream.avail_out = UInt32(step)
          let state = inflate(&stream, Z_NO_FLUSH)
          guard state == Z_OK || state == Z_STREAM_END else { return .failure(.corrupt) }
          let count = step - Int(stream.avail_out)
          guard output.count + count <= limit else { return .failure(.tooLarge(limit: limit)) }
          output += chunk[..<count]
          if state == Z_STREAM_END { return stream.avail_in == 0 ? .success(()) : .failure(.corrupt) }
          // Neither input nor output moved: the input ends in the middle.
          if count == 0, stream.avail_in == 0 { return .failure(.corrupt) }
        }
      }
    }
    try result.get()
    return output
  }
}
