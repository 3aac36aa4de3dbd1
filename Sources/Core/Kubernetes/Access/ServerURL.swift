/// The address of an API server: `https://host[:port][/prefix]`, or `http://` for a server in the same process or a proxy.
package struct ServerURL: Sendable, Equatable, CustomStringConvertible {
  /// True for https.
  package var isTLS: Bool
  /// Host name or address; an IPv6 address without its brackets.
  package var host: String
  /// 1 to 65535.
  package var port: Int
  /// Path before `/api`, without a slash at its end; mostly empty.
  package var prefix: String

  package init(isTLS: Bool, host: String, port: Int, prefix: String = "") {
    self.isTLS = isTLS
    self.host = host
    self.port = port
    self.prefix = prefix
  }

  /// Reads a URL; nil for one of another scheme, with user information, query or fragment, or without a host.
  package init?(_ text: String) {
    guard let scheme = text.range(of: "://") else { return nil }
    switch text[..<scheme.lowerBound].lowercased() {
    case "https": (isTLS, port) = (true, 443)
    case "http": (isTLS, port) = (false, 80)
    default: return nil
    }
    let rest = text[scheme.upperBound...]
    guard rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !rest.contains(where: { "?#@\\\"".contains($0) }) else {
      return nil
    }
    let authority = rest.prefix { $0 != "/" }
    var path = rest.dropFirst(authority.count)
    while path.hasSuffix("/") { path.removeLast() }
    prefix = String(path)

    var portText: Substring?
    if authority.hasPrefix("[") {
      guard let close = authority.firstIndex(of: "]") else { return nil }
      host = String(authority[authority.index(after: authority.startIndex)..<close])
      let after = authority[authority.index(after: close)...]
      guard after.isEmpty || after.hasPrefix(":") else { return nil }
      portText = after.isEmpty ? nil : after.dropFirst()
    } else {
      let parts = authority.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count <= 2, let name = parts.first else { return nil }
      host = String(name)
      portText = parts.count == 2 ? parts[1] : nil
    }
    if let portText {
      guard let number = Int(portText), (1...65_535).contains(number) else { return nil }
      port = number
    }
    guard !host.isEmpty else { return nil }
  }

  /// The host as it stands in a URL.
  package var bracketedHost: String { host.contains(":") ? "[\(host)]" : host }

  /// The URL of a request's target; `host` stands in for the own one where a name is to be checked that is not the address.
  package func url(target: String, host name: String? = nil) -> String {
    "\(isTLS ? "https" : "http")://\(name ?? bracketedHost):\(port)\(prefix)\(target)"
  }

  package var description: String {
    "\(isTLS ? "https" : "http")://\(bracketedHost):\(port)\(prefix)"
  }

  /// True where the address is this machine by its form. Such a server is reached without a proxy, as Go has it.
  package var isLoopback: Bool {
    host == "localhost" || host.hasPrefix("127.") || host == "::1"
  }
}

extension String {
  /// The first place of a text; the standard library has it for collections only from Foundation.
  fileprivate func range(of text: String) -> Range<String.Index>? {
    var index = startIndex
    while index < endIndex {
      if self[index...].hasPrefix(text) { return index..<self.index(index, offsetBy: text.count) }
      formIndex(after: &index)
    }
    return nil
  }
}
