/// Cuts a stream of bytes into frames of a big-endian 32-bit length and so many bytes, whatever the chunks they come in. Frames
/// that lie in one chunk are not copied.
///
/// So the API server frames a watch in protobuf (apimachinery `pkg/util/framer`, `NewLengthDelimitedFrameReader`).
package struct FrameSplitter: Sendable {
  private static let headerSize = 4

  private let limit: Int
  private var pending: [UInt8] = []

  /// A splitter that takes frames of at most `limit` bytes.
  package init(limit: Int) {
    self.limit = limit
  }

  /// Hands each frame that `chunk` completes to `body`, without its length. Throws where a frame is longer than the limit: the
  /// stream cannot be trusted any more.
  package mutating func receive(
    _ chunk: [UInt8], _ body: (UnsafeRawBufferPointer) throws(ProtobufError) -> Void
  ) throws(ProtobufError) {
    let result: Result<Int, ProtobufError>
    if pending.isEmpty {
      result = chunk.withUnsafeBytes { bytes in
        do throws(ProtobufError) { return .success(try split(bytes, body)) } catch { return .failure(error) }
      }
      pending += chunk[(try result.get())...]
    } else {
      pending += chunk
      result = pending.withUnsafeBytes { bytes in
        do throws(ProtobufError) { return .success(try split(bytes, body)) } catch { return .failure(error) }
      }
      let done = try result.get()
      if done > 0 { pending.removeFirst(done) }
    }
  }

  /// How many bytes at the start of `bytes` were whole frames.
  private func split(
    _ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws(ProtobufError) -> Void
  ) throws(ProtobufError) -> Int {
    var start = 0
    while bytes.count - start >= Self.headerSize {
      let length = Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
      guard length <= limit else { throw ProtobufError(offset: start, problem: .tooLong) }
      let from = start + Self.headerSize
      guard bytes.count - from >= length else { break }
      try body(UnsafeRawBufferPointer(rebasing: bytes[from..<from + length]))
      start = from + length
    }
    return start
  }
}
