package import Kubernetes
package import Logging
package import Time

/// Speaks to one API server: short calls over shared connections, watches and logs over connections of their own.
///
/// Errors are `APIError`s of one line. Cancelling the task ends the exchange at once. A client holds two threads and few
/// connections until `shutdown`.
package final class APIClient: Sendable {
  /// Where and as whom.
  package let access: ClusterAccess
  private let credentials: CredentialSource
  private let calls: TransferLoop
  private let streams: TransferLoop
  private let logger: Logger
  private let time: any TimeSource
  private let userAgent: String
  private let onExchange: @Sendable (APIExchange) -> Void

  /// A client; nothing is sent yet. Throws where threads or memory are missing. `userAgent` names the program to the server; it
  /// must not begin with curl, Wget or Mozilla, for those get indented JSON. `onExchange` hears of every request and its
  /// outcome, each try on its own, and must not block.
  package init(
    access: ClusterAccess, logger: Logger, time: any TimeSource, userAgent: String = "kube-mind",
    onExchange: @escaping @Sendable (APIExchange) -> Void = { _ in }
  ) throws(APIError) {
    self.access = access
    self.logger = logger
    self.time = time
    self.userAgent = userAgent
    self.onExchange = onExchange
    credentials = CredentialSource(access: access, logger: logger, time: time)
    calls = try TransferLoop(.calls, time: time)
    streams = try TransferLoop(.streams, time: time)
  }

  /// Ends all exchanges (their tasks get `.cancelled`) and the threads. No call after it succeeds.
  package func shutdown() {
    calls.stop()
    streams.stop()
  }

  deinit {
    shutdown()
  }

  /// Sends a request and gathers its answer. Any status but 2xx is thrown, with the server's own message.
  ///
  /// 429, and 5xx with Retry-After, are waited for as the header says, up to 10 times within the request's time; a 401 is
  /// tried once more with credentials read anew; a GET that was cut off is sent again.
  package func send(_ request: APIRequest) async throws(APIError) -> APIResponse {
    var policy = RetryPolicy(for: request)
    let start = time.monotonic
    while true {
      let elapsed = start.duration(to: time.monotonic)
      let verdict: RetryPolicy.Verdict
      let outcome: Result<APIResponse, APIError>
      do throws(TransferFailure) {
        let response = try await measured(request, status: \.status) { () async throws(TransferFailure) in
          try await exchange(request, elapsed: elapsed)
        }
        if (200..<300).contains(response.status) { return response }
        verdict = policy.answered(
          status: response.status, retryAfter: response.headers["retry-after"],
          elapsed: start.duration(to: time.monotonic))
        outcome = .failure(APIError(refusal: response, access: access))
      } catch {
        verdict = error.wasCutOff ? policy.cutOff(elapsed: start.duration(to: time.monotonic)) : .deliver
        outcome = .failure(error.error)
      }
      switch verdict {
      case .deliver: return try outcome.get()
      case .reauthenticate: guard await credentials.refused() else { return try outcome.get() }
      case .retry(let wait):
        logger.debug("request is sent again", metadata: ["path": "\(request.path)", "after": "\(wait)"])
        do { try await time.sleep(for: wait) } catch { throw APIError(.cancelled, "cancelled") }
      }
    }
  }

  /// Opens a stream: a watch, a long list, or a log that is followed. Throws for any status but 2xx, as `send` does, without
  /// waiting for a Retry-After: the caller has a rhythm of its own. `idleLimit` is the longest silence while the caller is ready.
  package func stream(_ request: APIRequest, idleLimit: Duration? = nil) async throws(APIError) -> APIStream {
    do throws(TransferFailure) {
      let stream = try await openStream(request, idleLimit: idleLimit)
      if stream.status == 401, await credentials.refused() {
        return try await openStream(request, idleLimit: idleLimit).checked(access: access)
      }
      return try await stream.checked(access: access)
    } catch {
      throw error.error
    }
  }

  private func openStream(_ request: APIRequest, idleLimit: Duration?) async throws(TransferFailure) -> APIStream {
    try await measured(request, status: \.status) { () async throws(TransferFailure) in
      let delivery = TransferRequest.Delivery.chunks(buffered: APIStream.bufferLimit)
      let transfer = streams.start(
        try await prepare(request, delivery: delivery, idleLimit: idleLimit, elapsed: .zero))
      return try await APIStream(transfer: transfer, loop: streams)
    }
  }

  /// Runs one try of a request and tells what came of it.
  private func measured<Answer>(
    _ request: APIRequest, status: (Answer) -> Int, _ body: () async throws(TransferFailure) -> Answer
  ) async throws(TransferFailure) -> Answer {
    let start = time.monotonic
    do throws(TransferFailure) {
      let answer = try await body()
      onExchange(APIExchange(request, code: String(status(answer)), took: start.duration(to: time.monotonic)))
      return answer
    } catch {
      onExchange(APIExchange(request, code: error.error.code.label, took: start.duration(to: time.monotonic)))
      throw error
    }
  }

  private func exchange(_ request: APIRequest, elapsed: Duration) async throws(TransferFailure) -> APIResponse {
    let delivery = TransferRequest.Delivery.whole(request.responseLimit)
    let loop = request.isForNode ? streams : calls
    let transfer = loop.start(try await prepare(request, delivery: delivery, idleLimit: nil, elapsed: elapsed))
    return try await loop.awaiting(transfer) { () async throws(TransferFailure) in try await transfer.answer() }
  }

  private func prepare(
    _ request: APIRequest, delivery: TransferRequest.Delivery, idleLimit: Duration?, elapsed: Duration
  ) async throws(TransferFailure) -> TransferRequest {
    let credentials: Credentials
    do throws(APIError) { credentials = try await self.credentials.current() } catch {
      throw TransferFailure(error: error)
    }
    var headers = [(name: "Accept", value: request.accept), (name: "User-Agent", value: userAgent)]
    if request.body != nil { headers.append(("Content-Type", "application/json")) }
    if access.serverName != nil { headers.append(("Host", "\(access.server.bracketedHost):\(access.server.port)")) }
    if let authorization = credentials.authorization { headers.append(("Authorization", authorization)) }
    headers += access.impersonation?.headers ?? []
    guard headers.allSatisfy({ !($0.name + $0.value).utf8.contains { $0 < 0x20 || $0 == 0x7F } }) else {
      let text = "credentials hold a line break or another control character (\(access.source))"
      throw TransferFailure(error: APIError(.configuration, text))
    }
    return TransferRequest(
      method: request.method, url: access.server.url(target: request.target, host: access.serverName), headers: headers,
      body: request.body, timeout: request.timeout.map { max(.milliseconds(1), $0 - elapsed) }, idleLimit: idleLimit,
      delivery: delivery, access: access, identity: credentials.identity)
  }
}

extension TransferLoop {
  /// Awaits something of a transfer, and cancels the transfer where the task is cancelled.
  func awaiting<T: Sendable>(
    _ transfer: Transfer, _ body: @Sendable () async throws(TransferFailure) -> T
  ) async throws(TransferFailure) -> T {
    let result: Result<T, TransferFailure> = await withTaskCancellationHandler {
      do throws(TransferFailure) { return .success(try await body()) } catch { return .failure(error) }
    } onCancel: {
      cancel(transfer)
    }
    return try result.get()
  }
}
