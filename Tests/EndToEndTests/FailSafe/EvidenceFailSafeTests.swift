internal import FoundationEssentials
internal import Kubernetes
internal import KubernetesClient
internal import Simulation
internal import Storage
internal import Telemetry
internal import Testing
internal import Time

@testable internal import kube_mind

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// The same for evidence that is gathered from a cluster: `harvest` on standard output, and `watch` on the wire and in its outbox.
/// `KUBE_MIND_TEST_FAULTS=all` takes each rule in turn; without it some faults go.
@Suite(
  "fail-safe of harvest and watch, from outside", .serialized, .timeLimit(.minutes(15)),
  .enabled(if: FailSafe.canRun, "needs strace and the debug program, without a sanitizer"))
struct EvidenceFailSafeTests {
  private static let secret = "hunter2-Prod"
  private static let text = "DB_PASSWORD=\(secret)\nsaw \(secret) there\n"
  private static let faults =
    ["time:0", "text:10"] + (FailSafe.takesAll ? FailSafe.rules : ["key-value", "known-value"]).map { "rule:\($0)" }

  /// What the container has said, in which the fault shows, and what is secret in it.
  private static func log(for fault: String) throws -> (text: String, secrets: [String]) {
    guard fault.hasPrefix("rule:") else { return (text, [secret]) }
    let input = try FailSafe.input(for: String(fault.dropFirst(5)))
    return (input.text, input.secrets)
  }

  @Test("harvest: nothing but the line on standard error", arguments: faults)
  func harvest(_ fault: String) async throws {
    let log = try Self.log(for: fault)
    let (outcome, trace) = try await inCluster(log.text) { port in
      try await run(["harvest", "pods", "--failing", "-A"], port: port, fault: fault)
    }
    #expect(outcome.status == 3, "\(outcome.errors)")
    expectNothing(outcome, trace, log.secrets)
    #expect(!trace.leaving.contains { $0.opensForWriting })
  }

  @Test("harvest: the trace sees the masked incident where nothing fails")
  func harvestControl() async throws {
    let (outcome, trace) = try await inCluster(Self.text) { port in
      try await run(["harvest", "pods", "--failing", "-A"], port: port, fault: nil)
    }
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(trace.calls.contains { $0.descriptor == 1 && $0.bytes.holds("[REDACTED]") })
    let leaks = trace.calls.filter { $0.bytes.holds(Self.secret) }
    #expect(leaks.isEmpty, "\(leaks.map { "\($0.name) \(String(decoding: $0.bytes, as: UTF8.self))" })")
  }

  @Test("watch: nothing of the incident on the wire, in the outbox or on standard output", arguments: faults)
  func watch(_ fault: String) async throws {
    let log = try Self.log(for: fault)
    let run = try await watched(log.text, fault: fault) { probes, _, _ in try await Self.waitForWithheld(probes) }
    #expect(run.outcome.status == 0, "\(run.outcome.errors)")
    #expect(run.received == 0 && run.stored == 0)
    expectNothing(run.outcome, run.trace, log.secrets)
  }

  @Test("watch: the trace sees the masked incident on the wire where nothing fails")
  func watchControl() async throws {
    let run = try await watched(Self.text, fault: nil) { _, orchestrator, _ in
      try await orchestrator.receiver.waitForAccepted(1)
    }
    #expect(run.outcome.status == 0, "\(run.outcome.errors)")
    #expect(run.received == 1)
    #expect(Self.masked(run.trace).contains { $0.name.hasPrefix("send") || $0.name.hasPrefix("write") })
    #expect(!run.trace.calls.contains { $0.bytes.holds(Self.secret) })
  }

  @Test("watch: the trace sees the masked incident in the outbox where nobody takes it")
  func outboxControl() async throws {
    let run = try await watched(Self.text, fault: nil, isReachable: false) { _, _, outbox in
      while !Self.isMarked(outbox) { try await Task.sleep(for: .milliseconds(20)) }
    }
    #expect(run.received == 0 && run.stored == 1)
    #expect(Self.masked(run.trace).contains { $0.name.hasPrefix("pwrite") })
    #expect(!run.trace.calls.contains { $0.bytes.holds(Self.secret) })
  }

  private static func masked(_ trace: SystemCallTrace) -> [SystemCallTrace.Call] {
    trace.leaving.filter { $0.bytes.holds("[REDACTED]") && $0.bytes.holds(FailSafe.marker) }
  }

  /// True once a file of the folder holds a word of the log.
  private static func isMarked(_ folder: String) -> Bool {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.contains { name in
      (try? SystemStreams.readFile("\(folder)/\(name)", limit: 1 << 26))?.holds(Array(FailSafe.marker.utf8)) ?? false
    }
  }

  /// What is written holds neither the secret nor a word of the log beside it.
  private func expectNothing(
    _ outcome: ProgramUnderTest.Outcome, _ trace: SystemCallTrace, _ secrets: [String]
  ) {
    #expect(outcome.output.isEmpty)
    for text in secrets + [FailSafe.marker] {
      #expect(!outcome.errors.contains(text))
      let leaks = trace.calls.filter { $0.bytes.holds(text) }
      #expect(leaks.isEmpty, "\(leaks.map { "\($0.name)(\($0.arguments.prefix(200))" })")
    }
  }

