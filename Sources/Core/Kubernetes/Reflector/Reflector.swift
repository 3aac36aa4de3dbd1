package import Time

/// The list-and-watch protocol of the Kubernetes API, as a machine without I/O (client-go `tools/cache/reflector.go`, kube-rs
/// `watcher.rs`).
///
/// It decides what to ask for, from which version and when, and which pods are gone. The driver performs the action that it
/// got last, feeds back what comes of it, and asks nothing else. Kept of a pod: its uid.
///
///     list pages → watch → (ends, breaks) → watch → (410) → list pages → …
package struct Reflector: Sendable {
  /// What to do now. Each is answered by the inputs named at it, the last of which brings the next action.
  package enum Action: Sendable, Equatable {
    /// Get this page: `podListed` for each item, then `pageReceived` or `listFailed`.
    case list(APIRequest)
    /// Open this watch: `eventReceived` for each event until it gives an action, or `watchEnded`. Silence longer than
    /// `idleLimit` counts as the watch's end with a `.timeout`.
    case watch(APIRequest, idleLimit: Duration)
    /// Wait, then `timerFired`.
    case wait(Duration)
  }

  /// What a complete list says.
  package struct Listed: Sendable, Equatable {
    /// Uids that were held and are not in the list: these pods are gone.
    package var deleted: [String]
    /// Pods in the list.
    package var count: Int
    /// Items that could not be read.
    package var skipped: Int
    /// Version of the list.
    package var resourceVersion: String
  }

  /// What an event comes down to.
  package enum Outcome: Sendable, Equatable {
    /// The pod is new or has changed.
    case applied(PodSnapshot)
    /// The pod is gone.
    case deleted(PodSnapshot)
    /// The server is at this version, and nothing happened.
    case progressed(String)
    /// An event that could not be read was passed over.
    case skipped
    /// The watch is over; why, and what to do.
    case ended(APIError, Action)
  }

  /// Server-side limit of a watch in seconds, drawn from this range so that the watches of many clients do not end together
  /// (client-go: 5 to 10 minutes).
  package static let watchSeconds = 300...600
  /// The server ends a watch at its limit; this much later the connection must be dead.
  package static let idleGrace = Duration.seconds(5)
  /// A server that sends bookmarks does so about once a minute: two missing ones, and the connection is taken for dead.
  package static let idleLimitWithBookmarks = Duration.seconds(150)
  /// A watch that ends sooner, without an event, is an error: else a broken proxy would be asked in a busy loop.
  package static let shortestWatch = Duration.seconds(1)
  /// Failures of a watch at one version, refusals by load and lost connections aside, until a list is tried instead: an event
  /// that the server cannot send would block the watch for ever.
  package static let failuresUntilList = 3
  /// A 410 sooner after a list than this is waited for like a failure.
  package static let shortestListInterval = Duration.seconds(60)

  private enum State: Sendable {
    /// Before `start`.
    case initial
    /// Getting pages. Next: watching (last page), waiting (failure).
    case listing(Listing)
    /// Next: watching again (end), waiting (failure), listing (410).
    case watching(Watch)
    /// Next: what it holds.
    case waiting(then: Next)
  }

  private struct Listing {
    /// "0", "" or the version that must not be undercut.
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
  /// The last version seen: watches go on after it.
  private var version = ""
  private var backoff = ReflectorBackoff()
  private var listedAt: MonotonicInstant?
  private var failuresAtVersion = 0
  private var sawBookmark = false

  /// A reflector of the pods in `scope`. `random` spreads time-outs and waits.
  package init(scope: PodScope, random: any RandomNumberGenerator & Sendable) {
    self.scope = scope
    self.random = random
  }

  /// How many pods are held.
  package var heldCount: Int { held.count }

  /// The first action.
  package mutating func start() -> Action {
    // Any version will do: what the server has in its cache.
    list(from: "0")
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
      return (nil, .list(.podList(scope, continueToken: page.continueToken)))
    }
    let deleted = held.subtracting(listing.seen)
    held = listing.seen
    version = listing.version
    listedAt = now
    failuresAtVersion = 0
    let listed = Listed(
      deleted: deleted, count: held.count, skipped: listing.skipped, resourceVersion: listing.version)
    return (listed, watch(at: now))
  }

  /// The page did not arrive whole.
  package mutating func listFailed(_ error: APIError, at now: MonotonicInstant) -> Action {
    guard case .listing(let listing) = state else { return next(at: now) }
    // Its pods have been told: one that is gone by the next list has to be told, too.
    held.formUnion(listing.seen)
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
    guard case .watching(var watch) = state else { return .skipped }
    watch.sawEvent = true
    state = .watching(watch)
    switch event {
    case .added(let pod), .modified(let pod):
      held.insert(pod.uid)
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
      progress(to: version ?? "")
      return .skipped
    case .error(let status):
      let error = APIError(status: status)
      return .ended(error, watchFailed(error, at: now))
    }
  }

  /// The watch ended: `error` is nil for a body that was whole, which is how a server keeps to its own time limit.
  package mutating func watchEnded(_ error: APIError?, at now: MonotonicInstant) -> Action {
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

  private mutating func watchFailed(_ error: APIError, at now: MonotonicInstant) -> Action {
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
  }

  private mutating func list(from resourceVersion: String) -> Action {
    state = .listing(Listing(requested: resourceVersion))
    return .list(.podList(scope, resourceVersion: resourceVersion))
  }

  private mutating func watch(at now: MonotonicInstant) -> Action {
    state = .watching(Watch(openedAt: now))
    let seconds = Int.random(in: Self.watchSeconds, using: &random)
    let request = APIRequest.podWatch(scope, resourceVersion: version, timeoutSeconds: seconds)
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
    case .initial, .listing, .watching: return list(from: "")
    }
  }
}

extension APIError {
  /// The error for a Status inside a watch.
  init(status: StatusBody) {
    let message = status.message.isEmpty ? "the watch ended with status \(status.code)" : status.message
    switch status.code {
    case 410: self.init(.expired, message)
    case 429:
      let seconds = status.retryAfterSeconds
      self.init(.tooManyRequests(retryAfter: seconds > 0 ? .seconds(Int64(seconds)) : nil), message)
    case 401: self.init(.unauthorized, message)
    case 403: self.init(.forbidden, message)
    case 0 where status.reason == "Expired" || status.reason == "Gone": self.init(.expired, message)
    default: self.init(.status(status.code), message)
    }
  }
}
