/// Where the orchestrator is, and how it is reached.
package struct OrchestratorEndpoint: Sendable, Equatable {
  /// Name or address, an IPv6 address without its brackets.
  package let host: String
  /// 1 to 65535.
  package let port: Int
  /// False for `http://`.
  package let isSecure: Bool
  /// Whom to trust and who we are. Read anew for each connection.
  package let tls: TLSFiles

  /// Reads `https://host:port`, or `http://host:port` where the host is this machine or `allowsPlaintext` is set. Without
  /// a port: 443 or 80. Reads the files once, so that a bad one is told at the start.
  package init(url: String, tls: TLSFiles = TLSFiles(), allowsPlaintext: Bool = false) throws(OrchestratorError) {
    let quoted = "\"\(url.prefix(200))\""
    func invalid(_ why: String) -> OrchestratorError {
      OrchestratorError(.invalidURL, "\(quoted) is not an orchestrator's URL: \(why) (https://host:port)")
    }
    let secure: Bool
    var rest: Substring
    if url.hasPrefix("https://") {
      (secure, rest) = (true, url.dropFirst(8))
    } else if url.hasPrefix("http://") {
      (secure, rest) = (false, url.dropFirst(7))
    } else {
      throw invalid("it begins with neither https:// nor http://")
    }
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    guard !rest.contains(where: { "/?#@ ".contains($0) }) else { throw invalid("only a host and a port may follow") }

    let name: Substring
    let portText: Substring?
    if rest.hasPrefix("[") {
      guard let end = rest.firstIndex(of: "]") else { throw invalid("the bracket is not closed") }
      name = rest[rest.index(after: rest.startIndex)..<end]
      let tail = rest[rest.index(after: end)...]
      guard tail.isEmpty || tail.hasPrefix(":") else { throw invalid("only a port may follow the address") }
      portText = tail.isEmpty ? nil : tail.dropFirst()
    } else {
      let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count <= 2 else { throw invalid("an IPv6 address stands in brackets") }
      name = parts[0]
      portText = parts.count == 2 ? parts[1] : nil
    }
    guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw invalid("it has no host") }
    var number = secure ? 443 : 80
    if let portText {
      guard portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let parsed = Int(portText),
        (1...65_535).contains(parsed)
      else { throw invalid("the port is not a number from 1 to 65535") }
      number = parsed
    }
    guard secure || allowsPlaintext || Self.isLoopback(name) else {
      throw OrchestratorError(
        .plaintextRefused,
        "\(quoted) would send incidents unencrypted: http:// is for this machine alone, unless it is allowed")
    }
    guard secure || tls == TLSFiles() else {
      throw OrchestratorError(.invalidURL, "\(quoted) uses no TLS, so certificates and keys have no use")
    }
    host = String(name)
    port = number
    isSecure = secure
    self.tls = tls
    if secure { _ = try tls.makeContext(.client) }
  }

  /// `host:port` as HTTP's authority has it.
  package var authority: String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  /// Names that always mean this machine (RFC 6761, 6.3; RFC 5735, 3; RFC 4291, 2.5.3).
  package static func isLoopback(_ host: some StringProtocol) -> Bool {
    if host == "localhost" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