  /// What one run of `watch` has left.
  private struct Watched {
    let outcome: ProgramUnderTest.Outcome
    let trace: SystemCallTrace
    /// Incidents that the orchestrator got, and that lie in the outbox.
    let received: Int
    let stored: Int
  }

  /// Watches a cluster with one failed pod, with an outbox and an orchestrator, until `body`, which gets the port of the probes and the
  /// outbox's folder, returns. Then the program is asked to end, and strace, which would keep that signal to itself, is not.
  private func watched(
    _ text: String, fault: String?, isReachable: Bool = true,
    _ body: @Sendable (Int, MockOrchestrator, String) async throws -> Void
  ) async throws -> Watched {
    let outbox = FileManager.default.temporaryDirectory.appending(path: "outbox-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: outbox) }
    let orchestrator = try MockOrchestrator(time: SystemTime())
    let probes = try await Self.freePort()
    let (outcome, trace) = try await inCluster(text) { port in
      try await orchestrator.serving { url in
        let arguments = [
          "watch", "--orchestrator", isReachable ? url : "http://127.0.0.1:1", "--outbox", outbox, "--set",
          "cluster.uid=traced", "--set",
          "shutdown.timeout=2s", "--set", "http.address=127.0.0.1:\(probes)",
        ]
        return try await run(arguments, port: port, fault: fault) { process in
          defer { for child in Self.children(of: process) { kill(child, SIGTERM) } }
          try await body(probes, orchestrator, outbox)
        }
      }
    }
    var log = try OutboxLog(folder: outbox, policy: .always, files: SystemFiles(), newSalt: 1)
    defer { log.close() }
    return Watched(
      outcome: outcome, trace: trace, received: orchestrator.receiver.counts.values.reduce(0, +),
      stored: log.recovery.incidents.count)
  }

  /// A port on which nobody listens, below those that the system hands out.
  private static func freePort() async throws -> Int {
    let cluster = SimulatedCluster(time: SystemTime())
    let port = try await cluster.start(port: Int.random(in: 20_000..<30_000))
    await cluster.stop()
    return port
  }

  /// Returns once the program's metrics count a withheld incident. Its log cannot be asked: it goes through the same redaction, and
  /// its lines are withheld as well.
  private static func waitForWithheld(_ port: Int) async throws {
    let client = try APIClient(
      access: ClusterAccess(
        server: ServerURL(isTLS: false, host: "127.0.0.1", port: port), clusterName: "metrics", source: "test"),
      logger: WholeProgram.logger, time: SystemTime())
    defer { client.shutdown() }
    while true {
      let answer = try? await client.send(APIRequest(path: "/metrics", accept: "text/plain"))
      let lines = String(decoding: answer?.body ?? [], as: UTF8.self).split(separator: "\n")
      if lines.contains(where: { $0.hasPrefix("kube_mind_incidents_withheld_total{") && !$0.hasSuffix(" 0") }) {
        return
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// The processes that a process has started by its main thread.
  private static func children(of process: pid_t) -> [pid_t] {
    let list = try? String(contentsOf: URL(filePath: "/proc/\(process)/task/\(process)/children"), encoding: .utf8)
    return (list ?? "").split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }
  }

  /// Serves a cluster in which one pod has failed, after its container has said `text`.
  private func inCluster<Result>(_ text: String, _ body: (Int) async throws -> Result) async throws -> Result {
    let time = SystemTime()
    let cluster = SimulatedCluster(time: time)
    try cluster.create(.pod, Self.pod)
    let said = (text + FailSafe.marker).split(separator: "\n", omittingEmptySubsequences: false)
    cluster.appendLog(
      containerID: "containerd://one-1", said.map { ContainerLog.Line(time: time.wall, bytes: Array($0.utf8)) })
    let result = try await body(try await cluster.start())
    await cluster.stop()
    return result
  }

  /// Runs the program under strace, until it ends by itself or is ended by `body`.
  private func run(
    _ arguments: [String], port: Int, fault: String?, while body: (pid_t) async throws -> Void = { _ in }
  ) async throws -> (ProgramUnderTest.Outcome, SystemCallTrace) {
    let kubeconfig = try SimulatedKubeconfig(port: port)
    defer { kubeconfig.remove() }
    let log = LogFile()
    defer { log.remove() }
    var environment = ["KUBECONFIG": kubeconfig.path, "PATH": "/usr/bin:/bin"]
    environment["KUBE_MIND_TEST_FAULT"] = fault
    let child = ProgramUnderTest(path: FailSafe.strace, environment: environment)
    let all = SystemCallTrace.arguments(log: log.path) + [FailSafe.program] + arguments
    let outcome = try await child.run(all, while: body)
    return (outcome, SystemCallTrace(log: log.text))
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
