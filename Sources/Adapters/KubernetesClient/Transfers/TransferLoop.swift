// The one file that touches libcurl. Ownership: the multi handle belongs to the loop's thread, which makes it no more once
// `run` has returned; other threads touch it for `curl_multi_wakeup` alone, under the lock that also guards its end. Each easy
// handle belongs to its `ActiveTransfer`, from init to `dispose`, which the loop calls after `curl_multi_remove_handle`;
// libcurl's context pointer to an `ActiveTransfer` is unretained and valid for as long, since `active` holds the object.
// Lists and the error buffer are freed after the handle that points to them.

internal import CCurl
internal import Kubernetes
internal import Synchronization
internal import Time

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

extension APIClient {
  /// The version of libcurl that is loaded, e.g. "7.88.1".
  package static var libraryVersion: String {
    // "libcurl/7.88.1 OpenSSL/3.0.17 …"; the text is libcurl's own and constant.
    let first = String(cString: curl_version()).split(separator: " ").first ?? ""
    return String(first.split(separator: "/").last ?? "unknown")
  }
}

/// A thread that runs HTTP exchanges with libcurl, any number of them at once.
///
/// Watches and logs that are followed get a loop of their own, with HTTP/1.1 and a connection each: a paused HTTP/2 stream
/// would fill libcurl's buffer (32 MiB) and stall its neighbours, and long streams would use up the connections of short calls.
final class TransferLoop: Sendable {
  /// What a loop is for.
  enum Purpose: Sendable {
    /// Connections are shared: HTTP/2 where the server has it, at most 8 connections else.
    case calls
    /// Each exchange has its own connection.
    case streams
  }

  private enum Command {
    case submit(Transfer)
    case resume(UInt64)
    case cancel(UInt64)
    case stop
  }

  private struct Shared {
    /// Nil once the thread has ended.
    var multi: MultiHandle?
    var commands: [Command] = []
    var nextID: UInt64 = 0
  }

  private let shared: Mutex<Shared>
  private let time: any TimeSource
  private let purpose: Purpose

