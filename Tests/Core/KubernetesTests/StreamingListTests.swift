import Randomness
import Testing
import Time

@testable import Kubernetes

private func pod(_ uid: String, _ version: String = "5") -> PodSnapshot {
  PodSnapshot(namespace: "shop", name: "n-\(uid)", uid: uid, resourceVersion: version)
}

private func at(_ seconds: Int64) -> MonotonicInstant { .origin.advanced(by: .seconds(seconds)) }

private let end = WatchEvent.bookmark(resourceVersion: "9", endsInitialEvents: true)

/// What an action asks for: `stream`, `list rv=0`, `list newest`, `watch rv=9`, `wait`.
private func short(_ action: Reflector.Action) -> String {
  switch action {
  case .end(let error): return "end \(error.code)"
  case .wait: return "wait"
  case .list(let request):
    return request.query.first { $0.name == "resourceVersion" }.map { "list rv=\($0.value)" } ?? "list newest"
  case .watch(let request, _):
    if request.query.contains(.init("sendInitialEvents", "true")) { return "stream" }
    return request.query.first { $0.name == "resourceVersion" }.map { "watch rv=\($0.value)" } ?? "watch"
  }
}

@Suite("Streaming lists")
struct StreamingListTests {
  private func streaming(held: [String] = []) -> Reflector {
    var reflector = Reflector(
      scope: PodScope(), encoding: .protobuf, streamsLists: true, random: SplitMix64(seed: 1))
    #expect(short(reflector.start()) == "stream")
    for uid in held { _ = reflector.eventReceived(.added(pod(uid)), at: at(0)) }
    if !held.isEmpty {
      _ = reflector.eventReceived(end, at: at(0))
      #expect(short(reflector.watchEnded(APIError(.expired, ""), at: at(100))) == "stream")
    }
    return reflector
  }

