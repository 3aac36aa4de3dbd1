internal import Synchronization

/// How far a writer is ahead of the wire, known to both without a way through the event loop: while there is room, a message is
/// handed over and the writer goes on at once.
final class WriteAllowance: Sendable {
  private struct State {
    var handedOver = 0
    var isClosed = false
  }

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
      return state.handedOver <= limit && !state.isClosed
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