  init(_ purpose: Purpose, time: any TimeSource) throws(APIError) {
    _ = Self.library
    guard let multi = curl_multi_init() else { throw APIError(.configuration, "cannot start libcurl: out of memory") }
    if purpose == .calls {
      _ = kmo_curl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, 8)
    }
    // Idle connections that are kept: those of a burst for the next one, one or two of ended watches.
    _ = kmo_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, purpose == .calls ? 8 : 4)
    self.purpose = purpose
    self.time = time
    shared = Mutex(Shared(multi: MultiHandle(pointer: multi)))
    guard Thread.start({ [self] in run() }) else {
      shared.withLock { $0.multi = nil }
      curl_multi_cleanup(multi)
      throw APIError(.configuration, "cannot start a thread")
    }
  }

  /// Once in a process, before any other call.
  private static let library = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

  /// Starts an exchange.
  func start(_ request: TransferRequest) -> Transfer {
    let id = shared.withLock { shared in
      shared.nextID += 1
      return shared.nextID
    }
    let transfer = Transfer(id: id, request: request, time: time)
    if !send(.submit(transfer)) { transfer.finish(.failure(Self.stopped)) }
    return transfer
  }

  /// Goes on with an exchange that was paused.
  func resume(_ transfer: Transfer) {
    _ = send(.resume(transfer.id))
  }

  /// Ends an exchange at once; its connection is closed if the answer was not whole.
  func cancel(_ transfer: Transfer) {
    transfer.finish(.failure(TransferFailure(error: APIError(.cancelled, "cancelled"))))
    _ = send(.cancel(transfer.id))
  }

  /// Ends all exchanges and the thread.
  func stop() {
    _ = send(.stop)
  }

  private static var stopped: TransferFailure {
    TransferFailure(error: APIError(.cancelled, "the Kubernetes client is shut down"))
  }

  private func send(_ command: Command) -> Bool {
    shared.withLock { shared in
      guard let multi = shared.multi else { return false }
      shared.commands.append(command)
      // Thread-safe by libcurl's word; under the lock, so that the handle is not freed meanwhile.
      curl_multi_wakeup(multi.pointer)
      return true
    }
  }

  // MARK: The thread

  private func run() {
    guard let multi = shared.withLock({ $0.multi })?.pointer else { return }
    var active: [UInt64: ActiveTransfer] = [:]
    var isRunning = true
    while isRunning {
      let commands = shared.withLock { shared in
        let taken = shared.commands
        shared.commands = []
        return taken
      }
      for command in commands {
        switch command {
        case .submit(let transfer): submit(transfer, to: multi, &active)
        case .resume(let id): if let transfer = active[id] { transfer.resume(at: time.monotonic) }
        case .cancel(let id): if let transfer = active.removeValue(forKey: id) { transfer.dispose(from: multi) }
        case .stop: isRunning = false
        }
      }
      guard isRunning else { break }

      var running: Int32 = 0
      curl_multi_perform(multi, &running)
      collect(from: multi, &active)
      let timeout = endIdle(in: multi, &active)
      curl_multi_poll(multi, nil, 0, timeout, nil)
    }

    for transfer in active.values {
      transfer.transfer.finish(.failure(Self.stopped))
      transfer.dispose(from: multi)
    }
    let rest = shared.withLock { shared in
      if let multi = shared.multi { curl_multi_cleanup(multi.pointer) }
      shared.multi = nil
      return shared.commands
    }
    for case .submit(let transfer) in rest { transfer.finish(.failure(Self.stopped)) }
  }

  private func submit(
    _ transfer: Transfer, to multi: UnsafeMutableRawPointer, _ active: inout [UInt64: ActiveTransfer]
  ) {
    guard !transfer.isOver else { return }
    guard let started = ActiveTransfer(transfer, purpose: purpose, time: time) else {
      transfer.finish(.failure(TransferFailure(error: APIError(.configuration, "cannot set up a request"))))
      return
    }
    guard curl_multi_add_handle(multi, started.easy) == CURLM_OK else {
      transfer.finish(.failure(TransferFailure(error: APIError(.configuration, "cannot start a request"))))
      started.dispose(from: nil)
      return
    }
    active[transfer.id] = started
  }

  /// Takes the exchanges that are done.
  private func collect(from multi: UnsafeMutableRawPointer, _ active: inout [UInt64: ActiveTransfer]) {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      var code = CURLE_OK
      // Handles are told apart by the number in them: their addresses are used again.
      guard let easy = kmo_curl_done(message, &code),
        let transfer = active.removeValue(forKey: UInt64(UInt(bitPattern: kmo_curl_get_private(easy))))
      else { continue }
      transfer.transfer.finish(transfer.result(of: code))
      transfer.dispose(from: multi)
    }
  }

  /// Ends what has been silent for too long, and says for how many milliseconds the thread may sleep.
  private func endIdle(in multi: UnsafeMutableRawPointer, _ active: inout [UInt64: ActiveTransfer]) -> Int32 {
    // libcurl's own timers shorten the sleep; without any, this bounds the cost of a lost wake-up.
    var sleep = Duration.seconds(60)
    let now = time.monotonic
    for (id, transfer) in active {
      guard let limit = transfer.transfer.idleLimit, !transfer.isHeld else { continue }
      let left = limit - transfer.lastActivity.duration(to: now)
      if left > .zero {
        sleep = min(sleep, left)
      } else {
        let text = "no word from \(transfer.transfer.request.access.server) for \(limit)"
        transfer.transfer.finish(.failure(TransferFailure(error: APIError(.timeout, text), wasCutOff: true)))
        transfer.dispose(from: multi)
        active[id] = nil
      }
    }
    return Int32(sleep.milliseconds) + 1
  }
}

/// libcurl's multi handle. Sendable is safe here: the loop's thread alone uses it, but for the wake-up, which libcurl allows
/// from any thread.
private struct MultiHandle: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer
}

/// An exchange in libcurl's hands. Lives on the loop's thread only.
private final class ActiveTransfer {
  let transfer: Transfer
  let easy: UnsafeMutableRawPointer
  private(set) var lastActivity: MonotonicInstant
  /// True from a pause to its `resume`: such silence is the consumer's, not the server's.
  private(set) var isHeld = false
  private let time: any TimeSource
  private var lists: [UnsafeMutablePointer<curl_slist>] = []
  private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
  private var head = TransferHead()

