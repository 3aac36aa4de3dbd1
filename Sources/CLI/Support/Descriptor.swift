// The calls into the C library that read and write descriptors, all of them here. None of them hands memory over.
#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// An open descriptor. One that was opened here is closed once, when it goes out of scope.
struct Descriptor: ~Copyable {
  private let number: Int32
  private let isOwned: Bool
  /// What it is called in errors.
  let name: String

  private init(_ number: Int32, _ name: String, isOwned: Bool) {
    self.number = number
    self.name = name
    self.isOwned = isOwned
  }

  static var standardInput: Descriptor { Descriptor(STDIN_FILENO, "standard input", isOwned: false) }
  static var standardOutput: Descriptor { Descriptor(STDOUT_FILENO, "standard output", isOwned: false) }
  static var standardError: Descriptor { Descriptor(STDERR_FILENO, "standard error", isOwned: false) }

  /// Opens a file to read.
  static func reading(_ path: String) throws(CommandFailure) -> Descriptor {
    let number = open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { throw CommandFailure("cannot read \(path): \(SystemError.last)") }
    return Descriptor(number, path, isOwned: true)
  }

  /// Makes a file to write, for the user alone. It must not be there yet. Errors call it `name`.
  static func creating(_ path: String, name: String) throws(CommandFailure) -> Descriptor {
    try writing(path, O_CREAT | O_EXCL, name: name)
  }

  /// Opens what is there to write: a pipe, a terminal, a device.
  static func writing(_ path: String) throws(CommandFailure) -> Descriptor { try writing(path, 0, name: path) }

  private static func writing(_ path: String, _ flags: Int32, name: String) throws(CommandFailure) -> Descriptor {
    let number = open(path, O_WRONLY | O_CLOEXEC | flags, 0o600)
    guard number >= 0 else { throw CommandFailure("cannot write \(name): \(SystemError.last)") }
    return Descriptor(number, name, isOwned: true)
  }

  deinit {
    // The number is ours alone; what was written is checked before.
    if isOwned { _ = close(number) }
  }

  /// Throws where a file system says only at the end that it could not write. Closing a copy asks it that.
  func checkWritten() throws(CommandFailure) {
    let copy = dup(number)
    guard copy >= 0, close(copy) == 0 else { throw CommandFailure("cannot write \(name): \(SystemError.last)") }
  }

  /// The next bytes, at most `count`; empty at the end.
  func read(upTo count: Int) throws(CommandFailure) -> [UInt8] {
    while true {
      var failure = ""
      let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        let got = readDescriptor(number, buffer.baseAddress, count)
        filled = max(0, got)
        if got < 0 { failure = errno == EINTR ? " " : SystemError.last }
      }
      if failure.isEmpty { return bytes }
      if failure != " " { throw CommandFailure("cannot read \(name): \(failure)") }
    }
  }

  /// Everything up to the end. Throws beyond `limit` bytes.
  func readAll(limit: Int) throws(CommandFailure) -> [UInt8] {
    // As a pipe holds on Linux.
    let step = 64 << 10
    var bytes: [UInt8] = []
    while true {
      let piece = try read(upTo: step)
      if piece.isEmpty { return bytes }
      bytes += piece
      guard bytes.count <= limit else { throw CommandFailure("\(name) has more than \(limit) bytes") }
    }
  }

  /// Writes all of it. A reader that went away (`| head`) is no failure of ours, so the command ends without a word then.
  func write(_ bytes: [UInt8]) throws(CommandFailure) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        writeDescriptor(number, buffer.baseAddress.map { $0 + written }, buffer.count - written)
      }
      if count > 0 {
        written += count
      } else if errno == EAGAIN {
        var waiting = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
        poll(&waiting, 1, -1)
      } else if errno == EPIPE {
        throw .silent(.failure)
      } else if errno != EINTR {
        throw CommandFailure("cannot write to \(name): \(SystemError.last)")
      }
    }
  }

  /// True if it is a terminal.
  var isTerminal: Bool { isatty(number) == 1 }
}

/// The C library's words for its last failure.
enum SystemError {
  static var last: String { String(cString: strerror(errno)).lowercased() }
}

// By these names, since the type has methods of the C functions' names.
private func readDescriptor(_ number: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(number, buffer, count)
}

private func writeDescriptor(_ number: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int {
  write(number, buffer, count)
}
