/// What becomes of one request's answers and failures: the rules of client-go's `WithRetry`, as a machine without I/O.
///
/// 429, and 5xx with Retry-After: wait as the header says, up to 10 times. 401: once with fresh credentials. A GET that was
/// cut off is sent again, twice. Nothing is waited for beyond the request's time.
package struct RetryPolicy: Sendable, Equatable {
  /// Waits that one request may cause, as in client-go.
  package static let waitLimit = 10
  /// Times a GET that was cut off is sent again.
  package static let cutLimit = 2
  /// Where the server names no time, and at most: a server that asks for an hour is as good as gone.
  package static let (shortestWait, longestWait) = (Duration.seconds(1), Duration.seconds(30))

  /// What to do.
  package enum Verdict: Sendable, Equatable {
    /// It is the caller's now.
    case deliver
    /// Send it again after this time.
    case retry(after: Duration)
    /// Send it again with fresh credentials.
    case reauthenticate
  }

  private let isIdempotent: Bool
  private let timeout: Duration?
  private var waits = 0
  private var cuts = 0
  private var hasReauthenticated = false

  package init(for request: APIRequest) {
    isIdempotent = request.method == .get
    timeout = request.timeout
  }

  /// The server answered. `retryAfter` is the header's text; `elapsed` is the time since the request was first sent.
  package mutating func answered(status: Int, retryAfter: String?, elapsed: Duration) -> Verdict {
    if status == 401, !hasReauthenticated {
      hasReauthenticated = true
      return .reauthenticate
    }
    guard status == 429 || (500..<600).contains(status) && retryAfter != nil else { return .deliver }
    let wait = Self.duration(ofRetryAfter: retryAfter) ?? Self.shortestWait
    guard waits < Self.waitLimit, fits(wait, elapsed) else { return .deliver }
    waits += 1
    return .retry(after: min(max(wait, .milliseconds(100)), Self.longestWait))
  }

  /// The connection broke after the request was sent and before the answer was whole.
  package mutating func cutOff(elapsed: Duration) -> Verdict {
    let wait = Duration.milliseconds(100)
    guard isIdempotent, cuts < Self.cutLimit, fits(wait, elapsed) else { return .deliver }
    cuts += 1
    return .retry(after: wait)
  }

  private func fits(_ wait: Duration, _ elapsed: Duration) -> Bool {
    timeout.map { elapsed + wait < $0 } ?? true
  }

  /// A Retry-After of whole seconds; nil for a date, which this API does not send.
  package static func duration(ofRetryAfter text: String?) -> Duration? {
    text.flatMap { Int32($0) }.flatMap { $0 >= 0 ? .seconds(Int64($0)) : nil }
  }
}
