internal import Archives

/// Cuts gRPC's length-prefixed messages out of a stream of bytes: 1 flag byte, 4 bytes big-endian length, the message.
///
/// The length is checked before anything is kept, so a hostile length costs nothing.
struct MessageDecoder {
  /// Bytes before each message.
  static let prefixLength = 5

  enum Failure: Error, Equatable {
    /// The message is longer than the limit.
    case tooLarge(Int)
    /// The flag says that it is compressed, and no compression was agreed on.
    case compressed
    /// It is compressed, and what comes out is longer than the limit.
    case unpacksTooLarge
    /// It is compressed, and cannot be unpacked.
    case corrupt
  }

  /// How messages whose flag says so are packed (grpc-encoding).
  enum Encoding: String, Equatable {
    case identity
    case gzip
  }

  /// Largest message in bytes.
  let limit: Int
  private var prefix: [UInt8] = []
  private var message: [UInt8] = []
  private var missing: Int?
  private var isPacked = false
  private let encoding: Encoding

  init(limit: Int, encoding: Encoding = .identity) {
    self.limit = limit
    self.encoding = encoding
  }

  /// True between messages: an end of the stream here cuts none.
  var isBetweenMessages: Bool { prefix.isEmpty && missing == nil }

  /// Takes the next bytes and returns the messages that they complete.
  mutating func append(_ bytes: [UInt8]) throws(Failure) -> [[UInt8]] {
    var complete: [[UInt8]] = []
    var rest = bytes[...]
    while true {
      if let count = missing {
        let taken = rest.prefix(count)
        message += taken
        rest = rest.dropFirst(taken.count)
        missing = count - taken.count
        guard missing == 0 else { return complete }
        complete.append(isPacked ? try unpacked(message) : message)
        message = []
        missing = nil
      }
      let taken = rest.prefix(Self.prefixLength - prefix.count)
      prefix += taken
      rest = rest.dropFirst(taken.count)
      guard prefix.count == Self.prefixLength else { return complete }
      guard prefix[0] == 0 || (prefix[0] == 1 && encoding == .gzip) else { throw .compressed }
      isPacked = prefix[0] == 1
      let length = prefix[1...].reduce(0) { $0 << 8 | Int($1) }
      guard length <= limit else { throw .tooLarge(length) }
      prefix.removeAll(keepingCapacity: true)
      // Not reserved at once: a peer that announces much and sends little costs little.
      message.reserveCapacity(min(length, 64 * 1024))
      missing = length
    }
  }

  /// The limit counts for what comes out as well: a small message can be a large one packed.
  private func unpacked(_ message: [UInt8]) throws(Failure) -> [UInt8] {
    do { return try Gzip.decompress(message, limit: limit) } catch {
      switch error {
      case .tooLarge: throw .unpacksTooLarge
      case .corrupt: throw .corrupt
      }
    }
  }

  /// The prefix of a message of so many bytes.
  static func prefix(forLength length: Int, isPacked: Bool = false) -> [UInt8] {
    [
      isPacked ? 1 : 0, UInt8(length >> 24 & 0xFF), UInt8(length >> 16 & 0xFF), UInt8(length >> 8 & 0xFF),
      UInt8(length & 0xFF),
    ]
  }
}
