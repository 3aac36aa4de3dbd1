import Testing
import Time

@testable import Simulation

/// The simulated server against answers of the real one: same status, same body but for the white space.
@Suite("Answers as a real API server gives them")
struct RecordedAnswersTests {
  private static let now = Timestamp(seconds: 1_795_399_600)
  private static let token = "t"

  /// A model that holds the recorded objects, with the recorded role.
  private func model() throws -> ClusterModel {
    var model = ClusterModel(options: SimulatedCluster.Options())
    model.access = .observer(token: Self.token)
    for name in try Fixture.names("objects") where name.hasPrefix("pod-") && !name.hasSuffix(".txt") {
      let pod = try Fixture.json("objects/\(name)")
      _ = try model.store.create(
        .pod, "shop", pod.at("metadata", "name")?.text ?? "", uid: pod.at("metadata", "uid")?.text ?? "", pod)
    }
    return model
  }

  private func body(_ answer: APIAnswer) -> APIBody? {
    if case .body(let body) = answer { body } else { nil }
  }

  @Test(
    "errors",
    arguments: [
      "400-bad-fieldselector.json", "400-bad-limit.json", "401-bad-token.json", "403-anonymous.json",
      "403-delete-pod.json", "403-exec.json", "403-jobs.json", "403-nodes.json", "403-secrets.json",
      "403-statefulsets.json", "403-unknown-group.json", "403-unknown-resource.json", "403-watch-secrets.json",
      "404-deployment.json", "404-pod-log.json", "404-pod.json", "404-unknown-path.txt", "406-accept.json",
      "410-list-exact-rv.json", "500-list-bad-resourceversion.json", "500-watch-bad-resourceversion.json",
    ])
  func errors(name: String) throws {
    var model = try model()
    model.store.compact()
    let header = String(decoding: try Fixture.bytes("errors/\(name).http.txt"), as: UTF8.self)
    let words = header.split(separator: "\n")[0].split(separator: " ").map(String.init)
    let authorization: String? =
      name.hasPrefix("401") ? "Bearer wrong" : header.contains("Authorization") ? "Bearer \(Self.token)" : nil
    let call = APICall(
      method: words[1], target: words[2], authorization: authorization,
      accept: header.contains("Accept: text/html") ? "text/html" : "*/*")
    let answer = try #require(body(model.answer(call, now: Self.now)))
    #expect(answer.status == Int(name.prefix(3)))
    #expect(try JSONValue(parsing: answer.bytes) == (try Fixture.json("errors/\(name)")))
  }

  @Test(
    "refused logs",
    arguments: [
      "config-error.400.json", "container-not-named.400.json", "container-unknown.400.json",
      "image-not-pulled.400.json", "init-not-finished.400.json", "previous-none.400.json",
    ])
  func refusedLogs(name: String) throws {
    var model = try model()
    if name.hasPrefix("image") || name.hasPrefix("config") {
      // The recorded object is older or newer than the recorded refusal: bring it to the state named there.
      let app = name.hasPrefix("image") ? "catalog-indexer" : "notifier"
      let pod = try #require(try model.store.list(.pod).first { $0.name.hasPrefix(app) })
      var value = pod.value
      let reason: JSONValue = name.hasPrefix("image") ? "ErrImagePull" : "CreateContainerConfigError"
      var status = value.at("status", "containerStatuses")?.elements ?? []
      status[0]["state"] = ["waiting": ["reason": reason]]
      value["status"]?["containerStatuses"] = .array(status)
      _ = try model.store.replace(.pod, "shop", pod.name, value)
    }
    let call = APICall(
      target: try Fixture.target("logs/\(name)"), authorization: "Bearer \(Self.token)", accept: "*/*")
    let answer = try #require(body(model.answer(call, now: Self.now)))
    #expect(answer.status == 400)
    #expect(try JSONValue(parsing: answer.bytes) == (try Fixture.json("logs/\(name)")))
  }

