internal import Randomness
internal import Synchronization
internal import Time

@testable internal import Delivery
@testable internal import Incidents
@testable internal import Storage

extension SealedIncident {
  /// An incident of so many bytes that look like nothing else.
  static func sample(_ id: String, pod: String = "pod", bytes: Int = 100) -> SealedIncident {
    var random = SplitMix64(seed: id.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) })
    return SealedIncident(
      id: id, podUID: pod,
      headline: Headline(namespace: "default", pod: pod, container: "app", failureClass: "OOMKilled", masked: 3),
      encoded: (0..<bytes).map { _ in UInt8.random(in: 0...255, using: &random) })
  }
}

/// A clock that a test sets.
final class ManualTime: TimeSource {
  private let now = Mutex(MonotonicInstant.origin)

  var monotonic: MonotonicInstant { now.withLock { $0 } }
  var wall: Timestamp {
    Timestamp(seconds: 1_800_000_000).advanced(by: MonotonicInstant.origin.duration(to: monotonic))
  }

  func advance(by duration: Duration) {
    now.withLock { $0 = $0.advanced(by: duration) }
  }

  func sleep(for duration: Duration) async throws {
    try Task.checkCancellation()
  }
}
