internal import Synchronization

/// Whether a client's messages are packed: offered where it was asked for, until a server says that it does not take it
/// (https://github.com/grpc/grpc/blob/master/doc/compression.md).
///
/// A server that knows no gzip answers the first call with UNIMPLEMENTED, which delivery takes for a reason to wait; from then on
/// nothing is packed. It is not offered again: each try would cost such a pause.
final class MessageCompression: Sendable {
  /// What this side can unpack, as grpc-accept-encoding has it.
  static let accepted = "identity,gzip"

  private let offered: Mutex<Bool>

  init(isOffered: Bool) {
    offered = Mutex(isOffered)
  }

  /// True while messages may be packed.
  var isOffered: Bool { offered.withLock { $0 } }

  /// A server named what it takes, or (nil) refused a call as unimplemented without doing so.
  func serverAccepts(_ encodings: String?) {
    let names = (encodings ?? "").split(separator: ",").map { $0.drop { $0 == " " }.prefix { $0 != " " } }
    if !names.contains("gzip") { offered.withLock { $0 = false } }
  }
}
