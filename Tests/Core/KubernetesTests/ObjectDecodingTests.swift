import Documents
import Testing
import Time

@testable import Kubernetes

@Suite("Objects")
struct ObjectDecodingTests {
  @Test func recordedEvents() throws {
    let events = try EventSnapshot.list(json: Fixture.bytes("events-ledger.json"))
    let scheduled = try #require(events.first { $0.reason == "Scheduled" })
    #expect(scheduled.component == "default-scheduler")
    #expect(scheduled.count == 1)
    #expect(scheduled.lastTime == Timestamp(rfc3339: "2026-11-23T02:05:35.806287Z"))
    let backOff = try #require(events.first { $0.reason == "BackOff" })
    #expect(backOff.type == "Warning")
    #expect(backOff.component == "kubelet")
    #expect(backOff.container == "migrate")
    #expect(backOff.involvedUID == "eadb8413-180e-4049-ae17-22d7897110e0")
    #expect(backOff.count > 1)
    #expect(zip(events, events.dropFirst()).allSatisfy { ($0.lastTime ?? .epoch) <= ($1.lastTime ?? .epoch) })
  }

  @Test(arguments: [
    (
      #""series":{"count":9,"lastObservedTime":"2026-01-01T00:00:04Z"},"count":2,"lastTimestamp":"2026-01-01T00:00:03Z""#,
      4, 9
    ),
    (#""count":2,"lastTimestamp":"2026-01-01T00:00:03Z","eventTime":"2026-01-01T00:00:02Z""#, 3, 2),
    (#""lastTimestamp":null,"eventTime":"2026-01-01T00:00:02Z""#, 2, 1),
    (#""count":0"#, 1, 1),
  ])
  func timeOfAnEvent(members: String, second: Int64, count: Int) throws {
    let text = #"{"items":[{"metadata":{"name":"e","creationTimestamp":"2026-01-01T00:00:01Z"},"# + members + "}]}"
    let event = try #require(try EventSnapshot.list(json: Array(text.utf8)).first)
    #expect(event.lastTime?.seconds == 1_767_225_600 + second)
    #expect(event.count == count)
  }

  @Test func owners() throws {
    let set = try ObjectMetadata(json: Fixture.bytes("replicaset-ledger.json"))
    #expect(set.kind == "ReplicaSet")
    #expect(set.apiVersion == "apps/v1")
    #expect(set.controller?.kind == "Deployment")
    #expect(set.controller?.name == "ledger")
    #expect(set.createdAt != nil)
    let pod = try PodSnapshot(json: Fixture.bytes("pod-ledger.json"))
    #expect(pod.controller?.uid == set.uid)
  }

  @Test func configMapsOfAPod() throws {
    #expect(
      try ConfigMapReference.all(inPod: Fixture.bytes("pod-payments-api.json"))
        == [ConfigMapReference(name: "payments-config")])
    let text = #"""
      {"spec":{"initContainers":[{"name":"a","env":[{"name":"X","valueFrom":{"configMapKeyRef":{"key":"k","name":"one","optional":true}}},
        {"name":"Y","value":"v"},{"name":"Z","valueFrom":{"secretKeyRef":{"name":"secret"}}}]}],
       "containers":[{"envFrom":[{"prefix":"P","configMapRef":{"name":"two","optional":true}},{"secretRef":{"name":"secret"}}],"env":null}],
       "ephemeralContainers":[{"envFrom":[{"configMapRef":{"name":"one"}}]}],
       "volumes":[{"name":"v","configMap":{"name":"three","items":[]}},{"projected":{"sources":[{"configMap":{"name":"four","optional":true}},
        {"secret":{"name":"secret"}}]}},{"secret":{"secretName":"secret"}},{"configMap":{"name":"two","optional":true}}]}}
      """#
    #expect(
      try ConfigMapReference.all(inPod: Array(text.utf8)) == [
        ConfigMapReference(name: "one"), ConfigMapReference(name: "two", optional: true),
        ConfigMapReference(name: "three"),
        ConfigMapReference(name: "four", optional: true),
      ])
  }

  @Test func statuses() throws {
    let forbidden = try #require(StatusBody(json: try Fixture.bytes("403-secrets.json")))
    #expect(forbidden.code == 403)
    #expect(forbidden.message.hasPrefix("secrets is forbidden: User \"system:serviceaccount:kube-mind:observer\""))
    let expired = try #require(StatusBody(json: try Fixture.bytes("410-expired-continue.json")))
    #expect(expired.code == 410)
    #expect(expired.reason == "Expired")
    #expect(!expired.continueToken.isEmpty)
    #expect(StatusBody(json: try Fixture.bytes("pod-ledger.json")) == nil)
    #expect(StatusBody(json: Array("Too many requests".utf8)) == nil)
  }
}
