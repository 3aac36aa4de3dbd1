#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// The file system of this machine. The only file of this target that calls into the C library; nothing here hands memory over.
package struct SystemFiles: FileOperations {
  package init() {}

  package func makeFolder(_ path: String) throws(FileFault) {
    guard mkdir(path, 0o700) != 0 else { return }
    let code = errno
    guard code == EEXIST else { throw FileFault(.makeFolder, path, code: code) }
    var facts = stat()
    guard stat(path, &facts) == 0 else { throw FileFault(.makeFolder, path, code: errno) }
    guard facts.st_mode & S_IFMT == S_IFDIR else { throw FileFault(.makeFolder, path, code: ENOTDIR) }
    guard access(path, R_OK | W_OK | X_OK) == 0 else { throw FileFault(.write, path, code: errno) }
  }

  package func names(in folder: String) throws(FileFault) -> [String] {
    guard let stream = opendir(folder) else { throw FileFault(.list, folder, code: errno) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  package func size(of path: String) throws(FileFault) -> Int? {
    var facts = stat()
    if stat(path, &facts) == 0 { return Int(facts.st_size) }
    guard errno == ENOENT else { throw FileFault(.inspect, path, code: errno) }
    return nil
  }

  package func create(_ path: String, isNew: Bool) throws(FileFault) -> OpenFile {
    // O_NOFOLLOW: nobody can have us write elsewhere by a link.
    let flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (isNew ? O_EXCL : O_TRUNC)
    let descriptor = repeated { open(path, flags, 0o600) }
    guard descriptor >= 0 else { throw FileFault(.create, path, code: errno) }
    return OpenFile(descriptor: Int32(descriptor), path: path)
  }

  package func lock(_ path: String) throws(FileFault) -> OpenFile? {
    let descriptor = repeated { open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600) }
    guard descriptor >= 0 else { throw FileFault(.create, path, code: errno) }
    let file = OpenFile(descriptor: Int32(descriptor), path: path)
    guard repeated({ flock(file.descriptor, LOCK_EX | LOCK_NB) }) != 0 else { return file }
    let code = errno
    close(file)
    guard code == EWOULDBLOCK else { throw FileFault(.lock, path, code: code) }
    return nil
  }

  package func write(_ bytes: UnsafeRawBufferPointer, to file: OpenFile, at offset: Int) throws(FileFault) -> Int {
    let count = repeated { pwrite(file.descriptor, bytes.baseAddress, bytes.count, off_t(offset)) }
    // A disk that takes nothing and says nothing is full.
    guard count > 0 else { throw FileFault(.write, file.path, code: count < 0 ? errno : ENOSPC) }
    return count
  }

  package func truncate(_ file: OpenFile, to size: Int) throws(FileFault) {
    guard repeated({ ftruncate(file.descriptor, off_t(size)) }) == 0 else {
      throw FileFault(.truncate, file.path, code: errno)
    }
  }

  package func sync(_ file: OpenFile) throws(FileFault) {
    #if canImport(Darwin)
      let isDone = repeated { fsync(file.descriptor) } == 0
    #else
      // The length is flushed with the content where it has changed (fdatasync(2)); the times are of no use.
      let isDone = repeated { fdatasync(file.descriptor) } == 0
    #endif
    guard isDone else { throw FileFault(.sync, file.path, code: errno) }
  }

  package func syncFolder(_ path: String) throws(FileFault) {
    let descriptor = repeated { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw FileFault(.sync, path, code: errno) }
    defer { close(OpenFile(descriptor: Int32(descriptor), path: path)) }
    guard repeated({ fsync(Int32(descriptor)) }) == 0 else { throw FileFault(.sync, path, code: errno) }
  }

  package func close(_ file: OpenFile) {
    closeDescriptor(file.descriptor)
  }

  package func read(_ path: String, at offset: Int, count: Int) throws(FileFault) -> [UInt8] {
    let descriptor = repeated { open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
    guard descriptor >= 0 else { throw FileFault(.read, path, code: errno) }
    defer { closeDescriptor(Int32(descriptor)) }
    var failure: Int32?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
      while done < count, let base = buffer.baseAddress {
        let count = repeated { pread(Int32(descriptor), base + done, buffer.count - done, off_t(offset + done)) }
        if count < 0 { failure = errno }
        if count <= 0 { return }
        done += count
      }
    }
    if let failure { throw FileFault(.read, path, code: failure) }
    return bytes
  }

  package func rename(_ path: String, to other: String) throws(FileFault) {
    guard renameFile(path, other) == 0 else { throw FileFault(.rename, path, code: errno) }
  }

  package func remove(_ path: String) throws(FileFault) {
    guard unlink(path) == 0 else { throw FileFault(.remove, path, code: errno) }
  }

  /// What the system calls an errno.
  static func text(of code: Int32) -> String { String(cString: strerror(code)) }
}

/// A call that is made again where a signal came in between.
private func repeated<Result: SignedInteger>(_ call: () -> Result) -> Int {
  while true {
    let result = call()
    if result >= 0 || errno != EINTR { return Int(result) }
  }
}

/// `close` and `rename` by other names: inside the type, the plain ones mean its own methods.
private func closeDescriptor(_ descriptor: Int32) { close(descriptor) }
private func renameFile(_ path: String, _ other: String) -> Int32 { rename(path, other) }
