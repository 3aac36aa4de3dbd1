internal import Delivery
internal import Time

/// Which connection a client uses, and when it makes the next one.
///
/// One connection is in use; others may still drain. Pauses count from the beginning of a try
/// (https://github.com/grpc/grpc/blob/master/doc/connection-backoff.md): one that waited in vain for its whole time-out has
/// paused already. After a connection was ready, the next try is at once, but never sooner than the first pause of the backoff
/// after the last try began: a server that accepts and hangs up in turn is no reason for a busy loop.
struct ClientChannelMachine: Sendable, Equatable {
  private enum State: Equatable {
    /// To: connecting, stopped.
    case idle
    /// To: ready, waiting, stopped.
    case connecting(Int)
    /// To: connecting, waiting, stopped.
    case ready(Int)
    /// To: connecting, stopped.
    case waiting
    case stopped
  }

  /// What the driver does.
  enum Action: Equatable {
    case connect(Int)
    /// Call `timerFired` after this time.
    case wait(Duration)
    case none
  }

  private var state = State.idle
  private var backoff: Backoff
  private var attempts = 0
  private var lastStart = MonotonicInstant.origin

  init(_ policy: Backoff.Policy = .connection) {
    backoff = Backoff(policy)
  }

  /// The connection for new streams.
  var current: Int? {
    if case .ready(let connection) = state { connection } else { nil }
  }

  /// True if the last try failed and the next has not begun: a call that does not wait for readiness fails.
  var isFailing: Bool {
    switch state {
    case .waiting, .stopped: true
    case .connecting: backoff.tries > 0
    case .idle, .ready: false
    }
  }

  var isStopped: Bool { state == .stopped }

  mutating func started(at now: MonotonicInstant) -> Action {
    guard case .idle = state else { return .none }
    return connect(now)
  }

  /// The server's first SETTINGS came on this connection.
  mutating func becameReady(_ connection: Int) {
    guard state == .connecting(connection) else { return }
    state = .ready(connection)
    backoff.reset()
  }

  /// This connection takes no new stream: refused, lost, or told to go away.
  mutating func becameUnusable(_ connection: Int, at now: MonotonicInstant, random: Double) -> Action {
    switch state {
    case .connecting(connection):
      state = .waiting
      return .wait(max(.zero, backoff.next(random: random) - lastStart.duration(to: now)))
    case .ready(connection):
      let pause = backoff.policy.initial - lastStart.duration(to: now)
      guard pause > .zero else { return connect(now) }
      state = .waiting
      return .wait(pause)
    default: return .none
    }
  }

  mutating func timerFired(at now: MonotonicInstant) -> Action {
    guard case .waiting = state else { return .none }
    return connect(now)
  }

  mutating func stopped() {
    state = .stopped
  }

  private mutating func connect(_ now: MonotonicInstant) -> Action {
    attempts += 1
    lastStart = now
    state = .connecting(attempts)
    return .connect(attempts)
  }
}
