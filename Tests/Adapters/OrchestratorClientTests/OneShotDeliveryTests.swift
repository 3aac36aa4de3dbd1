internal import Delivery
internal import GRPCCore
internal import Logging
internal import Synchronization
internal import Testing
internal import Time

@testable internal import Incidents
@testable internal import OrchestratorClient

@Suite(.timeLimit(.minutes(15)))
struct OneShotDeliveryTests {
  static func deliver(
    _ incidents: [SealedIncident], port: Int, deadline: Duration = .seconds(240), retries: Bool = false,
    time: any TimeSource = RealTime()
  ) async throws -> [OneShotDelivery.Result] {
    let delivery = OneShotDelivery(
      endpoint: try OrchestratorEndpoint(url: "http://127.0.0.1:\(port)"), deadline: deadline, retries: retries,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, time: time)
    return await delivery.deliver(incidents)
  }

  @Test func eachIncidentHasItsOutcome() async throws {
    let service = TestService { id, _ in id == "b" ? .reject("no") : .acknowledge }
    let results = try await withServer(service) { port, _ in
      try await Self.deliver([.sample("a"), .sample("b"), .sample("c"), .sample("a")], port: port)
    }
    #expect(results.map(\.incident.id) == ["a", "b", "c", "a"])
    #expect(results[1].outcome == .rejected(reason: "no"))
    for index in [0, 2, 3] {
      guard case .acknowledged(let receipt) = results[index].outcome else {
        Issue.record("\(results[index].outcome)")
        continue
      }
      #expect(!receipt.isDuplicate)
    }
    #expect(service.received.withLock { $0 } == ["a", "b", "c"])
  }

  @Test func aServerThatIsNotThereEndsIt() async throws {
    // tcpmux: no test is ever given it, as it could be a port that was given back.
    let results = try await Self.deliver([.sample("a"), .sample("b")], port: 1)
    #expect(results.map(\.outcome) == [.failed(reason: "Connection refused"), .failed(reason: "Connection refused")])
  }

  @Test(arguments: [
    (RPCError(code: .unauthenticated, message: "who?"), "UNAUTHENTICATED: who?"),
    (RPCError(code: .invalidArgument, message: "what?"), "INVALID_ARGUMENT: what?"),
  ])
  func aRefusalEndsIt(error: RPCError, reason: String) async throws {
    let results = try await withServer(TestService { _, _ in .fail(error) }) { port, _ in
      try await Self.deliver([.sample("a")], port: port)
    }
    #expect(results.map(\.outcome) == [.failed(reason: reason)])
  }

  @Test func theDeadlineEndsIt() async throws {
    let time = ManualTime()
    let arrived = EventLog<Bool>()
    let service = TestService { _, _ in
      arrived.append(true)
      return .silence
    }
    let results = try await withServer(service) { port, _ in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          // Not before the server has the incident, however long that takes here. Again, for whoever began to wait only then.
          await arrived.wait { !$0.isEmpty }
          while !Task.isCancelled {
            time.advance(by: .milliseconds(300))
            await Task.yield()
          }
        }
        let results = try await Self.deliver(
          [.sample("a")], port: port, deadline: .milliseconds(300), retries: true, time: time)
        group.cancelAll()
        return results
      }
    }
    #expect(results.map(\.outcome) == [.failed(reason: "no acknowledgement within 0.3 seconds")])
  }

  @Test func nothingToSendIsSentAtOnce() async throws {
    #expect(try await Self.deliver([], port: 1) == [])
  }
}
