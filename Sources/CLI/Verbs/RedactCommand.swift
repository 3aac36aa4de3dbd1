internal import ArgumentParser
internal import Redaction

/// `kube-mind redact`: masks the secrets of files, folders or standard input.
struct RedactCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "redact", abstract: "Masks every secret in files, folders or standard input.",
    discussion: """
      The files that are given together are one incident: what is secret in one is masked in all of them. Standard input \
      goes to standard output; several files and folders go to --out, each under its own name, whole or not at all.

      Exit status: 0 done; 1 a file could not be read or written, or, with --check, something would be masked; 2 a wrong \
      option or rule file; 3 withheld: a rule failed, or a secret was left in what was about to be written.
      """)

  @Argument(help: "Files or folders; - is standard input.", completion: .file())
  var files: [String] = ["-"]

  @Option(help: "What the input is: auto, json, yaml or text.")
  var format: FileFormat = .auto

  @Option(help: "File name that standard input stands for.")
  var name: String = "stdin"

  @Option(help: "Folder for the redacted files.", completion: .directory)
  var out: String?

  func run() throws {
    do {
      try redact()
    } catch let error as RedactionError {
      let status = error.code == .configuration ? ExitStatus.usage : .withheld
      throw CommandFailure("redact: \(status == .withheld ? "withheld: " : "")\(error)", status: status)
    } catch let error as RedactIOError {
      throw CommandFailure("redact: \(error)")
    }
  }

  private func redact() throws {
    let redactor = try Redactor()
    var files = FileRedaction(redactor)
    let inputs = try RedactInput.all(self.files, name: name)
    if out == nil, inputs.count > 1 { throw CommandFailure("redact: several files need --out FOLDER", status: .usage) }
    var held: [RawFile] = []
    for input in inputs {
      let file = RawFile(name: input.name, bytes: try input.bytes(limit: 1 << 26))
      try files.learn(file, format: format)
      held.append(file)
    }
    let masker = files.masker()
    for file in held {
      let redacted = try masker.redacted(file, format: format)
      guard let out else {
        try ByteSink.standardOutput().write(redacted.value)
        continue
      }
      let path = "\(out)/\(file.name)"
      try Paths.makeFolder(
        path.split(separator: "/").count > 1 ? String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]) : out)
      let sink = try ByteSink(replacing: path)
      try sink.write(redacted.value)
      try sink.finish()
    }
  }
}

extension FileFormat: ExpressibleByArgument {}

/// A file to be redacted.
struct RedactInput {
  /// Path to read; `-` for standard input.
  var path: String
  /// Name in reports and below the output folder.
  var name: String

  /// The files that the arguments stand for: a folder for all files below it.
  static func all(_ arguments: [String], name: String) throws(RedactIOError) -> [RedactInput] {
    var out: [RedactInput] = []
    for argument in arguments {
      if argument == "-" {
        out.append(RedactInput(path: "-", name: name))
      } else if Paths.isFolder(argument) {
        for file in try Paths.files(below: argument) {
          out.append(RedactInput(path: "\(argument)/\(file)", name: file))
        }
      } else {
        out.append(RedactInput(path: argument, name: String(argument.split(separator: "/").last ?? "file")))
      }
    }
    return out
  }

  /// The whole file.
  func bytes(limit: Int) throws(RedactIOError) -> [UInt8] {
    let source = try ByteSource(path)
    return try source.readAll(limit: limit)
  }
}
