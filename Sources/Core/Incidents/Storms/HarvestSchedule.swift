internal import Kubernetes
package import Time

/// What is harvested when, and what is told without a harvest, so that a storm floods neither the API server nor the orchestrator.
///
/// A machine without I/O. Failures of one container, class and controller within a window are a group: the first is harvested, the
/// others become light references to its incident, once that is safe. What is too much even for that is counted and rides on the
/// group's next incident: a failure that was taken in is told, as an incident, as a reference, or in a count, exactly once.
///
/// It also knows whether this replica may act at all. One that only stands by keeps what the leader may not have told yet.
package struct HarvestSchedule: Sendable {
  /// Something to do.
  package enum Work: Sendable, Equatable {
    /// Gather evidence and make an incident.
    case harvest(HarvestJob)
    /// Make a light reference to the incident of the other failure. `isFirst` in a window: the storm is news.
    case reference(HarvestJob, to: Occurrence.Identity, isFirst: Bool)

    /// The failure that it is about.
    package var job: HarvestJob {
      switch self {
      case .harvest(let job), .reference(let job, _, _): job
      }
    }
  }

  /// What the driver does next.
  package enum Next: Sendable, Equatable {
    /// Begin this; then `kept`, `released` or `interrupted`.
    case start(Work)
    /// Ask again then, or when something happens.
    case wait(until: MonotonicInstant)
    /// Ask again when something happens.
    case idle
    /// This replica may not act: stop what runs, and ask again when something happens.
    case closed
    /// All is done that will be.
    case finished
  }

  /// What becomes of a failure that comes in.
  package enum Admission: Sendable, Equatable {
    /// It waits for its turn.
    case waits
    /// It is counted, and rides on the next incident of its group.
    case counted
    /// There is no room for it, or the end has come: it is to be found again.
    case refused
  }

  private struct Key: Hashable {
    var owner: String
    var container: String
    var failureClass: FailureClass
    /// Set where nothing is grouped: each failure is a group of its own.
    var only: Occurrence.Identity?

    /// Without a controller a pod is a group of its own.
    init(_ occurrence: Occurrence, isGrouping: Bool) {
      owner = occurrence.pod.controller?.uid ?? occurrence.identity.podUID
      container = occurrence.identity.container
      failureClass = occurrence.identity.failureClass
      only = isGrouping ? nil : occurrence.identity
    }
  }

  private struct Group {
    var opened: MonotonicInstant
    /// The failure that is harvested.
    var leader: Occurrence.Identity
    /// Its incident is safe, or was withheld: references to it may go.
    var isSettled = false
    /// Failures that become references.
    var waiting = Fifo<HarvestJob>()
    var overflow = SuppressedFailures()
    /// It stands in `ready`.
    var isReady = false
    /// A reference has gone.
    var isStorm = false
    /// The first one's incident did not come: whatever the window, the next failure is harvested.
    var isClosed = false

    /// Nothing of it waits or is under way, but for what it counted.
    var isQuiet: Bool { isSettled && waiting.isEmpty }
  }

  private var options: StormOptions
  private var window: Duration
  private var concurrency: Int
  private var groups: [Key: Group] = [:]
  private var harvests = Fifo<HarvestJob>()
  /// Groups with references that may go, each once, in turn.
  private var ready = Fifo<Key>()
  private var waitingReferences = 0
  private var running = 0
  private var harvestLimit: RateLimit
  private var referenceLimit: RateLimit
  private var permittedUntil: MonotonicInstant
  private var isFinishing = false
  private var nextSweep: MonotonicInstant?
  private var droppedCount = 0

  /// `window`: how long a group's first incident stands for the others, as long as a debounce window, so that no pod's incident is
  /// ever a reference to one of its own. `concurrency`: work at the same time. `permittedUntil`: until when this replica may act; the
  /// end of time where nobody elects.
  package init(
    options: StormOptions, window: Duration, concurrency: Int,
    permittedUntil: MonotonicInstant = MonotonicInstant(nanoseconds: .max)
  ) {
    self.options = options
    self.window = window
    self.concurrency = concurrency
    self.permittedUntil = permittedUntil
    harvestLimit = RateLimit(options.harvests)
    referenceLimit = RateLimit(options.references)
  }

  /// Failures that wait for their turn.
  package var waitingCount: Int { harvests.count + waitingReferences }

  /// Failures that are counted and wait for the next incident of their group.
  package var countedCount: Int { groups.values.reduce(0) { $0 + $1.overflow.count } }

  /// Failures whose count was lost with a forgotten group; begins anew with each call.
  package mutating func takeDroppedCount() -> Int {
    defer { droppedCount = 0 }
    return droppedCount
  }

  /// Whether this replica may act.
  package func isPermitted(at now: MonotonicInstant) -> Bool { now < permittedUntil }

  // MARK: What comes in

  /// A failure that is to be told.
  package mutating func found(_ job: HarvestJob, at now: MonotonicInstant) -> Admission {
    guard !isFinishing else { return .refused }
    sweep(at: now)
    let key = key(of: job)
    guard var group = groups[key] else {
      guard makeRoom() else { return .refused }
      groups[key] = Group(opened: now, leader: job.occurrence.identity)
      harvests.append(job)
      return .waits
    }
    defer { groups[key] = group }
    if group.isSettled, group.isClosed || group.opened.duration(to: now) >= window {
      group.opened = now
      group.leader = job.occurrence.identity
      group.isSettled = false
      group.isStorm = false
      group.isClosed = false
      harvests.append(job)
      return .waits
    }
    // Each group may have one that waits, whatever the limit: it carries the counts.
    if waitingReferences >= options.waitingLimit, !group.waiting.isEmpty {
      group.overflow.add(reason: job.occurrence.reason, at: job.occurrence.failedAt ?? job.detectedAt)
      group.overflow.add(job.told)
      return .counted
    }
    group.waiting.append(job)
    waitingReferences += 1
    enlist(&group, key)
    return .waits
  }

  /// Until when this replica may act, told anew with each renewal; an instant in the past where it may no more.
  package mutating func permitted(until end: MonotonicInstant) { permittedUntil = end }

  /// Nothing more comes in; what waits is still done, without regard to rates: the time for it is short.
  package mutating func finish() { isFinishing = true }

  /// Other limits from now on. Whether failures are grouped stays as it was: groups are under way.
  package mutating func reconfigured(_ options: StormOptions, window: Duration, concurrency: Int) {
    let isGrouping = self.options.isGrouping
    self.options = options
    self.options.isGrouping = isGrouping
    self.window = window
    self.concurrency = concurrency
    harvestLimit.options = options.harvests
    referenceLimit.options = options.references
  }

  /// Forgets what was found before an instant: the replica that leads has dealt with it. Returns it.
  package mutating func dropped(before: MonotonicInstant) -> [HarvestJob] {
    var gone = harvests.remove { $0.detected < before }
    let leaders = Set(gone.map(\.occurrence.identity))
    for key in Array(groups.keys) {
      guard var group = groups[key] else { continue }
      let old = group.waiting.remove { $0.detected < before }
      waitingReferences -= old.count
      gone += old
      if leaders.contains(group.leader) {
        group.overflow = SuppressedFailures()
        promote(&group)
      }
      groups[key] = group
    }
    return gone
  }

  // MARK: What is done

  /// What to do now.
  package mutating func next(at now: MonotonicInstant) -> Next {
    guard isPermitted(at: now) else { return isFinishing && running == 0 ? .finished : .closed }
    var due: MonotonicInstant?
    if running < concurrency {
      if !harvests.isEmpty {
        due = isFinishing ? nil : harvestLimit.take(at: now)
        if due == nil, let job = harvests.popFirst() {
          running += 1
          return .start(.harvest(carrying(job)))
        }
      }
      if !ready.isEmpty {
        let later = isFinishing ? nil : referenceLimit.take(at: now)
        if later == nil, let work = nextReference() {
          running += 1
          return .start(work)
        }
        due = [due, later].compactMap(\.self).min()
      }
    }
    if let due { return .wait(until: min(due, permittedUntil)) }
    if isFinishing, running == 0, waitingCount == 0 { return .finished }
    return running > 0 && permittedUntil.nanoseconds < .max ? .wait(until: permittedUntil) : .idle
  }

  /// The incident is safe in the outbox, or was withheld for good.
  package mutating func kept(_ work: Work) {
    running -= 1
    let key = key(of: work.job)
    guard case .harvest(let job) = work, var group = groups[key], group.leader == job.occurrence.identity else {
      return
    }
    group.isSettled = true
    enlist(&group, key)
    groups[key] = group
  }

  /// The incident could not be kept: its failure is to be found again, and what it carried rides on the next one.
  package mutating func released(_ work: Work) {
    running -= 1
    let key = key(of: work.job)
    guard var group = groups[key] else {
      droppedCount += work.job.overflow.count
      return
    }
    group.overflow.add(work.job.overflow)
    if case .harvest(let job) = work, group.leader == job.occurrence.identity { promote(&group) }
    groups[key] = group
  }

  /// This replica may not act any more, and what had begun was stopped: it waits again.
  package mutating func interrupted(_ work: Work) {
    running -= 1
    var job = work.job
    job.isInheritance = false
    switch work {
    case .harvest: harvests.prepend(job)
    case .reference(_, let leader, _):
      let key = key(of: job)
      var group = groups[key] ?? Group(opened: job.detected, leader: leader, isSettled: true)
      // The group's own leader was released: there is no incident of it to refer to. The one of this reference is safe.
      if group.isClosed { group.leader = leader }
      group.waiting.prepend(job)
      waitingReferences += 1
      enlist(&group, key)
      groups[key] = group
    }
  }

  // MARK: Groups

  private func key(of job: HarvestJob) -> Key { Key(job.occurrence, isGrouping: options.isGrouping) }

  private mutating func nextReference() -> Work? {
    while let key = ready.popFirst() {
      guard var group = groups[key] else { continue }
      group.isReady = false
      guard group.isSettled, var job = group.waiting.popFirst() else {
        groups[key] = group
        continue
      }
      waitingReferences -= 1
      job.overflow.add(group.overflow)
      group.overflow = SuppressedFailures()
      enlist(&group, key)
      let isFirst = !group.isStorm
      group.isStorm = true
      groups[key] = group
      return .reference(job, to: group.leader, isFirst: isFirst)
    }
    return nil
  }

  /// The job with what its group counted.
  private mutating func carrying(_ job: HarvestJob) -> HarvestJob {
    let key = key(of: job)
    guard let overflow = groups[key]?.overflow, overflow.count > 0 else { return job }
    groups[key]?.overflow = SuppressedFailures()
    var job = job
    job.overflow.add(overflow)
    return job
  }

  private mutating func enlist(_ group: inout Group, _ key: Key) {
    guard group.isSettled, !group.waiting.isEmpty, !group.isReady else { return }
    group.isReady = true
    ready.append(key)
  }

  /// The leader's incident will not come: the next failure of the group is harvested in its place.
  private mutating func promote(_ group: inout Group) {
    if let job = group.waiting.popFirst() {
      waitingReferences -= 1
      group.leader = job.occurrence.identity
      group.isSettled = false
      harvests.append(job)
    } else {
      group.isClosed = true
      group.isSettled = true
    }
  }

  /// Forgets groups whose window is over, at most once in a window. A count that waits for its group's next incident is kept for ten
  /// windows.
  private mutating func sweep(at now: MonotonicInstant) {
    if let nextSweep, now < nextSweep { return }
    nextSweep = now.advanced(by: window)
    groups = groups.filter { _, group in
      let age = group.opened.duration(to: now)
      if !group.isQuiet || age < window { return true }
      if group.overflow.count > 0, age < window * 10 { return true }
      droppedCount += group.overflow.count
      return false
    }
  }

  /// Forgets the quiet group whose window opened first. False where none is quiet.
  private mutating func makeRoom() -> Bool {
    guard groups.count >= options.groupLimit else { return true }
    let quiet = groups.filter { $0.value.isQuiet }
    guard let oldest = quiet.min(by: { $0.value.opened < $1.value.opened }) else { return false }
    droppedCount += oldest.value.overflow.count
    groups[oldest.key] = nil
    return true
  }
}
