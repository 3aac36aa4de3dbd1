internal import COpenSSL
internal import NIOCore
internal import Time

/// Certificates, trust and protocol versions: what the sessions of one side share. With `TLSSession`, the only code that
/// touches OpenSSL.
///
/// Immutable after `init`, so it may be shared: OpenSSL counts references to an SSL_CTX atomically, and a finished context
/// is only read (openssl-threads(7)). Memory: owns one reference to the SSL_CTX, released in `deinit`; every SSL holds
/// its own. Certificates and keys are parsed from memory BIOs over the caller's bytes and freed where they were made, the
/// SSL_CTX keeping its own references.
final class TLSContext: @unchecked Sendable {
  // Sendable by the argument in the type's comment: the pointer is constant and what it points to is not changed again.
  fileprivate let pointer: OpaquePointer

  enum Role: Sendable { case client, server }

  /// Keeps OpenSSL from freeing what it holds when the process exits: a thread of libcurl's that ends at that moment frees its own part
  /// of it, and the process ended with "double free or corruption" (OPENSSL_init_crypto(3)).
  static func keepAtExit() { OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil) }

  /// The version of OpenSSL that is loaded. The text is OpenSSL's own and constant.
  static var libraryVersion: String { String(cString: OpenSSL_version(OPENSSL_VERSION_STRING)) }

  /// A context from PEM. A server with `authorities` demands a client certificate signed by one of them.
  init(role: Role, material: TLSMaterial) throws(TLSError) {
    ERR_clear_error()
    guard let context = SSL_CTX_new(role == .client ? TLS_client_method() : TLS_server_method()) else {
      throw TLSError(message: "cannot start OpenSSL: \(Self.lastError())")
    }
    pointer = context
    // From here on `deinit` frees the context, even where this initialiser throws: every property is set.
    guard kube_mind_set_min_tls12(context) == 1 else { throw TLSError(message: "OpenSSL does not offer TLS 1.2") }
    kube_mind_set_modes(context)
    // One long connection a peer: resumption would save nothing, and tickets outlive a revoked certificate.
    kube_mind_disable_sessions(context)
    // An encrypted key must be an error, never a prompt on the terminal.
    SSL_CTX_set_default_passwd_cb(context) { _, _, _, _ in -1 }

    if let authorities = material.authorities {
      guard try Self.addAuthorities(authorities, to: context, tellClients: role == .server) > 0 else {
        throw TLSError(message: "no certificate in PEM form among the authorities")
      }
    } else if role == .client, SSL_CTX_set_default_verify_paths(context) != 1 {
      throw TLSError(message: "cannot read the system's certificate authorities: \(Self.lastError())")
    }
    if let chain = material.certificateChain, let key = material.privateKey {
      try Self.useCertificate(chain, key, in: context)
    }

    switch role {
    case .client:
      SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
      let offered: [UInt8] = [2, 0x68, 0x32]  // "h2" in ALPN's form: length, name.
      // Returns 0 on success, unlike its neighbours.
      guard SSL_CTX_set_alpn_protos(context, offered, UInt32(offered.count)) == 0 else {
        throw TLSError(message: "cannot offer h2: \(Self.lastError())")
      }
    case .server:
      if material.authorities != nil {
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
      }
      SSL_CTX_set_alpn_select_cb(context, selectH2, nil)
    }
  }

  deinit {
    SSL_CTX_free(pointer)
  }

  /// When the first of this side's certificates ends: the leaf, or an intermediate before it. Nil: there is none.
  var certificateExpiry: Timestamp? {
    // All borrowed from the context, which outlives this.
    guard let leaf = SSL_CTX_get0_certificate(pointer) else { return nil }
    var certificates: [OpaquePointer] = [leaf]
    let chain = kube_mind_chain(pointer)
    for index in 0..<max(0, OPENSSL_sk_num(chain)) {
      if let raw = OPENSSL_sk_value(chain, index) { certificates.append(OpaquePointer(raw)) }
    }
    return certificates.compactMap(Self.expiry).min()
  }

  private static func expiry(of certificate: OpaquePointer) -> Timestamp? {
    // Of an ASN.1 time OpenSSL tells the distance from another one; this one is ours to free.
    guard let epoch = ASN1_TIME_set(nil, 0) else { return nil }
    defer { ASN1_TIME_free(epoch) }
    var days: Int32 = 0
    var seconds: Int32 = 0
    guard ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(certificate)) == 1 else { return nil }
    return Timestamp(seconds: Int64(days) * 86_400 + Int64(seconds))
  }

  private static func addAuthorities(
    _ pem: [UInt8], to context: OpaquePointer, tellClients: Bool
  ) throws(TLSError) -> Int {
    let bio = try memory(pem)
    defer { BIO_free(bio) }
    var count = 0
    while let certificate = PEM_read_bio_X509(bio, nil, nil, nil) {
      defer { X509_free(certificate) }
      // Fails for a certificate that is already there, which does no harm.
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate)
      if tellClients { SSL_CTX_add_client_CA(context, certificate) }
      count += 1
    }
    // The end of the input is reported as an error, too.
    ERR_clear_error()
    return count
  }

  /// notAfter of each certificate of a PEM text. The certificates are parsed, and freed, here.
  static func ends(ofCertificates pem: [UInt8]) -> [Timestamp] {
    guard let bio = try? memory(pem) else { return [] }
    defer { BIO_free(bio) }
    var ends: [Timestamp] = []
    while let certificate = PEM_read_bio_X509(bio, nil, nil, nil) {
      defer { X509_free(certificate) }
      if let end = expiry(of: certificate) { ends.append(end) }
    }
    // The end of the input is reported as an error, too.
    ERR_clear_error()
    return ends
  }

  private static func useCertificate(_ chain: [UInt8], _ key: [UInt8], in context: OpaquePointer) throws(TLSError) {
    let chainBIO = try memory(chain)
    defer { BIO_free(chainBIO) }
    guard let leaf = PEM_read_bio_X509(chainBIO, nil, nil, nil) else {
      throw TLSError(message: "the certificate is not in PEM form")
    }
    defer { X509_free(leaf) }
    guard SSL_CTX_use_certificate(context, leaf) == 1 else {
      throw TLSError(message: "the certificate cannot be used: \(lastError())")
    }
    while let intermediate = PEM_read_bio_X509(chainBIO, nil, nil, nil) {
      defer { X509_free(intermediate) }
      guard kube_mind_add_chain_certificate(context, intermediate) == 1 else {
        throw TLSError(message: "an intermediate certificate cannot be used: \(lastError())")
      }
    }
    ERR_clear_error()

    let keyBIO = try memory(key)
    defer { BIO_free(keyBIO) }
    guard let parsed = PEM_read_bio_PrivateKey(keyBIO, nil, { _, _, _, _ in -1 }, nil) else {
      ERR_clear_error()
      throw TLSError(message: "the key is not an unencrypted private key in PEM form")
    }
    defer { EVP_PKEY_free(parsed) }
    guard X509_check_private_key(leaf, parsed) == 1 else {
      ERR_clear_error()
      throw TLSError(message: "the key does not belong to the certificate")
    }
    guard SSL_CTX_use_PrivateKey(context, parsed) == 1 else {
      throw TLSError(message: "the key cannot be used: \(lastError())")
    }
  }

  /// A BIO over a copy of the bytes; the caller frees it.
  private static func memory(_ bytes: [UInt8]) throws(TLSError) -> OpaquePointer {
    guard let bio = BIO_new(BIO_s_mem()) else { throw TLSError(message: "out of memory") }
    guard bytes.isEmpty || BIO_write(bio, bytes, Int32(bytes.count)) == bytes.count else {
      BIO_free(bio)
      throw TLSError(message: "out of memory")
    }
    return bio
  }

  /// The oldest error of this thread's queue in OpenSSL's words; empties the queue.
  fileprivate static func lastError() -> String {
    let code = ERR_get_error()
    ERR_clear_error()
    guard code != 0, let reason = ERR_reason_error_string(code) else { return "no reason given" }
    return String(cString: reason)
  }
}

