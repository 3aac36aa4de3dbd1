internal import Documents
package import Kubernetes
package import Time

/// Takes part in a leader election: the driver of `LeaderElector`.
///
/// Give it a client of its own. A renewal that waits behind a harvest's requests would lose the lease in the very moment in which
/// there is most to do.
package struct LeaderElection: Sendable {
  /// What came of a step.
  package enum Event: Sendable, Equatable {
    /// This candidate leads, for as long; told again with each renewal.
    case leads(until: MonotonicInstant)
    /// Another leads, or nobody does (empty). Told first after each loss, and with each new leader.
    case follows(leader: String)
    /// The Lease could not be read or written; it is tried again. A write that another was faster with is no failure.
    case failed(APIError)
  }

  /// Who this candidate is, for log lines.
  package let identity: String
  private let elector: LeaderElector
  private let client: APIClient
  private let namespace: String
  private let name: String
  private let time: any TimeSource

  package init(
    identity: String, namespace: String, name: String, timing: ElectionTiming, client: APIClient, time: any TimeSource
  ) {
    self.identity = identity
    self.namespace = namespace
    self.name = name
    self.client = client
    self.time = time
    elector = LeaderElector(
      identity: identity, namespace: namespace, name: name, timing: timing, random: SystemRandomNumberGenerator())
  }

  /// Takes part until its task is cancelled. Returns where it stood then, for `release`: what leadership guards may still be at work.
  package func run(_ onEvent: @Sendable (Event) -> Void) async -> LeaderElector {
    var elector = elector
    var told: Event?
    var step = elector.started()
    while !Task.isCancelled {
      let (next, failure) = await perform(step, &elector)
      step = next
      if let failure, failure.code != .cancelled { onEvent(.failed(failure)) }
      let event = elector.leadsUntil.map(Event.leads) ?? .follows(leader: elector.holder)
      // Before the first read there is nothing to tell.
      if event != told, told != nil || step != .read { onEvent(event) }
      told = event
    }
    return elector
  }

  /// Gives the Lease back, if this candidate holds it, so that another need not wait for its end. Only once what leadership guards
  /// has stopped. False if it is still held: the server was not there to be told.
  package func release(_ held: LeaderElector) async -> Bool {
    var elector = held
    var step = elector.stopRequested(at: time.monotonic, wall: time.wall)
    guard step != .done else { return true }
    var isReleased = false
    while step != .done, !Task.isCancelled {
      let (next, failure) = await perform(step, &elector)
      isReleased = failure == nil
      step = next
    }
    return isReleased
  }

  private func perform(
    _ step: LeaderElector.Step, _ elector: inout LeaderElector
  ) async -> (LeaderElector.Step, APIError?) {
    switch step {
    case .read:
      do throws(APIError) {
        let lease = try await send(.lease(namespace: namespace, name: name), elector)
        return (elector.leaseRead(lease, at: time.monotonic, wall: time.wall), nil)
      } catch {
        if error.code == .notFound { return (elector.leaseMissing(at: time.monotonic, wall: time.wall), nil) }
        return (elector.requestFailed(at: time.monotonic), error)
      }
    case .create(let lease): return await write(.createLease(lease), &elector)
    case .update(let lease): return await write(.updateLease(lease), &elector)
    case .wait(let until):
      // Cancelled: the loop ends.
      try? await time.sleep(for: max(.zero, time.monotonic.duration(to: until)))
      return (elector.timerFired(at: time.monotonic, wall: time.wall), nil)
    case .done: return (.done, nil)
    }
  }

  private func write(
    _ request: APIRequest, _ elector: inout LeaderElector
  ) async -> (LeaderElector.Step, APIError?) {
    do throws(APIError) {
      return (elector.leaseWritten(try await send(request, elector), at: time.monotonic), nil)
    } catch {
      return (elector.requestFailed(at: time.monotonic), error.code == .status(409) ? nil : error)
    }
  }

  /// No request outlasts the leadership: its end must be noticed then.
  private func send(_ request: APIRequest, _ elector: LeaderElector) async throws(APIError) -> LeaseSnapshot {
    var request = request
    let left = elector.leadsUntil.map { time.monotonic.duration(to: $0) } ?? elector.timing.requestTimeout
    request.timeout = max(.milliseconds(1), min(elector.timing.requestTimeout, left))
    let body = try await client.send(request).body
    do throws(JSONError) { return try LeaseSnapshot(json: body) } catch {
      throw APIError(.malformed, "the Lease \(namespace)/\(name) cannot be read: \(error)")
    }
  }
}
