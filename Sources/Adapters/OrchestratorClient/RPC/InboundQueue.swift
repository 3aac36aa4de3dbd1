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

  private enum Next {
    case now(Result<Part?, any Error>)
    case later
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
    let part = try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (reader: CheckedContinuation<Part?, any Error>) in
        let next = state.withLock { state -> Next in
          if Task.isCancelled { return .now(.failure(CancellationError())) }
          if let part = state.parts.popFirst() { return .now(.success(part)) }
          if let end = state.end { return .now(end.map { nil }) }
          if state.reader != nil { return .now(.failure(ReadTwice())) }
          state.reader = reader
          return .later
        }
        if case .now(let result) = next {
          if case .success(let part?) = result { taken(part) }
          reader.resume(with: result)
        }
      }
    } onCancel: {
      let reader = state.withLock { state -> CheckedContinuation<Part?, any Error>? in
        defer { state.reader = nil }
        return state.reader
      }
      reader?.resume(throwing: CancellationError())
    }
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
