internal import ArgumentParser
internal import Delivery
internal import Incidents
internal import Logging
internal import OrchestratorClient
internal import Simulation
internal import Synchronization
internal import Telemetry
internal import Time

/// `kube-mind replay`: sends captured incidents as they once happened.
struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Replay captured incidents in their recorded order and spacing.",
    discussion: """
      Each incident keeps its own id. They are redacted again before they leave. --mock runs an orchestrator in this process \
      that accepts everything.
      """)

  @Argument(help: "Files or folders with incidents, one document or one a line.", completion: .file())
  var paths: [String]

  @OptionGroup var orchestrator: OrchestratorOptions

  @Flag(help: "Deliver to an orchestrator inside this process.")
  var mock = false

  @Option(help: ArgumentHelp("Times the recorded speed; 0 sends all at once.", valueName: "factor"))
  var speed: Double = 1

  @Option(help: ArgumentHelp("Seconds to wait for acknowledgements after the last was sent.", valueName: "seconds"))
  var timeout: Double = 30

  func validate() throws {
    guard mock != (orchestrator.orchestrator != nil) else {
      throw ValidationError("say either --orchestrator <url> or --mock")
    }
    guard speed >= 0, speed <= 1_000_000 else { throw ValidationError("--speed is not from 0 to 1000000") }
    guard timeout > 0, timeout <= 86_400 else { throw ValidationError("--timeout is not from 0 to 86400 seconds") }
  }

  func run() async throws {
    let redactor = try Resealing.redactor()
    // A speed that leaves no pause: everything is due at the start.
    let factor = speed == 0 ? 1e12 : speed
    let schedule = ReplaySchedule(try IncidentFiles.read(paths), speed: factor)
    let sealed = try Resealing.seal(schedule.entries.map(\.incident), with: redactor)
    let due = zip(sealed, schedule.entries.map(\.offset)).map { ($0, $1) }
    if mock {
      let orchestrator: MockOrchestrator
      do { orchestrator = try MockOrchestrator(time: SystemTime()) } catch { throw CommandFailure(error.message) }
      let failed = try await orchestrator.serving { url in
        try await replay(due, to: try OrchestratorEndpoint(url: url))
      }
      try Self.check(failed, of: due.count)
    } else {
      try Self.check(try await replay(due, to: try orchestrator.endpoint()), of: due.count)
    }
  }

  /// Sends everything when it is due, and returns how many were not acknowledged.
  private func replay(_ due: [(SealedIncident, Duration)], to endpoint: OrchestratorEndpoint) async throws -> Int {
    let time = SystemTime()
    let outcomes = Mutex<[String: OneShotDelivery.Outcome]>([:])
    let logs = LogSetup(format: .text, level: LogLevelSwitch(.error), colour: Terminal.errorColor)
    let delivery = IncidentDelivery(endpoint: endpoint, logger: logs.logger("replay"), time: time) { event in
      switch event {
      case .acknowledged(let incident, let receipt):
        outcomes.withLock { $0[incident.id] = .acknowledged(receipt) }
      case .rejected(let incident, let reason): outcomes.withLock { $0[incident.id] = .rejected(reason: reason) }
      case .deadLettered(let incident, let reason), .dropped(let incident, let reason):
        outcomes.withLock { $0[incident.id] = .failed(reason: reason) }
      case .disconnected(let reason, _): SystemStreams.writeError("kube-mind: \(TerminalText.safe(reason))")
      case .connected, .sent: break
      }
    }
    let drain = Duration.milliseconds(Int64(timeout * 1_000))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await delivery.run() }
      let start = time.monotonic
      for (incident, offset) in due {
        let wait = time.monotonic.duration(to: start.advanced(by: offset))
        if wait > .zero { try await time.sleep(for: wait) }
        try await Self.submit(incident, to: delivery, time: time)
      }
      delivery.beginGracefulShutdown(drain: drain)
      try await group.waitForAll()
    }
    let results = outcomes.withLock { $0 }
    try report(due.map(\.0), results)
    return due.filter { results[$0.0.id]?.isAcknowledged != true }.count
  }

  /// A full outbox means that the orchestrator is slower than the replay: it waits, as the watch does.
  private static func submit(_ incident: SealedIncident, to delivery: IncidentDelivery, time: SystemTime) async throws {
    while true {
      do { return try delivery.submit(incident) } catch {
        guard error.code == .outboxFull else { throw CommandFailure("incident \(incident.id): \(error)") }
      }
      try await time.sleep(for: .milliseconds(50))
    }
  }

  private func report(_ incidents: [SealedIncident], _ results: [String: OneShotDelivery.Outcome]) throws {
    var table = TextTable([("incident", .left), ("pod", .left), ("failure", .left), ("outcome", .left), ("ms", .right)])
    var latencies: [Double] = []
    for incident in incidents {
      let outcome = results[incident.id] ?? .failed(reason: "no acknowledgement")
      if case .acknowledged(let receipt) = outcome { latencies.append(receipt.latency.milliseconds) }
      let words = SendCommand.words(for: outcome)
      let pod = "\(incident.headline.namespace)/\(incident.headline.pod)"
      table.add(incident.id, pod, incident.headline.failureClass, words.outcome, words.latency)
    }
    let order = Percentiles(latencies)
    func written(_ value: Double?) -> String { value.map { $0.written() } ?? "-" }
    let summary = """
      \(latencies.count) of \(incidents.count) acknowledged; ms from sending: p50 \(written(order.value(0.5))), \
      p95 \(written(order.value(0.95))), p99 \(written(order.value(0.99))), max \(written(order.maximum))
      """
    try SystemStreams.writeOutput((table.lines() + [summary]).map { $0 + "\n" }.joined())
  }

  private static func check(_ failed: Int, of count: Int) throws(CommandFailure) {
    guard failed > 0 else { return }
    throw CommandFailure("\(failed) of \(count) incidents were not acknowledged")
  }
}
