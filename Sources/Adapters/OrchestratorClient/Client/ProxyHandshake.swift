/// Asks an HTTP proxy for a tunnel (RFC 9110, 9.3.6), without the socket: what to send, and what the answer means.
struct ProxyHandshake {
  /// What the bytes so far lead to.
  enum Outcome: Equatable {
    /// Nothing before more arrives.
    case needsMore
    /// The tunnel is open; these bytes came through it already.
    case open([UInt8])
    /// There will be none, for this reason.
    case refused(String)
  }

  /// Bytes of an answer's head. Proxies add a page of their own after it, which is not read.
  private static let headLimit = 16 * 1024

  private let proxy: ProxyServer
  private let authority: String
  private var head: [UInt8] = []

  /// A handshake for a tunnel to `authority` (host:port).
  init(proxy: ProxyServer, authority: String) {
    self.proxy = proxy
    self.authority = authority
  }

  /// The request.
  var request: [UInt8] {
    var lines = ["CONNECT \(authority) HTTP/1.1", "Host: \(authority)", "User-Agent: kube-mind"]
    if let authorization = proxy.authorization { lines.append("Proxy-Authorization: \(authorization)") }
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }

  /// Bytes came from the proxy.
  mutating func received(_ bytes: [UInt8]) -> Outcome {
    head += bytes
    let end = Array("\r\n\r\n".utf8)
    guard let length = head.indices.first(where: { head[$0...].starts(with: end) }) else {
      return head.count > Self.headLimit ? .refused("the proxy \(proxy) does not speak HTTP") : .needsMore
    }
    guard length <= Self.headLimit else { return .refused("the proxy \(proxy) does not speak HTTP") }
    let line = String(decoding: head.prefix { $0 != 0x0D }, as: UTF8.self)
    let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count >= 2, parts[0].hasPrefix("HTTP/1."), let status = Int(parts[1]), (100...599).contains(status)
    else { return .refused("the proxy \(proxy) does not speak HTTP") }
    if (200...299).contains(status) { return .open(Array(head[(length + end.count)...])) }
    if status == 407 {
      let wish = proxy.authorization == nil ? "wants a user and a password" : "does not accept the user or the password"
      return .refused("the proxy \(proxy) \(wish) (407)")
    }
    let words = parts.count > 2 ? " \(PeerText.oneLine(String(parts[2])))" : ""
    return .refused("the proxy \(proxy) opens no way to \(authority): \(status)\(words)")
  }

  /// The proxy hung up before it answered.
  var hungUp: String { "the proxy \(proxy) closed the connection before it answered" }
}
