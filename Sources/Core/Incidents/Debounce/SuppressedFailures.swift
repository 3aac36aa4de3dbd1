package import Time

/// Failures that were counted and not sent on their own.
package struct SuppressedFailures: Sendable, Equatable {
  /// How many.
  package private(set) var count = 0
  /// The first of them, by the node's clock where it reports a time.
  package private(set) var firstAt: Timestamp?
  /// The last of them.
  package private(set) var lastAt: Timestamp?
  /// The kubelet's reasons among them, each once, sorted.
  package private(set) var reasons: [String] = []

  /// Reasons kept at most: the kubelet has about a dozen.
  private static let reasonLimit = 16

  package init() {}

  /// Counts one failure.
  package mutating func add(reason: String, at time: Timestamp) {
    count += 1
    firstAt = min(firstAt ?? time, time)
    lastAt = max(lastAt ?? time, time)
    add(reason)
  }

  /// Counts what another counted.
  package mutating func add(_ other: SuppressedFailures) {
    count += other.count
    if let first = other.firstAt { firstAt = min(firstAt ?? first, first) }
    if let last = other.lastAt { lastAt = max(lastAt ?? last, last) }
    other.reasons.forEach { add($0) }
  }

  private mutating func add(_ reason: String) {
    guard !reasons.contains(reason), reasons.count < Self.reasonLimit else { return }
    reasons.append(reason)
    reasons.sort()
  }
}
