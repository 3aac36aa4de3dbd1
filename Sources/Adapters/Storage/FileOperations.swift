/// A file operation that failed.
package struct FileFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was tried.
  package enum Operation: String, Sendable, CaseIterable {
    case makeFolder = "make"
    case list = "list"
    case inspect = "look at"
    case create = "create"
    case lock = "lock"
    case write = "write to"
    case truncate = "shorten"
    case sync = "flush"
    case read = "read"
    case rename = "rename"
    case remove = "remove"
  }

  /// What was tried.
  package let operation: Operation
  /// With which file or folder.
  package let path: String
  /// errno.
  package let code: Int32

  package init(_ operation: Operation, _ path: String, code: Int32) {
    self.operation = operation
    self.path = path
    self.code = code
  }

  package var description: String { "cannot \(operation.rawValue) \(path): \(SystemFiles.text(of: code))" }
}

/// An open file.
package struct OpenFile: Sendable, Equatable {
  /// A number of whoever opened it.
  package let descriptor: Int32
  /// Its path, for errors.
  package let path: String

  package init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }
}

/// All that the outbox and the dead letters ask of a file system, so that a test can fail, shorten or end each operation.
/// Every call blocks.
package protocol FileOperations: Sendable {
  /// Makes a folder that its owner alone can use; well if there is one.
  func makeFolder(_ path: String) throws(FileFault)
  /// Names of the files in a folder.
  func names(in folder: String) throws(FileFault) -> [String]
  /// Bytes of a file; nil where there is none.
  func size(of path: String) throws(FileFault) -> Int?
  /// Makes a file that its owner alone can read and write, and opens it for writing. Fails where there is one, if `isNew`; else
  /// the one there is loses its content.
  func create(_ path: String, isNew: Bool) throws(FileFault) -> OpenFile
  /// Opens a file, made where there is none, and locks it for this process until it is closed. Nil where another has the lock.
  func lock(_ path: String) throws(FileFault) -> OpenFile?
  /// Writes at an offset, and says how many bytes: at least one of them.
  func write(_ bytes: UnsafeRawBufferPointer, to file: OpenFile, at offset: Int) throws(FileFault) -> Int
  /// Cuts a file off.
  func truncate(_ file: OpenFile, to size: Int) throws(FileFault)
  /// Returns once the content of a file is on the disk.
  func sync(_ file: OpenFile) throws(FileFault)
  /// Returns once the names in a folder are on the disk.
  func syncFolder(_ path: String) throws(FileFault)
  /// Closes a file. What it may say is about bytes that `sync` answers for.
  func close(_ file: OpenFile)
  /// So many bytes at an offset, or fewer at the end.
  func read(_ path: String, at offset: Int, count: Int) throws(FileFault) -> [UInt8]
  /// Gives a file another name; a file that has it is replaced.
  func rename(_ path: String, to other: String) throws(FileFault)
  /// Removes a file.
  func remove(_ path: String) throws(FileFault)
}

extension FileOperations {
  /// Writes all of it, in as many pieces as it takes.
  func writeAll(_ bytes: [UInt8], to file: OpenFile, at offset: Int) throws(FileFault) {
    var written = 0
    while written < bytes.count {
      // The closure of an array's bytes throws no typed errors.
      let result: Result<Int, FileFault> = bytes.withUnsafeBytes { bytes in
        let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
        do throws(FileFault) { return .success(try write(rest, to: file, at: offset + written)) } catch {
          return .failure(error)
        }
      }
      written += try result.get()
    }
  }
}
