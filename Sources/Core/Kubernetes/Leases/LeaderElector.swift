package import Time

/// One candidate of a leader election on a Lease, by the rules of client-go's `tools/leaderelection/leaderelection.go`, so that its
/// candidates, kubectl and this one understand each other's records.
///
/// A machine without I/O. It trusts its own monotonic clock alone: the times in the record are for people. A record counts as held
/// for its `leaseDurationSeconds` after it was *seen* to change. This candidate counts as leader for `renewDeadline` after the last
/// renewal that the server took was *sent*, which is the shorter time and begins earlier; so no two candidates whose clocks run at
/// the same rate lead at once. Nothing fences a leader off that does not ask: whoever acts asks `leads(at:)` first.
package struct LeaderElector: Sendable {
  /// What the driver does next.
  package enum Step: Sendable, Equatable {
    /// Read the Lease; then `leaseRead`, `leaseMissing` or `requestFailed`.
    case read
    /// Create the Lease; then `leaseWritten` or `requestFailed`.
    case create(LeaseSnapshot)
    /// Write the Lease; then `leaseWritten` or `requestFailed`.
    case update(LeaseSnapshot)
    /// Do nothing until then; then `timerFired`.
    case wait(until: MonotonicInstant)
    /// The Lease is given back, or was not held.
    case done
  }

  private enum State: Equatable {
    /// Another leads, or nobody. To: leading, done.
    case following
    /// The last renewal that was taken was sent then. To: following, releasing.
    case leading(since: MonotonicInstant)
    /// The work has ended; one try more where the first fails. To: done.
    case releasing(isLastTry: Bool)
    case done
  }

  private struct Seen {
    var lease: LeaseSnapshot
    /// When this record was first seen.
    var at: MonotonicInstant
  }

  /// Who this candidate is.
  package let identity: String
  /// Its times.
  package let timing: ElectionTiming
  private let namespace: String
  private let name: String
  private var state = State.following
  private var seen: Seen?
  /// When the write that is under way was sent, and whether it went out without a read before it.
  private var writing: (sentAt: MonotonicInstant, isOptimistic: Bool)?
  private var random: any RandomNumberGenerator & Sendable

  /// A candidate that follows. `random` spreads its looks at the Lease.
  package init(
    identity: String, namespace: String, name: String, timing: ElectionTiming,
    random: any RandomNumberGenerator & Sendable
  ) {
    self.identity = identity
    self.namespace = namespace
    self.name = name
    self.timing = timing
    self.random = random
  }

  /// Whether this candidate may act as leader.
  package func leads(at now: MonotonicInstant) -> Bool {
    leadsUntil.map { now < $0 } ?? false
  }

  /// The end of its leadership if no renewal comes; nil while it follows.
  package var leadsUntil: MonotonicInstant? {
    if case .leading(let since) = state { since.advanced(by: timing.renewDeadline) } else { nil }
  }

  /// Who holds the Lease by the record that was seen last; empty for nobody.
  package var holder: String { seen?.lease.holder ?? "" }

  /// Begins.
  package mutating func started() -> Step { .read }

  /// The time of `.wait` has come.
  package mutating func timerFired(at now: MonotonicInstant, wall: Timestamp) -> Step {
    expire(at: now)
    switch state {
    case .following: return .read
    case .leading:
      // The record is our own and has not changed: written at its version, without a read (client-go's fast path).
      guard let seen, seen.lease.holder == identity else { return .read }
      return write(renewed(seen.lease, wall: wall), at: now, isOptimistic: true)
    case .releasing: return .read
    case .done: return .done
    }
  }

  /// The Lease as the server has it.
  package mutating func leaseRead(_ lease: LeaseSnapshot, at now: MonotonicInstant, wall: Timestamp) -> Step {
    expire(at: now)
    observe(lease, at: now)
    switch state {
    case .releasing: return lease.holder == identity ? write(released(lease, wall: wall), at: now) : finish()
    case .done: return .done
    case .following, .leading: break
    }
    if let end = othersEnd, now < end {
      state = .following
      return .wait(until: min(end, nextLook(at: now)))
    }
    return write(renewed(lease, wall: wall), at: now)
  }

  /// There is no such Lease.
  package mutating func leaseMissing(at now: MonotonicInstant, wall: Timestamp) -> Step {
    expire(at: now)
    switch state {
    case .releasing, .done: return finish()
    case .following, .leading:
      // Whatever was held is gone with it: another may have made a new one by now, and the server decides between us.
      state = .following
      writing = (now, false)
      return .create(
        LeaseSnapshot(
          namespace: namespace, name: name, holder: identity, durationSeconds: leaseSeconds, acquiredAt: wall,
          renewedAt: wall))
    }
  }

  /// The server took what was written; this is what it has now.
  package mutating func leaseWritten(_ lease: LeaseSnapshot, at now: MonotonicInstant) -> Step {
    guard let sentAt = writing?.sentAt else { return state == .done ? .done : .read }
    writing = nil
    observe(lease, at: now)
    switch state {
    case .releasing, .done: return finish()
    case .following, .leading:
      state = .leading(since: sentAt)
      expire(at: now)
      return .wait(until: max(now, sentAt.advanced(by: timing.retryPeriod)))
    }
  }

  /// A request failed: refused, conflicting, or without an answer. Whether a write was taken is unknown then.
  package mutating func requestFailed(at now: MonotonicInstant) -> Step {
    expire(at: now)
    let wasOptimistic = writing?.isOptimistic == true
    writing = nil
    switch state {
    case .following: return .wait(until: nextLook(at: now))
    case .leading(let since):
      // Somebody wrote, or the version is not known any more: read, and write what was read.
      if wasOptimistic { return .read }
      let end = since.advanced(by: timing.renewDeadline)
      return .wait(until: min(end, now.advanced(by: timing.retryPeriod)))
    case .releasing(let isLastTry):
      guard !isLastTry else { return finish() }
      state = .releasing(isLastTry: true)
      return .read
    case .done: return .done
    }
  }

  /// The work that the leadership guards has ended (client-go's ReleaseOnCancel). A request that is under way is to be given up.
  package mutating func stopRequested(at now: MonotonicInstant, wall: Timestamp) -> Step {
    expire(at: now)
    writing = nil
    guard case .leading = state, let seen, seen.lease.holder == identity else { return finish() }
    state = .releasing(isLastTry: false)
    return write(released(seen.lease, wall: wall), at: now)
  }

  // MARK: The record

  /// When the others' hold ends by this candidate's clock; nil where nobody else holds it.
  private var othersEnd: MonotonicInstant? {
    guard let seen, !seen.lease.holder.isEmpty, seen.lease.holder != identity else { return nil }
    return seen.at.advanced(by: .seconds(seen.lease.durationSeconds))
  }

  private mutating func observe(_ lease: LeaseSnapshot, at now: MonotonicInstant) {
    let isKnown = seen.map { $0.lease.hasSameRecord(as: lease) } ?? false
    seen = Seen(lease: lease, at: isKnown ? seen?.at ?? now : now)
  }

  private func renewed(_ lease: LeaseSnapshot, wall: Timestamp) -> LeaseSnapshot {
    var next = lease
    if lease.holder != identity {
      next.holder = identity
      next.acquiredAt = wall
      // An int32 in the API.
      next.transitions = min(max(lease.transitions, 0), Int(Int32.max) - 1) + 1
    }
    next.durationSeconds = leaseSeconds
    next.renewedAt = wall
    return next
  }

  /// An empty holder, and one second: what client-go writes, so that its candidates take it at once, too.
  private func released(_ lease: LeaseSnapshot, wall: Timestamp) -> LeaseSnapshot {
    var next = lease
    next.holder = ""
    next.durationSeconds = 1
    next.acquiredAt = wall
    next.renewedAt = wall
    return next
  }

  private var leaseSeconds: Int { Int(timing.leaseDuration.components.seconds) }

  // MARK: Steps

  private mutating func write(_ lease: LeaseSnapshot, at now: MonotonicInstant, isOptimistic: Bool = false) -> Step {
    writing = (now, isOptimistic)
    return .update(lease)
  }

  private mutating func finish() -> Step {
    state = .done
    return .done
  }

  private mutating func expire(at now: MonotonicInstant) {
    if case .leading = state, !leads(at: now) { state = .following }
  }

  private mutating func nextLook(at now: MonotonicInstant) -> MonotonicInstant {
    let factor = Double.random(in: 1...ElectionTiming.jitterFactor, using: &random)
    return now.advanced(by: timing.retryPeriod / factor)
  }
}

extension LeaseSnapshot {
  /// True if both say the same of who leads; other writers may have changed what else is in the object.
  fileprivate func hasSameRecord(as other: LeaseSnapshot) -> Bool {
    holder == other.holder && durationSeconds == other.durationSeconds && acquiredAt == other.acquiredAt
      && renewedAt == other.renewedAt && transitions == other.transitions
  }
}
