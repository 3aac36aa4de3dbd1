package import Time

/// What a watcher tells of pods, in order.
package enum PodChange: Sendable, Equatable {
  /// A pod as it is now: from a list (the first or a later one), or from a watch. `receivedAt` and `wall` are when its bytes
  /// arrived.
  case applied(PodSnapshot, receivedAt: MonotonicInstant, wall: Timestamp)
  /// A pod is gone. `pod` is its last state where the watch told it; nil where a list did by leaving it out.
  case deleted(uid: String, pod: PodSnapshot?)
  /// A list is complete: `applied` was given for each of its pods, `deleted` for those that are gone since.
  case synced(Reflector.Listed)
  /// The server is at this version and nothing happened (a bookmark): the watch is alive.
  case progressed(resourceVersion: String)
  /// A watch is open.
  case watching
  /// An event could not be read; it was passed over and counts.
  case skipped
  /// A list or watch failed; the watcher goes on after this time, if it does not at once.
  case failed(APIError, retryIn: Duration?)
}
