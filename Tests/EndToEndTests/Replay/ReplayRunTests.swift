import Contract
import Delivery
import Documents
import Incidents
import OrchestratorClient
import Redaction
import Simulation
import SwiftProtobuf
import Synchronization
import Telemetry
import Testing
import Time

@testable import kube_mind

/// A replay against the mock orchestrator, over a real socket.
@Suite("replay", .timeLimit(.minutes(15)))
struct ReplayRunTests {
  private static func replay(
    _ incidents: [Incident], pace: ReplayPlan.Pace = .atOnce, loops: Bool = false, count: Int? = nil,
    changes: ReplaySource.Changes = .init(), faults: [String] = [], timeout: Duration = .seconds(300),
    longestAnswer: Duration = .seconds(30), redactor: Redactor? = nil,
    interrupts: @escaping @Sendable (_ wanted: @escaping @Sendable () -> Void) async -> Void = { _ in }
  ) async throws -> (tally: ReplayTally, received: [ReceivedIncident]) {
    let source = try ReplaySource(incidents, changes: changes, redactor: try redactor ?? Redactor())
    let plan = ReplayPlan(times: source.times, pace: pace, loops: loops, count: count)
    let mock = try MockOrchestrator(time: SystemTime(), behaviour: try FaultScenario.behaviour(faults))
    let tally = try await mock.serving { url in
      let run = ReplayRun(
        source: source, plan: plan, timeout: timeout, longestAnswer: longestAnswer, time: SystemTime(),
        screen: ProgressLine(isTerminal: false, write: { _ in }))
      return await run.run(to: try OrchestratorEndpoint(url: url), interrupts: interrupts).tally
    }
    return (tally, mock.receiver.incidents)
  }

  @Test func everythingIsSentInItsOrderAndCounted() async throws {
    let incidents = try [3, 1, 2].map { try RecordedIncidents.incident($0) }
    let (tally, received) = try await Self.replay(incidents, pace: .recorded(speed: 1_000))
    #expect(received.map { $0.context.workload.pod } == ["api-1", "api-2", "api-3"])
    #expect(tally.sent == 3 && tally.accepted == 3 && tally.acknowledged == 3)
    #expect(tally.outstanding == 0)
    #expect(tally.latencies.count == 3)
    #expect(tally.records.count == 3)
  }

  @Test func laterRoundsAreDuplicatesUnlessIdsAreNew() async throws {
    let incidents = try [1, 2].map { try RecordedIncidents.incident($0) }
    let (same, _) = try await Self.replay(incidents, count: 6)
    #expect(same.accepted == 2 && same.duplicates == 4)
    let changes = ReplaySource.Changes(series: "load")
    let (new, received) = try await Self.replay(incidents, count: 6, changes: changes)
    #expect(new.accepted == 6)
    let (again, _) = try await Self.replay(incidents, count: 6, changes: changes)
    #expect(again.accepted == 6)
    #expect(Set(received.map(\.id)).count == 6)
  }

  @Test func shiftedIncidentsHappenNowUnderTheirOwnIds() async throws {
    let incidents = try [1, 2].map { try RecordedIncidents.incident($0) }
    let before = SystemTime().wall
    let (_, received) = try await Self.replay(incidents, changes: .init(shiftsTime: true))
    #expect(received.map(\.id) == incidents.map(\.id))
    for incident in received {
      let detected = Timestamp(seconds: incident.context.timings.detectedAt.seconds + 1)
      #expect(detected >= before && detected <= SystemTime().wall.advanced(by: .seconds(2)))
    }
  }

  @Test func anIncidentThatIsWithheldDoesNotStopTheOthers() async throws {
    let incidents = try [
      RecordedIncidents.incident(1), RecordedIncidents.withheld(2), RecordedIncidents.incident(3),
    ]
    let (tally, received) = try await Self.replay(incidents, redactor: RecordedIncidents.strict())
    #expect(tally.withheld == 1 && tally.accepted == 2 && tally.sent == 2)
    #expect(received.allSatisfy { !String(decoding: $0.encoded, as: UTF8.self).contains("ghp_") })
    #expect(tally.records.count(where: \.isWithheld) == 1)
  }

