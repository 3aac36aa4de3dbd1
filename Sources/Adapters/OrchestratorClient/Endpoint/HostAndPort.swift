internal import CNIOLinux
internal import NIOCore

/// A host and a port as URLs and gRPC targets have them.
package struct HostAndPort: Sendable, Equatable, CustomStringConvertible {
  /// Name or address, an IPv6 address without its brackets.
  package let host: String
  /// 1 to 65535.
  package let port: Int

  init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Reads `host`, `host:port`, `[address]` or `[address]:port`; nil for anything else.
  init?(_ text: Substring, defaultPort: Int) {
    let name: Substring
    let portText: Substring?
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { return nil }
      name = text[text.index(after: text.startIndex)..<end]
      let tail = text[text.index(after: end)...]
      guard tail.isEmpty || tail.hasPrefix(":") else { return nil }
      portText = tail.isEmpty ? nil : tail.dropFirst()
    } else {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count <= 2 else { return nil }
      name = parts[0]
      portText = parts.count == 2 ? parts[1] : nil
    }
    guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
      !name.contains(where: { "/?#@[]".contains($0) })
    else { return nil }
    var number = defaultPort
    if let portText {
      guard portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let parsed = Int(portText),
        (1...65_535).contains(parsed)
      else { return nil }
      number = parsed
    }
    self.init(host: String(name), port: number)
  }

  /// `host:port` as HTTP's authority has it.
  package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// This host as an address, where it is one.
  var address: SocketAddress? { try? SocketAddress(ipAddress: host, port: port) }
}

/// A network such as 10.0.0.0/8 or fd00::/8.
struct IPNetwork: Equatable {
  private let prefix: [UInt8]
  private let bits: Int

  /// Nil where the text is no address with a length.
  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let bits = Int(parts[1]), let bytes = Self.bytes(of: String(parts[0])),
      (0...bytes.count * 8).contains(bits)
    else { return nil }
    prefix = bytes
    self.bits = bits
  }

  /// Whether an address lies in it; a name never does.
  func contains(_ host: String) -> Bool {
    guard let bytes = Self.bytes(of: host), bytes.count == prefix.count else { return false }
    return (0..<bits).allSatisfy { bit in
      (bytes[bit / 8] ^ prefix[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
    }
  }

  private static func bytes(of host: String) -> [UInt8]? {
    guard let packed = try? SocketAddress(ipAddress: host, port: 0) else { return nil }
    switch packed {
    case .v4(let address): return withUnsafeBytes(of: address.address.sin_addr) { Array($0) }
    case .v6(let address): return withUnsafeBytes(of: address.address.sin6_addr) { Array($0) }
    case .unixDomainSocket: return nil
    }
  }
}
