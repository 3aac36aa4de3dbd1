internal import NIOCore

/// What one stream still has to send: messages in order, then the end of the stream.
///
/// Lives on one event loop. The HTTP/2 session pulls from it as fast as the windows of both kinds and the socket allow; a
/// writer that is ahead of that waits, which is the backpressure on whoever makes the messages.
final class SendQueue {
  /// Bytes that may wait here before a writer does: four usual incidents, which are not copied for it.
  static let highWatermark = 256 * 1024
  /// Bytes at which waiting writers go on: with one flight of a connection left, the socket is fed until they come, and they then
  /// have room for several messages.
  private static let lowWatermark = 112 * 1024

  /// What follows the last byte.
  enum Ending: Equatable {
    /// END_STREAM on the last DATA frame: the client's half-close.
    case endStream
    /// A header block with END_STREAM: the server's status.
    case trailers([HTTP2Header])
  }

  private var chunks: [[UInt8]] = []
  private var firstChunk = 0
  private var offset = 0
  private var waiters: [CheckedContinuation<Void, any Error>] = []
  private var failure: (any Error)?
  /// For the writers.
  let allowance = WriteAllowance(limit: highWatermark)

  /// Bytes not pulled yet.
  private(set) var pending = 0
  /// Bytes ever pulled: while this is 0, the peer has seen no part of a message.
  private(set) var pulled = 0
  /// Set once nothing more will be appended.
  private(set) var ending: Ending?
  /// True once the end itself was pulled: this side of the stream is closed.
  private(set) var isEnded = false

  /// Appends bytes; ignored after the end or a failure.
  func append(_ bytes: [UInt8]) {
    guard ending == nil, failure == nil, !bytes.isEmpty else { return }
    chunks.append(bytes)
    pending += bytes.count
  }

  /// Appends a message that the allowance knows of; `accepted` is resumed when there is room for the next one, or with the error
  /// that closed the stream. Nil: the allowance had room.
  func append(prefix: [UInt8], message: [UInt8], accepted: CheckedContinuation<Void, any Error>?) {
    if let failure {
      accepted?.resume(throwing: failure)
      return
    }
    append(prefix)
    append(message)
    guard let accepted else { return }
    pending <= Self.highWatermark ? accepted.resume() : waiters.append(accepted)
  }

  /// Nothing more will be appended.
  func finish(_ ending: Ending) {
    if self.ending == nil { self.ending = ending }
  }

  /// The stream is closed: drops what is left and wakes the writers.
  func fail(_ error: any Error) {
    guard failure == nil else { return }
    failure = error
    allowance.close()
    chunks = []
    firstChunk = 0
    pending = 0
    let waiting = waiters
    waiters = []
    for waiter in waiting { waiter.resume(throwing: error) }
  }

  /// Moves `size` bytes, or all that there are, to the end of the buffer.
  func pull(_ size: Int, into buffer: inout ByteBuffer) {
    let size = min(size, pending)
    var written = 0
    while written < size {
      let count = min(size - written, chunks[firstChunk].count - offset)
      chunks[firstChunk].withUnsafeBytes { source in
        _ = buffer.writeBytes(UnsafeRawBufferPointer(rebasing: source[offset..<(offset + count)]))
      }
      written += count
      offset += count
      if offset == chunks[firstChunk].count {
        chunks[firstChunk] = []
        firstChunk += 1
        offset = 0
      }
    }
    if firstChunk == chunks.count {
      chunks.removeAll(keepingCapacity: true)
      firstChunk = 0
    }
    pending -= written
    pulled += written
    allowance.give(written)
  }

  /// The end, if these many bytes, which are about to be pulled, are all that comes before it.
  func pullEnding(after count: Int) -> Ending? {
    guard pending == count, let ending else { return nil }
    isEnded = true
    return ending
  }

  /// Wakes the writers if there is room again.
  func wakeWriters() {
    guard pending <= Self.lowWatermark, !waiters.isEmpty else { return }
    let waiting = waiters
    waiters = []
    for waiter in waiting { waiter.resume() }
  }
}
