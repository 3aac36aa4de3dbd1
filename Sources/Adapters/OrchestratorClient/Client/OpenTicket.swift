internal import Synchronization

/// A caller that waits for a connection. Resumed once, whoever is first: the channel, or the caller's own cancellation.
final class OpenTicket: Sendable {
  private enum State {
    case new
    case waiting(CheckedContinuation<Void, any Error>)
    case resumed(Result<Void, any Error>)
  }

  /// False: fail at once if the server cannot be reached.
  let waits: Bool
  private let state = Mutex(State.new)

  init(waits: Bool) {
    self.waits = waits
  }

  /// Waits for `resume`, which may have come already.
  func wait(_ continuation: CheckedContinuation<Void, any Error>) {
    let early = state.withLock { state -> Result<Void, any Error>? in
      if case .resumed(let result) = state { return result }
      state = .waiting(continuation)
      return nil
    }
    if let early { continuation.resume(with: early) }
  }

  func resume(_ result: Result<Void, any Error>) {
    let continuation = state.withLock { state -> CheckedContinuation<Void, any Error>? in
      defer {
        if case .resumed = state {} else { state = .resumed(result) }
      }
      if case .waiting(let continuation) = state { return continuation }
      return nil
    }
    continuation?.resume(with: result)
  }
}
