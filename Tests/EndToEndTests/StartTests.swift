internal import Simulation
internal import Telemetry
internal import Testing

extension WholeProgram {
  /// A cluster that does not let the program in: it says so at once, by the first list that it needs anyway.
  @Suite(.timeLimit(.minutes(15)), .enabled(if: BuiltProgram.path != nil, "no binary beside the tests"))
  struct StartTests {
    private func run(_ arguments: [String], fault: APIFault) async throws -> (ProgramUnderTest.Outcome, lists: Int) {
      let cluster = SimulatedCluster(time: SystemTime())
      // Again and again: a token is tried twice, for it may have been renewed.
      cluster.inject(fault, on: .list, times: 100)
      let kubeconfig = try SimulatedKubeconfig(port: try await cluster.start())
      defer { kubeconfig.remove() }
      let program = ProgramUnderTest(
        path: try #require(BuiltProgram.path),
        environment: [
          "PATH": "/usr/bin:/bin", "KUBECONFIG": kubeconfig.path, "KUBE_MIND_LOG_FORMAT": "json",
          "KUBE_MIND_ORCHESTRATOR_URL": "http://127.0.0.1:1",
        ])
      let outcome = try await program.run(arguments)
      await cluster.stop()
      return (outcome, cluster.requestCount(.list))
    }

    @Test(
      "a first list that is refused ends the program with the reason",
      arguments: [["watch"], ["harvest", "pods", "--watch", "-A"]], [APIFault.forbidden, .unauthorized])
    func refused(arguments: [String], fault: APIFault) async throws {
      let (outcome, lists) = try await run(arguments, fault: fault)
      #expect(outcome.status == 1, "\(outcome.errors)")
      let reason = fault == .forbidden ? "forbidden" : "does not accept the credentials"
      let last = outcome.errors.split(separator: "\n").last ?? ""
      #expect(last.lowercased().contains(reason), "\(outcome.errors)")
      #expect(lists == 1)
    }
  }
}
