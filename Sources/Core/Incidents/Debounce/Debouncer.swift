internal import Kubernetes
package import Time

/// Makes many failures of one key into one incident in each window.
///
/// A machine without I/O. A window opens with the first failure and has a fixed length: a pod that crashes for hours gives one
/// incident in each window, with the number of the failures between. It is reserved before the harvest, committed once the
/// incident is safe in the outbox, and released where that failed, so that the next failure is harvested. While it is reserved no
/// other incident of its key begins, however long the harvest or a full outbox takes.
package struct Debouncer: Sendable {
  /// What failures are counted together.
  package enum Key: String, Sendable, CaseIterable {
    /// All failures of one pod (default).
    case pod
    /// All failures of one container of a pod.
    case container
    /// All failures of one class in one pod.
    case reason
    /// All failures of the pods of one controller.
    case owner

    /// The key of a failure.
    package func value(for occurrence: Occurrence) -> String {
      let identity = occurrence.identity
      let owner = occurrence.pod.controller?.uid ?? identity.podUID
      // Each attempt of a Job is a pod of its own, and what failed is the Job.
      let subject = identity.failureClass == .jobFailed ? owner : identity.podUID
      switch self {
      case .pod: return subject
      case .container: return "\(subject)/\(identity.container)"
      case .reason: return "\(subject)/\(identity.failureClass.rawValue)"
      case .owner: return owner
      }
    }
  }

  /// What may be configured.
  package struct Options: Sendable, Equatable {
    /// Length of a window. Default: 5 minutes, the longest back-off between two starts of a container.
    package var window: Duration
    /// What is counted together.
    package var key: Key
    /// Keys held at most. Default: 10,000, about 2 MiB; beyond it the key whose window opened first is forgotten, and its
    /// count with it is reported as dropped.
    package var capacity: Int

    package init(window: Duration = .seconds(300), key: Key = .pod, capacity: Int = 10_000) {
      self.window = window
      self.key = key
      self.capacity = capacity
    }
  }

  /// What to do with a failure.
  package enum Decision: Sendable, Equatable {
    /// Harvest it; failures since the last incident of its key ride on it.
    case harvest(suppressed: SuppressedFailures)
    /// Counted; it rides on the next incident of its key.
    case suppress
  }

  private struct Window: Sendable {
    var opened: MonotonicInstant
    /// Its incident is under way.
    var isReserved = true
    var suppressed = SuppressedFailures()
  }

  private var options: Options
  private var windows: [String: Window] = [:]
  private var nextSweep: MonotonicInstant?
  /// Failures whose count was lost with a forgotten key.
  package private(set) var droppedCount = 0

  package init(options: Options = Options()) {
    self.options = options
  }

  /// Keys held.
  package var keyCount: Int { windows.count }

  /// Failures that were counted and wait for the next incident of their key.
  package var pendingCount: Int { windows.values.reduce(0) { $0 + $1.suppressed.count } }

  /// A new failure. Reserves the window of its key where none is open; what was counted is handed over with it.
  package mutating func failureFound(_ occurrence: Occurrence, at now: MonotonicInstant, wall: Timestamp) -> Decision {
    sweep(at: now)
    let key = options.key.value(for: occurrence)
    guard var window = windows[key] else {
      makeRoom()
      windows[key] = Window(opened: now)
      return .harvest(suppressed: SuppressedFailures())
    }
    guard !window.isReserved, window.opened.duration(to: now) >= options.window else {
      window.suppressed.add(reason: occurrence.reason, at: occurrence.failedAt ?? wall)
      windows[key] = window
      return .suppress
    }
    windows[key] = Window(opened: now)
    return .harvest(suppressed: window.suppressed)
  }

  /// The incident of this failure is safe: what rode on it is done with.
  package mutating func committed(_ occurrence: Occurrence) {
    windows[options.key.value(for: occurrence)]?.isReserved = false
  }

  /// The incident of this failure was withheld for good, and its counts with it: they ride on the next one. The window stays.
  package mutating func withheld(_ occurrence: Occurrence, carrying counts: SuppressedFailures) {
    let key = options.key.value(for: occurrence)
    windows[key]?.isReserved = false
    if windows[key] == nil { droppedCount += counts.count }
    windows[key]?.suppressed.add(counts)
  }

  /// The incident of this failure could not be kept: the next failure of its key is harvested at once, and carries what rode on
  /// this one.
  package mutating func released(
    _ occurrence: Occurrence, carrying counts: SuppressedFailures, at now: MonotonicInstant
  ) {
    let key = options.key.value(for: occurrence)
    var window = windows[key] ?? Window(opened: now)
    window.suppressed.add(counts)
    window.isReserved = false
    window.opened = now.advanced(by: .zero - options.window)
    windows[key] = window.suppressed.count > 0 ? window : nil
  }

  /// Another window or capacity from now on. Another key: what was counted by the old one cannot ride on incidents of the new one and
  /// is reported as dropped.
  package mutating func reconfigured(_ options: Options) {
    if options.key != self.options.key {
      droppedCount += pendingCount
      windows = [:]
    }
    self.options = options
  }

  /// `droppedCount`, which begins anew.
  package mutating func takeDroppedCount() -> Int {
    defer { droppedCount = 0 }
    return droppedCount
  }

  /// Forgets windows that ended with nothing to carry, at most once in a window's length, so that the cost of a failure stays
  /// constant. A count that waits for its next incident is kept for ten windows.
  private mutating func sweep(at now: MonotonicInstant) {
    if let nextSweep, now < nextSweep { return }
    nextSweep = now.advanced(by: options.window)
    windows = windows.filter { _, window in
      let age = window.opened.duration(to: now)
      if age < options.window || window.isReserved { return true }
      if window.suppressed.count > 0, age < options.window * 10 { return true }
      droppedCount += window.suppressed.count
      return false
    }
  }

  private mutating func makeRoom() {
    guard windows.count >= options.capacity, let oldest = windows.min(by: { $0.value.opened < $1.value.opened }) else {
      return
    }
    droppedCount += oldest.value.suppressed.count
    windows[oldest.key] = nil
  }
}
