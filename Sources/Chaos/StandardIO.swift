internal import Dispatch

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// Standard input, line by line.
enum StandardInput {
  /// Read on a thread of its own, for it blocks.
  static func lines() -> AsyncStream<String> {
    let (stream, continuation) = AsyncStream.makeStream(of: String.self)
    DispatchQueue(label: "input").async {
      while let line = readLine() { continuation.yield(line) }
      continuation.finish()
    }
    return stream
  }
}

/// Standard output without a buffer: what was said is said, whatever happens to the process next.
enum StandardOutput {
  static func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = systemWrite(1, bytes)
  }
}

/// A file to whose end lines are written, by one call each, so that none is cut by a kill.
final class AppendedFile: Sendable {
  private let descriptor: Int32

  init(path: String) throws(ChildProcess.Failure) {
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw ChildProcess.Failure(description: "\(path): \(String(cString: strerror(errno)))")
    }
  }

  deinit {
    close(descriptor)
  }

  func append(_ line: String) {
    _ = systemWrite(descriptor, Array(line.utf8))
  }
}

/// Reads what a file has got since the last time.
enum GrowingFile {
  /// Everything from an offset on; nil where there is no file yet.
  static func read(_ path: String, from offset: Int) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = pread(descriptor, &buffer, buffer.count, off_t(offset + bytes.count))
      guard count > 0 else { return bytes }
      bytes.append(contentsOf: buffer[..<count])
    }
  }
}

/// `write` by another name: inside the types above, the plain one may mean a method of theirs.
private func systemWrite(_ descriptor: Int32, _ bytes: [UInt8]) -> Int {
  write(descriptor, bytes, bytes.count)
}
