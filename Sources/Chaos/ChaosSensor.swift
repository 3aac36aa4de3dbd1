internal import ArgumentParser
internal import Delivery
internal import Incidents
internal import Logging
internal import Observer
internal import OrchestratorClient
internal import Redaction
internal import Telemetry
internal import Time

/// The sensor under test: outbox and delivery as `watch` has them. Numbers of incidents come on standard input, one a line; each is
/// said again on standard output once the pipeline would commit its debounce window.
struct ChaosSensor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "sensor", shouldDisplay: false)

  @Option var outbox: String
  @Option var url: String

  /// Between two tries of a full outbox, as the pipeline has it.
  private static let pause = Duration.milliseconds(200)

  func run() async throws {
    let time = SystemTime()
    let logger = LogSetup(format: .json, level: LogLevelSwitch(.info), colour: false).logger("sensor")
    var configuration = ObserverConfiguration()
    configuration.outboxDirectory = outbox
    let storage = try OutboxStorage(configuration, logger: logger, time: time)
    let redactor = try Redactor()
    let delivery = IncidentDelivery(
      endpoint: try OrchestratorEndpoint(url: url), limits: configuration.deliveryLimits, store: storage.store,
      deadLetters: storage.deadLetters, logger: logger, time: time, onEvent: { _ in })
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await delivery.run() }
      for await line in StandardInput.lines() {
        guard let number = Int(line) else { throw ValidationError("\"\(line)\" is no number") }
        let incident = try ChaosIncident.make(number, with: redactor)
        try await Self.submit(incident, to: delivery, time: time)
        group.addTask {
          await delivery.secured(incident)
          StandardOutput.write("\(number)\n")
        }
      }
      delivery.beginGracefulShutdown(drain: .seconds(2))
      try await group.waitForAll()
    }
  }

  private static func submit(_ incident: SealedIncident, to delivery: IncidentDelivery, time: SystemTime) async throws {
    while true {
      do throws(DeliveryError) { return try delivery.submit(incident) } catch {
        guard error.code == .outboxFull else { throw error }
      }
      try await time.sleep(for: pause)
    }
  }
}
