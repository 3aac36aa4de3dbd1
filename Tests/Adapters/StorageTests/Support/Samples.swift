internal import Synchronization
internal import Time

@testable internal import Delivery
@testable internal import Incidents
@testable internal import Storage

extension SealedIncident {
  /// An incident of so many bytes that look like nothing else.
  static func sample(_ id: String, pod: String = "pod", bytes: Int = 100) -> SealedIncident {
    var random = SeededRandom(seed: id.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) })
    return SealedIncident(
      id: id, podUID: pod,
      headline: Headline(namespace: "default", pod: pod, container: "app", failureClass: "OOMKilled", masked: 3),
      encoded: (0..<bytes).map { _ in UInt8.random(in: 0...255, using: &random) })
  }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
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
