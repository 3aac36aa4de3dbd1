/// HMAC (RFC 2104) with SHA-256: without the key nobody can compute it for a value that they guess.
struct HMAC: Sendable {
  /// Bytes of a block of SHA-256, to which the key is filled up.
  private static let block = 64

  private let inner: [UInt8]
  private let outer: [UInt8]

  init(key: [UInt8]) {
    var key = key.count > Self.block ? SHA256.digest(of: key) : key
    key += repeatElement(0, count: Self.block - key.count)
    inner = key.map { $0 ^ 0x36 }
    outer = key.map { $0 ^ 0x5C }
  }

  /// The authentication code of a message, 32 bytes.
  func code(of message: some Sequence<UInt8>) -> [UInt8] {
    SHA256.digest(of: outer + SHA256.digest(of: inner + Array(message)))
  }
}
