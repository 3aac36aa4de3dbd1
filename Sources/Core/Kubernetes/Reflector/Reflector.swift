package import Time

/// The list-and-watch protocol of the Kubernetes API, as a machine without I/O (client-go `tools/cache/reflector.go`, kube-rs
/// `watcher.rs`).
///
/// It decides what to ask for, from which version and when, and which pods are gone. The driver performs the action that it
/// got last, feeds back what comes of it, and asks nothing else. Kept of a pod: its uid.
///
///     list pages → watch → (ends, breaks) → watch → (410) → list pages → …
///
/// Where the server has streaming lists, one watch is both: its first events are the list, and a bookmark says where that ends. A
/// server that turns out not to have them is not asked for one again. Likewise protobuf, where what comes of it cannot be read.
package struct Reflector: Sendable {
  private enum State: Sendable {
    /// Before `start`.
    case initial
    /// Getting pages. Next: watching (last page), waiting (failure).
    case listing(Listing)
    /// Getting a list as events. Next: watching (bookmark), waiting (failure), listing (no such thing here).
    case streaming(Listing)
    /// Next: watching again (end), waiting (failure), listing or streaming (410).
    case watching(Watch)
    /// Next: what it holds.
    case waiting(then: Next)
  }

  private struct Listing {
    /// "0" or "".
    var requested: String
    var seen = UIDSet()
    /// Version of the first page: the watch goes on from it, for later pages are of the same version.
    var version = ""
    var skipped = 0
  }

  private struct Watch {
    var openedAt: MonotonicInstant
    var sawEvent = false
  }

  private enum Next: Sendable {
    case list(resourceVersion: String)
    case watch
  }

  private let scope: PodScope
  private var random: any RandomNumberGenerator & Sendable
  private var state = State.initial
  private var held = UIDSet()
  /// True since an object could not be read that may have been a pod.
  private var mayHoldTooFew = false
  /// The last version seen: watches go on after it.
  private var version = ""
  private var backoff = ReflectorBackoff()
  private var listedAt: MonotonicInstant?
  private var failuresAtVersion = 0
  private var sawBookmark = false
  private let firstVersion: String
  private var encoding: PodEncoding
  private var streamsLists: Bool
  /// True until a list is complete, where a refusal before that is the end.
  private var mayBeRefused: Bool
  /// Answers in a row that could not be read.
  private var unreadable = 0

  /// A reflector of the pods in `scope`. `streamsLists` says whether the server may have streaming lists, `encoding` what is asked
  /// for. `firstVersion` is that of the first list: "0" is whatever the server's cache has, which it sends whole; "" is the newest, in
  /// pages. `holding` are pods that were told of before, by a reflector of another scope: those that are not in this one are told to be
  /// gone by the first list. `endsIfRefused`: a server that refuses the first list ends it all, so that a person sees at once what is
  /// wrong with rights or selectors; without it, and later, everything is tried again. `random` spreads time-outs and waits.
  package init(
    scope: PodScope, encoding: PodEncoding = .json, streamsLists: Bool = false,
    firstVersion: String = "0", holding: UIDSet = UIDSet(), endsIfRefused: Bool = false,
    random: any RandomNumberGenerator & Sendable
  ) {
    self.scope = scope
    mayBeRefused = endsIfRefused
    held = holding
    self.encoding = encoding
    self.firstVersion = firstVersion
    self.streamsLists = streamsLists
    self.random = random
  }

  /// All pods that were told of and not told to be gone: for a reflector of another scope.
  package var told: UIDSet {
    var told = held
    switch state {
    case .listing(let listing), .streaming(let listing): told.formUnion(listing.seen)
    case .initial, .watching, .waiting: break
    }
    return told
  }

  /// How many pods are held.
  package var heldCount: Int { held.count }

  /// The first action.
  package mutating func start() -> Action {
    list(from: firstVersion)
  }

  // MARK: Listing

  /// An item of the page.
  package mutating func podListed(_ pod: PodSnapshot) {
    guard case .listing(var listing) = state else { return }
    // Taken out of the state while it changes, so that the set is not copied.
    state = .initial
    listing.seen.insert(pod.uid)
    state = .listing(listing)
  }

  /// The page is complete. `listed` is nil where more follow.
  package mutating func pageReceived(
    _ page: ListMetadata, at now: MonotonicInstant
  ) -> (listed: Listed?, action: Action) {
    guard case .listing(var listing) = state else { return (nil, next(at: now)) }
    listing.skipped += page.skipped
    if listing.version.isEmpty { listing.version = page.resourceVersion }
    guard page.continueToken.isEmpty else {
      state = .listing(listing)
      unreadable = 0
      return (nil, .list(.podList(scope, continueToken: page.continueToken, encoding: encoding)))
    }
    return (complete(listing, at: now), watch(at: now))
  }

  /// Takes a complete list for what is held.
  private mutating func complete(_ listing: Listing, at now: MonotonicInstant) -> Listed {
    let deleted = held.subtracting(listing.seen)
    held = listing.seen
    mayHoldTooFew = listing.skipped > 0
    mayBeRefused = false
    listedAt = now
    progress(to: listing.version)
    return Listed(deleted: deleted, count: held.count, skipped: listing.skipped, resourceVersion: listing.version)
  }

  /// The page did not arrive whole.
  package mutating func listFailed(_ error: APIError, at now: MonotonicInstant) -> Action {
    guard case .listing(let listing) = state else { return next(at: now) }
    // Its pods have been told: one that is gone by the next list has to be told, too.
    held.formUnion(listing.seen)
    countUnreadable(error)
    if isRefusal(error, of: listing) { return .end(error) }
    switch error.code {
    case .expired, .status(504), .status(400):
      // The token or version is gone, lies in the future ("Too large resource version", 504), or is of another etcd.
      return wait(at: now, then: .list(resourceVersion: ""))
    case .tooManyRequests(let retryAfter):
      return wait(at: now, atLeast: retryAfter, then: .list(resourceVersion: listing.requested))
    default:
      return wait(at: now, then: .list(resourceVersion: listing.requested))
    }
  }

  // MARK: Watching

  /// An event of the watch.
  package mutating func eventReceived(_ event: WatchEvent, at now: MonotonicInstant) -> Outcome {
    if case .streaming(let listing) = state {
      // Taken out of the state while it changes, so that the set is not copied.
      state = .initial
      return initialEventReceived(event, listing, at: now)
    }
    guard case .watching(var watch) = state else { return .skipped }
    watch.sawEvent = true
    state = .watching(watch)
    switch event {
    case .added(let pod):
      held.insert(pod.uid)
      progress(to: pod.resourceVersion)
      return .applied(pod)
    case .modified(let pod):
      // Listed or added before, unless that could not be read. So what changes most costs the same, however many are held.
      if mayHoldTooFew { held.insert(pod.uid) }
      progress(to: pod.resourceVersion)
      return .applied(pod)
    case .deleted(let pod):
      held.remove(pod.uid)
      progress(to: pod.resourceVersion)
      return .deleted(pod)
    case .bookmark(let version, _):
      sawBookmark = true
      progress(to: version)
      return .progressed(version)
    case .undecodable(let version):
      mayHoldTooFew = true
      progress(to: version ?? "")
      return .skipped
    case .error(let status):
      let error = APIError(status: status)
      return .ended(error, watchFailed(error, at: now))
    }
  }

  /// An event before the bookmark that ends a streaming list. Its order says nothing, so the version stays.
  private mutating func initialEventReceived(
    _ event: WatchEvent, _ before: Listing, at now: MonotonicInstant
  ) -> Outcome {
    var listing = before
    let outcome: Outcome
    switch event {
    case .added(let pod), .modified(let pod):
      listing.seen.insert(pod.uid)
      outcome = .applied(pod)
    case .deleted(let pod):
      listing.seen.remove(pod.uid)
      held.remove(pod.uid)
      outcome = .deleted(pod)
    case .bookmark(let version, endsInitialEvents: true):
      sawBookmark = true
      listing.version = version
      state = .watching(Watch(openedAt: now, sawEvent: true))
      return .synced(complete(listing, at: now), idleLimit: Self.idleLimitWithBookmarks)
    case .bookmark:
      // The first bookmark is the one that ends the list, or the server does not know what was asked for.
      state = .streaming(listing)
      let error = APIError(.status(200), "the server sends no streaming list")
      return .ended(error, streamingFailed(error, isUnsupported: true, at: now))
    case .undecodable:
      listing.skipped += 1
      outcome = .skipped
    case .error(let status):
      state = .streaming(listing)
      let error = APIError(status: status)
      return .ended(error, streamingFailed(error, at: now))
    }
    state = .streaming(listing)
    return outcome
  }

  /// The watch ended: `error` is nil for a body that was whole, which is how a server keeps to its own time limit.
  package mutating func watchEnded(_ error: APIError?, at now: MonotonicInstant) -> Action {
    if case .streaming = state {
      let ended = APIError(.status(200), "the streaming list ended early")
      return streamingFailed(error ?? ended, isUnsupported: error == nil, at: now)
    }
    guard case .watching(let watch) = state else { return next(at: now) }
    if let error { return watchFailed(error, at: now) }
    if !watch.sawEvent, watch.openedAt.duration(to: now) < Self.shortestWatch {
      return watchFailed(APIError(.malformed, "the watch ended at once"), at: now)
    }
    return self.watch(at: now)
  }

  /// The wait is over.
  package mutating func timerFired(at now: MonotonicInstant) -> Action {
    next(at: now)
  }

  // MARK: Steps

  /// The streaming list did not come to its end. `isUnsupported`: it went as with a server that does not know of such lists.
  private mutating func streamingFailed(
    _ error: APIError, isUnsupported: Bool = false, at now: MonotonicInstant
  ) -> Action {
    guard case .streaming(let listing) = state else { return next(at: now) }
    // As with a page that broke off: what was told must be found gone if it is.
    held.formUnion(listing.seen)
    countUnreadable(error)
    var least: Duration?
    var gaveUp = isUnsupported
    switch error.code {
    case .tooManyRequests(let retryAfter): least = retryAfter
    case .unauthorized, .forbidden:
      if isRefusal(error, of: listing) { return .end(error) }
    // Cut off in the middle: again and again, and something on the way lets no stream of this length through, but pages.
    case .unreachable where listing.seen.count > 0, .malformed, .tooLarge:
      failuresAtVersion += 1
      gaveUp = gaveUp || failuresAtVersion >= Self.failuresUntilList
    case .unreachable, .tls, .configuration, .cancelled, .expired, .status(500...): break
    // Refused (422 where it is switched off), or silent.
    case .timeout, .notFound, .status: gaveUp = true
    }
    guard gaveUp else { return wait(at: now, atLeast: least, then: .list(resourceVersion: listing.requested)) }
    streamsLists = false
    failuresAtVersion = 0
    // "0" would get the list in one piece again.
    return list(from: error.code == .unreachable ? "" : listing.requested)
  }

  /// True for an answer to the first list that says what is wrong with the request or with who asks. Of a streaming list only the latter
  /// counts: a server that does not have them may answer with any other status.
  private func isRefusal(_ error: APIError, of listing: Listing) -> Bool {
    guard mayBeRefused, listing.seen.count == 0 else { return false }
    switch error.code {
    case .unauthorized, .forbidden, .notFound, .status(400): return true
    default: return false
    }
  }

  private mutating func countUnreadable(_ error: APIError) {
    guard error.code == .malformed else { return }
    unreadable += 1
    if unreadable >= Self.unreadableUntilJSON { encoding = .json }
  }

  private mutating func watchFailed(_ error: APIError, at now: MonotonicInstant) -> Action {
    countUnreadable(error)
    switch error.code {
    case .expired:
      if let listedAt, listedAt.duration(to: now) < Self.shortestListInterval {
        return wait(at: now, then: .list(resourceVersion: ""))
      }
      return list(from: "")
    case .tooManyRequests(let retryAfter):
      return wait(at: now, atLeast: retryAfter, then: .watch)
    case .unreachable, .timeout, .tls, .unauthorized, .forbidden, .configuration, .cancelled:
      // The version is as good as before; a list would only add load.
      return wait(at: now, then: .watch)
    case .notFound, .status, .tooLarge, .malformed:
      failuresAtVersion += 1
      guard failuresAtVersion >= Self.failuresUntilList else { return wait(at: now, then: .watch) }
      return wait(at: now, then: .list(resourceVersion: ""))
    }
  }

  private mutating func progress(to version: String) {
    guard !version.isEmpty else { return }
    self.version = version
    failuresAtVersion = 0
    unreadable = 0
  }

  private mutating func list(from resourceVersion: String) -> Action {
    let listing = Listing(requested: resourceVersion)
    guard streamsLists else {
      state = .listing(listing)
      return .list(.podList(scope, resourceVersion: resourceVersion, encoding: encoding))
    }
    state = .streaming(listing)
    let seconds = Int.random(in: Self.watchSeconds, using: &random)
    return .watch(
      .podStreamingList(scope, timeoutSeconds: seconds, encoding: encoding), idleLimit: Self.initialEventsIdleLimit)
  }

  private mutating func watch(at now: MonotonicInstant) -> Action {
    state = .watching(Watch(openedAt: now))
    let seconds = Int.random(in: Self.watchSeconds, using: &random)
    let request = APIRequest.podWatch(
      scope, resourceVersion: version, timeoutSeconds: seconds, encoding: encoding)
    let limit = sawBookmark ? Self.idleLimitWithBookmarks : .seconds(seconds) + Self.idleGrace
    return .watch(request, idleLimit: limit)
  }

  private mutating func wait(at now: MonotonicInstant, atLeast least: Duration? = nil, then next: Next) -> Action {
    let wait = backoff.failed(at: now, fraction: Double.random(in: 0..<1, using: &random))
    state = .waiting(then: next)
    // A server that asks for more than half a minute is asked again after that all the same.
    return .wait(max(wait, min(least ?? .zero, ReflectorBackoff.longest)))
  }

  private mutating func next(at now: MonotonicInstant) -> Action {
    switch state {
    case .waiting(then: .list(let resourceVersion)): return list(from: resourceVersion)
    case .waiting(then: .watch): return watch(at: now)
    // An input that does not fit the state is a fault of the driver; starting over is safe in any state.
    case .initial, .listing, .streaming, .watching: return list(from: "")
    }
  }
}
