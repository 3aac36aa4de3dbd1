import Synchronization
import Time

/// A clock that moves only when someone sleeps: a scenario plays through at once, with its own times.
final class ManualTime: TimeSource {
  private let now = Mutex<MonotonicInstant>(.origin)

  var monotonic: MonotonicInstant { now.withLock { $0 } }
  var wall: Timestamp {
    Timestamp(seconds: 1_795_392_000).advanced(by: MonotonicInstant.origin.duration(to: monotonic))
  }

  func sleep(for duration: Duration) async throws {
    try Task.checkCancellation()
    now.withLock { $0 = $0.advanced(by: duration) }
  }
}
