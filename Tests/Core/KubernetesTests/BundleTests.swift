import Testing
import Time

@testable import Kubernetes

@Suite("Bundles")
struct BundleTests {
  @Test(
    "what a file holds is told from its path",
    arguments: [
      ("dump/shop/pods.json", .objects(kind: "Pod", isYAML: false)),
      ("dump/shop/events.yaml", .objects(kind: "Event", isYAML: true)),
      ("dump/shop/api-1/logs.txt", .markedLogs), ("nodes.json", nil), ("dump/shop/services.json", nil),
      ("must/namespaces/shop/core/pods.yaml", .objects(kind: "Pod", isYAML: true)),
      ("must/namespaces/shop/apps/replicasets.yaml", .objects(kind: "ReplicaSet", isYAML: true)),
      ("must/namespaces/shop/pods/api-1/api-1.yaml", .objects(kind: "Pod", isYAML: true)),
      (
        "must/namespaces/shop/pods/api-1/api/api/logs/previous.log",
        .log(BundleLog(namespace: "shop", pod: "api-1", container: "api", previous: true))
      ),
      ("must/namespaces/shop/pods/api-1/api/api/logs/previous.insecure.log", nil),
      ("b/cluster-resources/pods/shop.json", .objects(kind: "Pod", isYAML: false)),
      ("b/cluster-resources/configmaps/shop.json", .objects(kind: "ConfigMap", isYAML: false)),
      (
        "b/cluster-resources/pods/logs/shop/api-1/api-previous.log",
        .log(BundleLog(namespace: "shop", pod: "api-1", container: "api", previous: true))
      ),
      (
        "b/cluster-resources/pods/logs/shop/api-1/api.log",
        .log(BundleLog(namespace: "shop", pod: "api-1", container: "api", previous: false))
      ),
      ("b/cluster-resources/secrets/shop.json", nil), ("a/../pods.json", nil), ("host/kubelet.log", nil), ("", nil),
      ("pods", nil),
    ] as [(String, BundlePath?)])
  func paths(path: String, holds: BundlePath?) {
    #expect(BundlePath(path) == holds)
  }

  private let pod = #"{"metadata":{"name":"api-1","namespace":"shop","uid":"u-1"},"spec":{},"status":{}}"#

  private func names(_ bundle: ClusterBundle) -> [String] { bundle.pods.map { "\($0.namespace)/\($0.name)" } }

