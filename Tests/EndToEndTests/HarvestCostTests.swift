internal import Observer
internal import Synchronization
internal import Testing

@testable internal import Simulation
@testable internal import kube_mind

extension WholeProgram {
  /// What the harvests of a whole run cost the API server, counted by it.
  @Suite(.timeLimit(.minutes(15)))
  struct HarvestCostTests {
    @Test("at most 12 GETs for an incident, and no list of pods after the first")
    func requests() async throws {
      let failures = 6
      var run = SimulatedRun(
        scenario: .bench(pods: 20, failures: failures, interval: .milliseconds(20)),
        configuration: WholeProgram.configuration,
        speed: 1, logger: WholeProgram.logger, report: { _ in })
      let cluster = Mutex<SimulatedCluster?>(nil)
      run.whenReady = { ready in cluster.withLock { $0 = ready } }
      let outcome = try await run.run()
      #expect(outcome.counts.acknowledged == failures)
      let ready = try #require(cluster.withLock { $0 })
      let counts = ready.requestCounts
      let harvested = [RequestKind.get, .log, .events, .replicaSets].reduce(0) { $0 + counts[$1, default: 0] }
      // The start asks for the cluster's identity.
      #expect(harvested <= failures * 12 + 1)
      // Each source was asked, or the bound would say nothing.
      #expect(counts[.log, default: 0] >= failures)
      #expect(counts[.events] == failures)
      #expect(counts[.replicaSets, default: 0] > 0)
      #expect(counts[.list, default: 0] <= 2)
    }
  }
}
