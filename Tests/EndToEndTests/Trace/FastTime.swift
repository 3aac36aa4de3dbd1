internal import Synchronization
internal import Telemetry
internal import Time

/// The machine's clocks, running faster: a wait of half a minute is over in some seconds. The wall clock can be made to jump.
final class FastTime: TimeSource {
  private let factor: Int
  private let base = SystemTime()
  private let start: (monotonic: MonotonicInstant, wall: Timestamp)
  private let leapt = Mutex<Duration>(.zero)
  private let jump = Mutex<Duration>(.zero)

  init(factor: Int) {
    self.factor = factor
    start = (base.monotonic, base.wall)
  }

  private var passed: Duration { start.monotonic.duration(to: base.monotonic) * factor + leapt.withLock { $0 } }

  var monotonic: MonotonicInstant { start.monotonic.advanced(by: passed) }

  var wall: Timestamp { start.wall.advanced(by: passed + jump.withLock { $0 }) }

  func sleep(for duration: Duration) async throws { try await base.sleep(for: duration / factor) }

  /// Lets so much time pass at once, on both clocks. Who sleeps sleeps on.
  func leap(by duration: Duration) { leapt.withLock { $0 += duration } }

  /// Moves the wall clock, as a correction of the node's clock does.
  func jumpWall(by duration: Duration) { jump.withLock { $0 += duration } }
}
