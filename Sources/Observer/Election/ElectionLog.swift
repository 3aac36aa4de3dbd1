internal import Kubernetes
internal import KubernetesClient
internal import Logging
internal import Synchronization
internal import Time

/// Says who leads, once for each change, and what is in the way of it.
final class ElectionLog: Sendable {
  private struct State {
    var leads = false
    var leader: String?
    var trouble: String?
  }

  private let identity: String
  private let logger: Logger
  private let state = Mutex(State())

  init(identity: String, logger: Logger) {
    self.identity = identity
    self.logger = logger
  }

  func write(_ event: LeaderElection.Event) {
    switch event {
    case .leads:
      let isNews = state.withLock { state in
        defer { state = State(leads: true, leader: identity) }
        return !state.leads
      }
      if isNews { logger.notice("leading", metadata: ["identity": "\(identity)"]) }
    case .follows(let leader):
      let (wasLeading, isNews) = state.withLock { state in
        defer {
          state.leads = false
          state.leader = leader
        }
        return (state.leads, state.leader != leader)
      }
      if wasLeading {
        logger.error(
          "leadership lost: harvests and delivery stop", metadata: ["identity": "\(identity)", "leader": "\(leader)"])
      } else if isNews {
        logger.notice("standing by", metadata: ["identity": "\(identity)", "leader": "\(leader)"])
      }
    case .failed(let error):
      // Tried again every few seconds: said once until it is another one, or over.
      let isNews = state.withLock { state in
        defer { state.trouble = error.message }
        return state.trouble != error.message
      }
      guard isNews else { return }
      let hint =
        error.code == .forbidden ? "grant get and update on this Lease, or set leaderElection.enabled=false" : ""
      logger.warning("lease not renewed", metadata: ["error": "\(error.message)", "hint": "\(hint)"])
    }
  }
}