  @Test(arguments: [
    ["goaway=2"], ["end-stream=4"], ["refuse=1"], ["unavailable=100ms"], ["slow=1ms"], ["lose-acks=1"],
    ["goaway=3", "refuse=1", "slow=1ms"],
  ])
  func faultsLoseNothing(faults: [String]) async throws {
    let incidents = try (1...6).map { try RecordedIncidents.incident($0) }
    let (tally, received) = try await Self.replay(incidents, faults: faults, longestAnswer: .seconds(2))
    #expect(tally.acknowledged == 6)
    #expect(Set(received.map(\.id)) == Set(incidents.map(\.id)))
  }

  @Test func rejectionsAndSilenceAreCounted() async throws {
    let incidents = try (1...4).map { try RecordedIncidents.incident($0) }
    let (rejected, _) = try await Self.replay(incidents, faults: ["reject=2"])
    #expect(rejected.rejected == 2 && rejected.accepted == 2)
    let (refused, _) = try await Self.replay(incidents, faults: ["refuse"], timeout: .milliseconds(200))
    #expect(refused.failed == 4 && refused.acknowledged == 0)
  }

  @Test func anEndlessLoopEndsWhenSomebodyWantsIt() async throws {
    let (tally, _) = try await Self.replay(
      [try RecordedIncidents.incident(1)], pace: .rate(200), loops: true,
      interrupts: { wanted in
        try? await SystemTime().sleep(for: .milliseconds(100))
        wanted()
      })
    #expect(tally.sent > 0)
    #expect(tally.acknowledged == tally.sent)
  }

  @Test func theSecondWishEndsTheWait() async throws {
    let (tally, _) = try await Self.replay(
      [try RecordedIncidents.incident(1)], faults: ["refuse"], timeout: .seconds(3_600),
      interrupts: { wanted in
        wanted()
        wanted()
      })
    #expect(tally.acknowledged == 0)
  }

  @Test func theReportIsJSON() async throws {
    let (tally, _) = try await Self.replay(try (1...3).map { try RecordedIncidents.incident($0) }, faults: ["reject=3"])
    let report = ReplayReport(tally: tally, elapsed: .seconds(2), received: 3)
    let json = try JSONDocument(Array(report.json.utf8.dropLast()))
    #expect(json.integer("total") == 3)
    #expect(json.integer("acknowledged") == 2)
    #expect(json.integer("rejected") == 1)
    #expect(json.integer("mockReceived") == 3)
    #expect(json.elements("incidents").count == 3)
    #expect(
      json.elements("incidents").compactMap { $0.string("outcome") }.sorted() == ["accepted", "accepted", "rejected"])
    #expect(json.range(at: ["latencyMs", "p99"]) != nil)
    #expect(report.text.contains("2 of 3 acknowledged; ms from sending: p50 "))
    let none = ReplayReport(tally: ReplayTally(), elapsed: .zero)
    #expect(try JSONDocument(Array(none.json.utf8.dropLast())).integer("sent") == 0)
  }

  @Test func recordsAreBounded() throws {
    let sealed = try Resealing.seal(try RecordedIncidents.incident(1), with: try Redactor())
    var tally = ReplayTally()
    for number in 0..<12_000 {
      tally.submitting(sealed.label, behind: .milliseconds(number))
      let receipt = OneShotDelivery.Outcome.acknowledged(
        .init(isDuplicate: false, receivedAt: nil, latency: .milliseconds(1), age: .zero))
      tally.settled(sealed.label, number > 11_000 ? .failed(reason: "x") : receipt)
    }
    tally.settled(sealed.label, .failed(reason: "not open any more"))
    #expect(tally.records.count == 9_999)
    #expect(tally.records.count(where: \.isAcknowledged) == 9_000)
    #expect(tally.omitted == 2_001)
    #expect(tally.failed == 999)
    #expect(tally.behind == .milliseconds(11_999))
  }
}
