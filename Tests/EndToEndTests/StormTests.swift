internal import Contract
internal import Observer
internal import Synchronization
internal import Testing

@testable internal import Simulation
@testable internal import kube_mind

extension WholeProgram {
  /// Many failures at a time, over real sockets.
  @Suite(.timeLimit(.minutes(15)))
  struct StormTests {
    @Test("500 pods of one ReplicaSet and 500 others: 501 incidents with evidence, 499 references, nothing lost")
    func storm() async throws {
      let cluster = Mutex<SimulatedCluster?>(nil)
      var run = SimulatedRun(
        scenario: .storm(together: 500, apart: 500), configuration: WholeProgram.configuration, speed: 1,
        logger: WholeProgram.logger, report: { _ in })
      run.patience = .seconds(200)
      run.whenReady = { ready in cluster.withLock { $0 = ready } }
      let outcome = try await run.run()

      #expect(outcome.expected == 1_000)
      #expect(outcome.missed == [])
      #expect(outcome.counts.withheld == 0 && outcome.counts.released == 0)
      let accepted = outcome.received.filter { $0.outcome == .accepted }.map(\.context)
      let references = accepted.filter(\.hasReference)
      let full = accepted.filter { !$0.hasReference }
      let leaders = full.filter { $0.workload.pod.hasPrefix("together-") }
      #expect(leaders.count == 1)
      #expect(references.allSatisfy { $0.reference.incidentID == leaders.first?.incidentID })
      #expect(references.allSatisfy { $0.logs.isEmpty && $0.manifests.isEmpty && $0.events.isEmpty })
      #expect(full.count == 501)
      // What was not told on its own rode on another of the storm.
      let told = accepted.reduce(0) { $0 + 1 + Int($1.suppressed.count) }
      #expect(told == 1_000)
      #expect(Set(accepted.map(\.incidentID)).count == accepted.count)
      // The bound that the storm is about: a harvest is at most 12 requests, and references are none.
      let requests = try #require(cluster.withLock { $0 }).requestCounts
      #expect([.get, .log, .events].reduce(0) { $0 + requests[$1, default: 0] } <= 12 * 501)
    }
  }
}
