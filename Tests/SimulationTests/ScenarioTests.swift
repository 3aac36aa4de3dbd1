import Testing
import Time

@testable import Simulation

@Suite("Scenarios")
struct ScenarioTests {
  @Test("the demo has what it promises")
  func demo() {
    let demo = Scenario.demo
    #expect(demo.podCount == 40)
    #expect(demo.expectedFailures.count == 10)
    #expect(Set(demo.expectedFailures.map(\.failureClass)) == Set(Scenario.ExpectedFailure.Class.allCases))
    #expect(demo.expectedFailures.contains { $0.isInit })
    #expect(demo.length > .seconds(6) && demo.length < .seconds(8))
    #expect(Set(demo.plantedSecrets.map(\.value)).count == demo.plantedSecrets.count)
  }

  @Test("every planted secret is there to be found", arguments: ["demo", "bench"])
  func secrets(name: String) throws {
    let scenario = name == "demo" ? Scenario.demo : .bench(pods: 40, failures: 6)
    let cluster = SimulatedCluster(time: ManualTime())
    let player = ScenarioPlayer(scenario, in: cluster, time: ManualTime())
    try player.prepare()
    try player.playAtOnce()
    let objects = [ResourceKind.pod, .configMap, .deployment].flatMap { cluster.objects($0).flatMap(\.body) }
    let logs = cluster.access { $0.logs.values.flatMap { $0.lines.flatMap(\.bytes) } }
    let absent = scenario.plantedSecrets.filter { secret in
      let isInObject = secret.place.contains("env") || secret.place.contains("ConfigMap")
      let isInLog = secret.place.contains("log")
      return (isInObject && !objects.holds(secret.value)) || (isInLog && !logs.holds(secret.value))
        || !(isInObject || isInLog)
    }
    #expect(absent.isEmpty)
  }

  @Test("each expected failure shows in a state of its pod, at its time and not before")
  func expectations() async throws {
    let time = ManualTime()
    let cluster = SimulatedCluster(time: time)
    var scenario = Scenario.bench(pods: 30, failures: 9)
    // Up to the step that shows the failure, and not beyond.
    scenario.steps.removeAll { step in
      guard case .pod(let pod, _) = step.action else { return false }
      return scenario.expectedFailures.contains { $0.pod == pod && $0.offset < step.offset }
    }
    let player = ScenarioPlayer(scenario, in: cluster, time: time)
    try player.prepare()
    let before = cluster.resourceVersion
    try await player.play()
    #expect(player.expectations.count == 9)
    for expectation in player.expectations {
      let changes = cluster.access { model -> [JSONValue] in
        var found: [JSONValue] = []
        var position = before
        while let change = try? model.store.nextChange(.pod, after: position) {
          position = change.object.resourceVersion
          if change.object.uid == expectation.podUID { found.append(change.object.value) }
        }
        return found
      }
      let shown = changes.filter { change in
        let bytes = change.encoded
        return expectation.failure.failureClass.reasons.contains { bytes.holds("\"reason\":\"\($0)\"") }
      }.count
      #expect(shown == 1, "\(expectation.pod)")
    }
  }

  @Test("objects look like real ones")
  func likeness() throws {
    let cluster = SimulatedCluster(time: ManualTime())
    let player = ScenarioPlayer(.demo, in: cluster, time: ManualTime())
    try player.prepare()
    try player.playAtOnce()
    let real = try Fixture.json("objects/pod-image-resizer.json")
    let key = try #require(player.pod(Scenario.PodReference("shop", "image-resizer")))
    let ours = try #require(cluster.object(.pod, key.namespace, key.name))
    let value = try JSONValue(parsing: ours.document)
    #expect(value.members.map(\.key) == real.members.map(\.key))
    #expect(value["metadata"]?.members.map(\.key) == real["metadata"]?.members.map(\.key))
    #expect(value["spec"]?.members.map(\.key) == real["spec"]?.members.map(\.key))
    #expect(value["status"]?.members.map(\.key) == real["status"]?.members.map(\.key))
    #expect(
      value.at("status", "containerStatuses")?.elements[0].members.map(\.key)
        == real.at("status", "containerStatuses")?.elements[0].members.map(\.key))
    let sizes = cluster.objects(.pod).map(\.body.count)
    #expect(sizes.allSatisfy { (2_500...8_000).contains($0) }, "\(sizes)")
    let event = try #require(cluster.objects(.event).first { $0.fields["reason"] == "BackOff" }).value
    let realEvent = try #require(
      try Fixture.json("objects/events-image-resizer.json")["items"]?.elements.first { $0["reason"] == "BackOff" })
    #expect(event.members.map(\.key) == realEvent.members.map(\.key))
  }

  @Test("the same scenario makes the same names")
  func deterministic() throws {
    func names() throws -> [String] {
      let cluster = SimulatedCluster(time: ManualTime())
      let player = ScenarioPlayer(.demo, in: cluster, time: ManualTime())
      try player.prepare()
      return cluster.objects(.pod).map { $0.name + $0.uid }
    }
    #expect(try names() == (try names()))
  }

  @Test("a crash loop as the kubelet reports it")
  func crashLoop() throws {
    let cluster = SimulatedCluster(time: ManualTime())
    let kubelet = SimulatedKubelet(cluster: cluster)
    let key = try kubelet.deploy(
      SimulatedWorkload(namespace: "s", name: "w", containers: [.init("app", image: "i:1")]))[0]
    func status() -> JSONValue {
      cluster.object(.pod, "s", key.name)?.value.at("status", "containerStatuses")?.elements.first ?? nil
    }
    for step in [PodStep.scheduled, .creating, .started(container: "app")] { try kubelet.apply(step, to: key) }
    #expect(status()["restartCount"] == 0)
    try kubelet.apply(.exited(container: "app", exitCode: 1, log: ["first"]), to: key)
    let first = status()["containerID"]?.text
    #expect(status().at("state", "terminated", "exitCode") == 1)
    #expect(status().at("lastState") == [:])
    try kubelet.apply(.started(container: "app"), to: key)
    #expect(status()["restartCount"] == 1)
    #expect(status().at("lastState", "terminated", "containerID")?.text == first)
    try kubelet.apply(.exited(container: "app", exitCode: 1, log: ["second"]), to: key)
    #expect(status().at("lastState", "terminated", "containerID")?.text == first)
    #expect(cluster.access { $0.logs[first ?? ""] } == nil)
    try kubelet.apply(.backOff(container: "app"), to: key)
    #expect(status().at("state", "waiting", "reason") == "CrashLoopBackOff")
    #expect(status().at("lastState", "terminated", "containerID") == status()["containerID"])
    #expect(status()["restartCount"] == 1)
    #expect(throws: SimulationError.self) { try kubelet.apply(.backOff(container: "nope"), to: key) }
  }
}

extension Scenario.ExpectedFailure.Class {
  /// Reasons that a status shows for it.
  fileprivate var reasons: [String] {
    switch self {
    case .crashLoopBackOff: ["CrashLoopBackOff"]
    case .oomKilled: ["OOMKilled"]
    case .imagePullBackOff: ["ImagePullBackOff", "ErrImagePull"]
    }
  }
}
