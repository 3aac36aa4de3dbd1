internal import Contract
internal import FoundationEssentials
internal import Simulation
internal import Telemetry
internal import Testing

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

extension WholeProgram {
  /// The real program and a configuration that changes under it, as Kubernetes changes a mounted ConfigMap.
  @Suite(.timeLimit(.minutes(15)), .enabled(if: BuiltProgram.path != nil, "no binary beside the tests"))
  struct ReloadProcessTests {
    /// A mounted ConfigMap: `watch.yaml` leads through `..data` to a folder that is never changed, and a change swaps `..data`.
    private struct Volume {
      let folder = FileManager.default.temporaryDirectory.appending(path: "volume-\(UUID().uuidString)").path

      var file: String { folder + "/watch.yaml" }

      init(_ text: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try swap(to: text, version: 1)
        try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: "..data/watch.yaml")
      }

      /// As the kubelet's AtomicWriter: a new folder, a new link beside the old one, and a rename over it.
      func swap(to text: String, version: Int) throws {
        try FileManager.default.createDirectory(atPath: "\(folder)/..\(version)", withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: "\(folder)/..\(version)/watch.yaml"))
        try FileManager.default.createSymbolicLink(atPath: folder + "/..data_tmp", withDestinationPath: "..\(version)")
        #expect(rename(folder + "/..data_tmp", folder + "/..data") == 0)
        if version > 1 { try FileManager.default.removeItem(atPath: "\(folder)/..\(version - 1)") }
      }
    }

    @Test("a swapped ConfigMap is read, SIGHUP reads at once, and what needs a restart is named")
    func volume() async throws {
      let cluster = SimulatedCluster(time: SystemTime())
      let port = try await cluster.start()
      let orchestrator = try MockOrchestrator(time: SystemTime())
      try await orchestrator.serving { url in
        let volume = try Volume("")
        defer { try? FileManager.default.removeItem(atPath: volume.folder) }
        let kubeconfig = try SimulatedKubeconfig(port: port)
        defer { kubeconfig.remove() }
        func configuration(_ more: String) -> String {
          "orchestrator: {url: '\(url)'}\n\(more)\n"
        }
        try volume.swap(to: configuration("log: {level: info}"), version: 2)
        let program = ProgramUnderTest(
          path: try #require(BuiltProgram.path),
          environment: ["PATH": "/usr/bin:/bin", "KUBECONFIG": kubeconfig.path, "KUBE_MIND_LOG_FORMAT": "json"])
        let lines = LogFile()
        defer { lines.remove() }
        let outcome = try await program.run(["watch", "--config", volume.file], errors: lines.path) { process in
          defer { kill(process, SIGTERM) }
          try await lines.wait(for: #""message":"synced""#)
          // Nothing changed: a signal reads all the same.
          kill(process, SIGHUP)
          try await lines.wait(for: "configuration read")
          try volume.swap(
            to: configuration("log: {level: debug}\ndebounce: {window: 7m}\nhttp: {address: ':0'}"), version: 3)
          try await lines.wait(for: "debounce.window")
          try await lines.wait(for: #""setting":"http.address""#)
          // A file with a fault changes nothing, and is named with line and key.
          try volume.swap(to: configuration("log:\n  level: loud"), version: 4)
          kill(process, SIGHUP)
          try await lines.wait(for: "watch.yaml:3: log.level")
        }
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("setting changed, restart needed"))
      }
      await cluster.stop()
    }

    @Test("a changed selector: what it selects is watched, what was told is not told again, and the rest is gone")
    func selector() async throws {
      let cluster = SimulatedCluster(time: SystemTime())
      for (name, label) in [("a-1", "a"), ("b-1", "b")] {
        try cluster.create(.pod, Self.crashing(name, label))
      }
      let kubeconfig = try SimulatedKubeconfig(port: try await cluster.start())
      defer { kubeconfig.remove() }
      let orchestrator = try MockOrchestrator(time: SystemTime())
      let lines = LogFile()
      defer { lines.remove() }
      let outcome = try await orchestrator.serving { url in
        func configuration(_ selector: String) -> String {
          "orchestrator: {url: '\(url)'}\nkubernetes: {labelSelector: '\(selector)'}\n"
        }
        let volume = try Volume(configuration("app=a"))
        defer { try? FileManager.default.removeItem(atPath: volume.folder) }
        let program = ProgramUnderTest(
          path: try #require(BuiltProgram.path),
          environment: ["PATH": "/usr/bin:/bin", "KUBECONFIG": kubeconfig.path, "KUBE_MIND_LOG_FORMAT": "json"])
        return try await program.run(["watch", "--config", volume.file], errors: lines.path) { process in
          defer { kill(process, SIGTERM) }
          try await orchestrator.receiver.waitForAccepted(1)
          try volume.swap(to: configuration("app in (b,c)"), version: 2)
          kill(process, SIGHUP)
          try await orchestrator.receiver.waitForAccepted(2)
          try await lines.wait(for: #""deleted":"1""#)
          try cluster.create(.pod, Self.crashing("c-1", "c"))
          try cluster.create(.pod, Self.crashing("a-2", "a"))
          try await orchestrator.receiver.waitForAccepted(3)
        }
      }
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.errors.contains("watching another selection"))
      #expect(orchestrator.receiver.incidents.map(\.context.workload.pod) == ["a-1", "b-1", "c-1"])
      await cluster.stop()
    }

    private static func crashing(_ name: String, _ label: String) -> JSONValue {
      [
        "metadata": ["name": .string(name), "namespace": "shop", "labels": ["app": .string(label)]],
        "spec": ["nodeName": "n", "containers": [["name": "app", "image": "i"]]],
        "status": [
          "phase": "Running",
          "containerStatuses": [
            [
              "name": "app", "image": "i", "restartCount": 1, "state": ["waiting": ["reason": "CrashLoopBackOff"]],
              "lastState": [
                "terminated": [
                  "exitCode": 1, "reason": "Error", "finishedAt": "2026-11-23T02:06:35Z",
                  "containerID": .string("containerd://\(name)"),
                ]
              ],
            ]
          ],
        ],
      ]
    }

    @Test("without a file SIGHUP does not end the program")
    func noFile() async throws {
      let cluster = SimulatedCluster(time: SystemTime())
      let kubeconfig = try SimulatedKubeconfig(port: try await cluster.start())
      defer { kubeconfig.remove() }
      let program = ProgramUnderTest(
        path: try #require(BuiltProgram.path),
        environment: [
          "PATH": "/usr/bin:/bin", "KUBECONFIG": kubeconfig.path, "KUBE_MIND_LOG_FORMAT": "json",
          "KUBE_MIND_ORCHESTRATOR_URL": "http://127.0.0.1:1",
        ])
      let lines = LogFile()
      defer { lines.remove() }
      let outcome = try await program.run(
        ["watch", "--set", "shutdown.timeout=1s"], errors: lines.path
      ) { process in
        defer { kill(process, SIGTERM) }
        try await lines.wait(for: #""message":"synced""#)
        kill(process, SIGHUP)
        try await lines.wait(for: "configuration read")
      }
      #expect(outcome.status == 0, "\(outcome.errors)")
      await cluster.stop()
    }
  }
}
