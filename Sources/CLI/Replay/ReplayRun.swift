internal import Delivery
internal import Incidents
internal import Logging
internal import OrchestratorClient
internal import Synchronization
internal import Telemetry
internal import Time

/// Sends a recording as its plan says, and counts what becomes of it. For one run.
final class ReplayRun: Sendable {
  private let source: ReplaySource
  private let plan: ReplayPlan
  private let timeout: Duration
  private let time: any TimeSource
  private let screen: ProgressLine
  private let tally = Mutex(ReplayTally())

  /// Between two looks at what a person sees: quicker than anybody reads.
  private static let refresh = Duration.milliseconds(200)
  /// Between two tries where delivery has no room, or an incident of the same id is still on its way.
  private static let patience = Duration.milliseconds(10)
  /// The longest time that an acknowledgement may take before the incident is sent again.
  private let longestAnswer: Duration

  /// `timeout` is for acknowledgements after the last incident was sent; an incident is sent again after `longestAnswer` or a third of it.
  init(
    source: ReplaySource, plan: ReplayPlan, timeout: Duration, longestAnswer: Duration = .seconds(30),
    time: any TimeSource, screen: ProgressLine
  ) {
    self.source = source
    self.plan = plan
    self.timeout = timeout
    self.longestAnswer = longestAnswer
    self.time = time
    self.screen = screen
  }

  /// Sends everything, waits for the answers, and hands back what became of it. `interrupts` runs until it is cancelled and calls
  /// its argument whenever somebody wants an end: the first time ends the sending, the second the waiting for acknowledgements.
  func run(
    to endpoint: OrchestratorEndpoint,
    interrupts: @escaping @Sendable (_ wanted: @escaping @Sendable () -> Void) async -> Void = { _ in }
  ) async -> (tally: ReplayTally, elapsed: Duration) {
    tally.withLock { tally in
      for (id, reason) in source.withheld { tally.withheld(id, reason: reason) }
    }
    let delivery = delivery(to: endpoint)
    let start = (monotonic: time.monotonic, wall: time.wall)
    let (firsts, first) = AsyncStream.makeStream(of: Void.self)
    let (seconds, second) = AsyncStream.makeStream(of: Void.self)
    await withTaskGroup { group in
      group.addTask {
        let wasAsked = Mutex(false)
        await interrupts {
          let again = wasAsked.withLock { wasAsked in
            defer { wasAsked = true }
            return wasAsked
          }
          (again ? second : first).yield()
        }
      }
      group.addTask { await self.showProgress(since: start.monotonic) }
      await Self.run(until: seconds) {
        await withTaskGroup { group in
          // Its only error is the cancellation.
          group.addTask { try? await delivery.run() }
          await Self.run(until: firsts) { await self.feed(delivery, from: start) }
          delivery.beginGracefulShutdown(drain: self.timeout)
        }
      }
      group.cancelAll()
    }
    screen.end()
    return (tally.withLock { $0 }, start.monotonic.duration(to: time.monotonic))
  }

  private func delivery(to endpoint: OrchestratorEndpoint) -> IncidentDelivery {
    let logs = LogSetup(format: .text, level: LogLevelSwitch(.error), colour: Terminal.errorColor)
    var limits = DeliveryLimits()
    // A lost acknowledgement is asked for again while there is time to.
    limits.acknowledgementTimeout = min(longestAnswer, timeout / 3)
    return IncidentDelivery(endpoint: endpoint, limits: limits, logger: logs.logger("replay"), time: time) {
      [weak self] event in
      switch event {
      case .acknowledged(let incident, let receipt): self?.settled(incident, .acknowledged(receipt))
      case .rejected(let incident, let reason): self?.settled(incident, .rejected(reason: reason))
      case .deadLettered(let incident, let reason), .dropped(let incident, let reason):
        self?.settled(incident, .failed(reason: reason))
      case .disconnected(let reason, _): self?.screen.note("kube-mind: \(TerminalText.safe(reason))")
      case .connected, .sent: break
      }
    }
  }

  private func settled(_ incident: IncidentLabel, _ outcome: OneShotDelivery.Outcome) {
    tally.withLock { $0.settled(incident, outcome) }
  }

  private func showProgress(since start: MonotonicInstant) async {
    while !Task.isCancelled {
      let elapsed = start.duration(to: time.monotonic)
      screen.show(ReplayReport.progress(tally.withLock { $0 }, of: plan.size, elapsed: elapsed))
      // Cancelled: the loop ends.
      try? await time.sleep(for: Self.refresh)
    }
  }

  /// Hands each incident to delivery when it is due. Ends early if its task is cancelled.
  private func feed(_ delivery: IncidentDelivery, from start: (monotonic: MonotonicInstant, wall: Timestamp)) async {
    var plan = plan
    while let step = plan.next(), !Task.isCancelled {
      let due = start.monotonic.advanced(by: step.offset)
      let wait = time.monotonic.duration(to: due)
      if wait > .zero, await !pause(wait) { return }
      do throws(CommandFailure) {
        let incident = try source.incident(for: step, due: start.wall.advanced(by: step.offset))
        await hand(incident, to: delivery, due: due)
      } catch {
        // Only a changed incident can fail here: as recorded it passed.
        tally.withLock { $0.withheld("\(step.index)", reason: error.message) }
      }
    }
  }

  /// Waits while there is no room: the orchestrator is slower than the replay then, and the replay waits as the watch does.
  private func hand(_ incident: SealedIncident, to delivery: IncidentDelivery, due: MonotonicInstant) async {
    // Delivery takes two of one id for one.
    while tally.withLock({ $0.isOpen(incident.id) }) {
      guard await pause(Self.patience) else { return }
    }
    while true {
      do throws(DeliveryError) {
        let late = due.duration(to: time.monotonic)
        tally.withLock { $0.submitting(incident.label, behind: late) }
        return try delivery.submit(incident)
      } catch {
        guard error.code == .outboxFull else { return settled(incident.label, .failed(reason: error.message)) }
        tally.withLock { $0.notTaken(incident.label) }
      }
      guard await pause(Self.patience) else { return }
    }
  }

  /// False if the task was cancelled meanwhile.
  private func pause(_ duration: Duration) async -> Bool {
    do { try await time.sleep(for: duration) } catch { return false }
    return !Task.isCancelled
  }

  /// Runs the work; a word of the stream cancels it.
  private static func run(until stream: AsyncStream<Void>, _ work: @escaping @Sendable () async -> Void) async {
    await withTaskGroup { group in
      group.addTask { await work() }
      group.addTask {
        for await _ in stream { return }
      }
      await group.next()
      group.cancelAll()
    }
  }
}