  @Test func theRequest() throws {
    var reflector = Reflector(
      scope: PodScope(namespace: "shop", labelSelector: "a=b"), encoding: .protobuf, streamsLists: true,
      random: SplitMix64(seed: 1))
    guard case .watch(let request, let idleLimit) = reflector.start() else {
      Issue.record("no watch")
      return
    }
    #expect(
      request.target.hasPrefix(
        "/api/v1/namespaces/shop/pods?labelSelector=a%3Db&watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds="
      ))
    #expect(request.accept == "application/vnd.kubernetes.protobuf, application/json")
    #expect(idleLimit == .seconds(10))
  }

  @Test func theBookmarkSwapsTheState() {
    var reflector = streaming(held: ["a", "b", "c"])
    #expect(reflector.eventReceived(.added(pod("b", "70")), at: at(101)) == .applied(pod("b", "70")))
    #expect(reflector.eventReceived(.added(pod("d", "6")), at: at(101)) == .applied(pod("d", "6")))
    #expect(reflector.eventReceived(.undecodable(resourceVersion: "7"), at: at(101)) == .skipped)
    // Gone while the list was under way: told now, and not again at its end.
    #expect(reflector.eventReceived(.deleted(pod("c", "8")), at: at(101)) == .deleted(pod("c", "8")))
    guard case .synced(let listed, let idleLimit) = reflector.eventReceived(end, at: at(102)) else {
      Issue.record("not synced")
      return
    }
    #expect(listed == .init(deleted: ["a"], count: 2, skipped: 1, resourceVersion: "9"))
    #expect(idleLimit == .seconds(150))
    #expect(reflector.heldCount == 2)
    // The order of the first events says nothing: the version is the bookmark's.
    #expect(short(reflector.watchEnded(nil, at: at(103))) == "watch rv=9")
  }

  @Test func theWatchGoesOnInTheSameStream() {
    var reflector = streaming()
    _ = reflector.eventReceived(.added(pod("a")), at: at(0))
    _ = reflector.eventReceived(end, at: at(0))
    #expect(reflector.eventReceived(.modified(pod("a", "12")), at: at(1)) == .applied(pod("a", "12")))
    #expect(short(reflector.watchEnded(nil, at: at(1))) == "watch rv=12")
  }

  @Test(
    "a server that has none is listed, and not asked again",
    arguments: [
      APIError(.status(422), "sendInitialEvents is forbidden"), APIError(.status(400), ""), APIError(.timeout, ""),
      APIError(.notFound, ""), nil,
    ])
  func unsupported(error: APIError?) {
    var reflector = streaming()
    #expect(short(reflector.watchEnded(error, at: at(0))) == "list rv=0")
    _ = reflector.pageReceived(ListMetadata(resourceVersion: "5"), at: at(1))
    #expect(short(reflector.watchEnded(APIError(.expired, ""), at: at(100))) == "list newest")
  }

  @Test("who may not list is told so at once; a server that has no streaming lists is listed first")
  func refusal() {
    func starting() -> Reflector {
      var reflector = Reflector(
        scope: PodScope(), streamsLists: true, endsIfRefused: true, random: SplitMix64(seed: 1))
      #expect(short(reflector.start()) == "stream")
      return reflector
    }
    for code in [APIError.Code.unauthorized, .forbidden] {
      var reflector = starting()
      #expect(reflector.watchEnded(APIError(code, "no"), at: at(0)) == .end(APIError(code, "no")))
    }
    for code in [APIError.Code.notFound, .status(400)] {
      var reflector = starting()
      #expect(short(reflector.watchEnded(APIError(code, "no"), at: at(0))) == "list rv=0")
      #expect(reflector.listFailed(APIError(code, "no"), at: at(1)) == .end(APIError(code, "no")))
    }
  }

  @Test("an ordinary bookmark comes from a server that does not know the parameter")
  func ordinaryBookmark() {
    var reflector = streaming()
    _ = reflector.eventReceived(.added(pod("a")), at: at(0))
    let outcome = reflector.eventReceived(.bookmark(resourceVersion: "7", endsInitialEvents: false), at: at(60))
    guard case .ended(_, let action) = outcome else {
      Issue.record("not ended")
      return
    }
    #expect(short(action) == "list rv=0")
    // What the stream told is found gone by the list.
    #expect(reflector.pageReceived(ListMetadata(resourceVersion: "8"), at: at(61)).listed?.deleted == ["a"])
  }

  @Test(
    "trouble on the way is no reason to give them up",
    arguments: [
      .unreachable, .tls, .unauthorized, .forbidden, .tooManyRequests(retryAfter: .seconds(2)), .status(503), .expired,
      .malformed,
    ] as [APIError.Code])
  func trouble(code: APIError.Code) {
    var reflector = streaming(held: ["a"])
    _ = reflector.eventReceived(.added(pod("new")), at: at(100))
    let action = reflector.watchEnded(APIError(code, ""), at: at(100))
    #expect(short(action) == "wait")
    if case .tooManyRequests = code { #expect(action == .wait(.seconds(2))) }
    #expect(short(reflector.timerFired(at: at(101))) == "stream")
    guard case .synced(let listed, _) = reflector.eventReceived(end, at: at(102)) else {
      Issue.record("not synced")
      return
    }
    #expect(listed.deleted.sorted() == ["a", "new"])
  }

  @Test(
    "a stream that is cut off in the middle again and again is asked for in pages; one that does not begin is not given up"
  )
  func cutOff() {
    var reflector = streaming()
    for second in 1...9 as ClosedRange<Int64> {
      #expect(short(reflector.watchEnded(APIError(.unreachable, ""), at: at(second))) == "wait")
      #expect(short(reflector.timerFired(at: at(second))) == "stream")
    }
    var last = ""
    for second in 11...13 as ClosedRange<Int64> {
      _ = reflector.eventReceived(.added(pod("a")), at: at(second))
      var action = reflector.watchEnded(APIError(.unreachable, ""), at: at(second))
      if case .wait = action { action = reflector.timerFired(at: at(second)) }
      last += " " + short(action)
    }
    #expect(last == " stream stream list newest")
  }

  @Test("an expiry inside the stream is waited out")
  func errorEvent() {
    var reflector = streaming()
    let outcome = reflector.eventReceived(.error(StatusBody(code: 410, reason: "Expired")), at: at(1))
    guard case .ended(let error, let action) = outcome else {
      Issue.record("not ended")
      return
    }
    #expect(error.code == .expired)
    #expect(short(action) == "wait")
  }

  @Test("what cannot be read in protobuf is asked for in JSON, and at last in pages")
  func unreadable() {
    var reflector = streaming()
    var accepts: [String] = []
    for second in 1...3 as ClosedRange<Int64> {
      var action = reflector.watchEnded(APIError(.malformed, "x"), at: at(second))
      if case .wait = action { action = reflector.timerFired(at: at(second)) }
      switch action {
      case .watch(let request, _): accepts.append("stream \(request.accept)")
      case .list(let request): accepts.append("list \(request.accept)")
      case .wait: accepts.append("wait")
      case .end: accepts.append("end")
      }
    }
    #expect(
      accepts == [
        "stream application/vnd.kubernetes.protobuf, application/json", "stream application/json",
        "list application/json",
      ])
  }

  @Test func protobufComesBackNotOnceItWasUnreadableTwiceInARow() {
    var reflector = Reflector(scope: PodScope(), encoding: .protobuf, random: SplitMix64(seed: 1))
    _ = reflector.start()
    _ = reflector.listFailed(APIError(.malformed, ""), at: at(0))
    guard case .list(let second) = reflector.timerFired(at: at(1)) else { return }
    #expect(second.accept.hasPrefix("application/vnd.kubernetes.protobuf"))
    // A whole page forgets the failure before it.
    guard case .watch(let watch, _) = reflector.pageReceived(ListMetadata(resourceVersion: "5"), at: at(1)).action
    else {
      return
    }
    #expect(watch.accept.hasPrefix("application/vnd.kubernetes.protobuf"))
    _ = reflector.watchEnded(APIError(.malformed, ""), at: at(10))
    _ = reflector.timerFired(at: at(11))
    _ = reflector.watchEnded(APIError(.malformed, ""), at: at(20))
    guard case .watch(let last, _) = reflector.timerFired(at: at(21)) else {
      Issue.record("no watch")
      return
    }
    #expect(last.accept == "application/json")
  }

  @Test(
    "what a server says of its version",
    arguments: [
      (#"{"major":"1","minor":"20"}"#, ServerVersion(major: 1, minor: 20)),
      (#"{"major":"1","minor":"32+"}"#, ServerVersion(major: 1, minor: 32)), (#"{"major":"1"}"#, nil), ("<html>", nil),
      (#"{"major":"","minor":""}"#, nil),
    ] as [(String, ServerVersion?)])
  func versions(text: String, version: ServerVersion?) {
    #expect(ServerVersion(json: Array(text.utf8)) == version)
  }

  @Test func whoMayStream() {
    #expect(!ServerVersion(major: 1, minor: 31).mayStreamLists)
    #expect(ServerVersion(major: 1, minor: 32).mayStreamLists)
    #expect(ServerVersion(major: 2, minor: 0).mayStreamLists)
  }
}
