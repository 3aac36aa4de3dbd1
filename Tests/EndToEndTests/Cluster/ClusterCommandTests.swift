internal import Contract
internal import FoundationEssentials
internal import Telemetry
internal import Testing

@testable internal import Simulation

extension ClusterTests {
  /// The other ways to run `watch` against a real API server with the chart's rights.
  @Suite(.serialized)
  struct CommandTests {
    let cluster: TestCluster

    init() throws {
      cluster = try #require(TestCluster.prepared)
    }

    /// The API server's account of what the program asked for since `line`: verb, resource and path.
    private func requests(since line: Int) throws -> [(verb: String, resource: String, uri: String)] {
      try auditLines().dropFirst(line).compactMap { line in
        let event = try JSONValue(parsing: Array(line.utf8))
        guard event.at("user", "username")?.text?.hasPrefix("system:serviceaccount:\(cluster.namespace):") == true
        else {
          return nil
        }
        let reference = event["objectRef"]
        let resource = [reference?["resource"]?.text, reference?["subresource"]?.text].compactMap(\.self)
        return (event["verb"]?.text ?? "", resource.joined(separator: "/"), event["requestURI"]?.text ?? "")
      }
    }

    private func auditLines() throws -> [Substring] {
      let log = try #require(cluster.auditLog)
      return String(decoding: try Data(contentsOf: URL(filePath: log)), as: UTF8.self).split(separator: "\n")
    }

    @Test(
      "at most 12 GETs for an incident, and no list of pods after the first, by the API server's own account",
      .enabled(if: TestCluster.prepared?.auditLog != nil, "this API server keeps no account for us"),
      .timeLimit(.minutes(15)))
    func cost() async throws {
      let orchestrator = try MockOrchestrator(time: SystemTime())
      let before = try auditLines().count
      let outcome = try await orchestrator.serving { url in
        try await cluster.watching(deliveringTo: url).running(["watch", "--leader-elect", "false"]) {
          try await orchestrator.receiver.waitForAccepted(ClusterTests.failures.count)
        }
      }
      #expect(outcome.status == 0)
      let requests = try requests(since: before)
      let harvest = requests.filter { $0.resource != "pods" || $0.verb == "get" }.filter {
        $0.verb == "get" || $0.verb == "list"
      }
      // Each harvest lists the events of its pod. There are as many as incidents, or more: one may be under way when the program is asked
      // to end.
      let harvested = Set(harvest.filter { $0.resource == "events" }.map(\.uri)).count
      #expect(harvested >= orchestrator.receiver.acceptedCount, "\(harvest)")
      // The start asks for the cluster's identity.
      #expect(harvest.count <= 12 * harvested + 1, "\(harvested) incidents: \(harvest)")
      let logs = harvest.filter { $0.resource == "pods/log" }
      #expect(logs.count >= ClusterTests.failures.count - 1, "one of them never ran: \(logs)")
      let lists = requests.filter { $0.resource == "pods" && $0.verb == "list" }
      #expect(lists.count == 1, "\(lists)")
      #expect(requests.allSatisfy { ["get", "list", "watch"].contains($0.verb) }, "it only reads")
    }

    @Test("preflight with the chart's rights, with none, and without the server", .timeLimit(.minutes(15)))
    func preflight() async throws {
      let orchestrator = try MockOrchestrator(time: SystemTime())
      try await orchestrator.serving { url in
        let program = cluster.watching(deliveringTo: url)
        let elected = [
          "watch", "--preflight", "-o", "json", "--leader-elect", "true", "--set",
          "leaderElection.namespace=\(cluster.namespace)", "--set", "leaderElection.name=mind-kube-mind-observer",
        ]
        let granted = try await program.run(elected)
        let report = try JSONValue(parsing: Array(granted.output.utf8))
        let bad = report["findings"]?.elements.filter { $0["status"]?.text != "ok" } ?? []
        #expect(granted.status == 0 && report["verdict"]?.text == "ready", "\(bad)")
        #expect((report["findings"]?.elements.filter { $0["area"]?.text == "permission" }.count ?? 0) >= 8)

        // The observer's own token may not impersonate; the administrator's certificate may, as somebody without rights.
        let nobody = FileManager.default.temporaryDirectory.appending(path: "nobody-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: nobody) }
        var config = try JSONValue(
          parsing: Array(
            try await cluster.kubectl("config", "view", "--raw", "--minify", "--flatten", "-o", "json").utf8))
        var user = try #require(config["users"]?.elements.first)
        user["user"]?["as"] = "nobody"
        config["users"] = [user]
        try Data(config.encoded).write(to: URL(filePath: nobody))
        let denied = try await program.run(elected + ["--kubeconfig", nobody])
        let refusal = try JSONValue(parsing: Array(denied.output.utf8))
        #expect(denied.status == 1 && refusal["verdict"]?.text == "unusable", "\(denied.output) \(denied.errors)")
        let missing = refusal["findings"]?.elements.filter { $0["status"]?.text == "missing" } ?? []
        #expect(missing.count >= 8 && missing.allSatisfy { $0["detail"]?.text?.isEmpty == false }, "\(missing)")
      }
    }

    @Test("what --record wrote has the failures and no secret, and replay finds them again", .timeLimit(.minutes(15)))
    func recordAndReplay() async throws {
      let file = FileManager.default.temporaryDirectory.appending(path: "recording-\(UUID().uuidString)").path
      defer { try? FileManager.default.removeItem(atPath: file) }
      let orchestrator = try MockOrchestrator(time: SystemTime())
      let outcome = try await orchestrator.serving { url in
        try await cluster.watching(deliveringTo: url).running(["watch", "--record", file]) {
          try await orchestrator.receiver.waitForAccepted(ClusterTests.failures.count)
        }
      }
      #expect(outcome.status == 0, "\(outcome.errors)")
      let recorded = String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self)
      #expect(!recorded.contains(cluster.secret))
      #expect(recorded.contains("[REDACTED]"), "the secret stands in a container's environment")
      #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)

      let replayed = try await cluster.program.run(["replay", file, "--json"])
      #expect(replayed.status == 0, "\(replayed.errors)")
      let found = try JSONValue(parsing: Array(replayed.output.utf8))
      #expect(found["skipped"]?.int == 0)
      for (app, failure, _) in ClusterTests.failures {
        let name =
          switch failure {
          case .oomKilled: "OOMKilled"
          case .imagePullBackOff: "ImagePullBackOff"
          default: "CrashLoopBackOff"
          }
        #expect(
          found["failures"]?.elements.contains {
            $0["pod"]?.text?.hasPrefix("\(app)-") == true && $0["failure"]?.text == name
          } == true, "\(app): \(replayed.output)")
      }
    }
  }
}
