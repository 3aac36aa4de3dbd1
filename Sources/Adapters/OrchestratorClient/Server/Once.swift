internal import Synchronization

/// A value that is known later, once.
final class Once<Value: Sendable>: Sendable {
  private enum State {
    case waiting([CheckedContinuation<Value, any Error>])
    case resolved(Result<Value, any Error>)
  }

  private let state = Mutex(State.waiting([]))

  /// The value, as soon as it is known.
  var value: Value {
    get async throws {
      try await withCheckedThrowingContinuation { continuation in
        let known = state.withLock { state -> Result<Value, any Error>? in
          switch state {
          case .resolved(let result): return result
          case .waiting(let waiters):
            state = .waiting(waiters + [continuation])
            return nil
          }
        }
        if let known { continuation.resume(with: known) }
      }
    }
  }

  /// Later calls change nothing.
  func resolve(_ result: Result<Value, any Error>) {
    let waiters = state.withLock { state -> [CheckedContinuation<Value, any Error>] in
      guard case .waiting(let waiters) = state else { return [] }
      state = .resolved(result)
      return waiters
    }
    for waiter in waiters { waiter.resume(with: result) }
  }
}
