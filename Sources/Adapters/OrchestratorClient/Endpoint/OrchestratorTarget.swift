internal import NIOCore

/// Where an orchestrator is: what a URL or a gRPC target name says (https://github.com/grpc/grpc/blob/master/doc/naming.md).
enum OrchestratorTarget: Sendable, Equatable {
  /// A name, looked up anew for each connection, or an address.
  case host(HostAndPort)
  /// Addresses that are tried together; at least one.
  case addresses([HostAndPort])
  /// A socket of this machine.
  case socket(path: String)

  /// Addresses that one target may list.
  private static let addressLimit = 32
  /// `sun_path` holds 108 bytes on Linux and 104 on macOS, its zero among them.
  private static let pathLimit = 103

  /// What is wrong with a text.
  struct Problem: Error, Equatable {
    let why: String

    init(_ why: String) {
      self.why = why
    }
  }

  /// Reads a target, and whether it names TLS: true and false for https and http, nil where it leaves that open.
  static func read(_ url: String) throws(Problem) -> (target: OrchestratorTarget, isSecure: Bool?) {
    for (scheme, isSecure) in [("https://", true), ("http://", false)] where url.hasPrefix(scheme) {
      var rest = url.dropFirst(scheme.count)
      if rest.hasSuffix("/") { rest = rest.dropLast() }
      return (.host(try host(rest, defaultPort: isSecure ? 443 : 80)), isSecure)
    }
    if url.hasPrefix("unix:") { return (.socket(path: try path(url.dropFirst(5))), nil) }
    if url.hasPrefix("dns:") { return (.host(try name(url.dropFirst(4))), nil) }
    for scheme in ["ipv4:", "ipv6:"] where url.hasPrefix(scheme) {
      return (.addresses(try addresses(url.dropFirst(5), isIPv6: scheme == "ipv6:")), nil)
    }
    guard !url.contains("://") else {
      throw Problem("it begins with none of https://, http://, dns:, unix:, ipv4: and ipv6:")
    }
    return (.host(try host(url[...], defaultPort: 443)), nil)
  }

  private static func host(_ text: Substring, defaultPort: Int) throws(Problem) -> HostAndPort {
    guard !text.contains(where: { "/?#@ ".contains($0) }) else { throw Problem("only a host and a port may follow") }
    guard !text.isEmpty, !text.hasPrefix(":") else { throw Problem("it has no host") }
    guard let read = HostAndPort(text, defaultPort: defaultPort) else {
      if !text.hasPrefix("["), text.count(where: { $0 == ":" }) > 1 {
        throw Problem("an IPv6 address stands in brackets")
      }
      throw Problem("the host, or the port from 1 to 65535, cannot be read")
    }
    return read
  }

  /// What follows `dns:`; between two slashes and the third stands a name server.
  private static func name(_ text: Substring) throws(Problem) -> HostAndPort {
    guard text.hasPrefix("//") else { return try host(text, defaultPort: 443) }
    let rest = text.dropFirst(2)
    guard rest.hasPrefix("/") else { throw Problem("a name server of its own cannot be asked: dns:///name:port") }
    return try host(rest.dropFirst(), defaultPort: 443)
  }

  private static func path(_ text: Substring) throws(Problem) -> String {
    var path = text
    if path.hasPrefix("//") {
      path = path.dropFirst(2)
      guard path.hasPrefix("/") else { throw Problem("after unix:// stands a path from the root: unix:///path") }
    }
    guard !path.isEmpty, !path.utf8.contains(0) else { throw Problem("it has no path") }
    guard path.utf8.count <= pathLimit else { throw Problem("a socket's path has at most \(pathLimit) bytes") }
    return String(path)
  }

  private static func addresses(_ text: Substring, isIPv6: Bool) throws(Problem) -> [HostAndPort] {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count <= addressLimit else { throw Problem("at most \(addressLimit) addresses may be listed") }
    var list: [HostAndPort] = []
    for part in parts {
      // An IPv6 address without a port needs no brackets here.
      let bare = isIPv6 ? HostAndPort(host: String(part), port: 443) : nil
      guard let entry = bare?.address == nil ? HostAndPort(part, defaultPort: 443) : bare,
        let address = entry.address, (address.protocol == .inet6) == isIPv6
      else { throw Problem("\"\(part.prefix(60))\" is no \(isIPv6 ? "IPv6" : "IPv4") address with a port") }
      list.append(entry)
    }
    return list
  }
}
