package import Time

/// The machine's clocks: what drivers run on outside of tests.
package struct SystemTime: TimeSource {
  package init() {}

  package var monotonic: MonotonicInstant {
    MonotonicInstant(nanoseconds: SystemCalls.monotonicNanoseconds())
  }

  package var wall: Timestamp {
    Timestamp(nanosecondsSinceEpoch: SystemCalls.wallNanoseconds())
  }

  package func sleep(for duration: Duration) async throws {
    try await Task.sleep(for: duration)
  }
}
