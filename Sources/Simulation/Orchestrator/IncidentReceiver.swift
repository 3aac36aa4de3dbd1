package import Contract
package import GRPCCore
internal import GRPCProtobuf
internal import SwiftProtobuf
internal import Synchronization
package import Time

/// The receiving side of `kubemind.v2.IncidentService`, for any server transport: keeps what it gets, byte for byte, and
/// answers as it is told to.
package final class IncidentReceiver: RegistrableRPCService {
  private struct State: Sendable {
    var model = ReceiverModel()
    /// Those who wait for a count; an entry without continuation is about to wait.
    var waiting: [Int: Waiter] = [:]
    var nextWaiting = 0
  }

  private struct Waiter: Sendable {
    var count: Int
    var continuation: CheckedContinuation<Void, any Error>?
    var isCancelled = false
  }

  /// In a struct of their own: a closure that is a generic type's value itself, as in a `Mutex` of one, is wrapped once more at
  /// each look, until calling it takes longer than all else.
  private struct Actions: Sendable {
    var goAway: (@Sendable () -> Void)?
    var received: (@Sendable (ReceivedIncident) -> Void)?
  }

  private let state = Mutex(State())
  private let time: any TimeSource
  private let actions = Mutex(Actions())

  package init(time: any TimeSource, behaviour: OrchestratorBehaviour = .willing) {
    self.time = time
    behave(behaviour)
  }

  /// Changes how streams and incidents are treated from now on.
  package func behave(_ behaviour: OrchestratorBehaviour) {
    let now = time.monotonic
    state.withLock { $0.model.behave(behaviour, at: now) }
  }

  /// What is done where the behaviour asks for a GOAWAY.
  func onGoAway(_ action: (@Sendable () -> Void)?) {
    actions.withLock { $0.goAway = action }
  }

  /// What is done with each incident that came, in order for each stream. Must not block for long: the answer waits for it.
  package func onReceived(_ action: (@Sendable (ReceivedIncident) -> Void)?) {
    actions.withLock { $0.received = action }
  }

  // MARK: What came

  /// Incidents that came, oldest first, repeats too; at most 10,000 and 64 MiB, the newest are kept.
  package var incidents: [ReceivedIncident] { state.withLock { $0.model.incidents } }

  /// Incidents so far by what they were answered with (or would have been).
  package var counts: [KMOutcome: Int] { state.withLock { $0.model.counts } }

  /// Incidents that were taken for the first time.
  package var acceptedCount: Int { counts[.accepted, default: 0] }

  /// Streams that were opened and not refused.
  package var streamCount: Int { state.withLock { $0.model.streams } }

  /// Old incidents that are no longer kept.
  package var droppedCount: Int { state.withLock { $0.model.dropped } }

  /// Returns once so many incidents were accepted; throws CancellationError when the task is cancelled.
  package func waitForAccepted(_ count: Int) async throws {
    let id = state.withLock { state in
      state.nextWaiting += 1
      state.waiting[state.nextWaiting] = Waiter(count: count)
      return state.nextWaiting
    }
    defer { state.withLock { $0.waiting[id] = nil } }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let outcome: Result<Void, any Error>? = state.withLock { state in
          if state.waiting[id]?.isCancelled ?? true { return .failure(CancellationError()) }
          if state.model.counts[.accepted, default: 0] >= count { return .success(()) }
          state.waiting[id]?.continuation = continuation
          return nil
        }
        if let outcome { continuation.resume(with: outcome) }
      }
    } onCancel: {
      let continuation = state.withLock { state in
        state.waiting[id]?.isCancelled = true
        return state.waiting[id]?.continuation.take()
      }
      continuation?.resume(throwing: CancellationError())
    }
  }

  // MARK: The service

  package func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    router.registerHandler(
      forMethod: KMIncidentService.Method.StreamIncidents.descriptor, deserializer: RawIncidentDeserializer(),
      serializer: ProtobufSerializer<KMIncidentAck>()
    ) { [self] request, _ in
      guard let stream = opened() else {
        throw RPCError(code: .unavailable, message: "the orchestrator takes no streams now")
      }
      return StreamingServerResponse { writer in
        defer { self.state.withLock { $0.model.streamClosed(stream) } }
        for try await incident in request.messages {
          guard try await self.answer(incident, on: stream, writer) else { break }
        }
        return [:]
      }
    }
  }

  private func opened() -> Int? {
    let now = time.monotonic
    return state.withLock { $0.model.streamOpened(at: now) }
  }

  /// Answers one incident; false ends the stream.
  private func answer(
    _ incident: RawIncident, on stream: Int, _ writer: RPCWriter<KMIncidentAck>
  ) async throws -> Bool {
    let now = time.wall
    let (reply, leaves, delay, done, newest) = state.withLock { state in
      let delay = state.model.delay
      let (reply, leaves) = state.model.incidentReceived(incident, on: stream, at: now)
      let accepted = state.model.counts[.accepted, default: 0]
      var done: [CheckedContinuation<Void, any Error>] = []
      for (id, waiter) in state.waiting where waiter.count <= accepted {
        if let continuation = waiter.continuation { done.append(continuation) }
        state.waiting[id]?.continuation = nil
      }
      return (reply, leaves, delay, done, state.model.incidents.last)
    }
    for continuation in done { continuation.resume() }
    let actions = actions.withLock { $0 }
    if let newest { actions.received?(newest) }
    if leaves { actions.goAway?() }
    if delay > .zero { try await time.sleep(for: delay) }
    switch reply {
    case .acknowledge(let outcome, let reason):
      var ack = KMIncidentAck()
      ack.incidentID = incident.id
      ack.outcome = outcome
      ack.reason = reason
      ack.receivedAt.seconds = now.seconds
      ack.receivedAt.nanos = now.nanoseconds
      try await writer.write(ack)
      return true
    case .silence: return true
    case .endStream: return false
    }
  }
}

/// Keeps the bytes, and decodes them to see that they are an incident.
private struct RawIncidentDeserializer: MessageDeserializer {
  func deserialize(_ bytes: some GRPCContiguousBytes) throws -> RawIncident {
    // The transport's own bag of bytes: no copy.
    let encoded = bytes as? [UInt8] ?? bytes.withUnsafeBytes { Array($0) }
    do {
      return RawIncident(try KMIncidentContext(serializedBytes: encoded), encoded: encoded)
    } catch {
      throw RPCError(code: .invalidArgument, message: "not an IncidentContext: \(error)")
    }
  }
}
