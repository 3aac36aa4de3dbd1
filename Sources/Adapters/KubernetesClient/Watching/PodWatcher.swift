package import Kubernetes
package import Time

/// Hears what one watcher receives, before it is read.
package typealias StreamTap = @Sendable (StreamEvent) -> Void

/// What a tap hears.
package enum StreamEvent: Sendable, Equatable {
  /// A page of a list begins: a document, 500 items at most.
  case pageBegan
  /// A watch begins: a line an event.
  case watchBegan
  /// The next bytes of it.
  case bytes([UInt8])
  /// The page is whole. One that breaks off has no end.
  case pageEnded
}

/// Lists and watches pods for ever: the driver of `Reflector`. Holds a chunk and an object of what arrives, never a list, and
/// reads on only when the receiver has taken what there was.
package struct PodWatcher: Sendable {
  /// Longest silence while a page is sent.
  static let listIdleLimit = Duration.seconds(60)

  private let client: APIClient
  private let scope: PodScope
  private let time: any TimeSource
  private let streamsLists: Bool
  private let endsIfRefused: Bool
  private let tap: StreamTap?
  private let holds: @Sendable (Int) -> Void
  private let random: any RandomNumberGenerator & Sendable

  /// A watcher of the pods in `scope`. `streamsLists` says whether the server may have streaming lists. `tap` hears the
  /// bytes of all answers, which are JSON pages and lines then. `endsIfRefused`: `run` throws where the server refuses the first list.
  /// `holds` hears after each chunk how many pods are known. `random` spreads time-outs and waits; tests give a seeded one.
  package init(
    client: APIClient, scope: PodScope, time: any TimeSource, streamsLists: Bool = false, endsIfRefused: Bool = false,
    tap: StreamTap? = nil, holds: @escaping @Sendable (Int) -> Void = { _ in },
    random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
  ) {
    self.client = client
    self.scope = scope
    self.streamsLists = streamsLists && tap == nil
    self.endsIfRefused = endsIfRefused
    self.tap = tap
    self.holds = holds
    self.time = time
    self.random = random
  }

  /// Tells `onChange` of every change, one at a time, until the task is cancelled. All failures are told and recovered from,
  /// but for a first list that is refused. `holding` are pods that a watcher of another scope told of, and what is returned are those
  /// that this one did.
  @discardableResult
  package func run(
    holding: UIDSet = UIDSet(), _ onChange: @Sendable (PodChange) async -> Void
  ) async throws(APIError) -> UIDSet {
    var reflector = Reflector(
      scope: scope, encoding: tap == nil ? .protobuf : .json, streamsLists: streamsLists,
      firstVersion: tap == nil ? "0" : "", holding: holding, endsIfRefused: endsIfRefused, random: random)
    var action = reflector.start()
    while !Task.isCancelled {
      switch action {
      case .list(let request): action = await list(request, &reflector, onChange)
      case .watch(let request, let idleLimit): action = await watch(request, idleLimit, &reflector, onChange)
      case .wait(let duration):
        do { try await time.sleep(for: duration) } catch { return reflector.told }
        action = reflector.timerFired(at: time.monotonic)
      case .end(let error): throw error
      }
    }
    return reflector.told
  }

  private func list(
    _ request: APIRequest, _ reflector: inout Reflector, _ onChange: @Sendable (PodChange) async -> Void
  ) async -> Reflector.Action {
    do throws(APIError) {
      let stream = try await client.stream(request, idleLimit: Self.listIdleLimit)
      var reader = PodListReader(PodEncoding(contentType: stream.headers["content-type"]))
      var last: (MonotonicInstant, Timestamp) = (time.monotonic, time.wall)
      tap?(.pageBegan)
      while let chunk = try await stream.next() {
        tap?(.bytes(chunk.bytes))
        last = (chunk.receivedAt, chunk.wall)
        for pod in try reader.receive(chunk.bytes) {
          reflector.podListed(pod)
          await onChange(.applied(pod, receivedAt: chunk.receivedAt, wall: chunk.wall))
        }
      }
      let (rest, page) = try reader.finish()
      tap?(.pageEnded)
      for pod in rest {
        reflector.podListed(pod)
        await onChange(.applied(pod, receivedAt: last.0, wall: last.1))
      }
      let (listed, action) = reflector.pageReceived(page, at: time.monotonic)
      holds(reflector.heldCount)
      if let listed { await tell(listed, onChange) }
      return action
    } catch {
      let action = reflector.listFailed(error, at: time.monotonic)
      await tell(error, action, onChange)
      return action
    }
  }

  private func watch(
    _ request: APIRequest, _ idleLimit: Duration, _ reflector: inout Reflector,
    _ onChange: @Sendable (PodChange) async -> Void
  ) async -> Reflector.Action {
    do throws(APIError) {
      let stream = try await client.stream(request, idleLimit: idleLimit)
      await onChange(.watching)
      var reader = PodWatchReader(PodEncoding(contentType: stream.headers["content-type"]))
      tap?(.watchBegan)
      while let chunk = try await stream.next() {
        tap?(.bytes(chunk.bytes))
        var events: [WatchEvent] = []
        var broken: APIError?
        do throws(APIError) { try reader.receive(chunk.bytes, into: &events) } catch { broken = error }
        for event in events {
          switch reflector.eventReceived(event, at: time.monotonic) {
          case .applied(let pod): await onChange(.applied(pod, receivedAt: chunk.receivedAt, wall: chunk.wall))
          case .deleted(let pod): await onChange(.deleted(uid: pod.uid, pod: pod))
          case .progressed(let version): await onChange(.progressed(resourceVersion: version))
          case .synced(let listed, let idleLimit):
            stream.limitSilence(to: idleLimit)
            await tell(listed, onChange)
          case .skipped: await onChange(.skipped)
          case .ended(let error, let action):
            await tell(error, action, onChange)
            return action
          }
        }
        holds(reflector.heldCount)
        if let broken { throw broken }
      }
      return reflector.watchEnded(nil, at: time.monotonic)
    } catch {
      let action = reflector.watchEnded(error, at: time.monotonic)
      await tell(error, action, onChange)
      return action
    }
  }

  private func tell(_ listed: Reflector.Listed, _ onChange: @Sendable (PodChange) async -> Void) async {
    for uid in listed.deleted { await onChange(.deleted(uid: uid, pod: nil)) }
    await onChange(.synced(listed))
  }

  private func tell(
    _ error: APIError, _ action: Reflector.Action, _ onChange: @Sendable (PodChange) async -> Void
  ) async {
    guard !Task.isCancelled else { return }
    let wait: Duration? = if case .wait(let duration) = action { duration } else { nil }
    await onChange(.failed(error, retryIn: wait))
  }
}
