internal import Delivery
internal import FoundationEssentials
internal import Incidents
internal import Storage
internal import Telemetry
internal import Testing

@testable internal import Simulation

extension WholeProgram {
  /// The real program in a process of its own, ended by SIGKILL again and again while it fills its outbox.
  @Suite(.timeLimit(.minutes(20)), .enabled(if: BuiltProgram.path != nil, "no binary beside the tests"))
  struct KillTests {
    private static let failures = 12

    /// What lies in the outbox of a program that is not running.
    private func stored(_ folder: String) throws -> Set<String> {
      var log = try OutboxLog(folder: folder, policy: .always, files: SystemFiles(), newSalt: 1)
      defer { log.close() }
      for stored in log.recovery.incidents { #expect(try log.read(stored.sequence).0.label == stored.label) }
      return Set(log.recovery.incidents.map(\.label.id))
    }

    private func bytes(in folder: String) -> Int {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      return names.compactMap { try? SystemFiles().size(of: "\(folder)/\($0)") }.reduce(0, +)
    }

    private func kubeconfig(_ port: Int, in folder: String) throws -> String {
      let path = "\(folder)/kubeconfig-\(port)"
      let text = """
        apiVersion: v1
        kind: Config
        clusters: [{name: killed, cluster: {server: "http://127.0.0.1:\(port)"}}]
        users: [{name: nobody, user: {}}]
        contexts: [{name: killed, context: {cluster: killed, user: nobody}}]
        current-context: killed
        """
      try Data(text.utf8).write(to: URL(filePath: path))
      return path
    }

    private static func arguments(_ kubeconfig: String, _ url: String, _ outbox: String) -> [String] {
      [
        "watch", "--kubeconfig", kubeconfig, "--orchestrator", url, "--outbox", outbox, "--set", "cluster.uid=killed",
        "--set", "shutdown.timeout=1s",
      ]
    }

    @Test("what is in the outbox of a killed program is delivered by the next one, though nothing else is left of it")
    func kills() async throws {
      let folder = FileManager.default.temporaryDirectory.path + "/kube-mind-kill-\(UInt64.random(in: 0 ... .max))"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let outbox = folder + "/outbox"
      let time = SystemTime()
      let failing = SimulatedCluster(time: time)
      let empty = SimulatedCluster(time: time)
      let ports = (try await failing.start(), try await empty.start())
      let player = ScenarioPlayer(
        .bench(pods: Self.failures, failures: Self.failures), in: failing, time: time, speed: 1)
      try player.prepare()
      try player.playAtOnce()
      let program = ProgramUnderTest(path: try #require(BuiltProgram.path), environment: ["PATH": "/usr/bin:/bin"])
      let (full, vacant) = (try kubeconfig(ports.0, in: folder), try kubeconfig(ports.1, in: folder))
      // Port 1: nobody is there. Each life ends once the outbox has grown by so many bytes.
      var known: Set<String> = []
      var growth = 100
      for round in 0..<40 where known.count < Self.failures {
        let before = bytes(in: outbox)
        _ = try await program.killed(Self.arguments(full, "http://127.0.0.1:1", outbox)) {
          while bytes(in: outbox) < before + growth { try await Task.sleep(for: .milliseconds(1)) }
        }
        let now = try stored(outbox)
        #expect(known.isSubset(of: now), "round \(round)")
        known = now
        // Less than an incident has, so that the last one is enough for it.
        growth = 100 + (round + 1) * 613 % 2_500
      }
      #expect(known.count == Self.failures)

      let orchestrator = try MockOrchestrator(time: time)
      let outcome = try await orchestrator.serving { url in
        try await program.running(Self.arguments(vacant, url, outbox)) {
          try await orchestrator.receiver.waitForAccepted(Self.failures)
        }
      }
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(Set(orchestrator.receiver.incidents.map(\.id)) == known)
      await failing.stop()
      await empty.stop()
    }
  }
}
