internal import Observer
internal import Simulation
internal import Testing

@testable internal import kube_mind

extension WholeProgram {
  /// What `kube-mind watch --simulate` shows.
  @Suite(.timeLimit(.minutes(15)))
  struct DemoTests {
    @Test func theDemoFindsEverythingAndLeaksNothing() async throws {
      let outcome = try await SimulatedRun(
        scenario: .demo, configuration: WholeProgram.configuration, speed: 10, logger: WholeProgram.logger,
        report: { _ in }
      ).run()
      #expect(outcome.expected == 10)
      #expect(outcome.missed == [])
      #expect(outcome.counts.detected == 10)
      #expect(outcome.counts.acknowledged == 10)
      #expect(outcome.counts.withheld == 0)
      #expect(outcome.counts.suppressed > 0)
      #expect(outcome.planted > 10)
      #expect(outcome.leaked == [])
    }
  }
}