  init?(_ transfer: Transfer, purpose: TransferLoop.Purpose, time: any TimeSource) {
    guard let easy = curl_easy_init() else {
      errorText.deallocate()
      return nil
    }
    self.transfer = transfer
    self.easy = easy
    self.time = time
    lastActivity = time.monotonic
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    guard configure(purpose) else {
      dispose(from: nil)
      return nil
    }
  }

  /// Frees all that belongs to the exchange. Nothing may be called after it.
  func dispose(from multi: UnsafeMutableRawPointer?) {
    if let multi { curl_multi_remove_handle(multi, easy) }
    curl_easy_cleanup(easy)
    for list in lists { curl_slist_free_all(list) }
    lists = []
    errorText.deallocate()
  }

  func resume(at now: MonotonicInstant) {
    lastActivity = now
    isHeld = false
    // May call the body's callback at once, with the bytes that were held back.
    curl_easy_pause(easy, CURLPAUSE_CONT)
  }

  // MARK: Setting up

  private func configure(_ purpose: TransferLoop.Purpose) -> Bool {
    let request = transfer.request
    var isFine = true
    func long(_ option: CURLoption, _ value: Int) {
      isFine = isFine && kmo_curl_set_long(easy, option, value) == CURLE_OK
    }
    func text(_ option: CURLoption, _ value: String?) {
      isFine = isFine && kmo_curl_set_string(easy, option, value) == CURLE_OK
    }

    let access = request.access
    let server = access.server
    let name = access.serverName.flatMap { server.isTLS && $0 != server.host ? $0 : nil }
    // The number that `collect` finds the exchange by.
    isFine =
      kmo_curl_set_pointer(easy, CURLOPT_PRIVATE, UnsafeMutableRawPointer(bitPattern: UInt(transfer.id))) == CURLE_OK
    isFine = isFine && kmo_curl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText) == CURLE_OK
    isFine =
      isFine
      && kmo_curl_set_callbacks(
        easy, receiveHeaderLine, receiveBody, Unmanaged.passUnretained(self).toOpaque()) == CURLE_OK
    text(CURLOPT_URL, request.url)
    text(CURLOPT_PROTOCOLS_STR, "http,https")
    // Signals belong to the program; SIGPIPE is blocked in this thread.
    long(CURLOPT_NOSIGNAL, 1)
    long(CURLOPT_HTTP_VERSION, purpose == .streams ? Int(CURL_HTTP_VERSION_1_1) : Int(CURL_HTTP_VERSION_2TLS))
    if purpose == .calls { long(CURLOPT_PIPEWAIT, 1) }
    // Half a minute until a dead peer is noticed on an idle watch: 15 s, then a probe every 5 s (Linux gives up after 9).
    long(CURLOPT_TCP_KEEPALIVE, 1)
    long(CURLOPT_TCP_KEEPIDLE, 15)
    long(CURLOPT_TCP_KEEPINTVL, 5)
    long(CURLOPT_CONNECTTIMEOUT_MS, 15_000)
    long(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    if let timeout = request.timeout { long(CURLOPT_TIMEOUT_MS, max(1, Int(timeout.milliseconds))) }

    if let proxy = access.proxy {
      text(CURLOPT_PROXY, proxy)
    } else if server.isLoopback {
      text(CURLOPT_NOPROXY, "*")
    }
    if let name { list(CURLOPT_CONNECT_TO, ["\(name):\(server.port):\(server.bracketedHost):\(server.port)"], &isFine) }
    if server.isTLS { configureTLS(access, identity: request.identity ?? access.identity, &isFine) }

    switch request.method {
    case .get: long(CURLOPT_HTTPGET, 1)
    case .post: long(CURLOPT_POST, 1)
    case .put:
      long(CURLOPT_POST, 1)
      text(CURLOPT_CUSTOMREQUEST, "PUT")
    }
    if let body = request.body {
      isFine = isFine && body.withUnsafeBytes { kmo_curl_set_body(easy, $0.baseAddress, $0.count) } == CURLE_OK
    }
    list(CURLOPT_HTTPHEADER, request.headers.map { "\($0.name): \($0.value)" } + ["Expect:"], &isFine)
    return isFine
  }

