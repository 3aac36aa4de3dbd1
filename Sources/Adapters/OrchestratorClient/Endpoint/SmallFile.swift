#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// Reads files of certificates.
enum SmallFile {
  /// 1 MiB: Debian's whole bundle of authorities is 220 KiB. What is larger was not meant.
  static let limit = 1 << 20

  struct Failure: Error, Equatable {
    var reason: String
  }

  static func read(_ path: String) throws(Failure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure(reason: String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 * 1024)
    while true {
      let count = systemRead(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Failure(reason: String(cString: strerror(errno))) }
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= limit else { throw Failure(reason: "larger than 1 MiB") }
    }
  }
}

/// `read` by another name: inside the type, the plain one means its own method.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(descriptor, buffer, count)
}
