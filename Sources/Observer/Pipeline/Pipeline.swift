package import Delivery
package import Incidents
package import Kubernetes
package import Redaction
internal import Synchronization
package import Time

/// The way of a failure from the pod's status to the outbox: intake, harvest, redaction, sealing, submission.
///
/// The stages are given as closures, so that the watch, the one-shot commands, the benchmark and the tests run the same
/// pipeline over their own ends. Every failure that was found ends as sealed, suppressed, withheld or released.
package final class Pipeline: Sendable {
  /// The outside of the pipeline.
  package struct Stages: Sendable {
    /// Gathers evidence.
    package var harvest: @Sendable (Occurrence) async -> Evidence
    /// Masks an incident, or withholds it by throwing.
    package var redact: @Sendable (Incident) throws(RedactionError) -> Redacted<Incident>
    /// Takes an incident into the outbox and returns once it is safe there, or throws where the outbox is full.
    package var submit: @Sendable (SealedIncident) async throws(DeliveryError) -> Void
    /// Hears what happens. Called from many tasks; must return quickly.
    package var report: @Sendable (PipelineEvent) -> Void

    package init(
      harvest: @escaping @Sendable (Occurrence) async -> Evidence,
      redact: @escaping @Sendable (Incident) throws(RedactionError) -> Redacted<Incident>,
      submit: @escaping @Sendable (SealedIncident) async throws(DeliveryError) -> Void,
      report: @escaping @Sendable (PipelineEvent) -> Void
    ) {
      self.harvest = harvest
      self.redact = redact
      self.submit = submit
      self.report = report
    }
  }

  private struct Tracked {
    var detected: MonotonicInstant
    var detectedAt: Timestamp
    var failedAt: Timestamp?
  }

  private struct State {
    var intake: Intake
    /// What is under way to its acknowledgement, by incident id: as many as the outbox holds.
    var tracked: [String: Tracked] = [:]
    /// When what is being harvested and redacted was begun, by incident id: as many as harvests run at a time.
    var working: [String: MonotonicInstant] = [:]
    /// The first ring that nobody has answered yet.
    var rungAt: MonotonicInstant?
  }

  private let state: Mutex<State>
  private let cluster: ClusterIdentity
  private let toolVersion: String
  private let budget: EvidenceBudget
  /// Whether a failure may have to last before it counts, so that somebody has to look at the clock.
  private let waits: Bool
  private let time: any TimeSource
  private let stages: Stages
  /// Rung whenever there may be something to do. One ring that waits says as much as many.
  private let bell: AsyncStream<Void>.Continuation
  private let rings: AsyncStream<Void>

  /// `permittedUntil`: until when this replica may act; see `permit`.
  package init(
    cluster: ClusterIdentity, detection: FailureDetector.Options, debounce: Debouncer.Options,
    storms: StormOptions = StormOptions(), harvest: HarvestOptions, toolVersion: String, time: any TimeSource,
    permittedUntil: MonotonicInstant = MonotonicInstant(nanoseconds: .max), stages: Stages
  ) {
    self.cluster = cluster
    self.toolVersion = toolVersion
    self.budget = harvest.budget
    waits = detection.classes.contains(.unschedulable)
    self.time = time
    self.stages = stages
    state = Mutex(
      State(
        intake: Intake(
          detection: detection, debounce: debounce, storms: storms, concurrency: harvest.concurrency,
          permittedUntil: permittedUntil)))
    (rings, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// A pod as a list or an event shows it, read at `now`.
  package func podApplied(_ pod: PodSnapshot, at now: MonotonicInstant, wall: Timestamp) {
    handle(state.withLock { $0.intake.podApplied(pod, at: now, wall: wall) })
  }

  private func handle(_ findings: [Intake.Finding]) {
    for finding in findings {
      switch finding {
      case .suppressed(let occurrence): stages.report(.suppressed(occurrence))
      case .accepted(let job):
        stages.report(
          job.isInheritance ? .inherited(job, incidentID: id(of: job)) : .detected(job, incidentID: id(of: job)))
        ring()
      case .refused(let job):
        stages.report(.detected(job, incidentID: id(of: job)))
        stages.report(
          .released(job, incidentID: id(of: job), reason: "too many failures wait, or the program is stopping"))
      }
    }
    let lost = state.withLock { $0.intake.takeLostCounts() }
    if lost > 0 { stages.report(.countsLost(lost)) }
  }

  /// A pod is gone.
  package func podDeleted(uid: String) {
    state.withLock { $0.intake.podDeleted(uid: uid) }
  }

  /// No more pods will come: `run` returns once what waits is done.
  package func finish() {
    state.withLock { $0.intake.finish() }
    ring()
  }

  /// Until when this replica may harvest and submit; told anew with each renewal of its lease. An instant in the past stops it at
  /// once: what had begun is stopped and waits.
  package func permit(until end: MonotonicInstant) {
    state.withLock { $0.intake.permitted(until: end) }
    ring()
  }

  /// Other limits from now on.
  package func reconfigure(debounce: Debouncer.Options, storms: StormOptions, concurrency: Int) {
    state.withLock { $0.intake.reconfigured(debounce: debounce, storms: storms, concurrency: concurrency) }
    ring()
  }

  /// For how long something has been due that nobody does: a harvest that does not end, or a ring that nobody answers. Nil where
  /// nothing is. A watchdog asks; what waits for room in the outbox is not counted, for that may last as long as the orchestrator is
  /// away.
  package var stall: Duration? {
    let now = time.monotonic
    return state.withLock { state in
      (Array(state.working.values) + [state.rungAt].compactMap(\.self)).min()
    }.map { $0.duration(to: now) }
  }

  private func ring() {
    let now = time.monotonic
    state.withLock { if $0.rungAt == nil { $0.rungAt = now } }
    bell.yield()
  }

  /// Waits for the next ring. False where there will be none.
  private func ringHeard(_ rings: inout AsyncStream<Void>.Iterator) async -> Bool {
    let isRing = await rings.next() != nil
    state.withLock { $0.rungAt = nil }
    return isRing
  }

  /// Does what was found, a bounded number at a time, until `finish` and the last of it, or until cancelled.
  package func run() async {
    await withTaskGroup(of: Void.self) { group in
      if waits { group.addTask { await self.keepTime() } }
      var rings = rings.makeAsyncIterator()
      while await term(&rings) == .closed, await ringHeard(&rings) {}
      group.cancelAll()
    }
  }

  /// Reports what has lasted long enough, when it has, and looks every now and then whether something waits.
  private func keepTime() async {
    while !Task.isCancelled {
      let now = time.monotonic
      let next = state.withLock { $0.intake.nextDeadline }.map { max(now.duration(to: $0), Self.shortestPause) }
      do { try await time.sleep(for: min(next ?? Self.longestPause, Self.longestPause)) } catch { return }
      handle(state.withLock { $0.intake.timePassed(at: time.monotonic, wall: time.wall) })
    }
  }

  /// Between two looks at what waits: a deadline found meanwhile is late by less than this, which is little beside the minutes that
  /// a failure has to last; and no busy loop where a deadline is now.
  private static let (longestPause, shortestPause) = (Duration.seconds(10), Duration.milliseconds(100))

  /// Works for as long as this replica may, and returns once nothing of it runs any more.
  private func term(_ rings: inout AsyncStream<Void>.Iterator) async -> HarvestSchedule.Next {
    await withDiscardingTaskGroup { group in
      var timers: [MonotonicInstant] = []
      while true {
        let now = time.monotonic
        let next = state.withLock { $0.intake.next(at: now) }
        switch next {
        case .start(let work):
          group.addTask {
            await self.process(work)
            self.ring()
          }
          continue
        case .wait(let until):
          timers.removeAll { $0 <= now }
          if !timers.contains(where: { $0 <= until }) {
            timers.append(until)
            group.addTask {
              // Cancelled: the term ends.
              try? await self.time.sleep(for: now.duration(to: until))
              self.ring()
            }
          }
        case .idle: break
        case .closed, .finished:
          group.cancelAll()
          return next
        }
        // Cancelled: what was begun is, too.
        guard await ringHeard(&rings) else { return .finished }
      }
    }
  }

  /// What became of an incident that was submitted.
  package func deliveryReported(_ event: DeliveryEvent) {
    switch event {
    case .connected: stages.report(.connected)
    case .disconnected(let reason, let retryIn): stages.report(.disconnected(reason: reason, retryIn: retryIn))
    case .sent: break
    case .acknowledged(let incident, let receipt): acknowledged(incident, receipt)
    case .rejected(let incident, let reason), .deadLettered(let incident, let reason),
      .dropped(let incident, let reason):
      _ = state.withLock { $0.tracked.removeValue(forKey: incident.id) }
      stages.report(.rejected(incidentID: incident.id, podUID: incident.podUID, reason: reason))
    }
  }

  private func process(_ work: HarvestSchedule.Work) async {
    let job = work.job
    let incidentID = id(of: job)
    if job.isInheritance { stages.report(.detected(job, incidentID: incidentID)) }
    let begun = time.monotonic
    state.withLock { $0.working[incidentID] = begun }
    defer { endWork(incidentID) }
    let incident = await incident(of: work, begun: begun)
    let made = time.monotonic
    guard mayAct else { return interrupt(work) }

    let redacted: Redacted<Incident>
    do { redacted = try stages.redact(incident) } catch {
      // The window stays: to harvest it again at the next crash would withhold it again.
      state.withLock { $0.intake.withheld(work) }
      stages.report(.withheld(job, incidentID: incidentID, error))
      return
    }
    do {
      let sealed = try redacted.sealed()
      guard mayAct else { return interrupt(work) }
      // Before it is submitted, for the acknowledgement may be faster than this task.
      state.withLock {
        $0.tracked[sealed.id] = Tracked(
          detected: job.detected, detectedAt: job.detectedAt, failedAt: job.occurrence.failedAt)
      }
      stages.report(.sealed(sealed, redacted.report, took: made.duration(to: time.monotonic)))
      endWork(incidentID)
      try await submit(sealed)
      state.withLock { $0.intake.committed(work) }
    } catch {
      _ = state.withLock { $0.tracked.removeValue(forKey: incidentID) }
      guard mayAct else { return interrupt(work) }
      release(work, because: "\(error)")
    }
  }

  private func endWork(_ incidentID: String) {
    _ = state.withLock { $0.working.removeValue(forKey: incidentID) }
  }

  private func incident(of work: HarvestSchedule.Work, begun: MonotonicInstant) async -> Incident {
    let job = work.job
    var timings = StageTimings(detectedAt: job.detectedAt, queued: job.detected.duration(to: begun))
    switch work {
    case .harvest:
      let evidence = await stages.harvest(job.occurrence)
      timings.harvest = begun.duration(to: time.monotonic)
      stages.report(.harvested(incidentID: id(of: job), took: timings.harvest, gaps: evidence.gaps.map(\.reason)))
      return Incident(
        job.occurrence, in: cluster, evidence: evidence, timings: timings, suppressed: job.told,
        toolVersion: toolVersion, budget: budget)
    case .reference(_, let other, let isFirst):
      let otherID = other.incidentID(clusterUID: cluster.uid)
      stages.report(.referenced(job, incidentID: id(of: job), to: otherID, isFirst: isFirst))
      return Incident(
        job.occurrence, referringTo: other, in: cluster, timings: timings, suppressed: job.told,
        toolVersion: toolVersion)
    }
  }

  /// Asked before each step that others would notice, for the clock may have gone on while this process stood still.
  private var mayAct: Bool {
    let now = time.monotonic
    return !Task.isCancelled && state.withLock { $0.intake.isPermitted(at: now) }
  }

  private func interrupt(_ work: HarvestSchedule.Work) {
    state.withLock { $0.intake.interrupted(work) }
  }

  /// Waits for room in a full outbox: the harvests stand still then, the queue fills, and what does not fit into it is
  /// released. So a brain that is away holds up the sensor and loses nothing.
  private func submit(_ incident: SealedIncident) async throws {
    while true {
      do { return try await stages.submit(incident) } catch {
        guard error.code == .outboxFull, mayAct else { throw error }
      }
      try await time.sleep(for: Self.outboxPause)
    }
  }

  /// Between two tries of a full outbox: short beside the seconds that an orchestrator is away for, and no load.
  private static let outboxPause: Duration = .milliseconds(200)

  private func release(_ work: HarvestSchedule.Work, because reason: String) {
    state.withLock { $0.intake.released(work, at: time.monotonic) }
    stages.report(.released(work.job, incidentID: id(of: work.job), reason: reason))
  }

  private func acknowledged(_ incident: IncidentLabel, _ receipt: DeliveryEvent.Receipt) {
    let (now, wall) = (time.monotonic, time.wall)
    // What an earlier process left in the outbox is only known since it came there.
    let tracked =
      state.withLock({ $0.tracked.removeValue(forKey: incident.id) })
      ?? Tracked(
        detected: now.advanced(by: .zero - receipt.age), detectedAt: wall.advanced(by: .zero - receipt.age),
        failedAt: nil)
    stages.report(
      .acknowledged(
        .init(
          headline: incident.headline, incidentID: incident.id, podUID: incident.podUID,
          failedAt: tracked.failedAt, detectedAt: tracked.detectedAt, acknowledgedAt: wall,
          latency: tracked.detected.duration(to: now), isDuplicate: receipt.isDuplicate)))
  }

  private func id(of job: HarvestJob) -> String {
    job.occurrence.identity.incidentID(clusterUID: cluster.uid)
  }
}
