/// A file that appears whole or not at all: it is written under another name beside its place, with mode 0600, and gets its own
/// at `finish`. Whatever ends before that takes it away; what a killed process leaves is masked text under that other name.
struct ReplacingFile: ~Copyable {
  private let descriptor: Descriptor
  private let temporary: String
  private let path: String

  /// Begins a file below a folder, which is made with all between.
  init(_ name: String, below folder: String) throws(CommandFailure) {
    let path = "\(folder)/\(name)"
    if let slash = path.lastIndex(of: "/") { try SystemStreams.makeFolder(String(path[..<slash])) }
    try self.init(path)
  }

  /// Begins a file, in a folder that is there. It gets the mode of `model`, if there is one. Throws where a pipe or a device has its
  /// name: that would be gone.
  init(_ path: String, like model: String? = nil) throws(CommandFailure) {
    guard !SystemStreams.isStream(path) else { throw CommandFailure("cannot write \(path): it is no regular file") }
    let temporary = SystemStreams.temporaryName(for: path)
    let descriptor = try Descriptor.creating(temporary, name: path)
    if let model { SystemStreams.copyMode(of: model, to: temporary) }
    self.descriptor = descriptor
    self.temporary = temporary
    self.path = path
  }

  deinit { SystemStreams.remove(temporary) }

  /// Writes more of it.
  func write(_ bytes: [UInt8]) throws(CommandFailure) { try descriptor.write(bytes) }

  /// Gives the file its name. What is left for `deinit` to remove is gone by then.
  consuming func finish() throws(CommandFailure) {
    try descriptor.checkWritten()
    try SystemStreams.rename(temporary, to: path)
  }
}