/// The server's choice among the protocols that a client offers: `h2` or no connection. gRPC speaks nothing else.
private func selectH2(
  _: OpaquePointer?, chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, chosenLength: UnsafeMutablePointer<UInt8>?,
  offered: UnsafePointer<UInt8>?, offeredLength: UInt32, _: UnsafeMutableRawPointer?
) -> Int32 {
  guard let offered else { return SSL_TLSEXT_ERR_ALERT_FATAL }
  var index = 0
  while index < Int(offeredLength) {
    let length = Int(offered[index])
    guard index + 1 + length <= Int(offeredLength) else { break }
    if length == 2, offered[index + 1] == 0x68, offered[index + 2] == 0x32 {
      // Points into the client's own list, which lives as long as the handshake.
      chosen?.pointee = offered + index + 1
      chosenLength?.pointee = 2
      return SSL_TLSEXT_ERR_OK
    }
    index += 1 + length
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL
}

/// Where OpenSSL writes records: to the end of a session's output, without a stop in memory of OpenSSL's own.
private enum RecordSink {
  /// The kind of BIO; nil if there was no memory for it. Made once and never freed. Safe to share: it is not changed again, and
  /// OpenSSL counts the BIOs of a kind nowhere.
  nonisolated(unsafe) static let method: OpaquePointer? = {
    guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "kube-mind records") else { return nil }
    BIO_meth_set_write_ex(method) { bio, bytes, count, written in
      guard let session = BIO_get_data(bio), let bytes else { return 0 }
      Unmanaged<TLSSession>.fromOpaque(session).takeUnretainedValue()
        .sealed(UnsafeRawBufferPointer(start: bytes, count: count))
      written?.pointee = count
      return 1
    }
    // A handshake flushes what it wrote. Nothing else that is asked of a BIO has an answer here.
    BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
    return method
  }()
}

