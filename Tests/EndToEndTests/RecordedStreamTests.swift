internal import Contract
internal import Simulation
internal import Testing

@testable internal import kube_mind

extension WholeProgram {
  /// A recorded watch of a real cluster, replayed byte for byte: every failure in it is reported once, and no secret.
  @Suite(.timeLimit(.minutes(15)))
  struct RecordedStreamTests {
    /// A failure of the recording, read off its lines by hand.
    struct Failure: Hashable, CustomStringConvertible {
      let pod: String
      let failure: KMFailureClass
      let container: String?
      let kind: KMContainerKind

      init(
        _ pod: String, _ failure: KMFailureClass, container: String? = nil, kind: KMContainerKind = .container
      ) {
        self.pod = pod
        self.failure = failure
        self.container = container
        self.kind = kind
      }

      var description: String { "\(pod) \(failure)" }
    }

    static let expected: [Failure] = [
      Failure("report-renderer-7b777cf4f4-fd7zg", .oomKilled),
      Failure("catalog-indexer-6ddbc64c66-4m5rs", .imagePullBackOff),
      Failure("image-resizer-8484878895-8rlbz", .oomKilled),
      Failure("cron-runner-7c68f4f86f-mbxmm", .crashLoopBackOff),
      Failure("mailer-76547bb848-4w49d", .crashLoopBackOff),
      Failure("debug-shell", .crashLoopBackOff),
      Failure("stock-import-928fg", .crashLoopBackOff),
      Failure("cart-cache-0", .crashLoopBackOff),
      Failure("payments-api-65d9d4fdd-j9rrz", .crashLoopBackOff),
      Failure("payments-api-65d9d4fdd-55g64", .crashLoopBackOff),
      Failure("storefront-78d5b7b7d8-4pvhl", .crashLoopBackOff, container: "log-shipper"),
      Failure("ledger-79d995c559-9rtk2", .crashLoopBackOff, container: "migrate", kind: .init_),
      Failure("pricing-584686bbbb-6hv66", .crashLoopBackOff),
      Failure("search-api-5bd9dbf659-l59gr", .crashLoopBackOff),
    ]
    /// Distinct ends of runs and refused pulls in the recording, all pods together.
    static let occurrences = 58

    @Test func everyFailureIsReportedOnceWholeAndMasked() async throws {
      // Of the second pod of a ReplicaSet, too, the evidence is wanted: that is where it was recorded.
      let run = try await RecordedRun(try Recording.traffic(), grouping: false)
      let contexts = run.received.map(\.context)

      let found = contexts.map { "\($0.workload.pod) \($0.failure.class)" }
      #expect(found.sorted() == Self.expected.map(\.description).sorted())
      #expect(Set(run.received.map(\.id)).count == run.received.count, "an incident was sent twice")
      #expect(run.counts.acknowledged == Self.expected.count)
      #expect(run.counts.withheld == 0)
      #expect(run.counts.released == 0)
      #expect(run.counts.notDelivered == 0)
      #expect(run.counts.suppressed == Self.occurrences - Self.expected.count)

      for secret in try Recording.secrets() {
        let leaking = run.received.filter { secret.matches($0.encoded) }.map(\.context.workload.pod)
        #expect(leaking.isEmpty, "\(secret.value) came out")
      }

      for expected in Self.expected {
        let context = try #require(contexts.first { $0.workload.pod == expected.pod })
        #expect(context.failure.containerKind == expected.kind, "\(expected)")
        if let container = expected.container { #expect(context.failure.container == container) }
        #expect(context.manifests.contains { $0.kind == "Pod" }, "\(expected): \(context.gaps)")
      }
      try evidence(in: contexts)
    }

    /// A relist that finds nothing, and the whole watch once more: the pods come anew, and their windows are still open.
    @Test func theRecordingTwiceInOneWindowIsReportedOnce() async throws {
      let run = try await RecordedRun(try Recording.traffic(), watches: 4) { cluster in
        cluster.inject(.gone, on: .watch, skipping: 1)
      }
      let found = run.received.map { "\($0.context.workload.pod) \($0.context.failure.class)" }
      #expect(found.sorted() == Self.expected.map(\.description).sorted())
      #expect(run.counts.acknowledged == Self.expected.count)
      #expect(run.counts.duplicates == 0)
      #expect(run.counts.suppressed == 2 * Self.occurrences - Self.expected.count)
      // Two pods of one ReplicaSet failed alike: the later one is a light reference to the other.
      let contexts = run.received.map(\.context)
      let references = contexts.filter(\.hasReference)
      #expect(references.map(\.workload.owners.first?.kind) == ["ReplicaSet"])
      for light in references {
        let full = contexts.first { $0.incidentID == light.reference.incidentID }
        #expect(full.map { !$0.hasReference && $0.workload.pod != light.workload.pod } == true)
      }
    }

    /// What an engineer would have looked for, where it was recorded.
    private func evidence(in contexts: [KMIncidentContext]) throws {
      func incident(of app: String) throws -> KMIncidentContext {
        try #require(contexts.first { $0.workload.pod.hasPrefix(app) })
      }
      let deployed = [
        "report-renderer", "catalog-indexer", "image-resizer", "cron-runner", "mailer", "payments-api-65d9d4fdd-55g64",
        "storefront", "ledger", "search-api",
      ]
      for app in deployed {
        let context = try incident(of: app)
        let kinds = Set(context.manifests.map(\.kind))
        #expect(kinds.isSuperset(of: ["Pod", "ReplicaSet", "Deployment"]), "\(app): \(kinds), \(context.gaps)")
        #expect(context.workload.owners.map(\.kind) == ["ReplicaSet", "Deployment"], "\(app)")
        #expect(!context.events.isEmpty, "\(app): \(context.gaps)")
      }
      for app in ["report-renderer", "image-resizer", "mailer", "cart-cache", "storefront", "ledger", "search-api"] {
        let context = try incident(of: app)
        #expect(context.logs.contains { $0.container == context.failure.container }, "\(app): \(context.gaps)")
      }
      let payments = try incident(of: "payments-api-65d9d4fdd-55g64")
      #expect(payments.manifests.contains { $0.kind == "ConfigMap" && $0.name == "payments-config" })
      #expect(payments.logs.contains { $0.text.contains("payments-api") && $0.text.contains("[REDACTED]") })
      #expect(payments.redaction.masked > 0)
    }
  }
}
