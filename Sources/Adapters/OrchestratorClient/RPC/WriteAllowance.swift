internal import Synchronization

/// How far a writer is ahead of the wire, known to both without a way through the event loop: while there is room, a message is
/// handed over and the writer goes on at once.
final class WriteAllowance: Sendable {
  private struct State {
    var handedOver = 0
    /// Messages in a row that nobody waited for.
    var unawaited = 0
    var isClosed = false
  }

  /// Messages that may be on their way to the event loop at a time, however small.
  static let unawaitedLimit = 64

  private let limit: Int
  private let state = Mutex(State())

  /// For a queue that may hold so many bytes before its writer waits.
  init(limit: Int) {
    self.limit = limit
  }

  /// A message of so many bytes is about to be handed over. True if its writer need not wait for the queue.
  func take(_ bytes: Int) -> Bool {
    state.withLock { state in
      state.handedOver += bytes
      state.unawaited += 1
      let hasRoom = state.handedOver <= limit && state.unawaited < Self.unawaitedLimit && !state.isClosed
      if !hasRoom { state.unawaited = 0 }
      return hasRoom
    }
  }

  /// So many bytes went to the wire.
  func give(_ bytes: Int) {
    state.withLock { $0.handedOver -= bytes }
  }

  /// The queue takes nothing more: every writer is to ask it, and to learn why.
  func close() {
    state.withLock { $0.isClosed = true }
  }
}
