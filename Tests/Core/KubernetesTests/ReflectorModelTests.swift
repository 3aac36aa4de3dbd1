import Randomness
import Testing
import Time

@testable import Kubernetes

/// A server with a history, and the reflector's driver, both without time: random scripts run on them.
private struct Model {
  enum Kind { case added, modified, deleted }

  struct Change {
    var version: Int
    var kind: Kind
    var uid: String
  }

  var random: SplitMix64
  var now = MonotonicInstant.origin
  /// The server: what is, what was, and what it has forgotten.
  var live: [String: Int] = [:]
  var history: [Change] = []
  var version = 10
  var forgotten = 10
  /// Pages that are still to come of a list, and their version.
  var pages: (version: Int, uids: ArraySlice<(key: String, value: Int)>)?

  /// What the receiver has made of what it was told.
  var view: [String: Int] = [:]
  var watched: [Int] = []
  var listedAt: [Int] = []
  var faults = true
  /// What the server makes of a request for a streaming list.
  enum Streaming: CaseIterable { case supported, refused, ignored }
  var streaming = Streaming.refused
  var streams = 0

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  mutating func churn(_ count: Int) {
    for _ in 0..<count {
      version += 1
      let uid = "pod-\(Int.random(in: 0..<25, using: &random))"
      let kind: Kind = live[uid] == nil ? .added : chance(30) ? .deleted : .modified
      live[uid] = kind == .deleted ? nil : version
      history.append(Change(version: version, kind: kind, uid: uid))
    }
    if chance(10) { forgotten = max(forgotten, version - Int.random(in: 0...20, using: &random)) }
  }

  /// What was there at an earlier version.
  func state(at wanted: Int) -> [String: Int] {
    var state: [String: Int] = [:]
    for change in history where change.version <= wanted {
      state[change.uid] = change.kind == .deleted ? nil : change.version
    }
    return state
  }

  mutating func fault() -> APIError? {
    guard faults, chance(25) else { return nil }
    let codes: [APIError.Code] = [
      .unreachable, .timeout, .tooManyRequests(retryAfter: .seconds(1)), .status(500), .status(504), .malformed,
      .forbidden,
    ]
    return APIError(codes.randomElement(using: &random) ?? .timeout, "")
  }

  mutating func list(_ request: APIRequest, _ reflector: inout Reflector) -> Reflector.Action {
    let isNext = request.query.contains { $0.name == "continue" }
    if isNext, pages == nil || faults && chance(10) { return reflector.listFailed(APIError(.expired, ""), at: now) }
    if !isNext {
      // Version 0 may be answered from an old cache; the newest is the newest.
      let cached = request.query.contains { $0.name == "resourceVersion" && $0.value == "0" }
      let at = cached && faults ? max(forgotten, version - Int.random(in: 0...10, using: &random)) : version
      pages = (at, Array(state(at: at).sorted { $0.key < $1.key })[...])
    }
    guard let (at, uids) = pages else { return reflector.listFailed(APIError(.malformed, ""), at: now) }
    let page = uids.prefix(chance(50) ? uids.count : 7)
    for (uid, version) in page {
      let pod = PodSnapshot(name: uid, uid: uid, resourceVersion: "\(version)")
      reflector.podListed(pod)
      view[uid] = version
    }
    // A page may break after some of its items were told.
    if let error = fault() {
      pages = nil
      return reflector.listFailed(error, at: now)
    }
    let rest = uids.dropFirst(page.count)
    pages = rest.isEmpty ? nil : (at, rest)
    let metadata = ListMetadata(resourceVersion: "\(at)", continueToken: rest.isEmpty ? "" : "T")
    let (listed, action) = reflector.pageReceived(metadata, at: now)
    if let listed {
      #expect(listed.count == state(at: at).count)
      listedAt.append(at)
      for uid in listed.deleted { view[uid] = nil }
    }
    return action
  }

  /// A streaming list: what there is in any order, changes in between, then the bookmark; or what other servers do.
  mutating func stream(_ reflector: inout Reflector) -> Reflector.Action {
    streams += 1
    if let error = fault() { return reflector.watchEnded(error, at: now) }
    if streaming == .refused { return reflector.watchEnded(APIError(.status(422), ""), at: now) }
    let began = version
    for (uid, version) in live.shuffled(using: &random) {
      let pod = PodSnapshot(name: uid, uid: uid, resourceVersion: "\(version)")
      guard case .applied = reflector.eventReceived(.added(pod), at: now) else {
        Issue.record("an event was lost")
        continue
      }
      view[uid] = version
      if faults, chance(4) {
        // A Status in the middle, or a cut.
        guard chance(50) else { return reflector.watchEnded(APIError(.unreachable, ""), at: now) }
        let outcome = reflector.eventReceived(.error(StatusBody(code: chance(50) ? 410 : 500)), at: now)
        guard case .ended(_, let action) = outcome else { return .wait(.zero) }
        return action
      }
    }
    if faults { churn(Int.random(in: 0...4, using: &random)) }
    for change in history where change.version > began { tell(change, &reflector) }
    guard streaming == .supported else {
      if chance(50) { return reflector.watchEnded(APIError(.timeout, ""), at: now) }
      let outcome = reflector.eventReceived(.bookmark(resourceVersion: "\(version)", endsInitialEvents: false), at: now)
      guard case .ended(_, let action) = outcome else { return .wait(.zero) }
      return action
    }
    let outcome = reflector.eventReceived(.bookmark(resourceVersion: "\(version)", endsInitialEvents: true), at: now)
    guard case .synced(let listed, _) = outcome else {
      Issue.record("the end of the list was not seen")
      return .wait(.zero)
    }
    #expect(listed.count == live.count)
    listedAt.append(version)
    for uid in listed.deleted { view[uid] = nil }
    return follow(from: version, &reflector)
  }

