internal import Incidents
internal import Kubernetes
internal import KubernetesClient
internal import Observer
internal import Redaction
internal import Synchronization
internal import Telemetry
internal import Testing

@testable internal import Simulation
@testable internal import kube_mind

extension WholeProgram {
  /// `harvest --watch` against a cluster that speaks real HTTP.
  @Suite(.timeLimit(.minutes(15)))
  struct LiveHarvestTests {
    private func crashing(_ name: String, run: Int) -> JSONValue {
      [
        "metadata": ["name": .string(name), "namespace": "shop", "uid": .string("uid-\(name)")],
        "spec": ["containers": [["name": "app", "image": "app:1"]]],
        "status": [
          "phase": "Running",
          "containerStatuses": [
            [
              "name": "app", "image": "app:1", "restartCount": JSONValue(run),
              "state": ["waiting": ["reason": "CrashLoopBackOff"]],
              "lastState": [
                "terminated": [
                  "exitCode": 127, "reason": "Error", "containerID": .string("containerd://\(name)-\(run)"),
                ]
              ],
            ]
          ],
        ],
      ]
    }

    @Test("what fails already comes first, what fails then as it does, each once, until so many have come")
    func watch() async throws {
      let time = SystemTime()
      let cluster = SimulatedCluster(time: time)
      let port = try await cluster.start()
      let client = try APIClient(
        access: ClusterAccess(
          server: ServerURL(isTLS: false, host: "127.0.0.1", port: port), credential: .none, clusterName: "test",
          source: "test"),
        logger: WholeProgram.logger, time: time)
      defer { client.shutdown() }
      let harvest = OnDemandHarvest(
        client: client, cluster: ClusterIdentity(name: "test", uid: "test"), options: HarvestOptions(),
        redactor: try Redactor(), toolVersion: "1", time: time)
      try cluster.create(.pod, crashing("one", run: 1))
      let seen = Mutex<[String]>([])
      try await harvest.watch(
        PodScope(namespace: "shop"), with: client, detection: .init(), limit: 2, report: { _ in },
        deliver: { result in
          let incident = try result.get()
          let pod = try incident.sealed().headline.pod
          seen.withLock { $0.append(pod) }
          // The same failure again, and another: only that one is news.
          if pod == "one" {
            try cluster.update(.pod, "shop", "one") { $0["metadata"]?["labels"] = ["x": "y"] }
            try cluster.create(.pod, crashing("two", run: 1))
          }
        })
      await cluster.stop()
      #expect(seen.withLock { $0 } == ["one", "two"])
    }
  }
}
