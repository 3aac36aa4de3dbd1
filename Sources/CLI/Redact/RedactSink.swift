internal import Redaction

/// Takes the masked bytes of one file. Only what the engine has redacted can come here. A file is begun with its first bytes, or
/// at the end where there are none: one that is withheld before leaves no trace.
struct RedactSink: ~Copyable {
  private var file: ReplacingFile?
  private let destination: RedactRun.Destination
  private let input: RedactInput
  /// The form that the text came in; nil where it is written as it is.
  private var form: UTF16Text?

  init(_ destination: RedactRun.Destination, _ input: RedactInput, _ form: UTF16Text?) {
    self.destination = destination
    self.input = input
    self.form = form
  }

  mutating func write(_ redacted: Redacted<[UInt8]>) throws(CommandFailure) {
    try put(form?.encode(redacted.value, isEnd: false) ?? redacted.value)
  }

  private mutating func put(_ bytes: [UInt8]) throws(CommandFailure) {
    if bytes.isEmpty { return }
    if case .standardOutput = destination { return try SystemStreams.writeOutput(bytes) }
    try begin()
    try file?.write(bytes)
  }

  /// The text has ended, as its reader says.
  mutating func finish(_ read: UTF16Text?) throws(CommandFailure) {
    if let read {
      form?.end(like: read)
      if let rest = form?.encode([], isEnd: true) { try put(rest) }
    }
    try begin()
    if let file = file.take() { try file.finish() }
  }

  private mutating func begin() throws(CommandFailure) {
    if file != nil { return }
    switch destination {
    case .nowhere, .standardOutput: return
    case .folder(let folder): file = try ReplacingFile(input.target, below: folder)
    case .inPlace: file = try ReplacingFile(input.path, like: input.path)
    }
  }
}