  @Test(
    "lists, arrays and single objects are taken in, with or without their kind",
    arguments: [
      (#"{"kind":"PodList","apiVersion":"v1","items":[POD]}"#, nil),
      (#"{"kind":"List","items":[{"kind":"Pod",REST]}"#, nil),
      (#"{"kind":"List","items":[POD]}"#, "Pod"), ("[POD]", "Pod"), ("POD", "Pod"), (#"{"kind":"Pod",REST"#, nil),
    ] as [(String, String?)])
  func objects(text: String, kind: String?) throws {
    var bundle = ClusterBundle()
    func filled(_ text: String, _ word: String, _ with: String) -> String {
      text.split(separator: word, omittingEmptySubsequences: false).map(String.init).joined(separator: with)
    }
    let json = filled(filled(text, "POD", pod), "REST", String(pod.dropFirst()))
    bundle.add(json: Array(json.utf8), kind: kind)
    #expect(names(bundle) == ["shop/api-1"])
    #expect(bundle.skipped == 0)
    let answer = try bundle.answer(.pod(namespace: "shop", name: "api-1")).get()
    let metadata = try ObjectMetadata(json: answer.body)
    #expect((metadata.apiVersion, metadata.kind, metadata.uid) == (metadata.apiVersion, "Pod", "u-1"))
  }

  @Test(
    "pods by their labels",
    arguments: [
      ("", ["a", "b", "c"]), ("app=x", ["a", "b"]), ("app=x,tier!=db", ["b"]), ("tier", ["a"]), ("!app", ["c"]),
      ("app in (y,z)", []), ("tier notin (db)", ["b", "c"]),
    ] as [(String, [String])])
  func selected(selector: String, expected: [String]) throws {
    var bundle = ClusterBundle()
    let labels = ["a": #"{"app":"x","tier":"db"}"#, "b": #"{"app":"x"}"#, "c": "null"]
    for (name, labels) in labels {
      bundle.add(
        json: Array(#"{"metadata":{"name":"\#(name)","namespace":"n","uid":"\#(name)","labels":\#(labels)}}"#.utf8),
        kind: "Pod")
    }
    #expect(bundle.pods(selectedBy: try #require(LabelSelector(selector))).map(\.name) == expected)
  }

  @Test func yamlIsTheSame() {
    var bundle = ClusterBundle()
    bundle.add(
      yaml: Array(
        """
        ---
        apiVersion: v1
        kind: PodList
        items:
        - metadata: {name: api-1, namespace: shop, uid: "12"}
          status:
            containerStatuses:
            - name: api
              restartCount: 3
              lastState: {terminated: {exitCode: 1, reason: Error, finishedAt: "2026-11-23T02:05:35Z"}}
              state: {waiting: {reason: CrashLoopBackOff}}
        """.utf8), kind: nil)
    #expect(names(bundle) == ["shop/api-1"])
    #expect(bundle.pods.first?.containers.first?.restartCount == 3)
    #expect(bundle.takenAt == Timestamp(rfc3339: "2026-11-23T02:05:35Z"))
  }

  @Test("what is no object is counted, and ends nothing")
  func broken() {
    var bundle = ClusterBundle()
    bundle.add(json: Array("{".utf8), kind: "Pod")
    bundle.add(yaml: Array("a: [".utf8), kind: "Pod")
    bundle.add(json: Array(#"{"kind":"Pod","metadata":{}}"#.utf8), kind: nil)
    bundle.add(json: Array(#"{"kind":"Secret","metadata":{"name":"s"}}"#.utf8), kind: nil)
    #expect(bundle.isEmpty)
    #expect(bundle.skipped == 3)
  }

  @Test("events by uid, logs by their end, and what is not there is said to be missing")
  func answers() throws {
    var bundle = ClusterBundle()
    let event =
      #"{"metadata":{"name":"e"},"involvedObject":{"uid":"u-1"},"lastTimestamp":"2026-11-23T02:05:40Z","reason":"BackOff"}"#
    bundle.add(json: Array(#"{"kind":"EventList","items":[\#(event)]}"#.utf8), kind: nil)
    bundle.add(
      log: BundleLog(namespace: "shop", pod: "api-1", container: "api", previous: false),
      text: Array("one\ntwo\nthree\n".utf8))
    let events = try EventSnapshot.list(json: bundle.answer(.events(namespace: "shop", involvedUID: "u-1")).get().body)
    #expect(events.map(\.reason) == ["BackOff"])
    #expect(
      try EventSnapshot.list(json: bundle.answer(.events(namespace: "shop", involvedUID: "x")).get().body).isEmpty)
    func log(lines: Int, bytes: Int) throws -> (String, Int) {
      let answer = try bundle.answer(
        .podLog(namespace: "shop", name: "api-1", container: "api", tailLines: lines, limit: bytes)
      ).get()
      return (String(decoding: answer.body, as: UTF8.self), answer.omittedBytes)
    }
    #expect(try log(lines: 2, bytes: 100) == ("two\nthree\n", 0))
    #expect(try log(lines: 9, bytes: 100) == ("one\ntwo\nthree\n", 0))
    #expect(try log(lines: 9, bytes: 6) == ("three\n", 8))
    for request in [
      APIRequest.pod(namespace: "shop", name: "x"), .configMap(namespace: "shop", name: "x"), .namespace("shop"),
      .version,
    ] {
      #expect(throws: APIError.self) { try bundle.answer(request).get() }
    }
    let previous = bundle.answer(
      .podLog(namespace: "shop", name: "api-1", container: "api", previous: true, tailLines: 1, limit: 1))
    #expect(throws: APIError(.status(400), "the bundle has no log of that run")) { try previous.get() }
  }

  @Test("a dump on standard output: documents and logs between marks")
  func dump() throws {
    let text = """
      {"kind":"PodList","items":[\(pod)]}
      noise
      ==== START logs for container api of pod shop/api-1 ====
      {"json":"in a log"}
      last line
      ==== END logs for container api of pod shop/api-1 ====
      ==== START logs for container side of pod shop/api-1 ====
      ==== END logs for container side of pod shop/api-1 ====
      [broken
      ==== START logs for container cut of pod shop/api-1 ====
      to the end
      """
    var bundle = ClusterBundle()
    DumpText.read(Array(text.utf8), into: &bundle, logLimit: 10)
    #expect(names(bundle) == ["shop/api-1"])
    let log = bundle.answer(.podLog(namespace: "shop", name: "api-1", container: "api", tailLines: 9, limit: 99))
    #expect(try String(decoding: log.get().body, as: UTF8.self) == "last line\n")
    let cut = bundle.answer(.podLog(namespace: "shop", name: "api-1", container: "cut", tailLines: 9, limit: 99))
    #expect(try String(decoding: cut.get().body, as: UTF8.self) == "to the end")
  }

  @Test("whatever a dump holds, it is read to its end", arguments: 0..<100)
  func fuzz(seed: UInt64) {
    var state = seed
    let pieces = [
      "{", "}", "[", "\"", "\n", "==== START logs for container a of pod b/c ====\n", "==== END logs", ":", "1",
      " of pod ", "/",
    ]
    var text = ""
    for _ in 0..<200 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      text += pieces[Int(state >> 33) % pieces.count]
    }
    var bundle = ClusterBundle()
    DumpText.read(Array(text.utf8), into: &bundle, logLimit: 100)
  }
}
