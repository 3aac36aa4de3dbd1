internal import Synchronization
internal import Time

/// Wakes one waiting task. Ringing while nobody waits is remembered, once.
final class Alarm: Sendable {
  private struct State {
    var hasRung = false
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  func ring() {
    let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard let waiter = state.waiter else {
        state.hasRung = true
        return nil
      }
      state.waiter = nil
      return waiter
    }
    waiter?.resume()
  }

  /// Returns once it rings, or the task is cancelled. For one task at a time.
  func wait() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { (waiter: CheckedContinuation<Void, Never>) in
        let isOver = state.withLock { state -> Bool in
          if state.hasRung || Task.isCancelled || state.waiter != nil {
            state.hasRung = false
            return true
          }
          state.waiter = waiter
          return false
        }
        if isOver { waiter.resume() }
      }
    } onCancel: {
      let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
        defer { state.waiter = nil }
        return state.waiter
      }
      waiter?.resume()
    }
  }

  /// As `wait`, and no longer than this.
  func wait(atMost duration: Duration, by time: any TimeSource) async {
    await withTaskGroup { group in
      group.addTask { await self.wait() }
      // A cancelled sleep is as good as one that is over.
      group.addTask { try? await time.sleep(for: duration) }
      await group.next()
      group.cancelAll()
    }
  }
}
