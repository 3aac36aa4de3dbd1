internal import NIOCore

/// Bytes on their way to a socket, in memory that is used again once the socket has let go of it.
struct OutputBuffer {
  private var buffer = ByteBuffer()
  private var isTaken = false

  /// Bytes that were not taken.
  var count: Int { isTaken ? 0 : buffer.readableBytes }

  /// Appends what `write` writes.
  mutating func append(_ write: (inout ByteBuffer) -> Void) {
    if isTaken {
      // New memory where somebody still holds the old one.
      buffer.clear(minimumCapacity: 0)
      isTaken = false
    }
    write(&buffer)
  }

  /// The bytes; nil if there are none. They stay valid for as long as they are held.
  mutating func take() -> ByteBuffer? {
    guard count > 0 else { return nil }
    isTaken = true
    return buffer
  }

  /// Lets go of the memory if nothing waits in it.
  mutating func shrink() {
    if count == 0 { self = OutputBuffer() }
  }
}
