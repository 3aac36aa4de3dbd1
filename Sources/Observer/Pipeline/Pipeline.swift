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

  /// Failures that wait for a harvest. A job has some 2 KiB; a storm beyond that is found again at the next sight of its pods.
  private static let queueLimit = 1_000

  private struct Tracked {
    var detected: MonotonicInstant
    var detectedAt: Timestamp
    var failedAt: Timestamp?
  }

  private struct State {
    var intake: Intake
    /// What is under way to its acknowledgement, by incident id: as many as the outbox holds.
    var tracked: [String: Tracked] = [:]
  }

  private let state: Mutex<State>
  private let cluster: ClusterIdentity
  private let toolVersion: String
  private let budget: EvidenceBudget
  private let concurrency: Int
  /// Whether a failure may have to last before it counts, so that somebody has to look at the clock.
  private let waits: Bool
  private let time: any TimeSource
  private let stages: Stages
  private let queue: AsyncStream<HarvestJob>
  private let jobs: AsyncStream<HarvestJob>.Continuation

  package init(
    cluster: ClusterIdentity, detection: FailureDetector.Options, debounce: Debouncer.Options, harvest: HarvestOptions,
    toolVersion: String, time: any TimeSource, stages: Stages
  ) {
    self.cluster = cluster
    self.toolVersion = toolVersion
    self.budget = harvest.budget
    self.concurrency = harvest.concurrency
    waits = detection.classes.contains(.unschedulable)
    self.time = time
    self.stages = stages
    state = Mutex(State(intake: Intake(detection: detection, debounce: debounce)))
    (queue, jobs) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.queueLimit))
  }

  /// A pod as a list or an event shows it, read at `now`.
  package func podApplied(_ pod: PodSnapshot, at now: MonotonicInstant, wall: Timestamp) {
    handle(state.withLock { $0.intake.podApplied(pod, at: now, wall: wall) })
  }

  private func handle(_ findings: [Intake.Finding]) {
    for finding in findings {
      switch finding {
      case .suppressed(let occurrence): stages.report(.suppressed(occurrence))
      case .harvest(let job):
        stages.report(.detected(job, incidentID: id(of: job)))
        switch jobs.yield(job) {
        case .enqueued: break
        case .dropped: release(job, because: "\(Self.queueLimit) failures already wait for their harvest")
        case .terminated: release(job, because: "the program is stopping")
        @unknown default: release(job, because: "the queue refused it")
        }
      }
    }
  }

  /// A pod is gone.
  package func podDeleted(uid: String) {
    state.withLock { $0.intake.podDeleted(uid: uid) }
  }

  /// No more pods will come: `run` returns once what waits is done.
  package func finish() {
    jobs.finish()
  }

  /// Harvests what was found, a bounded number at a time, until `finish` and the last job, or until cancelled.
  package func run() async {
    await withTaskGroup(of: Void.self) { group in
      if waits { group.addTask { await self.keepTime() } }
      await self.harvestAll()
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

  private func harvestAll() async {
    await withTaskGroup(of: Void.self) { group in
      var running = 0
      for await job in queue {
        if running == concurrency {
          await group.next()
          running -= 1
        }
        group.addTask { await self.process(job) }
        running += 1
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

  private func process(_ job: HarvestJob) async {
    let incidentID = id(of: job)
    let begun = time.monotonic
    let evidence = await stages.harvest(job.occurrence)
    let harvested = time.monotonic
    stages.report(
      .harvested(incidentID: incidentID, took: begun.duration(to: harvested), gaps: evidence.gaps.map(\.reason)))

    let incident = Incident(
      job.occurrence, in: cluster, evidence: evidence,
      timings: StageTimings(
        detectedAt: job.detectedAt, queued: job.detected.duration(to: begun), harvest: begun.duration(to: harvested)),
      suppressed: job.suppressed, toolVersion: toolVersion, budget: budget)
    let redacted: Redacted<Incident>
    do { redacted = try stages.redact(incident) } catch {
      // The window stays: to harvest it again at the next crash would withhold it again.
      state.withLock { $0.intake.committed(job) }
      stages.report(.withheld(job, incidentID: incidentID, error))
      return
    }
    do {
      let sealed = try redacted.sealed()
      // Before it is submitted, for the acknowledgement may be faster than this task.
      state.withLock {
        $0.tracked[sealed.id] = Tracked(
          detected: job.detected, detectedAt: job.detectedAt, failedAt: job.occurrence.failedAt)
      }
      stages.report(.sealed(sealed, redacted.report, took: harvested.duration(to: time.monotonic)))
      try await submit(sealed)
      state.withLock { $0.intake.committed(job) }
    } catch {
      _ = state.withLock { $0.tracked.removeValue(forKey: incidentID) }
      release(job, because: "\(error)")
    }
  }

  /// Waits for room in a full outbox: the harvests stand still then, the queue fills, and what does not fit into it is
  /// released. So a brain that is away holds up the sensor and loses nothing.
  private func submit(_ incident: SealedIncident) async throws {
    while true {
      do { return try await stages.submit(incident) } catch {
        guard error.code == .outboxFull, !Task.isCancelled else { throw error }
      }
      try await time.sleep(for: Self.outboxPause)
    }
  }

  /// Between two tries of a full outbox: short beside the seconds that an orchestrator is away for, and no load.
  private static let outboxPause: Duration = .milliseconds(200)

  private func release(_ job: HarvestJob, because reason: String) {
    state.withLock { $0.intake.released(job, at: time.monotonic) }
    stages.report(.released(job, incidentID: id(of: job), reason: reason))
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
