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

  @Option(
    help: "File for a report: one JSON line for each file, with counts by rule and never a value.", completion: .file())
  var report: String?

  @Flag(help: "Write nothing; exit 1 where something would be masked.")
  var check = false

  @OptionGroup var redaction: RedactionOptionGroup

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
    let redactor = try redaction.setup.redactor()
    var learning = FileRedaction(redactor)
    let inputs = try RedactInput.all(files, name: name)
    if out == nil, !check, inputs.count > 1 {
      throw CommandFailure("redact: several files need --out FOLDER", status: .usage)
    }
    if out != nil { try RedactInput.checkNames(inputs) }
    // Standard input comes once: it is held. Files are read again for the second pass.
    var held: [UInt8] = []
    for input in inputs {
      let bytes = try input.bytes(limit: Self.largestFile)
      if input.path == "-" { held = bytes }
      try learning.learn(RawFile(name: input.name, bytes: bytes), format: format)
    }
    let masker = learning.masker()
    var lines: [String] = []
    var masked = 0
    var withheld: [RedactionError] = []
    for input in inputs {
      let bytes = input.path == "-" ? held : try input.bytes(limit: Self.largestFile)
      let redacted: Redacted<[UInt8]>
      do { redacted = try masker.redacted(RawFile(name: input.name, bytes: bytes), format: format) } catch {
        // The others are vouched for; this one is not written, and the status says so.
        withheld.append(error)
        continue
      }
      masked += redacted.report.total
      lines.append(Self.reportLine(input.name, redacted.report))
      if !check { try write(redacted, name: input.name) }
    }
    if let report {
      let sink = try ByteSink(replacing: report)
      try sink.write(Array(lines.map { $0 + "\n" }.joined().utf8))
      try sink.finish()
    }
    if let first = withheld.first {
      let others = withheld.count > 1 ? " (and \(withheld.count - 1) files more)" : ""
      throw CommandFailure("redact: withheld: \(first)\(others)", status: .withheld)
    }
    if check, masked > 0 { throw CommandFailure("redact: \(masked) secrets would be masked") }
  }

  /// Largest file that is redacted in memory, in bytes; the engine refuses one byte more.
  private static let largestFile = 64 << 20

  /// Writes a file's redacted bytes; only what the engine has redacted can come here.
  private func write(_ redacted: Redacted<[UInt8]>, name: String) throws {
    guard let out else {
      try ByteSink.standardOutput().write(redacted.value)
      return
    }
    let path = "\(out)/\(name)"
    try Paths.makeFolder(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
    let sink = try ByteSink(replacing: path)
    try sink.write(redacted.value)
    try sink.finish()
  }

  /// `{"file":"a.log","masked":2,"rules":{"key-value":2}}`.
  private static func reportLine(_ name: String, _ report: RedactionReport) -> String {
    func quoted(_ text: String) -> String {
      var out = "\""
      for scalar in text.unicodeScalars {
        if scalar == "\"" || scalar == "\\" {
          out += "\\\(scalar)"
        } else if scalar.value < 0x20 {
          out += "?"
        } else {
          out.unicodeScalars.append(scalar)
        }
      }
      return out + "\""
    }
    let rules = report.counts.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\($0.value)" }.joined(separator: ",")
    return "{\"file\":\(quoted(name)),\"masked\":\(report.total),\"rules\":{\(rules)}}"
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

  /// Throws where two files would be written to one place, or one outside the output folder.
  static func checkNames(_ inputs: [RedactInput]) throws(CommandFailure) {
    var seen: Set<String> = []
    for input in inputs {
      guard !input.name.hasPrefix("/"), !input.name.split(separator: "/").contains("..") else {
        throw CommandFailure("redact: \(input.name) would be written outside --out", status: .usage)
      }
      guard seen.insert(input.name).inserted else {
        throw CommandFailure(
          "redact: two files would be written to \(input.name) below --out; give their folder instead", status: .usage)
      }
    }
  }

  /// The whole file.
  func bytes(limit: Int) throws(RedactIOError) -> [UInt8] {
    let source = try ByteSource(path)
    return try source.readAll(limit: limit)
  }
}
