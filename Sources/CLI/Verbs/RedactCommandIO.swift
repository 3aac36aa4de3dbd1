// The one file of `redact` that touches the file system. Descriptors are closed where they were opened; a temporary file is
// renamed once it is whole, or removed.

internal import FoundationEssentials

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Why a file could not be read or written.
struct RedactIOError: Error, CustomStringConvertible {
  var path: String
  var message: String

  /// With the words of the last failed call.
  init(_ path: String, errno code: Int32 = errno) {
    self.path = path
    message = String(cString: strerror(code))
  }

  init(_ path: String, _ message: String) {
    self.path = path
    self.message = message
  }

  var description: String { "\(path): \(message)" }
}

/// A descriptor that is read in pieces.
struct ByteSource: ~Copyable {
  private let descriptor: Int32
  private let owned: Bool
  let path: String

  /// Opens a file, or takes standard input for `-`.
  init(_ path: String) throws(RedactIOError) {
    self.path = path
    if path == "-" {
      descriptor = STDIN_FILENO
      owned = false
    } else {
      descriptor = open(path, O_RDONLY | O_CLOEXEC)
      owned = true
      if descriptor < 0 { throw RedactIOError(path) }
    }
  }

  deinit {
    if owned { _ = close(descriptor) }
  }

  /// Reads up to `count` bytes behind what `buffer` holds. Returns how many came; 0 at the end.
  func read(into buffer: inout [UInt8], count: Int) throws(RedactIOError) -> Int {
    let start = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: count))
    while true {
      let got = buffer.withUnsafeMutableBytes { bytes in
        bytes.baseAddress.map { systemRead(descriptor, $0 + start, count) } ?? 0
      }
      if got < 0, errno == EINTR { continue }
      let code = errno
      buffer.removeLast(count - max(0, got))
      if got < 0 { throw RedactIOError(path, errno: code) }
      return got
    }
  }

  /// Reads to the end, at most `limit` bytes; one more byte than that shows that there is more.
  func readAll(limit: Int) throws(RedactIOError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count <= limit, try read(into: &bytes, count: 1 << 18) > 0 {}
    return bytes
  }
}

/// Where redacted bytes go: standard output, or a file that appears whole or not at all.
struct ByteSink: ~Copyable {
  private let descriptor: Int32
  private let temporary: String?
  private let path: String
  private var finished = false

  /// Standard output.
  static func standardOutput() -> ByteSink {
    ByteSink(descriptor: STDOUT_FILENO, temporary: nil, path: "standard output")
  }

  private init(descriptor: Int32, temporary: String?, path: String) {
    self.descriptor = descriptor
    self.temporary = temporary
    self.path = path
  }

  /// A new file with mode 0600 beside `path`, which takes its name at `finish`.
  init(replacing path: String) throws(RedactIOError) {
    let temporary = "\(path).kube-mind-\(getpid())"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if descriptor < 0 { throw RedactIOError(path) }
    self.init(descriptor: descriptor, temporary: temporary, path: path)
  }

  deinit {
    guard let temporary, !finished else { return }
    _ = close(descriptor)
    _ = unlink(temporary)
  }

  /// Writes all of it.
  func write(_ bytes: [UInt8]) throws(RedactIOError) {
    var done = 0
    while done < bytes.count {
      let put = bytes.withUnsafeBytes { buffer in
        buffer.baseAddress.map { systemWrite(descriptor, $0 + done, bytes.count - done) } ?? 0
      }
      if put < 0 {
        if errno == EINTR { continue }
        throw RedactIOError(path)
      }
      done += put
    }
  }

  /// Gives the file its name. Without it nothing is left of the file.
  consuming func finish() throws(RedactIOError) {
    guard let temporary else { return }
    if close(descriptor) != 0 || rename(temporary, path) != 0 {
      let code = errno
      _ = unlink(temporary)
      finished = true
      throw RedactIOError(path, errno: code)
    }
    finished = true
  }
}

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(descriptor, buffer, count)
}

private func systemWrite(_ descriptor: Int32, _ buffer: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, buffer, count)
}

/// Questions about paths.
enum Paths {
  /// True if the path names a folder.
  static func isFolder(_ path: String) -> Bool {
    var isFolder = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
  }

  /// Size of a regular file, in bytes; nil for another one.
  static func size(_ path: String) -> Int? {
    var info = stat()
    guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(info.st_size)
  }

  /// The regular files below a folder, as sorted paths relative to it. Links to folders are not followed.
  static func files(below folder: String) throws(RedactIOError) -> [String] {
    var out: [String] = []
    var open = [""]
    while let relative = open.popLast() {
      let names: [String]
      let path = relative.isEmpty ? folder : "\(folder)/\(relative)"
      do { names = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
        throw RedactIOError(path, "cannot be listed")
      }
      for name in names {
        let child = relative.isEmpty ? name : "\(relative)/\(name)"
        var info = stat()
        guard lstat("\(folder)/\(child)", &info) == 0 else { continue }
        if info.st_mode & S_IFMT == S_IFDIR { open.append(child) }
        if info.st_mode & S_IFMT == S_IFREG { out.append(child) }
      }
    }
    return out.sorted()
  }

  /// Makes a folder and those above it, for the user alone.
  static func makeFolder(_ path: String) throws(RedactIOError) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += made.isEmpty || made == "/" ? String(part) : "/\(part)"
      if mkdir(made, 0o700) != 0, errno != EEXIST { throw RedactIOError(made) }
    }
  }
}
