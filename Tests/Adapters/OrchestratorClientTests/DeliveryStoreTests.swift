internal import Delivery
internal import Logging
internal import Synchronization
internal import Testing
internal import Time

@testable internal import Incidents
@testable internal import OrchestratorClient

/// Delivery and the places where incidents lie: what is handed back to which, and when.
@Suite(.timeLimit(.minutes(15)))
struct DeliveryStoreTests {
  /// Dead letters that are kept in a list, or refused.
  final class Letters: DeadLetters {
    let ids = Mutex<[String]>([])
    let refuses = Mutex(false)

    func keep(_ incident: SealedIncident) async throws(StoreFailure) -> String {
      if refuses.withLock({ $0 }) { throw StoreFailure("full") }
      ids.withLock { $0.append(incident.id) }
      return incident.id
    }
  }

  /// A store that outlives the process, as far as a test can tell.
  final class Shelf: IncidentStore {
    let incidents: Mutex<[SealedIncident]>
    let restored: [StoredIncident]

    init(_ incidents: [SealedIncident] = []) {
      self.incidents = Mutex(incidents)
      restored = incidents.enumerated().map { index, incident in
        StoredIncident(sequence: UInt64(index), label: incident.label, enteredAt: Timestamp(seconds: 1))
      }
    }

    var hasRoom: Bool { true }
    func put(_ incident: SealedIncident, enteredAt: Timestamp) throws(DeliveryError) {
      incidents.withLock { $0.append(incident) }
    }
    func secured(_ id: String) async {}
    func isSafe(_ id: String) -> Bool { incidents.withLock { $0.contains { $0.id == id } } }
    func content(of id: String) async throws(StoreFailure) -> SealedIncident {
      guard id != "damaged", let incident = incidents.withLock({ $0.first { $0.id == id } }) else {
        throw StoreFailure("damaged")
      }
      return incident
    }
    func settled(_ id: String) { incidents.withLock { $0.removeAll { $0.id == id } } }
    func maintain() async {}
  }

  static func delivery(
    _ port: Int, limits: DeliveryLimits = .patient, store: any IncidentStore = MemoryStore(),
    letters: Letters? = nil, log: EventLog<DeliveryEvent>
  ) throws -> IncidentDelivery {
    IncidentDelivery(
      endpoint: try DeliveryOverTheWireTests.plain(port), limits: limits, store: store, deadLetters: letters,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, time: RealTime(), onEvent: { log.append($0) })
  }

  @Test func whatIsNotDeliveredBecomesDeadLetters() async throws {
    let letters = Letters()
    let service = TestService { id, _ in id == "rejected" ? .reject("no") : .silence }
    try await withServer(service) { port, _ in
      let log = EventLog<DeliveryEvent>()
      let delivery = try Self.delivery(port, letters: letters, log: log)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await delivery.run() }
        for id in ["rejected", "silent"] { try delivery.submit(.sample(id)) }
        await log.wait { $0.contains { if case .rejected = $0 { true } else { false } } }
        delivery.beginGracefulShutdown(drain: .zero)
        try await group.waitForAll()
      }
    }
    #expect(letters.ids.withLock { $0 } == ["rejected", "silent"])
  }

  @Test func whatIsSafeStaysForTheNextStart() async throws {
    let letters = Letters()
    let shelf = Shelf([try .sample("old"), try .sample("damaged"), try .sample("older")])
    let service = TestService { id, _ in id == "new" ? .silence : .acknowledge }
    try await withServer(service) { port, _ in
      let log = EventLog<DeliveryEvent>()
      let delivery = try Self.delivery(port, store: shelf, letters: letters, log: log)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await delivery.run() }
        try delivery.submit(.sample("new"))
        await log.wait { DeliveryOverTheWireTests.acknowledged($0).count == 2 }
        delivery.beginGracefulShutdown(drain: .milliseconds(20))
        try await group.waitForAll()
      }
      #expect(!log.events.contains { if case .dropped = $0 { true } else { false } })
      #expect(log.events.contains { if case .deadLettered(let label, _) = $0 { label.id == "damaged" } else { false } })
    }
    #expect(service.received.withLock { $0 } == ["old", "older", "new"])
    #expect(shelf.incidents.withLock { $0.map(\.id) } == ["new"])
    #expect(letters.ids.withLock { $0.isEmpty })
  }

  @Test func theOldestBecomesADeadLetterWhereThereIsNoRoom() async throws {
    let letters = Letters()
    let limits = DeliveryLimits(outboxCount: 2, windowCount: 1, overflow: .deadLettersOldest)
    let service = TestService { _, _ in .silence }
    try await withServer(service) { port, _ in
      let log = EventLog<DeliveryEvent>()
      let delivery = try Self.delivery(port, limits: limits, letters: letters, log: log)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await delivery.run() }
        for id in ["a", "b"] { try delivery.submit(.sample(id)) }
        await log.wait { $0.contains { if case .sent = $0 { true } else { false } } }
        #expect(delivery.hasRoom)
        letters.refuses.withLock { $0 = true }
        #expect(throws: DeliveryError.self) { try delivery.submit(.sample("c")) }
        while delivery.hasRoom { await Task.yield() }
        letters.refuses.withLock { $0 = false }
        // Refused at first; then the oldest that is not on the way has made room.
        while (try? delivery.submit(.sample("c"))) == nil { await Task.yield() }
        #expect(delivery.hasRoom)
        delivery.beginGracefulShutdown(drain: .zero)
        try await group.waitForAll()
      }
    }
    #expect(letters.ids.withLock { $0.first } == "b")
  }
}
