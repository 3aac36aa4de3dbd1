internal import Kubernetes
package import KubernetesClient
package import Logging
internal import ServiceLifecycle
package import Time

/// Takes part in the election, tells the others until when they may act, and gives the Lease back at the end.
///
/// First among the services, so that it stops last: the Lease is held until harvests and delivery have ended.
package struct ElectionService: Service {
  private let election: LeaderElection
  private let logger: Logger
  /// Until when this replica may act; an instant in the past where it may not.
  private let permit: @Sendable (MonotonicInstant) -> Void

  package init(
    election: LeaderElection, logger: Logger, permit: @escaping @Sendable (MonotonicInstant) -> Void
  ) {
    self.election = election
    self.logger = logger
    self.permit = permit
  }

  package func run() async {
    let log = ElectionLog(identity: election.identity, logger: logger)
    let elector = await cancelWhenGracefulShutdown {
      await election.run { event in
        if case .leads(let until) = event { permit(until) } else if case .follows = event { permit(.origin) }
        log.write(event)
      }
    }
    permit(.origin)
    // Ended by force: what the Lease guards may still be at work, so it is left to run out.
    guard !Task.isCancelled, elector.leadsUntil != nil else { return }
    if await election.release(elector) {
      logger.notice("lease released", metadata: ["identity": "\(election.identity)"])
    } else {
      logger.warning("lease not released: it runs out by itself", metadata: ["identity": "\(election.identity)"])
    }
  }
}
