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

    /// Waits until the holder has renewed the Lease so many times.
    private func renewals(_ count: Int) async throws {
      for _ in 0..<count {
        let before = try await lease().at("spec", "renewTime")?.text
        while try await lease().at("spec", "renewTime")?.text == before {
          try await Task.sleep(for: .milliseconds(100))
        }
      }
    }

    /// A time of the Lease's record.
    private func time(_ field: String) async throws -> Timestamp {
      try #require(try await lease().at("spec", field)?.text.flatMap { Timestamp(rfc3339: $0) })
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
      .timeLimit(.minutes(20)))
    func twoOfOurs() async throws {
      let orchestrator = try MockOrchestrator(time: time)
      let lines = LogFile()
      defer { lines.remove() }
      try await orchestrator.serving { url in
        let program = cluster.watching(deliveringTo: url)
        let first = try await program.run(arguments("first")) { first in
          defer { kill(first, SIGTERM) }
          _ = try await waits { $0 == "first" }
          let begin = try await lease()
          try check(begin, holder: "first")
          let transitions = begin.at("spec", "leaseTransitions")?.int ?? 0
          try await orchestrator.receiver.waitForAccepted(ClusterTests.failures.count)

          var lastSeen = Timestamp(seconds: 0)
          _ = try await program.killed(arguments("second"), errors: lines.path) {
            // It follows, which it says once it has seen the Lease; the first goes on renewing.
            try await lines.wait(for: "standing by")
            try await renewals(1)
            #expect(try await holder() == "first")
            kill(first, SIGTERM)
            _ = try await waits { $0 != "first" }
            let took = try await waits { $0 == "second" }
            // A retry period, and what kubectl takes to show it.
            #expect(took < Self.leaseDuration - .seconds(5), "it waited for the lease to run out: \(took)")
            // A release by the first, and an acquisition.
            try check(try await lease(), holder: "second", transitions: transitions + 1)
            lastSeen = try await time("renewTime")
          }
          // That one was killed without a word.
          let third = try await program.running(arguments("third")) {
            _ = try await waits { $0 == "third" }
            let took = lastSeen.duration(to: try await time("acquireTime"))
            #expect(took >= Self.leaseDuration, "\(took)")
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
      .timeLimit(.minutes(20)))
    func clientGo() async throws {
      let manager = try #require(cluster.controllerManager)
      let (lines, ourLines) = (LogFile(), LogFile())
      defer {
        lines.remove()
        ourLines.remove()
      }
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
            // Words about each look at a Lease of somebody else's.
            "--leader-elect-resource-name=\(Self.lease)", "--v=4",
          ]
          let outcome = try await manager.killed(theirs, errors: lines.path) {
            // It reads our record, and stays away.
            try await lines.wait(for: "has not yet expired", times: 2)
            #expect(try await holder() == "ours")
            let before = try await lease().at("spec", "leaseTransitions")?.int ?? 0
            kill(ours, SIGTERM)
            let took = try await waits { !$0.isEmpty && $0 != "ours" }
            // Its retry period with jitter is 2 to 4.4 s, and ours took some of it to end.
            #expect(took < Self.leaseDuration, "client-go did not take our release for one: \(took)")
            // The record that client-go writes has what ours has.
            let theirs = try await lease()
            try check(theirs, holder: try await holder(), transitions: before + 1)
            let again = try await program.running(arguments("again"), errors: ourLines.path) {
              try await ourLines.wait(for: "standing by")
              try await renewals(2)
              #expect(try await holder() != "again", "ours took the Lease from client-go, which renews it")
            }
            #expect(again.status == 0)
          }
          #expect(outcome.errors.contains("attempting to acquire leader lease"), "\(outcome.errors.suffix(2_000))")
          #expect(outcome.errors.contains("successfully acquired lease"), "\(outcome.errors.suffix(2_000))")
        }
        #expect(ours.status == 0)
        // What a killed candidate of client-go's held is ours once its lease is over.
        let last = try await program.running(arguments("last")) { _ = try await waits { $0 == "last" } }
        #expect(last.status == 0)
      }
    }
  }
}
