internal import Delivery
internal import Logging
internal import Testing
internal import Time

@testable internal import Incidents
@testable internal import OrchestratorClient

#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// The client against Python's grpcio, which shares no code with it. `scripts/peers.sh` starts the server and runs these.
@Suite(
  .enabled(if: Peer.isThere, "no peer: KUBE_MIND_PEER_URL is not set (scripts/peers.sh sets it)"), .serialized,
  .timeLimit(.minutes(15)))
struct PeerTests {
  /// An id that no other run of these tests used.
  static func id(_ word: String, _ number: Int = 0) -> String {
    "\(word)-\(UInt64.random(in: 0..<UInt64.max))-\(number)"
  }

  static func acknowledged(_ events: [DeliveryEvent]) -> [String] {
    events.compactMap { if case .acknowledged(let incident, _) = $0 { incident.id } else { nil } }
  }

  static func deliver(
    _ incidents: [SealedIncident], to endpoint: OrchestratorEndpoint, limits: DeliveryLimits = .patient,
    pause: Duration? = nil, keepalive: Keepalive = Keepalive()
  ) async throws -> [DeliveryEvent] {
    let target = ChannelTarget(endpoint: endpoint, keepalive: keepalive)
    let log = EventLog<DeliveryEvent>()
    let delivery = IncidentDelivery(
      target: target, limits: limits, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      time: RealTime(), onEvent: { log.append($0) })
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await delivery.run() }
      for incident in incidents {
        while true {
          let seen = log.events.count
          do {
            try delivery.submit(incident)
            break
          } catch {
            // The outbox is full, for the peer reads slowly: until something happens.
            await log.wait { $0.count > seen }
          }
        }
        if let pause { try await Task.sleep(for: pause) }
      }
      await log.wait { events in
        events.count { event in
          switch event {
          case .acknowledged, .rejected, .deadLettered: true
          default: false
          }
        } == incidents.count
      }
      delivery.beginGracefulShutdown()
      try await group.waitForAll()
    }
    return log.events
  }

  static func disconnections(_ events: [DeliveryEvent]) -> [String] {
    events.compactMap { if case .disconnected(let reason, _) = $0 { reason } else { nil } }
  }

  @Test func incidentsAreAcknowledgedAndASecondTimeAsDuplicates() async throws {
    let incidents = try (0..<500).map { try SealedIncident.sample(Self.id("a", $0), bytes: 20_000) }
    for isSecond in [false, true] {
      let events = try await Self.deliver(incidents, to: Peer.endpoint())
      #expect(Self.acknowledged(events) == incidents.map(\.id))
      for case .acknowledged(_, let receipt) in events {
        #expect(receipt.isDuplicate == isSecond)
        #expect(receipt.receivedAt != nil)
      }
      #expect(Self.disconnections(events).isEmpty)
    }
  }

  @Test func rejectionsAndUnreadableIncidentsAreToldApart() async throws {
    let incidents = try ["reject", "a", "invalid", "b"].map { try SealedIncident.sample(Self.id($0)) }
    let events = try await Self.deliver(incidents, to: Peer.endpoint())
    #expect(events.contains(.rejected(incidents[0].label, reason: "not of interest")))
    #expect(events.contains(.deadLettered(incidents[2].label, reason: "INVALID_ARGUMENT: cannot be read: 100 % sure")))
    #expect(Set(Self.acknowledged(events)) == [incidents[1].id, incidents[3].id])
  }

  @Test func aRestartLosesNothing() async throws {
    var incidents = try (0..<50).map { try SealedIncident.sample(Self.id("a", $0)) }
    incidents.insert(try .sample(Self.id("restart")), at: 25)
    let events = try await Self.deliver(incidents, to: Peer.endpoint())
    #expect(Set(Self.acknowledged(events)) == Set(incidents.map(\.id)))
    #expect(events.count { $0 == .connected } >= 2)
  }

  @Test func connectionsThatMayNotGrowOldLoseNothingAndSendNothingTwice() async throws {
    let incidents = try (0..<120).map { try SealedIncident.sample(Self.id("a", $0)) }
    let events = try await Self.deliver(incidents, to: Peer.endpoint(.aging), pause: .milliseconds(25))
    #expect(Self.acknowledged(events) == incidents.map(\.id))
    #expect(events.count { $0 == .connected } >= 3)
    for case .sent(_, let attempt) in events { #expect(attempt == 1) }
  }

  @Test func aLostAcknowledgementIsAskedForAgain() async throws {
    let incidents = try ["a", "lost", "b"].map { try SealedIncident.sample(Self.id($0)) }
    var limits = DeliveryLimits.patient
    limits.acknowledgementTimeout = .seconds(1)
    let events = try await Self.deliver(incidents, to: Peer.endpoint(), limits: limits)
    #expect(Set(Self.acknowledged(events)) == Set(incidents.map(\.id)))
  }

  @Test func aSlowReaderIsWaitedFor() async throws {
    let incidents = try (0..<12).map { try SealedIncident.sample(Self.id("slow", $0), bytes: 3_000_000) }
    let events = try await Self.deliver(incidents, to: Peer.endpoint())
    #expect(Self.acknowledged(events) == incidents.map(\.id))
    #expect(Self.disconnections(events).isEmpty)
  }

  @Test func aServerThatDoesNotServeIsLeftInPeace() async throws {
    let log = EventLog<DeliveryEvent>()
    let words = EventLog<String>()
    var limits = DeliveryLimits.patient
    limits.windowCount = 1
    let delivery = IncidentDelivery(
      endpoint: try Peer.endpoint(), limits: limits, logger: Logger(label: "test") { _ in WordsOfALog(words) },
      time: RealTime(),
      onEvent: { event in
        log.append(event)
        if case .sent(let incident, _) = event { words.append("sent \(incident.id.prefix { $0 != "-" })") }
      })
    let incidents = try ["a", "sick", "b"].map { try SealedIncident.sample(Self.id($0)) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await delivery.run() }
      try delivery.submit(incidents[0])
      try delivery.submit(incidents[1])
      await log.wait { Self.acknowledged($0).count == 2 }
      await words.wait { $0.contains { $0.contains("does not serve") } }
      try delivery.submit(incidents[2])
      try await ConformanceTests.withClient { client in
        words.append("healed")
        _ = try await ConformanceTests.unary(client, ConformanceTests.bytes("heal"))
      }
      await log.wait { Self.acknowledged($0).count == 3 }
      delivery.beginGracefulShutdown()
      try await group.waitForAll()
    }
    // It waited in the outbox, not on the way.
    let order = words.events.filter { $0 == "healed" || $0.hasPrefix("sent") }
    #expect(order == ["sent a", "sent sick", "healed", "sent b"])
    #expect(Self.disconnections(log.events).isEmpty)
  }

  @Test func aFrozenServerIsGivenUpAndFoundAgain() async throws {
    let incidents = try ["a", "freeze", "b"].map { try SealedIncident.sample(Self.id($0)) }
    var limits = DeliveryLimits.patient
    limits.acknowledgementTimeout = .seconds(1)
    let keepalive = Keepalive(interval: .seconds(300), timeout: .seconds(1))
    let events = try await Self.deliver(incidents, to: Peer.endpoint(), limits: limits, keepalive: keepalive)
    #expect(Set(Self.acknowledged(events)) == Set(incidents.map(\.id)))
    #expect(Self.disconnections(events).contains("the server did not answer a ping"))
  }

  @Test(arguments: [
    ("a", Peer.Kind.refusing, "PERMISSION_DENIED: not on this port"),
    ("denied", .patient, "UNAUTHENTICATED: who are you?"),
  ])
  func aRefusalIsClear(word: String, kind: Peer.Kind, reason: String) async throws {
    let delivery = OneShotDelivery(
      endpoint: try Peer.endpoint(kind), deadline: .seconds(120), retries: false,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, time: RealTime())
    let results = try await delivery.deliver([.sample(Self.id(word))])
    #expect(results.map(\.outcome) == [.failed(reason: reason)])
  }

  @Test(arguments: ["intruder", nil] as [String?])
  func anUnacceptedCertificateIsClear(identity: String?) async throws {
    let delivery = OneShotDelivery(
      endpoint: try Peer.endpoint(identity: identity), deadline: .seconds(120), retries: false,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, time: RealTime())
    let results = try await delivery.deliver([.sample(Self.id("a"))])
    guard case .failed(let reason)? = results.first?.outcome else {
      Issue.record("\(results)")
      return
    }
    #expect(reason.contains("TLS") || reason.contains("client certificate"))
  }
}

/// Writes down what a log says.
private struct WordsOfALog: LogHandler {
  private let words: EventLog<String>
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.trace

  init(_ words: EventLog<String>) {
    self.words = words
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    words.append("\(event.message)")
  }
}

/// The peer that the environment names.
enum Peer {
  enum Kind: String, Sendable {
    case patient = "KUBE_MIND_PEER_URL"
    case aging = "KUBE_MIND_PEER_AGING_URL"
    case refusing = "KUBE_MIND_PEER_REFUSING_URL"
  }

  static var isThere: Bool { variable(Kind.patient.rawValue) != nil }

  static func endpoint(
    _ kind: Kind = .patient, identity: String? = "client", isCompressing: Bool = false
  ) throws -> OrchestratorEndpoint {
    let folder = variable("KUBE_MIND_PEER_TLS") ?? ""
    let tls = TLSFiles(
      authorities: folder + "/authority.pem", certificate: identity.map { "\(folder)/\($0).pem" },
      privateKey: identity.map { "\(folder)/\($0).key" })
    return try OrchestratorEndpoint(url: variable(kind.rawValue) ?? "", tls: tls, isCompressing: isCompressing)
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
