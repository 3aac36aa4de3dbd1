// With `TransferLoop` the code that touches libcurl. Ownership: the easy handle belongs to its `ActiveTransfer`, from init to
// `dispose`, which takes it out of the multi handle first; libcurl's context pointer to the `ActiveTransfer` is unretained and
// valid for as long, since the loop holds the object. Lists and the error buffer are freed after the handle that points to them.

internal import CCurl
internal import Kubernetes
internal import Time

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// An exchange in libcurl's hands. Lives on the loop's thread only.
final class ActiveTransfer {
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
    // Never HTTP/2: of streams that share a connection, libcurl 7.88 loses the answer of one in some thousand, which the server has sent
    // within milliseconds, until its time is up.
    long(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    // A watch connects once in minutes: to where the name leads then, and not to where an API server was that has moved.
    if purpose == .streams { long(CURLOPT_DNS_CACHE_TIMEOUT, 0) }
    // With OpenSSL, libcurl keeps the authorities of a file for a day: those of a cluster are exchanged in place. Other TLS libraries
    // have no such memory and refuse the option, which is as well.
    _ = kmo_curl_set_long(easy, CURLOPT_CA_CACHE_TIMEOUT, 0)
    // A session that is resumed shows no certificate: authorities that were exchanged would not be asked.
    long(CURLOPT_SSL_SESSIONID_CACHE, 0)
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