/// One TLS connection without its socket: the peer's bytes in, bytes for the peer out, plain bytes on the other side.
///
/// Lives on one event loop. Memory: owns the SSL, which owns both BIOs (`SSL_set_bio` takes them) and a reference to the
/// context; `SSL_free` in `deinit` releases all three. The BIO for output keeps an unretained pointer to this object, used only
/// inside our own calls into OpenSSL, so it never outlives the object.
final class TLSSession {
  private let pointer: OpaquePointer
  private let fromPeer: OpaquePointer
  private let context: TLSContext
  private var output = OutputBuffer()

  /// What reading gave.
  enum ReadResult: Equatable {
    /// So many plain bytes.
    case bytes(Int)
    /// Nothing before more arrives from the peer.
    case needsMore
    /// The peer said goodbye.
    case closed
  }

  /// A session. A client checks that the server's certificate is for `serverName`, a DNS name or an IP address.
  init(context: TLSContext, serverName: String?) throws(TLSError) {
    ERR_clear_error()
    guard let tls = SSL_new(context.pointer) else { throw TLSError(message: TLSContext.lastError()) }
    guard let input = BIO_new(BIO_s_mem()) else {
      SSL_free(tls)
      throw TLSError(message: "out of memory")
    }
    guard let method = RecordSink.method, let sink = BIO_new(method) else {
      BIO_free(input)
      SSL_free(tls)
      throw TLSError(message: "out of memory")
    }
    SSL_set_bio(tls, input, sink)
    self.context = context
    pointer = tls
    fromPeer = input
    BIO_set_data(sink, Unmanaged.passUnretained(self).toOpaque())
    BIO_set_init(sink, 1)
    guard let serverName else {
      SSL_set_accept_state(tls)
      return
    }
    SSL_set_connect_state(tls)
    SSL_set_hostflags(tls, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
    // An address is compared with the certificate's addresses, and is never sent as a server name (RFC 6066, 3).
    if X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), serverName) != 1 {
      ERR_clear_error()
      guard SSL_set1_host(tls, serverName) == 1, kube_mind_set_server_name(tls, serverName) == 1 else {
        throw TLSError(message: "\(serverName) cannot be a server's name")
      }
    }
  }

  deinit {
    SSL_free(pointer)
  }

  /// Takes bytes from the peer.
  func receive(_ bytes: UnsafeRawBufferPointer) throws(TLSError) {
    guard !bytes.isEmpty else { return }
    guard BIO_write(fromPeer, bytes.baseAddress, Int32(bytes.count)) == bytes.count else {
      throw TLSError(message: "out of memory")
    }
  }

  /// Goes on with the handshake; true once it is done. Bytes for the peer may be waiting in either case.
  func handshake() throws(TLSError) -> Bool {
    ERR_clear_error()
    let result = SSL_do_handshake(pointer)
    if result == 1 {
      var name: UnsafePointer<UInt8>?
      var length: UInt32 = 0
      SSL_get0_alpn_selected(pointer, &name, &length)
      guard length == 2 else { throw TLSError(message: "the peer does not speak HTTP/2 (no ALPN protocol h2)") }
      return true
    }
    guard SSL_get_error(pointer, result) == SSL_ERROR_WANT_READ else { throw failure("TLS handshake") }
    return false
  }

  /// Decrypts into the buffer.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(TLSError) -> ReadResult {
    ERR_clear_error()
    let count = SSL_read(pointer, buffer.baseAddress, Int32(buffer.count))
    if count > 0 { return .bytes(Int(count)) }
    switch SSL_get_error(pointer, count) {
    case SSL_ERROR_WANT_READ: return .needsMore
    case SSL_ERROR_ZERO_RETURN: return .closed
    default: throw failure("TLS")
    }
  }

  /// Encrypts. The output takes everything, so there is no partial write.
  func write(_ bytes: UnsafeRawBufferPointer) throws(TLSError) {
    guard !bytes.isEmpty else { return }
    ERR_clear_error()
    guard SSL_write(pointer, bytes.baseAddress, Int32(bytes.count)) == bytes.count else { throw failure("TLS") }
  }

  /// A record, or a part of one, for the peer.
  fileprivate func sealed(_ bytes: UnsafeRawBufferPointer) {
    output.append { _ = $0.writeBytes(bytes) }
  }

  /// The bytes that wait for the peer; nil if there are none.
  func takeOutput() -> ByteBuffer? { output.take() }

  /// An idle connection keeps no output's worth of memory.
  func shrink() { output.shrink() }

  /// Says goodbye to the peer.
  func close() {
    SSL_shutdown(pointer)
    ERR_clear_error()
  }

  private func failure(_ what: String) -> TLSError {
    let verification = SSL_get_verify_result(pointer)
    let reason = TLSContext.lastError()
    if verification != X509_V_OK, let text = X509_verify_cert_error_string(Int(verification)) {
      return TLSError(message: "\(what): certificate not accepted: \(String(cString: text))")
    }
    return TLSError(message: "\(what): \(reason)")
  }
}
