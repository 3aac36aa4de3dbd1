internal import Contract
internal import Simulation
internal import Testing

@testable internal import kube_mind

extension WholeProgram {
  /// A scripted trace over a whole cluster, with every fault of server, network, clock and credentials switched on in turn: every failure
  /// is told, each once. (DNS and the limit of memory are a process's: `ProcessFaultTests`.)
  @Suite(.timeLimit(.minutes(20)))
  struct FaultTraceTests {
    static let sizes: [FaultTrace.Size] = [
      .init(pods: 10_000, failures: 1_000, streaming: .rejected),
      .init(pods: 400, failures: 260, protobuf: true, streaming: .supported),
      .init(pods: 400, failures: 104, streaming: .ignored),
    ]

    @Test(arguments: sizes) func everyFailureIsToldOnce(_ size: FaultTrace.Size) async throws {
      let outcome = try await FaultTrace(size).run()

      #expect(Set(outcome.found.keys) == outcome.failed, "a failure was missed")
      #expect(outcome.found.allSatisfy { $0.value == 1 }, "a failure was found twice")
      #expect(outcome.counts.withheld == 0 && outcome.counts.released == 0 && outcome.counts.notDelivered == 0)
      let accepted = outcome.received.filter { $0.outcome == .accepted }.map(\.context)
      #expect(Set(accepted.map(\.incidentID)).count == accepted.count, "an incident was taken twice")
      #expect(Set(accepted.map(\.workload.podUid)).count == accepted.count, "a pod was told twice in its window")
      // On its own, or counted on another of its storm.
      #expect(accepted.reduce(0) { $0 + 1 + Int($1.suppressed.count) } == size.failures)
      #expect(Set(accepted.map(\.workload.podUid)).isSubset(of: outcome.failed))

      #expect(outcome.isEachFaultMet, "not all faults came to pass")
      #expect(outcome.interruptions > TraceFault.all.count / 2, "the faults were not felt")
      if size.streaming == .supported { #expect(outcome.lists == 0) }
    }
  }
}
