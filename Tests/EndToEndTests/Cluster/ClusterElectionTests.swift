internal import Contract
internal import FoundationEssentials
internal import Telemetry
internal import Testing
internal import Time

@testable internal import Simulation

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

extension ClusterTests {
  /// The election with the chart's Lease and rights on a real API server: real processes of ours, and one of client-go's, read by kubectl.
  @Suite(.serialized)
  struct ElectionTests {
    /// As the chart names it for the release of scripts/chart.py.
    private static let lease = "mind-kube-mind-observer"
    /// client-go's defaults, which are ours: longer than this without a renewal, and another takes the Lease.
    private static let leaseDuration = Duration.seconds(15)

    let cluster: TestCluster
    private let time = SystemTime()

    init() throws {
      cluster = try #require(TestCluster.prepared)
    }

    private func arguments(_ identity: String) -> [String] {
      [
        "watch", "--leader-elect", "true", "--set", "leaderElection.namespace=\(cluster.namespace)", "--set",
        "leaderElection.name=\(Self.lease)", "--set", "leaderElection.identity=\(identity)",
      ]
    }

    /// The Lease as kubectl prints it.
    private func lease() async throws -> JSONValue {
      try JSONValue(parsing: Array(try await cluster.kubectl("get", "lease", Self.lease, "-o", "json").utf8))
    }

    private func holder() async throws -> String { try await lease().at("spec", "holderIdentity")?.text ?? "" }

    /// Waits until the holder is one that is wanted; how long it took.
    private func waits(for isWanted: (String) -> Bool) async throws -> Duration {
      let begin = time.monotonic
      while !isWanted(try await holder()) { try await Task.sleep(for: .milliseconds(100)) }
      return begin.duration(to: time.monotonic)
    }

    /// The record has the fields that client-go writes, in the form that it writes them in.
    private func check(_ lease: JSONValue, holder: String, transitions: Int? = nil) throws {
      let spec = try #require(lease["spec"])
      #expect(
        Set(spec.members.map(\.key)) == [
          "acquireTime", "holderIdentity", "leaseDurationSeconds", "leaseTransitions", "renewTime",
        ])
      #expect(spec["holderIdentity"]?.text == holder)
      #expect(spec["leaseDurationSeconds"]?.int == 15)
      if let transitions { #expect(spec["leaseTransitions"]?.int == transitions) }
      for field in ["acquireTime", "renewTime"] {
        let text = try #require(spec[field]?.text)
        // MicroTime: 2006-01-02T15:04:05.000000Z
        #expect(text.count == 27 && text.last == "Z" && Timestamp(rfc3339: text) != nil, "\(field): \(text)")
      }
      // What Helm wrote on it stays.
      #expect(lease.at("metadata", "labels", "app.kubernetes.io/managed-by")?.text == "Helm")
    }

    @Test(
      "SIGTERM hands over within a retry period, kill -9 within the lease; nothing is lost, repeats have the same id",
      .timeLimit(.minutes(10)))
    func twoOfOurs() async throws {
      let orchestrator = try MockOrchestrator(time: time)
      try await orchestrator.serving { url in
        let program = cluster.watching(deliveringTo: url)
        let first = try await program.run(arguments("first")) { first in
          defer { kill(first, SIGTERM) }
          _ = try await waits { $0 == "first" }
          let begin = try await lease()
          try check(begin, holder: "first")
          let transitions = begin.at("spec", "leaseTransitions")?.int ?? 0
          try await orchestrator.receiver.waitForAccepted(ClusterTests.failures.count)

          _ = try await program.killed(arguments("second")) {
            // It follows, which it says once it has seen the Lease; the first goes on renewing.
            let renewed = try await lease().at("spec", "renewTime")?.text
            while try await lease().at("spec", "renewTime")?.text == renewed {
              try await Task.sleep(for: .milliseconds(100))
            }
            #expect(try await holder() == "first")
            try await Task.sleep(for: .seconds(3))
            kill(first, SIGTERM)
            _ = try await waits { $0 != "first" }
            let took = try await waits { $0 == "second" }
            #expect(took < .seconds(4), "it waited for the lease to run out: \(took)")
            // A release by the first, and an acquisition.
            try check(try await lease(), holder: "second", transitions: transitions + 1)
          }
          // That one was killed without a word.
          let third = try await program.running(arguments("third")) {
            let took = try await waits { $0 == "third" }
            #expect(took > .seconds(8) && took < Self.leaseDuration + .seconds(8), "\(took)")
            try check(try await lease(), holder: "third", transitions: transitions + 2)
          }
          #expect(third.status == 0, "\(third.errors.suffix(2_000))")
          #expect(try await holder() == "")
        }
        #expect(first.status == 0, "\(first.errors.suffix(2_000))")
        #expect(first.errors.contains("lease released"))
      }
      let received = orchestrator.receiver.incidents
      let ids = Set(received.filter { $0.outcome == .accepted }.map(\.id))
      #expect(received.allSatisfy { ids.contains($0.id) })
      for failure in ClusterTests.failures {
        #expect(received.contains { $0.context.workload.pod.hasPrefix("\(failure.app)-") }, "\(failure.app) is missing")
      }
    }

    @Test(
      "client-go's own candidate waits for ours, takes over from it, and is waited for",
      .enabled(if: TestCluster.prepared?.controllerManager != nil, "no kube-controller-manager"),
      .timeLimit(.minutes(10)))
    func clientGo() async throws {
      let manager = try #require(cluster.controllerManager)
      let orchestrator = try MockOrchestrator(time: time)
      try await orchestrator.serving { url in
        let program = cluster.watching(deliveringTo: url)
        let ours = try await program.run(arguments("ours")) { ours in
          defer { kill(ours, SIGTERM) }
          _ = try await waits { $0 == "ours" }
          let theirs = [
            "--kubeconfig", cluster.administrator, "--port=0", "--secure-port=0", "--controllers=ttl",
            "--leader-elect=true",
            "--leader-elect-resource-lock=leases", "--leader-elect-resource-namespace=\(cluster.namespace)",
            "--leader-elect-resource-name=\(Self.lease)",
          ]
          let outcome = try await manager.killed(theirs) {
            // Longer than a retry period of client-go's: it reads our record and stays away.
            try await Task.sleep(for: .seconds(6))
            #expect(try await holder() == "ours")
            let before = try await lease().at("spec", "leaseTransitions")?.int ?? 0
            kill(ours, SIGTERM)
            let took = try await waits { !$0.isEmpty && $0 != "ours" }
            // Its retry period with jitter is 2 to 4.4 s, and ours took some of it to end.
            #expect(took < .seconds(10), "client-go did not take our release for one: \(took)")
            // The record that client-go writes has what ours has.
            let theirs = try await lease()
            try check(theirs, holder: try await holder(), transitions: before + 1)
            let again = try await program.running(arguments("again")) {
              try await Task.sleep(for: .seconds(4))
              #expect(try await holder() != "again", "ours took the Lease from client-go, which renews it")
            }
            #expect(again.status == 0)
          }
          #expect(outcome.errors.contains("attempting to acquire leader lease"), "\(outcome.errors.suffix(2_000))")
          #expect(outcome.errors.contains("successfully acquired lease"), "\(outcome.errors.suffix(2_000))")
        }
        #expect(ours.status == 0)
        // What a killed candidate of client-go's held is ours once its lease is over.
        let last = try await program.running(arguments("last")) {
          let took = try await waits { $0 == "last" }
          #expect(took < Self.leaseDuration + .seconds(8), "\(took)")
        }
        #expect(last.status == 0)
      }
    }
  }
}
