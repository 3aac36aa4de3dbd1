import Contract
import Documents
import Kubernetes
import Testing
import Time

@testable import Incidents
@testable import Redaction

private func json(_ text: String) throws -> JSONDocument { try JSONDocument(Array(text.utf8)) }

@Suite("Rollouts")
struct RolloutTests {
  @Test func templatesAreComparedByPaths() throws {
    let old = try json(
      #"""
      {"metadata":{"creationTimestamp":null,"labels":{"app":"api","pod-template-hash":"1"},"annotations":{"a.b/c":"x"}},
       "spec":{"containers":[{"name":"api","image":"api:1","args":["--port","80"],"env":[{"name":"LOG","value":"info"},{"name":"OLD","value":"1"}],
       "resources":{"limits":{"memory":"64Mi"}},"livenessProbe":{"httpGet":{"port":80}}},{"name":"side","image":"side:1"}],
       "tolerations":[{"key":"k","operator":"Exists"}]}}
      """#)
    let new = try json(
      #"""
      {"metadata":{"creationTimestamp":null,"labels":{"app":"api","pod-template-hash":"2"},"annotations":{"a.b/c":"y"}},
       "spec":{"containers":[{"name":"side","image":"side:1"},{"name":"api","image":"api:2","args":["--port","81"],"env":[{"name":"LOG","value":"info"},{"name":"NEW","value":"n"}],
       "resources":{"limits":{"memory":"16Mi"}},"livenessProbe":{"httpGet":{"port":81}}}],
       "tolerations":[{"key":"k","operator":"Equal"}]}}
      """#)
    let diff = TemplateDiff(from: old, to: new)
    #expect(
      diff.changes == [
        .init(path: #"metadata.annotations["a.b/c"]"#, kind: .changed, old: "x", new: "y"),
        .init(path: "spec.containers[api].image", kind: .changed, old: "api:1", new: "api:2"),
        .init(path: "spec.containers[api].args", kind: .changed, old: #"["--port","80"]"#, new: #"["--port","81"]"#),
        .init(path: "spec.containers[api].env[NEW].value", kind: .added, new: "n"),
        .init(path: "spec.containers[api].resources.limits.memory", kind: .changed, old: "64Mi", new: "16Mi"),
        .init(path: "spec.containers[api].livenessProbe.httpGet.port", kind: .changed, old: "80", new: "81"),
        .init(path: "spec.tolerations[0].operator", kind: .changed, old: "Exists", new: "Equal"),
        .init(path: "spec.containers[api].env[OLD].value", kind: .removed, old: "1"),
      ])
    #expect(!diff.isTruncated)
    #expect(TemplateDiff(from: old, to: old).changes.isEmpty)
  }

  @Test("many changes and large values are bounded, and say so")
  func bounded() throws {
    let many = (0..<500).map { "\"k\($0)\":\"\($0)\"" }.joined(separator: ",")
    let diff = TemplateDiff(from: try json("{}"), to: try json("{\(many)}"))
    #expect(diff.changes.count == 100)
    #expect(diff.isTruncated)
    let large = TemplateDiff(
      from: try json(#"{"a":"x"}"#), to: try json(#"{"a":"\#(String(repeating: "y", count: 5_000))"}"#))
    #expect(large.changes.map(\.new) == ["(5000 bytes)"])
    #expect(large.isTruncated)
  }

  // MARK: The harvest

  private let created = Timestamp(rfc3339: "2026-11-23T02:05:35Z") ?? .epoch

  private func set(_ name: String, revision: Int, owner: String = "d-1", image: String, more: String = "") -> String {
    #"""
    {"kind":"ReplicaSet","apiVersion":"apps/v1","metadata":{"name":"\#(name)","namespace":"shop","uid":"\#(name)-uid","creationTimestamp":"2026-11-23T02:05:35Z",
    "annotations":{"deployment.kubernetes.io/revision":"\#(revision)"\#(more)},"managedFields":[{"manager":"m"}],
    "ownerReferences":[{"apiVersion":"apps/v1","kind":"Deployment","name":"api","uid":"\#(owner)","controller":true}]},
    "spec":{"template":{"spec":{"containers":[{"name":"api","image":"\#(image)","env":[{"name":"DB_PASSWORD","value":"pw-\#(image)-secret"}]}]}}}}
    """#
  }

  private let deployment = #"""
    {"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"api","namespace":"shop","uid":"d-1"},
    "spec":{"selector":{"matchLabels":{"app":"api"},"matchExpressions":[{"key":"tier","operator":"In","values":["a","b"]}]}},
    "status":{"conditions":[{"type":"Progressing","lastUpdateTime":"2026-11-23T03:00:00Z"}]}}
    """#

  private func failing(after seconds: Int) -> Occurrence {
    let container = ContainerSnapshot(
      name: "api", restartCount: 1, state: .waiting(reason: "CrashLoopBackOff", message: ""),
      lastTermination: Termination(exitCode: 1, containerID: "containerd://1"))
    let owner = OwnerReference(apiVersion: "apps/v1", kind: "ReplicaSet", name: "api-2", uid: "api-2-uid")
    return Occurrence(
      identity: .init(podUID: "p", container: "api", failureClass: .crashLoopBackOff, subject: "", time: 0),
      pod: PodSnapshot(namespace: "shop", name: "api-2-x", uid: "p", controller: owner, containers: [container]),
      container: container, reason: "CrashLoopBackOff", failedAt: created.advanced(by: .seconds(seconds)))
  }

  private func ok(_ body: String) -> Result<APIResponse, APIError> {
    .success(APIResponse(status: 200, body: Array(body.utf8)))
  }

  private func harvest(
    after seconds: Int, more: String = "", options: HarvestOptions = HarvestOptions(),
    list: Result<APIResponse, APIError>? = nil
  ) -> (asked: [String], evidence: Evidence) {
    var machine = HarvestMachine(failing(after: seconds), options: options)
    _ = machine.started()
    _ = machine.answered(.owner(.replicaSet, name: "api-2"), ok(set("api-2", revision: 2, image: "api:2", more: more)))
    let steps = machine.answered(.owner(.deployment, name: "api"), ok(deployment))
    let sets = [
      set("api-1", revision: 1, image: "api:1"), set("api-2", revision: 2, image: "api:2"),
      set("api-0", revision: 0, image: "api:0"), set("other", revision: 1, owner: "d-2", image: "other:9"),
    ]
    if !steps.isEmpty {
      _ = machine.answered(.replicaSets, list ?? ok("{\"metadata\":{},\"items\":[\(sets.joined(separator: ","))]}"))
    }
    return (steps.map(\.request.target), machine.finished())
  }

  @Test("a young rollout is compared with the one before it, by one request more")
  func young() throws {
    let (asked, evidence) = harvest(after: 43)
    #expect(
      asked == [
        "/apis/apps/v1/namespaces/shop/replicasets?labelSelector=app%3Dapi%2Ctier%20in%20%28a%2Cb%29&limit=100"
      ])
    let rollout = try #require(evidence.rollout)
    #expect(rollout.deployment == "api")
    #expect(rollout.previousReplicaSet == "api-1")
    #expect((rollout.previousRevision, rollout.revision) == (1, 2))
    #expect(rollout.beforeFailure == .seconds(43))
    #expect(
      rollout.changes.map(\.path) == ["spec.containers[api].image", "spec.containers[api].env[DB_PASSWORD].value"])
    #expect(evidence.manifests.map(\.name) == ["api-2", "api", "api-1"])
    #expect(!String(decoding: try #require(evidence.manifests.last).json, as: UTF8.self).contains("managedFields"))
  }

  @Test("an old one is not asked about, nor any where that is switched off")
  func old() {
    #expect(harvest(after: 3_600).asked.isEmpty)
    #expect(harvest(after: 3_600).evidence.rollout == nil)
    var off = HarvestOptions()
    off.rolloutAge = .zero
    #expect(harvest(after: 43, options: off).asked.isEmpty)
  }

  @Test("a rollback is as old as the Deployment's progress, not as the ReplicaSet that it took up again")
  func rollback() throws {
    let history = #","deployment.kubernetes.io/revision-history":"1""#
    #expect(harvest(after: 43, more: history).asked.isEmpty)
    let late = harvest(after: 3_300, more: history)
    #expect(try #require(late.evidence.rollout).beforeFailure == .seconds(35))
  }

  @Test("what may not be read is a gap, and the rollout is told all the same")
  func forbidden() throws {
    let (_, evidence) = harvest(after: 5, list: .failure(APIError(.forbidden, "no")))
    #expect(evidence.gaps.map(\.source).contains("rollout"))
    #expect(try #require(evidence.rollout).previousReplicaSet.isEmpty)
    let (_, broken) = harvest(after: 5, list: ok("[]"))
    #expect(broken.rollout?.changes.isEmpty == true)
  }

  @Test("values of a rollout are masked by their keys, before and after")
  func redaction() throws {
    var rollout = RolloutEvidence(
      deployment: "api", replicaSet: "api-2", revision: 2, rolledOutAt: created, beforeFailure: .seconds(43))
    rollout.changes = [
      .init(path: "spec.containers[api].env[DB_PASSWORD].value", kind: .changed, old: "a1", new: "b2 c"),
      .init(path: "spec.containers[api].env[LOG_LEVEL].value", kind: .changed, old: "info", new: "debug"),
      .init(path: #"metadata.annotations["shop.example/api-token"]"#, kind: .added, new: "tok-value-1"),
      .init(
        path: "spec.containers[api].args", kind: .changed, old: #"["--password","hunter2-x"]"#,
        new: #"["--password=s3cret-y"]"#),
      .init(path: "spec.containers[api].image", kind: .changed, old: "api:1", new: "api:2"),
    ]
    var evidence = Evidence()
    evidence.rollout = rollout
    let incident = Incident(
      failing(after: 43), in: ClusterIdentity(name: "", uid: "c"), evidence: evidence,
      timings: StageTimings(detectedAt: created), toolVersion: "1")
    let redacted = try Redactor().redact(incident)
    let text = String(decoding: try redacted.json(), as: UTF8.self)
    for secret in ["a1\"", "b2 c", "tok-value-1", "hunter2-x", "s3cret-y"] { #expect(!text.contains(secret)) }
    let changes = redacted.value.message.rollout.changes
    #expect(changes[0].oldValue == "[REDACTED]")
    #expect(changes[0].newValue == "[REDACTED]")
    #expect(changes[1].newValue == "debug")
    #expect(changes[4].newValue == "api:2")
    #expect(redacted.value.message.rollout.secondsBeforeFailure == 43)
    // What came back from a file is redacted again, and stays.
    let again = try Redactor().redact(try Incident(json: try redacted.json()))
    #expect(again.value.message.rollout == redacted.value.message.rollout)
  }
}
