internal import Synchronization

/// What a call's reader took and its event loop does not know of yet. Small messages are told together, for each telling wakes
/// the loop.
///
/// The peer's windows never close over what is not told: that is less than the threshold (`HTTP2Settings.untoldBytes`), and where
/// more than that is held back for the reader, everything is told at once.
final class TakenMessages: Sendable {
  private struct State {
    var messages = 0
    var bytes = 0
    /// Bytes that the loop holds back from the peer.
    var owed = 0
  }

  private let threshold: Int
  private let state = Mutex(State())

  /// For a call whose reader is heard of every so many bytes.
  init(threshold: Int) {
    self.threshold = threshold
  }

  /// The reader took a message. True if the loop is to be told now.
  func add(bytes: Int) -> Bool {
    state.withLock { state in
      state.messages += 1
      state.bytes += bytes
      return state.bytes >= threshold || state.owed >= threshold
    }
  }

  /// For the loop, after it was told and after each receipt: returns the bytes to give back now.
  func settle(_ credit: inout ReceiveCredit) -> Int {
    var given = 0
    while true {
      let owed = credit.owed
      let (messages, bytes) = state.withLock { state in
        state.owed = owed
        defer { (state.messages, state.bytes) = (0, 0) }
        return (state.messages, state.bytes)
      }
      guard messages > 0 else { return given }
      given += credit.messagesTaken(messages, bytes: bytes)
    }
  }
}
