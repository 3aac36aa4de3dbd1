/// Where the orchestrator is, and how it is reached.
package struct OrchestratorEndpoint: Sendable, Equatable {
  /// What is connected to.
  let target: OrchestratorTarget
  /// False for `http://`, and for `unix:` without certificates.
  package let isSecure: Bool
  /// Whom to trust and who we are. Read anew for each connection.
  package let tls: TLSFiles
  /// The proxy on the way, if there is one.
  package let proxy: ProxyServer?
  /// True if messages may be packed with gzip, where the orchestrator takes that.
  package let isCompressing: Bool

  /// Reads `https://host:port`, `http://host:port`, or a gRPC target: `host:port`, `dns:///host:port`, `ipv4:address:port,…`,
  /// `ipv6:[address]:port,…`, `unix:/path`. Without a port: 443, or 80 after http://. All but http:// use TLS; unix: uses it
  /// where `tls` names anything. http:// is taken where the host is this machine or `allowsPlaintext` is set.
  ///
  /// `proxy` is a proxy's URL, `none`, or empty: then what `environment` says. Reads the files once, so that a bad one is told
  /// at the start.
  package init(
    url: String, tls: TLSFiles = TLSFiles(), allowsPlaintext: Bool = false, proxy: String = "",
    environment: [String: String] = [:], isCompressing: Bool = false
  ) throws(OrchestratorError) {
    let quoted = "\"\(url.prefix(200))\""
    let read: (target: OrchestratorTarget, isSecure: Bool?)
    do { read = try OrchestratorTarget.read(url) } catch {
      throw OrchestratorError(
        .invalidURL, "\(quoted) is not an orchestrator's URL: \(error.why) (https://host:port, or unix:/path)")
    }
    target = read.target
    var isLocal = false
    switch read.target {
    case .host(let place): isLocal = Self.isLoopback(place.host)
    case .addresses: break
    case .socket: isLocal = true
    }
    if case .socket = read.target { isSecure = tls != TLSFiles() } else { isSecure = read.isSecure ?? true }
    guard isSecure || allowsPlaintext || isLocal else {
      throw OrchestratorError(
        .plaintextRefused,
        "\(quoted) would send incidents unencrypted: http:// is for this machine alone, unless it is allowed")
    }
    guard isSecure || tls == TLSFiles() else {
      throw OrchestratorError(.invalidURL, "\(quoted) uses no TLS, so certificates and keys have no use")
    }
    self.tls = tls
    self.isCompressing = isCompressing
    self.proxy = try Self.proxy(proxy, environment, for: read.target, isSecure: isSecure)
    if isSecure { _ = try tls.makeContext(.client) }
  }

  private static func proxy(
    _ text: String, _ environment: [String: String], for target: OrchestratorTarget, isSecure: Bool
  ) throws(OrchestratorError) -> ProxyServer? {
    if text == "none" { return nil }
    guard case .host(let place) = target else {
      guard text.isEmpty else {
        throw OrchestratorError(.invalidURL, "a proxy needs a target of one host and port")
      }
      return nil
    }
    if !text.isEmpty { return try ProxyServer(url: text) }
    return isSecure ? try ProxyServer.named(in: environment, for: place) : nil
  }

  /// Name or address that a certificate is checked against, an IPv6 address without its brackets.
  package var host: String {
    switch target {
    case .host(let place): place.host
    // The first speaks for all, unless a server name is set.
    case .addresses(let list): list.first?.host ?? ""
    // What gRPC takes for sockets.
    case .socket: "localhost"
    }
  }

  /// `host:port` as HTTP's authority has it.
  package var authority: String {
    switch target {
    case .host(let place): place.description
    case .addresses(let list): list.first?.description ?? ""
    case .socket: "localhost"
    }
  }

  /// Names that always mean this machine (RFC 6761, 6.3; RFC 5735, 3; RFC 4291, 2.5.3).
  package static func isLoopback(_ host: some StringProtocol) -> Bool {
    if host == "localhost" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
