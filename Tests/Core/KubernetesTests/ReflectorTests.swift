import Randomness
import Testing
import Time

@testable import Kubernetes

/// Always the highest number: waits are at their longest, watches at 600 s.
private struct Highest: RandomNumberGenerator, Sendable {
  mutating func next() -> UInt64 { .max }
}

private func pod(_ uid: String, _ version: String = "5") -> PodSnapshot {
  PodSnapshot(namespace: "shop", name: "n-\(uid)", uid: uid, resourceVersion: version)
}

private func at(_ seconds: Int64) -> MonotonicInstant { .origin.advanced(by: .seconds(seconds)) }

/// A reflector's actions in short: `list rv=0`, `list continue=T`, `watch rv=5 600s idle=605`, `wait 0.8`.
private func short(_ action: Reflector.Action?) -> String {
  switch action {
  case nil: return "-"
  case .end(let error): return "end \(error.code)"
  case .wait(let duration): return "wait \((duration.milliseconds / 100).rounded() / 10)"
  case .list(let request):
    let version = request.query.first { $0.name == "resourceVersion" || $0.name == "continue" }
    return "list " + (version.map { "\($0.name == "continue" ? "continue" : "rv")=\($0.value)" } ?? "newest")
  case .watch(let request, let idle):
    func value(_ name: String) -> String { request.query.first { $0.name == name }?.value ?? "?" }
    return "watch rv=\(value("resourceVersion")) \(value("timeoutSeconds"))s idle=\(idle.components.seconds)"
  }
}

/// A reflector that has listed pods `a` and `b` at version 5 at second 0, and watches.
private func watching() -> Reflector {
  var reflector = Reflector(scope: PodScope(), random: Highest())
  _ = reflector.start()
  reflector.podListed(pod("a"))
  reflector.podListed(pod("b"))
  _ = reflector.pageReceived(ListMetadata(resourceVersion: "5"), at: at(0))
  return reflector
}

@Suite("Reflector")
struct ReflectorTests {
  @Test func pagesThenWatch() {
    var reflector = Reflector(scope: PodScope(namespace: "shop", labelSelector: "a=b"), random: Highest())
    #expect(reflector.start() == .list(.podList(PodScope(namespace: "shop", labelSelector: "a=b"))))
    reflector.podListed(pod("a"))
    let first = reflector.pageReceived(ListMetadata(resourceVersion: "5", continueToken: "T", skipped: 1), at: at(0))
    #expect(first.listed == nil)
    #expect(short(first.action) == "list continue=T")
    reflector.podListed(pod("b"))
    let last = reflector.pageReceived(ListMetadata(resourceVersion: "7", skipped: 2), at: at(1))
    #expect(last.listed == .init(deleted: [], count: 2, skipped: 3, resourceVersion: "5"))
    #expect(short(last.action) == "watch rv=5 600s idle=605")
  }

  @Test(
    "a first list that is refused is the end where that is asked for; later ones, and other troubles, are waited for",
    arguments: [.unauthorized, .forbidden, .notFound, .status(400)] as [APIError.Code])
  func refusal(code: APIError.Code) {
    let error = APIError(code, "no")
    var asked = Reflector(scope: PodScope(), endsIfRefused: true, random: Highest())
    _ = asked.start()
    #expect(short(asked.listFailed(APIError(.unreachable, ""), at: at(0))).hasPrefix("wait"))
    #expect(short(asked.timerFired(at: at(1))) == "list rv=0")
    #expect(asked.listFailed(error, at: at(1)) == .end(error))

    var unasked = Reflector(scope: PodScope(), random: Highest())
    _ = unasked.start()
    #expect(short(unasked.listFailed(error, at: at(0))).hasPrefix("wait"))

    var accepted = Reflector(scope: PodScope(), endsIfRefused: true, random: Highest())
    _ = accepted.start()
    _ = accepted.pageReceived(ListMetadata(resourceVersion: "5"), at: at(0))
    #expect(short(accepted.watchEnded(APIError(.expired, ""), at: at(100))) == "list newest")
    #expect(short(accepted.listFailed(error, at: at(101))).hasPrefix("wait"))
  }

  @Test("a token that is refused in the middle of the first list is no refusal of the list")
  func refusedPage() {
    var reflector = Reflector(scope: PodScope(), endsIfRefused: true, random: Highest())
    _ = reflector.start()
    reflector.podListed(pod("a"))
    _ = reflector.pageReceived(ListMetadata(resourceVersion: "5", continueToken: "T"), at: at(0))
    #expect(short(reflector.listFailed(APIError(.unauthorized, ""), at: at(1))).hasPrefix("wait"))
  }

