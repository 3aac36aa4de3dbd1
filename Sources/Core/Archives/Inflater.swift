internal import CZlib

/// Unpacks gzip (RFC 1952) piece by piece, one member at a time. zlib checks each one's sum and length. With `Gzip` the only code
/// that touches zlib.
///
/// Memory: owns the `z_stream` from `init` to `deinit`, at an address of its own, for zlib's state points back to it. zlib's
/// pointers into our arrays are set and used within one `withUnsafe…` block, and none outlives it.
final class Inflater {
  /// What a step has led to.
  enum Progress: Equatable {
    /// There may be more, of this input or of the next.
    case more
    /// The member is over; what follows it was not touched.
    case memberEnded
    /// This is no gzip, in zlib's words.
    case corrupt(String)
  }

  /// Bytes that one step gives at most.
  static let chunkSize = 64 << 10

  private let stream: UnsafeMutablePointer<z_stream>

  /// Nil where there is no memory for it.
  init?() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    guard inflateInit2_(stream, Gzip.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      // `deinit` runs all the same: without a state, inflateEnd does nothing.
      return nil
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Unpacks what stands in `input` from `position` on, which moves behind what was used, to the end of `output`.
  func step(_ input: [UInt8], _ position: inout Int, into output: inout [UInt8]) -> Progress {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.chunkSize) { chunk in
      let code = input.withUnsafeBufferPointer { bytes in
        let rest = UnsafeBufferPointer(rebasing: bytes[position...])
        let given = UInt32(clamping: rest.count)
        // zlib only reads through next_in; its type lacks the const.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: rest.baseAddress)
        stream.pointee.avail_in = given
        stream.pointee.next_out = chunk.baseAddress
        stream.pointee.avail_out = UInt32(chunk.count)
        let code = inflate(stream, Z_NO_FLUSH)
        position += Int(given - stream.pointee.avail_in)
        return code
      }
      output += chunk[..<(chunk.count - Int(stream.pointee.avail_out))]
      return switch code {
      // Z_BUF_ERROR: nothing moved, for there was no input.
      case Z_OK, Z_BUF_ERROR: .more
      case Z_STREAM_END: .memberEnded
      default: .corrupt(stream.pointee.msg.map { String(cString: $0) } ?? "no gzip")
      }
    }
  }

  /// Another member begins.
  func reset() { inflateReset(stream) }
}
