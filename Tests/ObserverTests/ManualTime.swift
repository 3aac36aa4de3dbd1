import Synchronization
import Time

/// A clock that stands still until a test moves it.
final class ManualTime: TimeSource {
  private struct State {
    var now = MonotonicInstant.origin
    var sleepers: [UInt64: (until: MonotonicInstant, wake: CheckedContinuation<Void, any Error>)] = [:]
    var cancelled: Set<UInt64> = []
    var nextID: UInt64 = 0
    var watchers: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())
  private let start = Timestamp(seconds: 1_795_000_000)

  var monotonic: MonotonicInstant { state.withLock { $0.now } }

  var wall: Timestamp { start.advanced(by: MonotonicInstant.origin.duration(to: monotonic)) }

  func sleep(for duration: Duration) async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let (isCancelled, watchers) = state.withLock { state in
          if state.cancelled.remove(id) != nil { return (true, [] as [CheckedContinuation<Void, Never>]) }
          state.sleepers[id] = (state.now.advanced(by: duration), continuation)
          defer { state.watchers = [] }
          return (false, state.watchers)
        }
        if isCancelled { continuation.resume(throwing: CancellationError()) }
        watchers.forEach { $0.resume() }
      }
    } onCancel: {
      let sleeper = state.withLock { state in
        let sleeper = state.sleepers.removeValue(forKey: id)
        if sleeper == nil { state.cancelled.insert(id) }
        return sleeper
      }
      sleeper?.wake.resume(throwing: CancellationError())
    }
  }

  /// Returns once somebody sleeps, so that a step of the clock cannot come before it.
  func someoneSleeps() async {
    await withCheckedContinuation { continuation in
      let isNow = state.withLock { state in
        guard state.sleepers.isEmpty else { return true }
        state.watchers.append(continuation)
        return false
      }
      if isNow { continuation.resume() }
    }
  }

  /// Moves the clock and wakes whoever has slept long enough.
  func advance(by duration: Duration) {
    let woken = state.withLock { state in
      state.now = state.now.advanced(by: duration)
      let due = state.sleepers.filter { $0.value.until <= state.now }
      due.keys.forEach { state.sleepers[$0] = nil }
      return due.values.map(\.wake)
    }
    woken.forEach { $0.resume() }
  }
}
