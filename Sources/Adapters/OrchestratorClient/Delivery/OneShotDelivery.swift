package import Delivery
package import Incidents
package import Logging
package import NIOCore
internal import Synchronization
package import Time

/// Delivers a fixed set of incidents and says what became of each: what `send` does.
package struct OneShotDelivery: Sendable {
  /// What became of an incident.
  package enum Outcome: Sendable, Equatable {
    case acknowledged(DeliveryEvent.Receipt)
    /// The orchestrator refuses it.
    case rejected(reason: String)
    /// It was not delivered, as far as is known: an acknowledgement may have been lost.
    case failed(reason: String)
  }

  /// An incident and what became of it.
  package struct Result: Sendable, Equatable {
    package let incident: SealedIncident
    package let outcome: Outcome
  }

  /// Where to.
  package var endpoint: OrchestratorEndpoint
  /// Time for all of it.
  package var deadline: Duration
  /// True: whatever fails is tried again until the deadline. False: a server that cannot be reached, or an answer that a
  /// person has to mend, ends it; a connection that was there and is lost is still made anew.
  package var retries: Bool
  private let logger: Logger
  private let time: any TimeSource
  private let eventLoop: (any EventLoop)?

  package init(
    endpoint: OrchestratorEndpoint, deadline: Duration, retries: Bool, logger: Logger, time: any TimeSource,
    eventLoop: (any EventLoop)? = nil
  ) {
    self.endpoint = endpoint
    self.deadline = deadline
    self.retries = retries
    self.logger = logger
    self.time = time
    self.eventLoop = eventLoop
  }

  private struct State {
    var outcomes: [String: Outcome] = [:]
    var trouble: String?
    var isConnected = false

    /// A pause longer than this means that trying again will not help soon.
    static let longestPause = Duration.seconds(5)

    mutating func disconnected(_ reason: String, _ pause: Duration) {
      if !isConnected || pause > Self.longestPause { trouble = trouble ?? reason }
      isConnected = false
    }
  }

  /// Delivers, and returns one result for each incident, in their order. Incidents of the same id are one incident.
  /// `onEvent` sees what happens on the way. Returns early if its task is cancelled.
  package func deliver(
    _ incidents: [SealedIncident], onEvent: @escaping @Sendable (DeliveryEvent) -> Void = { _ in }
  ) async -> [Result] {
    let state = Mutex(State())
    let news = Alarm()
    let retries = retries
    // What is to be sent lies in memory already: the outbox need not be smaller.
    var limits = DeliveryLimits()
    limits.outboxCount = max(limits.outboxCount, incidents.count)
    limits.outboxBytes = max(limits.outboxBytes, incidents.reduce(0) { $0 + $1.encoded.count })

    let delivery = IncidentDelivery(
      endpoint: endpoint, limits: limits, logger: logger, time: time, eventLoop: eventLoop
    ) { event in
      onEvent(event)
      state.withLock { state in
        switch event {
        case .sent: break
        case .connected: state.isConnected = true
        case .disconnected(let reason, let pause): if !retries { state.disconnected(reason, pause) }
        case .acknowledged(let incident, let receipt): state.outcomes[incident.id] = .acknowledged(receipt)
        case .rejected(let incident, let reason): state.outcomes[incident.id] = .rejected(reason: reason)
        case .deadLettered(let incident, let reason), .dropped(let incident, let reason):
          state.outcomes[incident.id] = .failed(reason: state.trouble ?? reason)
        }
      }
      news.ring()
    }
    for incident in incidents {
      do {
        try delivery.submit(incident)
      } catch {
        state.withLock { $0.outcomes[incident.id] = .failed(reason: error.message) }
      }
    }

    let end = time.monotonic.advanced(by: deadline)
    await withTaskGroup { group in
      // Its only error is the cancellation below.
      group.addTask { try? await delivery.run() }
      while !Task.isCancelled, delivery.held > 0, state.withLock({ $0.trouble }) == nil {
        let left = time.monotonic.duration(to: end)
        guard left > .zero else {
          state.withLock { $0.trouble = "no acknowledgement within \(deadline)" }
          break
        }
        await news.wait(atMost: left, by: time)
      }
      delivery.beginGracefulShutdown(drain: delivery.held > 0 ? .zero : .seconds(2))
    }
    return state.withLock { state in
      incidents.map { incident in
        Result(incident: incident, outcome: state.outcomes[incident.id] ?? .failed(reason: "no answer in time"))
      }
    }
  }
}
