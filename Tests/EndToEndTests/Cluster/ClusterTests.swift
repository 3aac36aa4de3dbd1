internal import Contract
internal import FoundationEssentials
internal import Simulation
internal import SwiftProtobuf
internal import Telemetry
internal import Testing

/// The real program against a real API server, with the rights of the Helm chart: from failing pods to acknowledged incidents.
@Suite(.enabled(if: TestCluster.prepared != nil, "\(TestCluster.absence)"), .serialized)
struct ClusterTests {
  /// What scripts/cluster/workloads.yaml makes fail.
  static let failures: [(app: String, failure: KMFailureClass, kind: KMContainerKind)] = [
    ("checkout", .crashLoopBackOff, .container), ("resizer", .oomKilled, .container),
    ("indexer", .imagePullBackOff, .container), ("ledger", .crashLoopBackOff, .init_),
  ]

  let cluster: TestCluster

  init() throws {
    cluster = try #require(TestCluster.prepared)
  }

  @Test(.timeLimit(.minutes(15)))
  func everyFailureIsAcknowledgedOnceWholeAndMasked() async throws {
    let orchestrator = try MockOrchestrator(time: SystemTime())
    let outcome = try await orchestrator.serving { url in
      try await cluster.watching(deliveringTo: url).running(["watch"]) {
        var count = 0
        while !Self.failures.allSatisfy({ arrived($0.app, $0.failure, at: orchestrator) != nil }) {
          count += 1
          try await orchestrator.receiver.waitForAccepted(count)
        }
      }
    }

    #expect(outcome.status == 0, "SIGTERM ends the program in order: \(outcome.errors.suffix(2_000))")
    let received = orchestrator.receiver.incidents
    #expect(Set(received.map(\.id)).count == received.count, "an incident was sent twice")
    for incident in received {
      let pod = incident.context.workload.pod
      #expect(!contains(incident.encoded, cluster.secret), "the planted secret is in an incident of \(pod)")
      #expect(incident.context.workload.namespace == cluster.namespace)
    }
    #expect(!outcome.errors.contains(cluster.secret) && !outcome.output.contains(cluster.secret))

    let log = outcome.output + outcome.errors
    #expect(log.contains("synced"))
    for (app, failure, kind) in Self.failures {
      let incident = try #require(arrived(app, failure, at: orchestrator))
      check(incident.context, app: app, kind: kind)
      let line = log.split(separator: "\n").first { $0.contains(incident.id) && $0.contains("acknowledged_at") }
      let acknowledged = try #require(line, "no log line says that the incident of \(app) was acknowledged")
      for field in ["pod_uid", "incident_id", "detected_at"] { #expect(acknowledged.contains("\"\(field)\":")) }
    }
  }

  @Test(.enabled(if: TestCluster.prepared?.hasNodes == true, "no node runs containers"), .timeLimit(.minutes(15)))
  func aFailureIsSeenAsItHappens() async throws {
    let orchestrator = try MockOrchestrator(time: SystemTime())
    let outcome = try await orchestrator.serving { url in
      try await cluster.watching(deliveringTo: url).running(["watch"]) {
        // The watch is under way once what failed before has been reported.
        try await orchestrator.receiver.waitForAccepted(Self.failures.count)
        try await cluster.scale("latecomer", to: 1)
        var count = Self.failures.count
        while arrived("latecomer", .crashLoopBackOff, at: orchestrator) == nil {
          count += 1
          try await orchestrator.receiver.waitForAccepted(count)
        }
      }
    }
    #expect(outcome.status == 0)
    let incident = try #require(arrived("latecomer", .crashLoopBackOff, at: orchestrator))
    #expect(incident.context.failure.lastTermination.exitCode == 7)
    #expect(incident.context.logs.contains { $0.text.contains("out of luck") }, "\(incident.context.gaps)")
    #expect(!contains(incident.encoded, cluster.secret))
    #expect(outcome.errors.contains("entered CrashLoopBackOff"), "the log says so the moment it is seen")
  }

  @Test(.timeLimit(.minutes(15)))
  func harvestFindsTheSameFailuresWithoutTheirSecrets() async throws {
    let outcome = try await cluster.program.run(["harvest", "pods", "-n", cluster.namespace, "--failing", "-o", "json"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(!outcome.output.contains(cluster.secret))
    let incidents = try outcome.output.split(separator: "\n").map { try KMIncidentContext(jsonString: String($0)) }
    for (app, _, kind) in Self.failures {
      let incident = try #require(incidents.first { $0.workload.pod.hasPrefix("\(app)-") }, "no incident of \(app)")
      check(incident, app: app, kind: kind)
    }
  }

  @Test(.timeLimit(.minutes(15)))
  func whatTheChartDoesNotGrantIsNotNeeded() async throws {
    let outcome = try await cluster.program.run(["harvest", "pods", "-n", cluster.namespace, "--failing", "-o", "json"])
    let gaps = try outcome.output.split(separator: "\n").flatMap { try KMIncidentContext(jsonString: String($0)).gaps }
    #expect(gaps.filter { $0.reason == .forbidden }.isEmpty, "the chart's rights do not suffice: \(gaps)")
  }

  @Test("no answer is lost of many requests at once", .timeLimit(.minutes(15)))
  func manyHarvests() async throws {
    for _ in 0..<40 {
      let outcome = try await cluster.program.run([
        "harvest", "pods", "-n", cluster.namespace, "--failing", "-o", "json",
      ])
      #expect(outcome.status == 0, "\(outcome.errors)")
      let gaps = try outcome.output.split(separator: "\n").flatMap {
        try KMIncidentContext(jsonString: String($0)).gaps
      }
      #expect(gaps.filter { $0.reason == .timeout }.isEmpty, "\(gaps)")
    }
  }

  /// The evidence that an engineer would have looked for.
  private func check(_ incident: KMIncidentContext, app: String, kind: KMContainerKind) {
    #expect(incident.failure.containerKind == kind, "\(app)")
    #expect(incident.workload.owners.map(\.kind) == ["ReplicaSet", "Deployment"], "\(app)")
    #expect(incident.workload.owners.last?.name == app)
    let kinds = Set(incident.manifests.map(\.kind))
    #expect(kinds.isSuperset(of: ["Pod", "ReplicaSet", "Deployment"]), "\(app): \(kinds)")
    guard app == "checkout" else { return }
    #expect(kinds.contains("ConfigMap"), "the ConfigMap that the container takes its environment from: \(kinds)")
    #expect(incident.manifests.contains { $0.content.contains("[REDACTED]") })
    guard cluster.hasNodes else { return }
    let log = incident.logs.map(\.text).joined()
    #expect(log.contains("ledger refused the connection"), "\(log) \(incident.gaps)")
    #expect(log.contains("password=[REDACTED]"), "\(log)")
    #expect(!incident.events.isEmpty)
  }

  private func arrived(
    _ app: String, _ failure: KMFailureClass, at orchestrator: MockOrchestrator
  ) -> ReceivedIncident? {
    orchestrator.receiver.incidents.first {
      let context = $0.context
      return context.workload.pod.hasPrefix("\(app)-") && context.failure.class == failure
    }
  }

  /// Whether the text stands in the bytes as it is.
  private func contains(_ bytes: [UInt8], _ text: String) -> Bool {
    let text = Array(text.utf8)
    return bytes.indices.contains { bytes[$0...].starts(with: text) }
  }
}
