internal import NIOCore
internal import Synchronization

/// Parts of one call on their way from the event loop to the task that reads them.
///
/// Bounded by the receive windows: what lies here is not given back to the peer until it is taken (`ReceiveCredit`).
final class InboundQueue<Part: Sendable>: Sendable {
  private struct State {
    var parts = CircularBuffer<Part>()
    var end: Result<Void, any Error>?
    var reader: CheckedContinuation<Part?, any Error>?
  }

  private let state = Mutex(State())
  private let taken: @Sendable (Part) -> Void

  /// A queue that tells `taken` each part that the reader took.
  init(taken: @escaping @Sendable (Part) -> Void) {
    self.taken = taken
  }

  func push(_ part: Part) {
    let reader = state.withLock { state -> CheckedContinuation<Part?, any Error>? in
      guard state.end == nil else { return nil }
      guard let reader = state.reader else {
        state.parts.append(part)
        return nil
      }
      state.reader = nil
      return reader
    }
    guard let reader else { return }
    taken(part)
    reader.resume(returning: part)
  }

  /// No part follows; the reader gets the result after the parts that lie here.
  func finish(_ result: Result<Void, any Error>) {
    let reader = state.withLock { state -> CheckedContinuation<Part?, any Error>? in
      guard state.end == nil else { return nil }
      state.end = result
      defer { state.reader = nil }
      return state.reader
    }
    reader?.resume(with: result.map { nil })
  }

  /// The next part, or nil at the end. For one reader at a time.
  func next() async throws -> Part? {
    // Most often something lies here, and then nothing is made for the wait.
    if let result = state.withLock({ Self.ready(&$0) }) { return try handOver(result) }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (reader: CheckedContinuation<Part?, any Error>) in
        let result = state.withLock { state -> Result<Part?, any Error>? in
          if let result = Self.ready(&state) { return result }
          if state.reader != nil { return .failure(ReadTwice()) }
          state.reader = reader
          return nil
        }
        if let result { reader.resume(with: Result { try handOver(result) }) }
      }
    } onCancel: {
      let reader = state.withLock { state -> CheckedContinuation<Part?, any Error>? in
        defer { state.reader = nil }
        return state.reader
      }
      reader?.resume(throwing: CancellationError())
    }
  }

  /// What a reader gets without waiting; nil if there is nothing yet.
  private static func ready(_ state: inout State) -> Result<Part?, any Error>? {
    if Task.isCancelled { return .failure(CancellationError()) }
    if let part = state.parts.popFirst() { return .success(part) }
    return state.end?.map { nil }
  }

  private func handOver(_ result: Result<Part?, any Error>) throws -> Part? {
    let part = try result.get()
    if let part { taken(part) }
    return part
  }

  /// Two tasks read the same call, which gRPC forbids.
  private struct ReadTwice: Error {}
}

extension InboundQueue {
  /// The queue as the sequence that GRPCCore reads.
  struct Parts: AsyncSequence, Sendable {
    typealias Element = Part
    typealias Failure = any Error

    let queue: InboundQueue<Part>

    func makeAsyncIterator() -> Iterator {
      Iterator(queue: queue)
    }

    struct Iterator: AsyncIteratorProtocol {
      let queue: InboundQueue<Part>

      func next() async throws -> Part? {
        try await queue.next()
      }

      func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> Part? {
        try await queue.next()
      }
    }
  }
}