  mutating func tell(_ change: Change, _ reflector: inout Reflector) {
    let pod = PodSnapshot(name: change.uid, uid: change.uid, resourceVersion: "\(change.version)")
    let event: WatchEvent =
      switch change.kind {
      case .added: .added(pod)
      case .modified: .modified(pod)
      case .deleted: .deleted(pod)
      }
    switch reflector.eventReceived(event, at: now) {
    case .applied(let pod): view[pod.uid] = change.version
    case .deleted(let pod): view[pod.uid] = nil
    default: Issue.record("an event was lost")
    }
  }

  mutating func watch(_ request: APIRequest, _ reflector: inout Reflector) -> Reflector.Action {
    if request.query.contains(.init("sendInitialEvents", "true")) { return stream(&reflector) }
    let from = Int(request.query.first { $0.name == "resourceVersion" }?.value ?? "") ?? -1
    if let error = fault() { return reflector.watchEnded(error, at: now) }
    if from < forgotten {
      if chance(50) { return reflector.watchEnded(APIError(.expired, ""), at: now) }
      let status = StatusBody(code: 410, reason: "Expired")
      guard case .ended(_, let action) = reflector.eventReceived(.error(status), at: now) else { return .wait(.zero) }
      return action
    }
    return follow(from: from, &reflector)
  }

  /// An open watch until it ends.
  mutating func follow(from: Int, _ reflector: inout Reflector) -> Reflector.Action {
    churn(faults ? Int.random(in: 0...6, using: &random) : 0)
    for change in history where change.version > from {
      if faults, chance(8) { break }
      tell(change, &reflector)
      watched.append(change.version)
    }
    if watched.last == version, chance(30) {
      _ = reflector.eventReceived(.bookmark(resourceVersion: "\(version)", endsInitialEvents: false), at: now)
    }
    now = now.advanced(by: .seconds(Int64.random(in: 0...90, using: &random)))
    return reflector.watchEnded(faults && chance(50) ? APIError(.unreachable, "") : nil, at: now)
  }

  mutating func run(steps: Int, _ reflector: inout Reflector, _ action: inout Reflector.Action) {
    for _ in 0..<steps {
      if faults { churn(Int.random(in: 0...3, using: &random)) }
      switch action {
      case .list(let request): action = list(request, &reflector)
      case .watch(let request, _): action = watch(request, &reflector)
      case .wait(let duration):
        #expect(duration >= ReflectorBackoff.shortest && duration <= ReflectorBackoff.longest)
        now = now.advanced(by: duration)
        action = reflector.timerFired(at: now)
      case .end(let error):
        Issue.record("it ended: \(error)")
        return
      }
    }
  }
}

@Suite("Reflector against a model of the server")
struct ReflectorModelTests {
  @Test("whatever the server does, nothing is missed, nothing repeated, and the end is the truth", arguments: 0..<90)
  func randomScripts(seed: UInt64) {
    var model = Model(random: SplitMix64(seed: seed))
    model.streaming = Model.Streaming.allCases[Int(seed % 3)]
    var reflector = Reflector(
      scope: PodScope(), encoding: seed % 2 == 0 ? .protobuf : .json, streamsLists: seed % 4 != 3,
      random: SplitMix64(seed: seed &+ 1_000))
    model.churn(20)
    var action = reflector.start()
    model.run(steps: 300, &reflector, &action)
    model.faults = false
    model.run(steps: 20, &reflector, &action)

    #expect(model.view == model.live)
    #expect(reflector.heldCount == model.live.count)
    #expect(Set(model.watched).count == model.watched.count, "an event of a watch is told once")
    let watched = Set(model.watched)
    let lastList = model.listedAt.max() ?? 0
    for change in model.history where !watched.contains(change.version) {
      #expect(change.version <= lastList, "version \(change.version) was in no watch and no list")
    }
    #expect(model.listedAt.count > 1)
    if seed % 4 == 3 { #expect(model.streams == 0) }
    // One that refuses is asked until the first answer that was no accident.
    if model.streaming == .supported, seed % 4 != 3 { #expect(model.streams > 0) }
  }
}
