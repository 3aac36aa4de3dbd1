internal import Kubernetes
internal import Synchronization
internal import Time

/// One exchange between the loop's thread, which fills it, and one task, which empties it.
///
/// The loop calls `receive…` and `finish`; the task awaits `head` and `chunk`; anyone may cancel. All of them meet in one
/// mutex, and nobody is called while it is held.
final class Transfer: Sendable {
  /// What the loop shall do after giving bytes.
  enum Verdict: Equatable {
    case accepted
    /// The buffer is full: give the same bytes again after `resume`.
    case pause
    /// No more of it is wanted.
    case abort
  }

  /// A part of a body.
  struct Chunk: Sendable {
    var bytes: [UInt8]
    /// When the first byte of it arrived.
    var receivedAt: MonotonicInstant
    var wall: Timestamp
  }

  private struct State {
    var head: TransferHead?
    var buffer: [UInt8] = []
    var omitted = 0
    var firstByteAt: (MonotonicInstant, Timestamp)?
    var isPaused = false
    var end: Result<Void, TransferFailure>?
    var idleLimit: Duration?
    /// Set by whatever the waiting task might want to know of; cleared by its look.
    var hasNews = false
    var waiter: CheckedContinuation<Void, Never>?
  }

  let id: UInt64
  let request: TransferRequest
  private let time: any TimeSource
  private let state: Mutex<State>

  init(id: UInt64, request: TransferRequest, time: any TimeSource) {
    self.id = id
    self.request = request
    self.time = time
    state = Mutex(State(idleLimit: request.idleLimit))
  }

  /// Longest silence while the consumer is ready; nil for none. Who shortens it is heard once the old limit is over, or sooner.
  var idleLimit: Duration? {
    get { state.withLock { $0.idleLimit } }
    set { state.withLock { $0.idleLimit = newValue } }
  }

  // MARK: The loop's side

  /// The header is complete.
  func receive(_ head: TransferHead) {
    // A gathered answer is looked at once, at its end.
    let wakes = if case .chunks = request.delivery { true } else { false }
    change(waking: wakes) { $0.head = head }
  }

  /// Bytes of the body arrived.
  func receive(_ bytes: UnsafeRawBufferPointer) -> Verdict {
    switch request.delivery {
    case .whole(.refuse(let limit)):
      state.withLock { state in
        guard state.end == nil else { return .abort }
        guard state.buffer.count + bytes.count <= limit else {
          let message = "the answer is longer than \(limit) bytes"
          state.end = .failure(TransferFailure(error: APIError(.tooLarge, message)))
          return .abort
        }
        state.buffer += bytes
        return .accepted
      }
    case .whole(.keepEnd(let limit)):
      state.withLock { state in
        guard state.end == nil else { return .abort }
        state.buffer += bytes
        // Cut at twice the limit, so that each byte is moved at most once more.
        if state.buffer.count > 2 * limit {
          state.omitted += state.buffer.count - limit
          state.buffer.removeFirst(state.buffer.count - limit)
        }
        return .accepted
      }
    case .chunks(let capacity):
      receive(bytes, capacity: capacity)
    }
  }

  private func receive(_ bytes: UnsafeRawBufferPointer, capacity: Int) -> Verdict {
    var verdict = Verdict.accepted
    let now = (time.monotonic, time.wall)
    change(waking: true) { state in
      if state.end != nil {
        verdict = .abort
      } else if state.buffer.count >= capacity {
        state.isPaused = true
        verdict = .pause
      } else {
        if state.buffer.isEmpty { state.firstByteAt = now }
        state.buffer += bytes
      }
    }
    return verdict
  }

  /// The exchange is over. Only the first call counts.
  func finish(_ result: Result<Void, TransferFailure>) {
    change(waking: true) { state in
      if state.end == nil { state.end = result }
    }
  }

  /// True once nothing more is wanted of it.
  var isOver: Bool { state.withLock { $0.end != nil } }

  // MARK: The consumer's side

  /// The header, as soon as it is there.
  func head() async throws(TransferFailure) -> TransferHead {
    try await awaitNews { state -> Result<TransferHead, TransferFailure>? in
      if let head = state.head { return .success(head) }
      guard let end = state.end else { return nil }
      return end.flatMap { .failure(TransferFailure(error: APIError(.malformed, "an answer without a header"))) }
    }.get()
  }

  /// What has arrived since the last call; nil at the end of the body. `mustResume` tells that the loop waits for a `resume`.
  func chunk() async throws(TransferFailure) -> (chunk: Chunk?, mustResume: Bool) {
    try await awaitNews { state -> Result<(chunk: Chunk?, mustResume: Bool), TransferFailure>? in
      if !state.buffer.isEmpty, let (receivedAt, wall) = state.firstByteAt {
        let chunk = Chunk(bytes: state.buffer, receivedAt: receivedAt, wall: wall)
        let mustResume = state.isPaused
        state.buffer = []
        state.isPaused = false
        return .success((chunk, mustResume))
      }
      return state.end?.map { (nil, false) }
    }.get()
  }

  /// The whole answer of a `.whole` delivery.
  func answer() async throws(TransferFailure) -> APIResponse {
    let keptEnd: Int? = if case .whole(.keepEnd(let limit)) = request.delivery { limit } else { nil }
    return try await awaitNews { state -> Result<APIResponse, TransferFailure>? in
      switch state.end {
      case nil: return nil
      case .failure(let failure): return .failure(failure)
      case .success:
        guard let head = state.head else {
          return .failure(TransferFailure(error: APIError(.malformed, "an answer without a header")))
        }
        let excess = keptEnd.map { max(0, state.buffer.count - $0) } ?? 0
        let body = excess > 0 ? Array(state.buffer[excess...]) : state.buffer
        return .success(
          APIResponse(status: head.status, headers: head.headers, body: body, omittedBytes: state.omitted + excess))
      }
    }.get()
  }

  /// Waits until `look` finds what it is after. One task at a time.
  private func awaitNews<T: Sendable>(_ look: @Sendable (inout sending State) -> T?) async -> T {
    while true {
      let found = state.withLock { state in
        state.hasNews = false
        return look(&state)
      }
      if let found { return found }
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          if state.hasNews { return true }
          state.waiter = continuation
          return false
        }
        if isReady { continuation.resume() }
      }
    }
  }

  /// Changes the state and wakes the waiting task, after the lock is released.
  private func change(waking: Bool, _ body: (inout State) -> Void) {
    let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
      body(&state)
      guard waking else { return nil }
      state.hasNews = true
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume()
  }
}
