/// The file of `--report`: whole or not at all, but for a pipe, a terminal or a device, which is written to as it stands.
struct ReportFile {
  private let path: String

  /// Throws, before the work and not after it, where the report could not be made or would take the place of something else.
  init(_ path: String, of inputs: [RedactInput]) throws(CommandFailure) {
    self.path = path
    if SystemStreams.isStream(path) { return }
    if SystemStreams.isLink(path) {
      throw CommandFailure("redact: --report: \(path) is a symbolic link; give what it stands for", status: .usage)
    }
    for input in inputs where SystemStreams.isSame(input.path, path) {
      throw CommandFailure("redact: --report: \(path) is a file that is to be redacted", status: .usage)
    }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    guard (try? SystemStreams.isFolder(folder)) == true else {
      throw CommandFailure("cannot write \(path): there is no folder \(folder)")
    }
  }

  /// Writes the report, line by line.
  func write(_ lines: [String]) throws(CommandFailure) {
    let bytes = Array(lines.map { $0 + "\n" }.joined().utf8)
    if SystemStreams.isStream(path) { return try Descriptor.writing(path).write(bytes) }
    let file = try ReplacingFile(path)
    try file.write(bytes)
    try file.finish()
  }
}
