// The calls into the C library that the commands make, all of them here. None of them hands memory over.
#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// The process's own descriptors and environment.
enum SystemStreams {
  /// Writes all bytes to standard output. Throws where they cannot be written; a reader that went away (`| head`) is no failure
  /// of ours, so the command ends without a word then.
  static func writeOutput(_ bytes: [UInt8]) throws(CommandFailure) {
    try write(bytes, to: STDOUT_FILENO, named: "standard output")
  }

  /// Writes text to standard output.
  static func writeOutput(_ text: String) throws(CommandFailure) {
    try writeOutput(Array(text.utf8))
  }

  /// Writes a line to standard error. Where that fails there is nobody to tell.
  static func writeError(_ line: String) {
    writeErrorText("\(line)\n")
  }

  /// Writes text to standard error as it is.
  static func writeErrorText(_ text: String) {
    try? write(Array(text.utf8), to: STDERR_FILENO, named: "standard error")
  }

  /// Reads standard input to its end. Throws beyond `limit` bytes.
  static func readInput(limit: Int) throws(CommandFailure) -> [UInt8] {
    try read(STDIN_FILENO, named: "standard input", limit: limit)
  }

  /// Reads a file. Throws beyond `limit` bytes.
  static func readFile(_ path: String, limit: Int) throws(CommandFailure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw CommandFailure("cannot read \(path): \(reason())") }
    defer { close(descriptor) }
    return try read(descriptor, named: path, limit: limit)
  }

  /// True if standard error is a terminal.
  static var isErrorTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// A pipe whose reader is gone shall be an error of `write`, not the end of the process in the middle of something.
  static func ignoreBrokenPipes() {
    signal(SIGPIPE, SIG_IGN)
  }

  /// Files under a folder, regular ones only, sorted; the path itself where it is a file.
  static func files(under path: String) throws(CommandFailure) -> [String] {
    var information = stat()
    guard stat(path, &information) == 0 else { throw CommandFailure("cannot read \(path): \(reason())") }
    guard information.st_mode & S_IFMT == S_IFDIR else { return [path] }
    guard let folder = opendir(path) else { throw CommandFailure("cannot read \(path): \(reason())") }
    // `opendir` hands the stream over; it is closed here, once.
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      // The name lives in the stream's buffer until the next call: copied at once.
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    var found: [String] = []
    for name in names.sorted() { found += try files(under: "\(path)/\(name)") }
    return found
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32, named name: String) throws(CommandFailure) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        #if canImport(Darwin)
          Darwin.write(descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
        #elseif canImport(Musl)
          Musl.write(descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
        #else
          Glibc.write(descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
        #endif
      }
      if count > 0 {
        written += count
      } else if errno == EAGAIN {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&waiting, 1, -1)
      } else if errno == EPIPE {
        throw .silent(.failure)
      } else if errno != EINTR {
        throw CommandFailure("cannot write to \(name): \(reason())")
      }
    }
  }

  private static func read(_ descriptor: Int32, named name: String, limit: Int) throws(CommandFailure) -> [UInt8] {
    // As a pipe holds on Linux.
    let step = 64 << 10
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: step)
    while true {
      let count = chunk.withUnsafeMutableBytes { buffer in
        #if canImport(Darwin)
          Darwin.read(descriptor, buffer.baseAddress, step)
        #elseif canImport(Musl)
          Musl.read(descriptor, buffer.baseAddress, step)
        #else
          Glibc.read(descriptor, buffer.baseAddress, step)
        #endif
      }
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw CommandFailure("cannot read \(name): \(reason())")
      }
      bytes += chunk[..<count]
      guard bytes.count <= limit else { throw CommandFailure("\(name) has more than \(limit) bytes") }
    }
  }

  private static func reason() -> String {
    String(cString: strerror(errno)).lowercased()
  }
}
