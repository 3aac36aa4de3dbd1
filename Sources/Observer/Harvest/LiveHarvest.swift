package import Incidents
package import Kubernetes
package import KubernetesClient
package import Redaction
internal import Synchronization
internal import Time

extension OnDemandHarvest {
  /// Each failure on its own, as fast as they can be harvested one after the other: a person looks at them.
  private static let storms = StormOptions(isGrouping: false, harvests: .init(perSecond: 1_000_000, burst: 1_000_000))

  /// Watches pods and hands on the incident of each new failure, those that fail already first, one after the other: the watch of the
  /// controller without its outbox. Ends when `limit` incidents were handed on, when `deliver` throws, or when cancelled; with an
  /// `APIError` where the server refuses the first list.
  ///
  /// `report` hears what interrupts the watch, which goes on by itself.
  package func watch(
    _ scope: PodScope, with client: APIClient, detection: FailureDetector.Options, limit: Int?,
    report: @escaping @Sendable (APIError) -> Void,
    deliver: (Result<Redacted<Incident>, Failure>) throws -> Void
  ) async throws {
    let time = time
    let found = Found(Intake(detection: detection, debounce: .init(), storms: Self.storms, concurrency: 1))
    let (rings, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { bell.finish() }
        try await PodWatcher(client: client, scope: scope, time: time, endsIfRefused: true).run { change in
          switch change {
          case .applied(let pod, let receivedAt, let wall):
            // What finds no room is found again at the next sight of its pod.
            if !found.intake.withLock({ $0.podApplied(pod, at: receivedAt, wall: wall) }).isEmpty { bell.yield() }
          case .deleted(let uid, _): found.intake.withLock { $0.podDeleted(uid: uid) }
          case .failed(let error, _): report(error)
          case .synced, .progressed, .watching, .skipped: break
          }
        }
      }
      defer { group.cancelAll() }
      var delivered = 0
      for await _ in rings {
        while case .start(let work) = found.intake.withLock({ $0.next(at: time.monotonic) }) {
          let result: Result<Redacted<Incident>, Failure>
          do throws(Failure) { result = .success(try await incident(of: work.job.occurrence)) } catch {
            result = .failure(error)
          }
          // Withheld for good, or told: either way it is done with.
          found.intake.withLock { $0.committed(work) }
          try deliver(result)
          delivered += 1
          if delivered == limit { return }
        }
      }
      try await group.waitForAll()
    }
  }
}

/// The intake, shared by the watch that feeds it and the harvest that empties it.
private final class Found: Sendable {
  let intake: Mutex<Intake>

  init(_ intake: Intake) {
    self.intake = Mutex(intake)
  }
}
