internal import Contract
internal import FoundationEssentials
internal import Simulation
internal import Telemetry
internal import Testing

extension ClusterTests {
  /// kill -9 of the API server in the middle: the watch comes back, from a version that the new server no longer has (410), and tells
  /// of nothing twice.
  @Test(
    .enabled(if: TestCluster.prepared?.restart != nil, "the API server of this cluster is not ours to kill"),
    .timeLimit(.minutes(15)))
  func theAPIServerIsKilledAndComesBack() async throws {
    let restart = try #require(cluster.restart)
    let orchestrator = try MockOrchestrator(time: SystemTime())
    let outcome = try await orchestrator.serving { url in
      try await cluster.watching(deliveringTo: url).running(["watch"]) {
        try await orchestrator.receiver.waitForAccepted(Self.failures.count)
        let killed = try await restart.run([])
        try #require(killed.status == 0, "\(killed.errors)")
        try await cluster.failLatecomer()
        while !orchestrator.receiver.incidents.contains(where: { $0.context.workload.pod.hasPrefix("latecomer-") }) {
          try await orchestrator.receiver.waitForAccepted(orchestrator.receiver.acceptedCount + 1)
        }
      }
    }
    #expect(outcome.status == 0)
    let received = orchestrator.receiver.incidents
    #expect(Set(received.map(\.id)).count == received.count, "an incident was sent twice")
    let pods = received.map(\.context.workload.podUid)
    #expect(Set(pods).count == pods.count, "a pod was reported twice within its window")
    #expect((outcome.output + outcome.errors).contains("watch interrupted"), "the kill was felt")
  }
}
