internal import FoundationEssentials
internal import Kubernetes
internal import Simulation
internal import Telemetry
internal import Testing
internal import Time

/// The same for evidence that is gathered from a cluster: `harvest` on standard output. Of `watch` it is not proved from outside: strace
/// does not hand on the signal that ends what it follows.
@Suite(
  "fail-safe of harvest, from outside", .serialized,
  .enabled(if: FailSafe.canRun, "needs strace and the debug program, without a sanitizer"))
struct EvidenceFailSafeTests {
  private static let secret = "hunter2-Prod"
  private static let faults = ["rule:key-value", "rule:known-value", "time:0", "text:10"]

  @Test("harvest: nothing but the line on standard error", arguments: faults)
  func harvest(_ fault: String) async throws {
    let (outcome, trace) = try await run(["harvest", "pods", "--failing", "-A"], fault: fault)
    #expect(outcome.status == 3, "\(outcome.errors)")
    expectNothing(outcome, trace)
  }

  @Test("harvest: the trace sees the masked incident where nothing fails")
  func harvestControl() async throws {
    let (outcome, trace) = try await run(["harvest", "pods", "--failing", "-A"], fault: nil)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(trace.calls.contains { $0.descriptor == 1 && $0.bytes.holds("[REDACTED]") })
    let leaks = trace.calls.filter { $0.bytes.holds(Self.secret) }
    #expect(leaks.isEmpty, "\(leaks.map { "\($0.name) \(String(decoding: $0.bytes, as: UTF8.self))" })")
  }

  /// What is written holds neither the secret nor a word of the log beside it.
  private func expectNothing(_ outcome: ProgramUnderTest.Outcome, _ trace: SystemCallTrace) {
    #expect(outcome.output.isEmpty)
    for text in [Self.secret, FailSafe.marker] {
      #expect(!outcome.errors.contains(text))
      #expect(!trace.calls.contains { $0.bytes.holds(text) })
    }
    #expect(!trace.leaving.contains { $0.opensForWriting })
  }

  /// Runs the program under strace against a cluster in which one pod has failed.
  private func run(
    _ arguments: [String], fault: String?
  ) async throws -> (ProgramUnderTest.Outcome, SystemCallTrace) {
    let folder = FileManager.default.temporaryDirectory.appending(path: "fail-safe-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let time = SystemTime()
    let cluster = SimulatedCluster(time: time)
    try cluster.create(.pod, Self.pod)
    let line = ContainerLog.Line(time: time.wall, bytes: Array("DB_PASSWORD=\(Self.secret) \(FailSafe.marker)".utf8))
    let again = ContainerLog.Line(time: time.wall, bytes: Array("saw \(Self.secret) there".utf8))
    cluster.appendLog(containerID: "containerd://one-1", [line, again])
    let port = try await cluster.start()

    let kubeconfig = folder.appending(path: "kubeconfig")
    let text = """
      apiVersion: v1
      kind: Config
      current-context: simulated
      clusters: [{name: simulated, cluster: {server: "http://127.0.0.1:\(port)"}}]
      users: [{name: simulated, user: {}}]
      contexts: [{name: simulated, context: {cluster: simulated, user: simulated}}]

      """
    try Data(text.utf8).write(to: kubeconfig)
    var environment = ["KUBECONFIG": kubeconfig.path, "PATH": "/usr/bin:/bin"]
    environment["KUBE_MIND_TEST_FAULT"] = fault
    let log = folder.appending(path: "trace")
    let child = ProgramUnderTest(path: FailSafe.strace, environment: environment)
    let all = SystemCallTrace.arguments(log: log.path) + [FailSafe.program] + arguments
    let outcome = try await child.run(all)
    await cluster.stop()
    return (outcome, SystemCallTrace(log: String(decoding: try Data(contentsOf: log), as: UTF8.self)))
  }

  private static let pod: JSONValue = [
    "metadata": ["name": "one", "namespace": "shop", "uid": "uid-one"],
    "spec": ["nodeName": "node-1", "containers": [["name": "app", "image": "app:1"]]],
    "status": [
      "phase": "Running",
      "containerStatuses": [
        [
          "name": "app", "image": "app:1", "restartCount": 1,
          "state": ["waiting": ["reason": "CrashLoopBackOff"]],
          "lastState": [
            "terminated": ["exitCode": 127, "reason": "Error", "containerID": "containerd://one-1"]
          ],
        ]
      ],
    ],
  ]
}