  private func configureTLS(
    _ access: ClusterAccess, identity: ClusterAccess.ClientIdentity?, _ isFine: inout Bool
  ) {
    func material(_ material: ClusterAccess.Material, file: CURLoption, blob: CURLoption) -> Bool {
      switch material {
      case .file(let path): kmo_curl_set_string(easy, file, path) == CURLE_OK
      case .pem(let bytes):
        bytes.withUnsafeBytes { kmo_curl_set_blob(easy, blob, $0.baseAddress, $0.count) } == CURLE_OK
      }
    }
    isFine = isFine && kmo_curl_set_long(easy, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)) == CURLE_OK
    switch access.trust {
    case .system: break
    case .authorities(let authorities):
      // Without this, Debian's libcurl would trust the machine's authorities beside the cluster's.
      isFine = isFine && kmo_curl_set_string(easy, CURLOPT_CAPATH, nil) == CURLE_OK
      isFine = isFine && material(authorities, file: CURLOPT_CAINFO, blob: CURLOPT_CAINFO_BLOB)
    case .none:
      isFine = isFine && kmo_curl_set_long(easy, CURLOPT_SSL_VERIFYPEER, 0) == CURLE_OK
      isFine = isFine && kmo_curl_set_long(easy, CURLOPT_SSL_VERIFYHOST, 0) == CURLE_OK
    }
    if let identity {
      // Else OpenSSL would ask the terminal for the pass phrase of an encrypted key, and block the loop meanwhile.
      isFine = isFine && kmo_curl_set_string(easy, CURLOPT_KEYPASSWD, "") == CURLE_OK
      isFine = isFine && material(identity.certificate, file: CURLOPT_SSLCERT, blob: CURLOPT_SSLCERT_BLOB)
      isFine = isFine && material(identity.key, file: CURLOPT_SSLKEY, blob: CURLOPT_SSLKEY_BLOB)
    }
  }

  private func list(_ option: CURLoption, _ items: [String], _ isFine: inout Bool) {
    var head: UnsafeMutablePointer<curl_slist>?
    for item in items {
      guard let next = curl_slist_append(head, item) else {
        curl_slist_free_all(head)
        isFine = false
        return
      }
      head = next
    }
    guard let head else { return }
    lists.append(head)
    isFine = isFine && kmo_curl_set_list(easy, option, head) == CURLE_OK
  }

  // MARK: Callbacks

  /// A header line with its line break; an empty one ends the header.
  func receiveHeader(_ line: UnsafeRawBufferPointer) {
    lastActivity = time.monotonic
    if line.starts(with: "HTTP/".utf8) {
      head = TransferHead(status: kmo_curl_get_long(easy, CURLINFO_RESPONSE_CODE))
    } else if head.take(line), head.status >= 200 {
      transfer.receive(head)
    }
  }

  func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
    lastActivity = time.monotonic
    switch transfer.receive(bytes) {
    case .accepted: return bytes.count
    case .pause:
      isHeld = true
      return Int(CURL_WRITEFUNC_PAUSE)
    case .abort: return 0
    }
  }

  // MARK: Results

  func result(of code: CURLcode) -> Result<Void, TransferFailure> {
    guard code != CURLE_OK else { return .success(()) }
    let words = errorText.pointee == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: errorText)
    let reason = kmo_curl_get_long(easy, CURLINFO_OS_ERRNO)
    let system = reason == 0 ? nil : String(cString: strerror(Int32(reason)))
    return .failure(
      TransferProblem(code: TransferProblem.Code(code), words: words, system: system).failure(of: transfer.request))
  }
}

private func receiveHeaderLine(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context else { return 0 }
  Unmanaged<ActiveTransfer>.fromOpaque(context).takeUnretainedValue()
    .receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
  return size * count
}

private func receiveBody(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context else { return 0 }
  return Unmanaged<ActiveTransfer>.fromOpaque(context).takeUnretainedValue()
    .receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
}

extension TransferProblem.Code {
  fileprivate init(_ code: CURLcode) {
    self =
      switch code {
      case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .unresolved
      case CURLE_COULDNT_CONNECT: .refused
      case CURLE_OPERATION_TIMEDOUT: .timeout
      case CURLE_PEER_FAILED_VERIFICATION: .untrusted
      case CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR: .material
      case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED, CURLE_SSL_ENGINE_NOTFOUND: .handshake
      case CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_HTTP2, CURLE_HTTP2_STREAM:
        .cutOff
      case CURLE_WRITE_ERROR, CURLE_ABORTED_BY_CALLBACK: .cancelled
      case CURLE_PROXY: .proxy
      default: .other
      }
  }
}
