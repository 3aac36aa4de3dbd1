package import Kubernetes
package import Time

/// From pods to work: detection, debounce and schedule as one machine, so that a failure that was found is always accounted for.
package struct Intake: Sendable {
  /// What became of a failure that was found.
  package enum Finding: Sendable, Equatable {
    /// It waits for its turn; its window is reserved.
    case accepted(HarvestJob)
    /// It was counted and rides on the next incident of its key or its storm.
    case suppressed(Occurrence)
    /// There was no room for it: the next sight of the pod finds it again.
    case refused(HarvestJob)
  }

  private var detector: FailureDetector
  private var debouncer: Debouncer
  private var lasting: LastingFailures
  private var schedule: HarvestSchedule
  private var window: Duration
  private var nextDrop: MonotonicInstant?

  /// `permittedUntil`: see `HarvestSchedule`.
  package init(
    detection: FailureDetector.Options, debounce: Debouncer.Options, storms: StormOptions, concurrency: Int,
    permittedUntil: MonotonicInstant = MonotonicInstant(nanoseconds: .max)
  ) {
    detector = FailureDetector(options: detection)
    debouncer = Debouncer(options: debounce)
    lasting = LastingFailures(patience: detection.unschedulableAfter)
    schedule = HarvestSchedule(
      options: storms, window: debounce.window, concurrency: concurrency, permittedUntil: permittedUntil)
    window = debounce.window
  }

  /// A pod as a list or an event shows it, read at `now`.
  package mutating func podApplied(_ pod: PodSnapshot, at now: MonotonicInstant, wall: Timestamp) -> [Finding] {
    if !schedule.isPermitted(at: now) { dropInheritance(at: now) }
    lasting.podApplied(pod)
    return detector.podApplied(pod, at: wall).compactMap { occurrence in
      guard occurrence.identity.failureClass == .unschedulable else { return counted(occurrence, at: now, wall: wall) }
      switch lasting.failureFound(occurrence, at: now, wall: wall) {
      case .report: return counted(occurrence, at: now, wall: wall)
      case .wait: return nil
      case .refuse:
        detector.forget(occurrence.identity)
        return nil
      }
    }
  }

  /// When `timePassed` has something to give; nil where nothing waits.
  package var nextDeadline: MonotonicInstant? { lasting.nextDeadline }

  /// Time has gone by: what had to last has lasted.
  package mutating func timePassed(at now: MonotonicInstant, wall: Timestamp) -> [Finding] {
    lasting.timePassed(at: now).map { counted($0, at: now, wall: wall) }
  }

  /// A pod is gone.
  package mutating func podDeleted(uid: String) {
    detector.podDeleted(uid: uid)
    lasting.podDeleted(uid: uid)
  }

  private mutating func counted(_ occurrence: Occurrence, at now: MonotonicInstant, wall: Timestamp) -> Finding {
    guard case .harvest(let suppressed) = debouncer.failureFound(occurrence, at: now, wall: wall) else {
      return .suppressed(occurrence)
    }
    var job = HarvestJob(occurrence: occurrence, suppressed: suppressed, detected: now, detectedAt: wall)
    job.isInheritance = !schedule.isPermitted(at: now)
    switch schedule.found(job, at: now) {
    case .waits: return .accepted(job)
    case .counted:
      debouncer.committed(occurrence)
      return .suppressed(occurrence)
    case .refused:
      forget(job, at: now)
      return .refused(job)
    }
  }

  /// What to do now.
  package mutating func next(at now: MonotonicInstant) -> HarvestSchedule.Next { schedule.next(at: now) }

  /// Until when this replica may act.
  package mutating func permitted(until end: MonotonicInstant) { schedule.permitted(until: end) }

  /// Whether this replica may act.
  package func isPermitted(at now: MonotonicInstant) -> Bool { schedule.isPermitted(at: now) }

  /// No more pods come.
  package mutating func finish() { schedule.finish() }

  /// Other limits from now on; windows that are open keep what they counted.
  package mutating func reconfigured(debounce: Debouncer.Options, storms: StormOptions, concurrency: Int) {
    window = debounce.window
    debouncer.reconfigured(debounce)
    schedule.reconfigured(storms, window: debounce.window, concurrency: concurrency)
  }

  /// The incident is safe.
  package mutating func committed(_ work: HarvestSchedule.Work) {
    schedule.kept(work)
    debouncer.committed(work.job.occurrence)
  }

  /// The incident was withheld for good: its window stays, and the counts that it carried ride on the next one.
  package mutating func withheld(_ work: HarvestSchedule.Work) {
    schedule.kept(work)
    debouncer.withheld(work.job.occurrence, carrying: work.job.told)
  }

  /// The incident could not be kept: the next sight of the pod finds the failure again.
  package mutating func released(_ work: HarvestSchedule.Work, at now: MonotonicInstant) {
    schedule.released(work)
    forget(work.job, at: now)
  }

  /// The work was stopped, for this replica may not act any more: it is done when it may, or dropped as `podApplied` says.
  package mutating func interrupted(_ work: HarvestSchedule.Work) { schedule.interrupted(work) }

  /// Failures whose count was lost since the last call, since there was no room for it.
  package mutating func takeLostCounts() -> Int {
    debouncer.takeDroppedCount() + schedule.takeDroppedCount()
  }

  /// Failures that are counted and wait for an incident to ride on; what rides on one that is under way is not among them.
  package var countedCount: Int { debouncer.pendingCount + schedule.countedCount }

  private mutating func forget(_ job: HarvestJob, at now: MonotonicInstant) {
    debouncer.released(job.occurrence, carrying: job.suppressed, at: now)
    detector.forget(job.occurrence.identity)
  }

  /// Beside a leader this replica keeps what was found in the last window: the leader's death is noticed within the lease, which is
  /// far shorter, and what it had told by then carries the same ids. Looked through ten times a window.
  private mutating func dropInheritance(at now: MonotonicInstant) {
    if let nextDrop, now < nextDrop { return }
    nextDrop = now.advanced(by: window / 10)
    for job in schedule.dropped(before: now.advanced(by: .zero - window)) { debouncer.committed(job.occurrence) }
  }
}
