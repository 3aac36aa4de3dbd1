package import Kubernetes
package import Time

/// From pods to harvests: detection and debounce as one machine, so that a failure that was found is always accounted for.
package struct Intake: Sendable {
  /// What became of a failure that was found.
  package enum Finding: Sendable, Equatable {
    /// It is to be harvested; its window is reserved until `committed` or `released`.
    case harvest(HarvestJob)
    /// It was counted and rides on the next incident of its key.
    case suppressed(Occurrence)
  }

  private var detector: FailureDetector
  private var debouncer: Debouncer
  private var lasting: LastingFailures

  package init(detection: FailureDetector.Options, debounce: Debouncer.Options) {
    detector = FailureDetector(options: detection)
    debouncer = Debouncer(options: debounce)
    lasting = LastingFailures(patience: detection.unschedulableAfter)
  }

  /// A pod as a list or an event shows it, read at `now`.
  package mutating func podApplied(_ pod: PodSnapshot, at now: MonotonicInstant, wall: Timestamp) -> [Finding] {
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
    switch debouncer.failureFound(occurrence, at: now, wall: wall) {
    case .suppress: .suppressed(occurrence)
    case .harvest(let suppressed):
      .harvest(HarvestJob(occurrence: occurrence, suppressed: suppressed, detected: now, detectedAt: wall))
    }
  }

  /// The incident is safe, or was withheld for good: either way it is accounted for.
  package mutating func committed(_ job: HarvestJob) {
    debouncer.committed(job.occurrence)
  }

  /// The incident could not be kept: the next sight of the pod finds the failure again.
  package mutating func released(_ job: HarvestJob, at now: MonotonicInstant) {
    debouncer.released(job.occurrence, at: now)
    detector.forget(job.occurrence.identity)
  }
}

/// A failure to harvest.
package struct HarvestJob: Sendable, Equatable {
  /// The failure.
  package let occurrence: Occurrence
  /// What rides on its incident.
  package let suppressed: SuppressedFailures
  /// When the event that shows it was read, on the monotonic clock.
  package let detected: MonotonicInstant
  /// The same by the wall clock.
  package let detectedAt: Timestamp

  package init(
    occurrence: Occurrence, suppressed: SuppressedFailures = SuppressedFailures(), detected: MonotonicInstant,
    detectedAt: Timestamp
  ) {
    self.occurrence = occurrence
    self.suppressed = suppressed
    self.detected = detected
    self.detectedAt = detectedAt
  }
}
