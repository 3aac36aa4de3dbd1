import Kubernetes
import Testing
import Time

@testable import Incidents

private let replicaSet = OwnerReference(apiVersion: "apps/v1", kind: "ReplicaSet", name: "api-rs", uid: "rs-1")

private func failing(
  _ state: ContainerState = .waiting(reason: "CrashLoopBackOff", message: ""), restarts: Int = 2,
  last: Termination? = Termination(exitCode: 1, containerID: "containerd://1"), owner: OwnerReference? = replicaSet
) -> Occurrence {
  let container = ContainerSnapshot(name: "api", restartCount: restarts, state: state, lastTermination: last)
  return Occurrence(
    identity: .init(podUID: "pod-1", container: "api", failureClass: .crashLoopBackOff, subject: "", time: 0),
    pod: PodSnapshot(namespace: "shop", name: "api-x", uid: "pod-1", controller: owner, containers: [container]),
    container: container, reason: "CrashLoopBackOff")
}

private func ok(_ body: String, status: Int = 200) -> Result<APIResponse, APIError> {
  .success(APIResponse(status: status, body: Array(body.utf8)))
}

private func object(_ kind: String, uid: String, name: String = "n", more: String = "") -> String {
  """
  {"kind":"\(kind)","apiVersion":"v1","metadata":{"name":"\(name)","namespace":"shop","uid":"\(uid)","resourceVersion":"7",\
  "managedFields":[{"manager":"x"}]\(more)}}
  """
}

private let deployment = """
  ,"ownerReferences":[{"apiVersion":"apps/v1","kind":"Deployment","name":"api","uid":"d-1","controller":true}]
  """

@Suite("Harvest")
struct HarvestMachineTests {
  @Test("everything is asked for at once, what depends on an answer afterwards, and all of it becomes evidence")
  func wholeWay() {
    var machine = HarvestMachine(failing(), options: HarvestOptions())
    let first = machine.started()
    #expect(
      first.map(\.request.target) == [
        "/api/v1/namespaces/shop/pods/api-x",
        "/api/v1/namespaces/shop/events?fieldSelector=involvedObject.uid%3Dpod-1&limit=500",
        "/api/v1/namespaces/shop/pods/api-x/log?container=api&previous=true&tailLines=800",
        "/api/v1/namespaces/shop/pods/api-x/log?container=api&tailLines=800",
        "/apis/apps/v1/namespaces/shop/replicasets/api-rs",
      ])
    let pod = """
      {"kind":"Pod","apiVersion":"v1","metadata":{"name":"api-x","namespace":"shop","uid":"pod-1","managedFields":[]},
      "spec":{"containers":[{"name":"api","envFrom":[{"configMapRef":{"name":"settings"}}]}]}}
      """
    let configMaps = machine.answered(.pod, ok(pod))
    #expect(configMaps.map(\.request.path) == ["/api/v1/namespaces/shop/configmaps/settings"])
    let owners = machine.answered(
      .owner(.replicaSet, name: "api-rs"), ok(object("ReplicaSet", uid: "rs-1", more: deployment)))
    #expect(owners.map(\.request.path) == ["/apis/apps/v1/namespaces/shop/deployments/api"])
    #expect(machine.answered(.owner(.deployment, name: "api"), ok(object("Deployment", uid: "d-1"))).isEmpty)
    #expect(machine.answered(.configMap(name: "settings"), ok(object("ConfigMap", uid: "c-1"))).isEmpty)
    _ = machine.answered(.log(previous: false), ok("new run\n"))
    _ = machine.answered(.log(previous: true), ok("crash\n"))
    #expect(!machine.isComplete)
    _ = machine.answered(.events, ok("{\"kind\":\"EventList\",\"apiVersion\":\"v1\",\"metadata\":{},\"items\":[]}"))
    #expect(machine.isComplete)

