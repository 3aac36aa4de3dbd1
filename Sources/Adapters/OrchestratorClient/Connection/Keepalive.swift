internal import Time

/// When to ask a silent server whether it is still there (https://github.com/grpc/proposal/blob/master/A8-client-side-keepalive.md).
///
/// A machine and the connection's client its driver: it sets a timer for what each call returns.
struct Keepalive: Sendable, Equatable {
  /// Pause between pings on a connection without other signs of life. Servers allow one in 5 minutes by default.
  private(set) var interval: Duration
  /// Time that an answer may take.
  let timeout: Duration

  private enum State: Equatable {
    /// No connection.
    case off
    /// Last sign of life from the server.
    case listening(since: MonotonicInstant)
    /// A ping is out since then.
    case waiting(since: MonotonicInstant)
  }

  /// What the driver does.
  enum Action: Equatable {
    /// Call `timerFired` then.
    case wait(until: MonotonicInstant)
    /// Send a ping, and call `timerFired` at the instant given.
    case ping(until: MonotonicInstant)
    /// The server is gone: close the connection.
    case giveUp
    case none
  }

  private var state = State.off

  /// 300 s and 20 s: PROTOCOLS.md, "Keepalive". Servers answer more frequent pings with ENHANCE_YOUR_CALM.
  init(interval: Duration = .seconds(300), timeout: Duration = .seconds(20)) {
    self.interval = interval
    self.timeout = timeout
  }

  mutating func connected(at now: MonotonicInstant) -> Action {
    state = .listening(since: now)
    return .wait(until: now.advanced(by: interval))
  }

  /// Any frame came.
  mutating func heard(at now: MonotonicInstant) {
    if case .listening = state { state = .listening(since: now) }
  }

  mutating func pingAnswered(at now: MonotonicInstant) -> Action {
    guard case .waiting = state else { return .none }
    state = .listening(since: now)
    return .wait(until: now.advanced(by: interval))
  }

  /// Something suggests that the server is gone: ask at once.
  mutating func doubted(at now: MonotonicInstant) -> Action {
    guard case .listening = state else { return .none }
    state = .waiting(since: now)
    return .ping(until: now.advanced(by: timeout))
  }

  mutating func timerFired(at now: MonotonicInstant) -> Action {
    switch state {
    case .off: return .none
    case .listening(let since):
      guard now >= since.advanced(by: interval) else { return .wait(until: since.advanced(by: interval)) }
      state = .waiting(since: now)
      return .ping(until: now.advanced(by: timeout))
    case .waiting(let since):
      return now >= since.advanced(by: timeout) ? .giveUp : .wait(until: since.advanced(by: timeout))
    }
  }

  /// The server answered GOAWAY with ENHANCE_YOUR_CALM: half as many pings from now on, down to one in two hours, which is
  /// TCP's own keepalive.
  mutating func calmDemanded() {
    interval = min(interval * 2, .seconds(7_200))
  }

  mutating func disconnected() {
    state = .off
  }
}
