internal import Observer

// The calls into the C library about the process and about paths. None of them hands memory over but `opendir`, see there.
#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// The process's own descriptors, and whole files.
enum SystemStreams {
  /// Processor time of this process so far, all threads, in seconds.
  static var processorSeconds: Double {
    var time = timespec()
    // Fails for a clock that is not there alone; then both ends of a measurement are 0.
    guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return 0 }
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Writes all bytes to standard output. Throws where they cannot be written; a reader that went away (`| head`) is no failure
  /// of ours, so the command ends without a word then.
  static func writeOutput(_ bytes: [UInt8]) throws(CommandFailure) { try Descriptor.standardOutput.write(bytes) }

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
    try? Descriptor.standardError.write(Array(text.utf8))
  }

  /// Reads standard input to its end. Throws beyond `limit` bytes.
  static func readInput(limit: Int) throws(CommandFailure) -> [UInt8] {
    try Descriptor.standardInput.readAll(limit: limit)
  }

  /// Reads a file. Throws beyond `limit` bytes.
  static func readFile(_ path: String, limit: Int) throws(CommandFailure) -> [UInt8] {
    try Descriptor.reading(path).readAll(limit: limit)
  }

  /// What tells one version of a file from the next; nil where it is not there.
  static func stamp(of path: String) -> FileStamp? {
    var information = stat()
    guard stat(path, &information) == 0 else { return nil }
    #if canImport(Darwin)
      let modified = information.st_mtimespec
    #else
      let modified = information.st_mtim
    #endif
    return FileStamp(
      device: UInt64(truncatingIfNeeded: information.st_dev), inode: UInt64(truncatingIfNeeded: information.st_ino),
      size: Int64(information.st_size), modified: Int64(modified.tv_sec) * 1_000_000_000 + Int64(modified.tv_nsec))
  }

  /// True if standard error is a terminal.
  static var isErrorTerminal: Bool { Descriptor.standardError.isTerminal }

  /// True where standard output is a terminal.
  static var isOutputTerminal: Bool { Descriptor.standardOutput.isTerminal }

  /// A pipe whose reader is gone shall be an error of `write`, not the end of the process in the middle of something.
  static func ignoreBrokenPipes() {
    signal(SIGPIPE, SIG_IGN)
  }

  /// Files under a folder, regular ones and links to such, sorted; the path itself where it is no folder. Links to folders and to
  /// nothing, pipes, sockets and devices are left out; so are the folder `except`, and names that begin with a dot unless they are
  /// asked for. Throws where it cannot tell what something is: a file that nobody saw would count as one without secrets.
  static func files(
    under path: String, hidden: Bool = false, except: String? = nil
  ) throws(CommandFailure) -> [String] {
    guard try isFolder(path) else { return [path] }
    guard let folder = opendir(path) else { throw CommandFailure("cannot read \(path): \(SystemError.last)") }
    // `opendir` hands the stream over; it is closed here, once.
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      // The name lives in the stream's buffer until the next call: copied at once.
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(validatingCString: $0) }
      }
      guard let name else {
        throw CommandFailure("cannot read \(path): a name in it is not UTF-8; rename that file or give the others")
      }
      if name != "." && name != ".." && (hidden || !name.hasPrefix(".")) { names.append(name) }
    }
    var found: [String] = []
    for name in names.sorted() {
      let child = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
      let kind = try kind(of: child)
      if kind == S_IFDIR, !isLink(child) {
        if let except, isSame(child, except) { continue }
        found += try files(under: child, hidden: hidden, except: except)
      } else if kind == S_IFREG {
        found.append(child)
      }
    }
    return found
  }

  /// True for a folder. Throws where nothing is there.
  static func isFolder(_ path: String) throws(CommandFailure) -> Bool {
    guard let kind = try kind(of: path) else { throw CommandFailure("cannot read \(path): \(SystemError.last)") }
    return kind == S_IFDIR
  }

  /// True for a symbolic link.
  static func isLink(_ path: String) -> Bool {
    var information = stat()
    return lstat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFLNK
  }

  /// Size of a regular file, in bytes; nil for anything else.
  static func size(of path: String) -> Int? {
    var information = stat()
    guard stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(information.st_size)
  }

  /// True for what is written to as it stands, and never replaced: a pipe, a terminal, a device.
  static func isStream(_ path: String) -> Bool {
    var information = stat()
    guard stat(path, &information) == 0 else { return false }
    let kind = information.st_mode & S_IFMT
    return kind != S_IFREG && kind != S_IFDIR
  }

  /// True if two paths lead to one file or folder.
  static func isSame(_ first: String, _ second: String) -> Bool {
    var one = stat()
    var other = stat()
    guard stat(first, &one) == 0, stat(second, &other) == 0 else { return false }
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino
  }

  /// What stands at a path, links followed; nil for nothing. Throws where that cannot be told.
  private static func kind(of path: String) throws(CommandFailure) -> mode_t? {
    var information = stat()
    if stat(path, &information) == 0 { return information.st_mode & S_IFMT }
    guard errno == ENOENT || errno == ELOOP else { throw CommandFailure("cannot read \(path): \(SystemError.last)") }
    return nil
  }

  /// Makes a folder and those above it, for the user alone.
  static func makeFolder(_ path: String) throws(CommandFailure) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += made.isEmpty || made == "/" ? String(part) : "/\(part)"
      if mkdir(made, 0o700) != 0, errno != EEXIST { throw CommandFailure("cannot make \(made): \(SystemError.last)") }
    }
  }

  /// A name beside `path` for a file that becomes it once it is whole. It is made of random digits, for in a container each run has
  /// the same process id, and what one that was killed has left must not be in the way of the next; and it is short, for the
  /// name of the file itself may be as long as a name may be.
  static func temporaryName(for path: String) -> String {
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
    return "\(folder).kube-mind-\(String(UInt64.random(in: 0 ... .max), radix: 16))"
  }

  /// Gives a file the mode of another one, as far as that can be had.
  static func copyMode(of model: String, to path: String) {
    var information = stat()
    if stat(model, &information) == 0 { _ = chmod(path, information.st_mode & 0o777) }
  }

  /// Gives a file its name, over what had it.
  static func rename(_ old: String, to path: String) throws(CommandFailure) {
    if renamePath(old, path) != 0 { throw CommandFailure("cannot write \(path): \(SystemError.last)") }
  }

  /// Takes a file away. One that is not there is no failure.
  static func remove(_ path: String) { _ = unlink(path) }
}

// By this name, since the type has a method of the C function's name.
private func renamePath(_ old: String, _ new: String) -> Int32 { rename(old, new) }
