package import Incidents
package import Kubernetes
package import KubernetesClient
package import Redaction
internal import Synchronization
internal import Time

extension OnDemandHarvest {
  /// Pods that wait to be harvested; what is beyond is found again at the next sight of its pod.
  private static let queueLimit = 1_000

  /// Watches pods and hands on the incident of each new failure, those that fail already first, one after the other: the watch of the
  /// controller without its outbox. Ends when `limit` incidents were handed on, when `deliver` throws, or when cancelled.
  ///
  /// `report` hears what interrupts the watch, which goes on by itself.
  package func watch(
    _ scope: PodScope, with client: APIClient, detection: FailureDetector.Options, limit: Int?,
    report: @escaping @Sendable (APIError) -> Void,
    deliver: (Result<Redacted<Incident>, Failure>) throws -> Void
  ) async throws {
    let time = time
    let found = Found(Intake(detection: detection, debounce: .init()))
    let (queue, jobs) = AsyncStream.makeStream(of: HarvestJob.self, bufferingPolicy: .bufferingOldest(Self.queueLimit))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        await PodWatcher(client: client, scope: scope, time: time).run { change in
          switch change {
          case .applied(let pod, let receivedAt, let wall):
            for case .harvest(let job) in found.intake.withLock({ $0.podApplied(pod, at: receivedAt, wall: wall) }) {
              if case .enqueued = jobs.yield(job) { continue }
              found.intake.withLock { $0.released(job, at: receivedAt) }
            }
          case .deleted(let uid, _): found.intake.withLock { $0.podDeleted(uid: uid) }
          case .failed(let error, _): report(error)
          case .synced, .progressed, .watching, .skipped: break
          }
        }
        jobs.finish()
      }
      defer { group.cancelAll() }
      var delivered = 0
      for await job in queue {
        let result: Result<Redacted<Incident>, Failure>
        do throws(Failure) { result = .success(try await incident(of: job.occurrence)) } catch {
          result = .failure(error)
        }
        // Withheld for good, or told: either way it is done with.
        found.intake.withLock { $0.committed(job) }
        try deliver(result)
        delivered += 1
        if delivered == limit { return }
      }
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
