internal import FoundationEssentials

/// An HTTP proxy that is asked for a tunnel to the orchestrator.
package struct ProxyServer: Sendable, Equatable, CustomStringConvertible {
  /// Name or address.
  package let host: String
  /// 1 to 65535.
  package let port: Int
  /// The value of Proxy-Authorization, where the URL has a user. Never shown.
  let authorization: String?

  /// host:port, without user and password.
  package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Reads `http://[user:password@]host[:port]`; the port is 80 where none is given, as for any http URL. The errors hold no
  /// part of the text, for it may have a password.
  package init(url: String) throws(OrchestratorError) {
    func invalid(_ why: String) -> OrchestratorError {
      OrchestratorError(.invalidURL, "the proxy's URL cannot be used: \(why) (http://user:password@host:port)")
    }
    var rest = url[...]
    if let scheme = rest.firstRange(of: "://") {
      guard rest[..<scheme.lowerBound] == "http" else {
        throw invalid(
          "only proxies that are spoken to over http:// are known; the tunnel through them is TLS all the same")
      }
      rest = rest[scheme.upperBound...]
    }
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    var credentials: Substring?
    if let at = rest.lastIndex(of: "@") {
      credentials = rest[..<at]
      rest = rest[rest.index(after: at)...]
    }
    guard let address = HostAndPort(rest, defaultPort: 80) else {
      throw invalid("it has no host, or no port from 1 to 65535")
    }
    host = address.host
    port = address.port
    if let credentials {
      let parts = credentials.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        .map { HeaderFields.percentDecoded(String($0)) }
      let pair = parts.count == 2 ? "\(parts[0]):\(parts[1])" : "\(parts[0]):"
      guard pair.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
        throw invalid("user or password has control characters")
      }
      authorization = "Basic " + Data(pair.utf8).base64EncodedString()
    } else {
      authorization = nil
    }
  }

  /// The proxy that HTTPS_PROXY (or https_proxy) names for a target, unless NO_PROXY leaves the target out. This machine is
  /// never reached through a proxy.
  static func named(
    in environment: [String: String], for target: HostAndPort
  ) throws(OrchestratorError) -> ProxyServer? {
    let url = environment["HTTPS_PROXY"] ?? environment["https_proxy"] ?? ""
    guard !url.isEmpty, !OrchestratorEndpoint.isLoopback(target.host),
      !isExempt(target, by: environment["NO_PROXY"] ?? environment["no_proxy"] ?? "")
    else { return nil }
    do { return try ProxyServer(url: url) } catch {
      throw OrchestratorError(error.code, "HTTPS_PROXY: \(error.message)")
    }
  }

  /// NO_PROXY as Go reads it (golang.org/x/net/http/httpproxy): names with their subdomains, `.name` for subdomains alone,
  /// addresses, networks (10.0.0.0/8), each with an optional port, and `*` for everything.
  static func isExempt(_ target: HostAndPort, by list: String) -> Bool {
    list.split(separator: ",").contains { entry in
      let text = entry.trimmed.lowercased()
      if text == "*" { return true }
      if let network = IPNetwork(text) { return network.contains(target.host) }
      guard let exempt = HostAndPort(text[...], defaultPort: target.port), exempt.port == target.port else {
        return false
      }
      let host = target.host.lowercased()
      if exempt.host.hasPrefix(".") { return host.hasSuffix(exempt.host) }
      return host == exempt.host || host.hasSuffix("." + exempt.host)
    }
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
  }
}
