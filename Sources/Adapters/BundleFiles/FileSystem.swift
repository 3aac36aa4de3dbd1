// The calls into the C library for reading files, all of them here. None of them hands memory over.
internal import Archives

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// Files and folders that a stranger made.
enum FileSystem {
  /// Folders within folders: a must-gather has 12.
  private static let depthLimit = 32
  /// Files of a folder: as many as an archive may have entries.
  private static let fileLimit = TarReader.entryLimit
  /// Bytes of one read.
  private static let chunkSize = 256 << 10

  static func isFolder(_ path: String) throws(ArchiveError) -> Bool {
    var information = stat()
    guard stat(path, &information) == 0 else { throw failure() }
    return information.st_mode & S_IFMT == S_IFDIR
  }

  /// Regular files under a folder, as paths from it, sorted. Links are not followed, hidden files are left out.
  static func files(under root: String) throws(ArchiveError) -> [String] {
    var found: [String] = []
    try collect(root, "", depth: 0, into: &found)
    return found
  }

  private static func collect(
    _ root: String, _ prefix: String, depth: Int, into found: inout [String]
  ) throws(ArchiveError) {
    guard depth < depthLimit else { throw ArchiveError(.tooLarge, "folders are more than \(depthLimit) deep") }
    let folder = prefix.isEmpty ? root : "\(root)/\(prefix)"
    guard let stream = opendir(folder) else { throw failure(at: prefix) }
    var names: [String] = []
    while let entry = readdir(stream) {
      // The name lives in the stream's buffer until the next call: copied at once.
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    closedir(stream)
    for name in names.sorted() {
      let path = prefix.isEmpty ? name : "\(prefix)/\(name)"
      var information = stat()
      guard lstat("\(root)/\(path)", &information) == 0 else { throw failure(at: path) }
      switch information.st_mode & S_IFMT {
      case S_IFDIR: try collect(root, path, depth: depth + 1, into: &found)
      case S_IFREG:
        guard found.count < fileLimit else { throw ArchiveError(.tooLarge, "more than \(fileLimit) files") }
        found.append(path)
      default: break
      }
    }
  }

  /// A whole file. Throws where it has more than `limit` bytes.
  static func read(_ path: String, limit: Int) throws(ArchiveError) -> [UInt8] {
    try withChunks(of: path) { next throws(ArchiveError) in
      var bytes: [UInt8] = []
      while true {
        let chunk = try next()
        if chunk.isEmpty { return bytes }
        bytes += chunk
        guard bytes.count <= limit else { throw ArchiveError(.tooLarge, "\(path) has more than \(limit >> 20) MiB") }
      }
    }
  }

  /// The last bytes of a file, at most `limit`.
  static func readEnd(_ path: String, limit: Int) throws(ArchiveError) -> [UInt8] {
    var information = stat()
    guard stat(path, &information) == 0 else { throw failure(at: path) }
    return try withChunks(of: path, from: max(0, Int(information.st_size) - limit)) { next throws(ArchiveError) in
      var bytes: [UInt8] = []
      // A file that grows meanwhile is read no further.
      while bytes.count < limit {
        let chunk = try next()
        if chunk.isEmpty { break }
        bytes += chunk
      }
      return Array(bytes.prefix(limit))
    }
  }

  /// The first bytes of a file, fewer where it is shorter.
  static func start(of path: String, count: Int) throws(ArchiveError) -> [UInt8] {
    try withChunks(of: path) { next throws(ArchiveError) in Array(try next().prefix(count)) }
  }

  /// Lends a file's bytes chunk by chunk, from a position on.
  static func withChunks<T>(
    of path: String, from position: Int = 0, _ body: (@escaping ByteSource) throws(ArchiveError) -> T
  ) throws(ArchiveError) -> T {
    // A pipe in the place of a file must not stop the program until somebody writes to it.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure(at: path) }
    // Closed here, once; the source that is lent does not outlive `body`.
    defer { close(descriptor) }
    if position > 0, lseek(descriptor, off_t(position), SEEK_SET) < 0 { throw failure(at: path) }
    return try body { () throws(ArchiveError) in
      var chunk = [UInt8](repeating: 0, count: chunkSize)
      while true {
        let count = chunk.withUnsafeMutableBytes { buffer in
          #if canImport(Darwin)
            Darwin.read(descriptor, buffer.baseAddress, chunkSize)
          #elseif canImport(Musl)
            Musl.read(descriptor, buffer.baseAddress, chunkSize)
          #else
            Glibc.read(descriptor, buffer.baseAddress, chunkSize)
          #endif
        }
        if count >= 0 { return Array(chunk[..<count]) }
        if errno != EINTR { throw failure(at: path) }
      }
    }
  }

  private static func failure(at path: String = "") -> ArchiveError {
    let reason = String(cString: strerror(errno)).lowercased()
    return ArchiveError(.unreadable, path.isEmpty ? "cannot be read: \(reason)" : "\(path): \(reason)")
  }
}