  @Test("a continue token of an expired list is refused with a fresh one, which works")
  func expiredContinue() throws {
    var model = try model()
    model.access = nil
    func list(_ query: String) throws -> (Int, JSONValue) {
      let answer = try #require(
        body(model.answer(APICall(target: "/api/v1/namespaces/shop/pods?limit=2\(query)"), now: Self.now)))
      return (answer.status, try JSONValue(parsing: answer.bytes))
    }
    let (_, first) = try list("")
    #expect(first["items"]?.elements.count == 2)
    #expect(first.at("metadata", "remainingItemCount")?.int == (try model.store.list(.pod).count) - 2)
    let token = first.at("metadata", "continue")?.text ?? ""
    try model.store.delete(.pod, "shop", try model.store.list(.pod)[3].name)
    let (status, second) = try list("&continue=\(token)")
    #expect(status == 200)
    #expect(second.at("metadata", "resourceVersion") == first.at("metadata", "resourceVersion"))
    model.store.compact()
    let (gone, refusal) = try list("&continue=\(token)")
    #expect(gone == 410)
    var recorded = try Fixture.json("errors/410-expired-continue.json")
    let fresh = refusal.at("metadata", "continue")?.text ?? ""
    recorded["metadata"]?["continue"] = .string(fresh)
    #expect(refusal == recorded)
    #expect(try list("&continue=\(fresh)").0 == 200)
    #expect(try list("&continue=zzz").0 == 400)
  }

  @Test("resourceVersion=0 ignores the limit; a version of the future is refused")
  func versions() throws {
    var model = try model()
    model.access = nil
    func answer(_ query: String) throws -> APIBody {
      try #require(body(model.answer(APICall(target: "/api/v1/pods?\(query)"), now: Self.now)))
    }
    let all = try JSONValue(parsing: answer("resourceVersion=0&limit=2").bytes)
    #expect(all["items"]?.elements.count == (try model.store.list(.pod).count))
    let future = try answer("resourceVersion=99999999&resourceVersionMatch=NotOlderThan")
    var recorded = try Fixture.json("errors/504-list-rv-in-the-future.json")
    recorded["message"] = .string(
      "Timeout: Too large resource version: 99999999, current: \(model.store.revision)")
    #expect(try JSONValue(parsing: future.bytes) == recorded)
    #expect(future.headers == [APIBody.Header("Retry-After", "1")])
  }

  @Test("a pod without a node has no log, a lost log is a text, and limitBytes drops the newest lines")
  func logs() throws {
    var model = try model()
    model.access = nil
    func log(_ query: String) throws -> APIBody {
      let name = try #require(try model.store.list(.pod).first { $0.name.hasPrefix("image-resizer") }).name
      return try #require(
        body(model.answer(APICall(target: "/api/v1/namespaces/shop/pods/\(name)/log?\(query)"), now: Self.now)))
    }
    #expect(
      String(decoding: try log("").bytes, as: UTF8.self).hasPrefix(
        "unable to retrieve container logs for containerd://"))
    let pod = try #require(try model.store.list(.pod).first { $0.name.hasPrefix("image-resizer") })
    let run = try #require(
      pod.value.at("status", "containerStatuses")?.elements[0].at("lastState", "terminated", "containerID")?.text)
    var file = ContainerLog()
    for index in 1...9 {
      file.append(
        ContainerLog.Line(time: Self.now.advanced(by: .microseconds(index)), bytes: Array("line \(index)".utf8)))
    }
    model.logs[run] = file
    #expect(try log("previous=true&tailLines=2").bytes == Array("line 8\nline 9\n".utf8))
    #expect(try log("previous=true&tailLines=2&limitBytes=9").bytes == Array("line 8\nli".utf8))
    #expect(
      try log("previous=true&tailLines=1&timestamps=true").bytes
        == Array("2026-11-23T02:06:40.000009000Z line 9\n".utf8))
    #expect(try log("previous=true&tailLines=-1").status == 422)
    #expect(try log("previous=true").isChunked)
    var unscheduled = pod.value
    unscheduled["spec"]?["nodeName"] = nil
    _ = try model.store.replace(.pod, "shop", pod.name, unscheduled)
    #expect(try log("").status == 204)
  }
}
