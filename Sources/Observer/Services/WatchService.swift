internal import Kubernetes
internal import KubernetesClient
internal import Logging
internal import ServiceLifecycle
internal import Synchronization
internal import Time

/// Hands what the watcher of one scope sees to the pipeline. Where the scope's selectors change, another watcher takes over. Ends with
/// an error where the first list may be refused, and is.
struct WatchService: Service {
  let number: Int
  let scope: PodScope
  /// What is to be watched from now on.
  let changes: AsyncStream<PodScope>
  let pipeline: Pipeline
  let readiness: Readiness
  let metrics: WatchMetrics
  let logger: Logger
  let time: any TimeSource
  let report: @Sendable (PipelineEvent) -> Void
  /// A watcher of a scope. It is told whether it gets the first list of this service.
  let watcher: @Sendable (PodScope, _ isFirst: Bool) -> PodWatcher

  private enum Event {
    case changed(PodScope?)
    case ended(UIDSet)
    case refused(APIError)
  }

  func run() async throws {
    let begun = time.monotonic
    let isFirst = Mutex(true)
    try await cancelWhenGracefulShutdown {
      var (scope, told) = (scope, UIDSet())
      while !Task.isCancelled {
        let watcher = watcher(scope, isFirst.withLock { $0 })
        (scope, told) = try await watch(scope, with: watcher, holding: told) { change in
          let isFirstList = if case .synced = change { isFirst.withLock { $0.exchange(for: false) } } else { false }
          take(change, isFirstList: isFirstList, since: begun)
        }
      }
    }
  }

  /// Watches until another scope is to be watched: that one, and the pods that were told of.
  private func watch(
    _ scope: PodScope, with watcher: PodWatcher, holding told: UIDSet,
    _ onChange: @escaping @Sendable (PodChange) async -> Void
  ) async throws(APIError) -> (PodScope, UIDSet) {
    let result: Result<(PodScope, UIDSet), APIError> = await withTaskGroup(of: Event.self) { group in
      group.addTask {
        do throws(APIError) { return .ended(try await watcher.run(holding: told, onChange)) } catch {
          return .refused(error)
        }
      }
      group.addTask {
        for await change in changes where change != scope { return .changed(change) }
        return .changed(nil)
      }
      var result = (scope, told)
      for await event in group {
        switch event {
        case .changed(let next?):
          result.0 = next
          logger.notice(
            "watching another selection",
            metadata: ["labels": "\(next.labelSelector)", "fields": "\(next.fieldSelector)"])
          group.cancelAll()
        // Shut down.
        case .changed(nil): group.cancelAll()
        case .ended(let told):
          result.1 = told
          group.cancelAll()
        case .refused(let error):
          group.cancelAll()
          return .failure(error)
        }
      }
      return .success(result)
    }
    return try result.get()
  }

  private func take(_ change: PodChange, isFirstList: Bool, since begun: MonotonicInstant) {
    metrics.watched(change, by: number)
    switch change {
    case .applied(let pod, let receivedAt, let wall): pipeline.podApplied(pod, at: receivedAt, wall: wall)
    case .deleted(let uid, _): pipeline.podDeleted(uid: uid)
    case .synced(let listed):
      guard isFirstList else {
        logger.info("listed again", metadata: ["pods": "\(listed.count)", "deleted": "\(listed.deleted.count)"])
        return
      }
      if readiness.synced(scope) {
        report(.synced(pods: listed.count, after: begun.duration(to: time.monotonic)))
      }
    case .failed(let error, let retryIn):
      readiness.failed(scope, error.message)
      logger.warning(
        "watch interrupted",
        metadata: [
          "scope": "\(scope.namespace ?? "all namespaces")", "error": "\(error.message)",
          "retry_in_ms": "\((retryIn ?? .zero).wholeNanoseconds / 1_000_000)",
        ])
    case .skipped: logger.warning("an object could not be read and was skipped")
    case .watching, .progressed: break
    }
  }
}

extension Bool {
  /// The value before.
  fileprivate mutating func exchange(for new: Bool) -> Bool {
    defer { self = new }
    return self
  }
}