  @Test func eventsMoveTheVersion() {
    var reflector = watching()
    #expect(reflector.eventReceived(.modified(pod("a", "6")), at: at(1)) == .applied(pod("a", "6")))
    #expect(reflector.eventReceived(.added(pod("c", "7")), at: at(1)) == .applied(pod("c", "7")))
    #expect(reflector.heldCount == 3)
    #expect(reflector.eventReceived(.deleted(pod("a", "8")), at: at(1)) == .deleted(pod("a", "8")))
    #expect(reflector.heldCount == 2)
    #expect(short(reflector.watchEnded(nil, at: at(2))) == "watch rv=8 600s idle=605")
    #expect(reflector.eventReceived(.undecodable(resourceVersion: "9"), at: at(3)) == .skipped)
    #expect(reflector.eventReceived(.undecodable(resourceVersion: nil), at: at(3)) == .skipped)
    #expect(
      reflector.eventReceived(.bookmark(resourceVersion: "12", endsInitialEvents: false), at: at(4))
        == .progressed("12"))
    #expect(short(reflector.watchEnded(nil, at: at(600))) == "watch rv=12 600s idle=150", "this server sends bookmarks")
  }

  @Test(
    "a pod that could not be read at first is held once it can be, so that its end is told", arguments: [true, false])
  func readLater(inList: Bool) {
    var reflector = Reflector(scope: PodScope(), random: SplitMix64(seed: 1))
    _ = reflector.start()
    _ = reflector.pageReceived(ListMetadata(resourceVersion: "5", skipped: inList ? 1 : 0), at: at(0))
    if !inList { _ = reflector.eventReceived(.undecodable(resourceVersion: "6"), at: at(1)) }
    _ = reflector.eventReceived(.modified(pod("late", "7")), at: at(2))
    #expect(reflector.heldCount == 1)
    #expect(short(reflector.watchEnded(APIError(.expired, ""), at: at(100))).hasPrefix("list"))
    #expect(reflector.pageReceived(ListMetadata(resourceVersion: "9"), at: at(101)).listed?.deleted == ["late"])
  }

  @Test("a reflector of another scope tells that pods are gone which are not in it, and hands on what it told")
  func anotherScope() {
    var before = Reflector(scope: PodScope(), random: SplitMix64(seed: 1))
    _ = before.start()
    before.podListed(pod("a", "1"))
    before.podListed(pod("b", "1"))
    // In the middle of a list, too.
    var after = Reflector(
      scope: PodScope(labelSelector: "x=y"), holding: before.told, random: SplitMix64(seed: 1))
    _ = after.start()
    after.podListed(pod("b", "1"))
    after.podListed(pod("c", "1"))
    #expect(after.pageReceived(ListMetadata(resourceVersion: "5"), at: at(1)).listed?.deleted == ["a"])
    var told = UIDSet()
    for uid in ["b", "c"] { told.insert(uid) }
    #expect(after.told == told)
  }

  @Test(
    "what a failed watch leads to",
    arguments: [
      (APIError(.unreachable, ""), "wait 0.8", "watch rv=5 600s idle=605"),
      (APIError(.timeout, ""), "wait 0.8", "watch rv=5 600s idle=605"),
      (APIError(.tooManyRequests(retryAfter: .seconds(7)), ""), "wait 7.0", "watch rv=5 600s idle=605"),
      (APIError(.tooManyRequests(retryAfter: .seconds(3600)), ""), "wait 30.0", "watch rv=5 600s idle=605"),
      (APIError(.tooManyRequests(retryAfter: nil), ""), "wait 0.8", "watch rv=5 600s idle=605"),
      (APIError(.forbidden, ""), "wait 0.8", "watch rv=5 600s idle=605"),
      (APIError(.status(500), ""), "wait 0.8", "watch rv=5 600s idle=605"),
      (APIError(.malformed, ""), "wait 0.8", "watch rv=5 600s idle=605"),
      (APIError(.expired, ""), "list newest", "list newest"),
    ])
  func failedWatch(error: APIError, first: String, second: String) {
    var reflector = watching()
    let action = reflector.watchEnded(error, at: at(100))
    #expect(short(action) == first)
    #expect(
      short(action == .list(.podList(PodScope(), resourceVersion: "")) ? action : reflector.timerFired(at: at(101)))
        == second)
  }

  @Test(
    "a 410 inside the stream counts like one of the answer",
    arguments: [
      StatusBody(code: 410, reason: "Expired"), StatusBody(code: 410, reason: "Gone"), StatusBody(reason: "Expired"),
    ])
  func expiredInTheStream(status: StatusBody) {
    var reflector = watching()
    guard case .ended(let error, let action) = reflector.eventReceived(.error(status), at: at(100)) else {
      Issue.record("not ended")
      return
    }
    #expect(error.code == .expired)
    #expect(short(action) == "list newest")
  }

  @Test func expiredSoonAfterAListIsWaitedFor() {
    var reflector = watching()
    #expect(short(reflector.watchEnded(APIError(.expired, ""), at: at(59))) == "wait 0.8")
    #expect(short(reflector.timerFired(at: at(60))) == "list newest")
  }

  @Test func aRelistSeesDeletions() {
    var reflector = watching()
    _ = reflector.eventReceived(.added(pod("c", "6")), at: at(1))
    _ = reflector.watchEnded(APIError(.expired, ""), at: at(100))
    reflector.podListed(pod("b", "9"))
    reflector.podListed(pod("d", "9"))
    let (listed, action) = reflector.pageReceived(ListMetadata(resourceVersion: "20"), at: at(101))
    #expect(listed?.deleted.sorted() == ["a", "c"])
    #expect(listed?.count == 2)
    #expect(short(action) == "watch rv=20 600s idle=605")
  }

  @Test("a broken list deletes nothing, and what it told of is not forgotten")
  func brokenList() {
    var reflector = watching()
    _ = reflector.watchEnded(APIError(.expired, ""), at: at(100))
    reflector.podListed(pod("b", "9"))
    reflector.podListed(pod("new", "9"))
    #expect(short(reflector.listFailed(APIError(.unreachable, ""), at: at(100))) == "wait 0.8")
    #expect(reflector.heldCount == 3)
    #expect(short(reflector.timerFired(at: at(101))) == "list newest")
    let (listed, _) = reflector.pageReceived(ListMetadata(resourceVersion: "20"), at: at(102))
    #expect(listed?.deleted.sorted() == ["a", "b", "new"])
  }

  @Test(arguments: [
    (APIError(.expired, ""), "list newest"), (APIError(.status(504), ""), "list newest"),
    (APIError(.unreachable, ""), "list rv=0"), (APIError(.forbidden, ""), "list rv=0"),
    (APIError(.malformed, ""), "list rv=0"),
  ])
  func failedFirstList(error: APIError, expected: String) {
    var reflector = Reflector(scope: PodScope(), random: Highest())
    _ = reflector.start()
    #expect(short(reflector.listFailed(error, at: at(0))) == "wait 0.8")
    #expect(short(reflector.timerFired(at: at(1))) == expected)
  }

  @Test func backoffGrowsAndIsForgotten() {
    var reflector = watching()
    var now = at(100)
    var waits: [String] = []
    for _ in 0..<8 {
      waits.append(short(reflector.watchEnded(APIError(.unreachable, ""), at: now)))
      now = now.advanced(by: .seconds(31))
      _ = reflector.timerFired(at: now)
    }
    #expect(waits == [0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0].map { "wait \($0)" })
    now = now.advanced(by: .seconds(120))
    #expect(short(reflector.watchEnded(APIError(.unreachable, ""), at: now)) == "wait 0.8")
  }

  @Test func aWatchThatEndsAtOnceIsAnError() {
    var reflector = watching()
    #expect(short(reflector.watchEnded(nil, at: at(0))) == "wait 0.8")
    #expect(short(reflector.timerFired(at: at(1))).hasPrefix("watch rv=5"))
    _ = reflector.eventReceived(.modified(pod("a", "6")), at: at(1))
    #expect(short(reflector.watchEnded(nil, at: at(1))).hasPrefix("watch rv=6"), "not after an event")
  }

  @Test func aVersionThatCannotBeWatchedIsLeftByAList() {
    var reflector = watching()
    for second in [10, 20] as [Int64] {
      #expect(short(reflector.watchEnded(APIError(.status(500), ""), at: at(second))).hasPrefix("wait"))
      #expect(short(reflector.timerFired(at: at(second + 5))).hasPrefix("watch rv=5"))
    }
    _ = reflector.watchEnded(APIError(.status(500), ""), at: at(30))
    #expect(short(reflector.timerFired(at: at(60))) == "list newest")
  }

  @Test func uids() {
    var set = UIDSet()
    let usual = "478b4df0-b019-4813-bbd8-5180be1cfbc1"
    let others = [
      "478B4DF0-B019-4813-BBD8-5180BE1CFBC1", "static-pod-hash", "", usual + "0",
      "478b4df00b019-4813-bbd8-5180be1cfbc1",
    ]
    let inserted = ([usual] + others + [usual]).map { set.insert($0) }
    #expect(inserted == [true, true, true, true, true, true, false])
    #expect(set.count == 6)
    #expect(Set(set.subtracting(UIDSet())) == Set([usual] + others))
    let removed = [set.remove(usual), set.remove(usual)]
    #expect(removed == [true, false])
    #expect(!set.contains(usual))
  }
}