    let evidence = machine.finished()
    #expect(evidence.manifests.map(\.kind) == ["Pod", "ReplicaSet", "ConfigMap", "Deployment"])
    #expect(evidence.manifests.allSatisfy { !String(decoding: $0.json, as: UTF8.self).contains("managedFields") })
    #expect(evidence.owners.map(\.reference.name) == ["api-rs", "api"])
    #expect(evidence.owners.map(\.verified) == [true, true])
    #expect(evidence.logs.map(\.previous) == [true, false])
    #expect(evidence.gaps.isEmpty)
  }

  @Test(
    "logs are asked for by the state of the container",
    arguments: [
      (failing(), [true, false]), (failing(.running(startedAt: nil)), [true, false]),
      (failing(.terminated(Termination(exitCode: 1)), restarts: 0, last: nil), [false]),
      (failing(.terminated(Termination(exitCode: 1)), restarts: 1, last: nil), [true, false]),
      (failing(.waiting(reason: "ErrImagePull", message: ""), restarts: 0, last: nil), []),
    ])
  func logs(occurrence: Occurrence, asked: [Bool]) {
    var machine = HarvestMachine(occurrence, options: HarvestOptions())
    let previous = machine.started().compactMap { step -> Bool? in
      if case .log(let previous) = step.source { previous } else { nil }
    }
    #expect(previous == asked)
    if asked.isEmpty { #expect(machine.finished().gaps.map(\.source) == ["log/api/current"]) }
  }

  @Test("one text for both runs is one log")
  func sameLog() {
    var machine = HarvestMachine(failing(), options: HarvestOptions())
    _ = machine.started()
    _ = machine.answered(.log(previous: true), ok("x\n"))
    _ = machine.answered(.log(previous: false), ok("x\n"))
    let logs = machine.finished().logs
    #expect(logs.map(\.previous) == [true])
    #expect(logs[0].alsoCurrent)
  }

  @Test(
    "each failure of a request is a gap with its reason",
    arguments: [
      (
        HarvestMachine.Source.log(previous: true),
        Result<APIResponse, APIError>.failure(APIError(.status(400), "not found")), EvidenceGap.Reason.unavailable,
        "log/api/previous", 400
      ),
      (
        .log(previous: false), ok("unable to retrieve container logs for containerd://1"), .unavailable,
        "log/api/current", 0
      ),
      (.log(previous: false), ok("", status: 204), .unavailable, "log/api/current", 0),
      (.events, .failure(APIError(.forbidden, "no")), .forbidden, "events", 403),
      (.events, ok("nonsense"), .error, "events", 0),
      (.pod, .failure(APIError(.notFound, "gone")), .notFound, "manifest/Pod/api-x", 404),
      (.pod, ok("[]"), .error, "manifest/Pod/api-x", 0),
      (
        .owner(.replicaSet, name: "api-rs"), .failure(APIError(.timeout, "late")), .timeout,
        "manifest/ReplicaSet/api-rs", 0
      ),
      (
        .owner(.replicaSet, name: "api-rs"), ok(object("ReplicaSet", uid: "other")), .replaced,
        "manifest/ReplicaSet/api-rs", 0
      ),
      (.log(previous: true), .failure(APIError(.status(500), "kubelet down")), .error, "log/api/previous", 500),
    ])
  func gaps(
    source: HarvestMachine.Source, result: Result<APIResponse, APIError>, reason: EvidenceGap.Reason, name: String,
    status: Int
  ) {
    var machine = HarvestMachine(failing(), options: HarvestOptions())
    _ = machine.started()
    #expect(machine.answered(source, result).isEmpty)
    let gaps = machine.finished().gaps
    #expect(gaps.map(\.reason) == [reason])
    #expect(gaps.map(\.source) == [name])
    #expect(gaps.map(\.httpStatus) == [status])
  }

  @Test("what is late is a gap, and a later answer changes nothing")
  func deadline() {
    var machine = HarvestMachine(failing(), options: HarvestOptions())
    let steps = machine.started()
    machine.deadlinePassed()
    #expect(machine.isComplete)
    let evidence = machine.finished()
    #expect(evidence.gaps.count == steps.count)
    #expect(evidence.gaps.allSatisfy { $0.reason == .timeout })
    #expect(evidence.owners.map(\.verified) == [false])
    #expect(machine.answered(.pod, ok(object("Pod", uid: "pod-1"))).isEmpty)
    #expect(machine.finished() == evidence)
  }

  @Test("a pod of the same name that is another one gives neither its manifest nor its log")
  func replaced() {
    var machine = HarvestMachine(failing(), options: HarvestOptions())
    _ = machine.started()
    _ = machine.answered(.log(previous: false), ok("a stranger's log\n"))
    _ = machine.answered(.pod, ok(object("Pod", uid: "pod-2")))
    let evidence = machine.finished()
    #expect(evidence.logs.isEmpty && evidence.manifests.isEmpty)
    #expect(evidence.gaps.map(\.reason) == [.replaced, .replaced])
  }

  @Test("an owner that the role may not read is known from its reference, and nobody asks for it")
  func otherOwner() {
    let owner = OwnerReference(apiVersion: "apps/v1", kind: "StatefulSet", name: "db", uid: "s-1")
    var machine = HarvestMachine(failing(owner: owner), options: HarvestOptions())
    #expect(!machine.started().contains { $0.request.path.contains("statefulsets") })
    #expect(machine.finished().owners == [OwnerEvidence(reference: owner, verified: false)])
  }

  @Test("an incident costs at most 12 requests, and ConfigMaps can be switched off")
  func limits() {
    let references = (0..<20).map { "{\"configMapRef\":{\"name\":\"c\($0)\"}}" }.joined(separator: ",")
    let pod = """
      {"kind":"Pod","apiVersion":"v1","metadata":{"name":"api-x","uid":"pod-1"},
      "spec":{"containers":[{"name":"api","envFrom":[\(references)]}]}}
      """
    var machine = HarvestMachine(failing(), options: HarvestOptions())
    var count = machine.started().count
    count += machine.answered(.pod, ok(pod)).count
    count +=
      machine.answered(.owner(.replicaSet, name: "api-rs"), ok(object("ReplicaSet", uid: "rs-1", more: deployment)))
      .count
    // The twelfth is for the ReplicaSets of a young rollout.
    #expect(count == 11)
    #expect(machine.finished().gaps.filter { $0.reason == .truncated }.count == 15)

    var off = HarvestOptions()
    off.configMaps = false
    var without = HarvestMachine(failing(), options: off)
    _ = without.started()
    #expect(without.answered(.pod, ok(pod)).isEmpty)
    #expect(without.finished().gaps.map(\.reason) == [.disabled])
  }
}
