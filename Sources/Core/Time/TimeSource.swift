/// Where drivers read the time. Machines never do: they get instants as arguments.
package protocol TimeSource: Sendable {
  /// The monotonic clock.
  var monotonic: MonotonicInstant { get }
  /// The wall clock.
  var wall: Timestamp { get }
  /// Returns once `duration` has passed on the monotonic clock; throws CancellationError when the task is cancelled.
  func sleep(for duration: Duration) async throws
}
