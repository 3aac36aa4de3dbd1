internal import ArgumentParser
internal import Redaction

/// `kube-mind redact`: masks the secrets of files, folders or standard input.
struct RedactCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "redact", abstract: "Masks every secret in files, folders or standard input.",
    discussion: """
      The files that are given together are one incident: what is secret in one is masked in all of them. Standard input \
      goes to standard output; several files and folders go to --out, each under its own name, whole or not at all. A pipe is \
      read once: where it is longer than 1 MiB, a secret is masked by its rule everywhere, and as a known value from the place \
      on where a rule found it.

      --check, --explain and --diff write no masked text and show no value, nor its length.

      Exit status: 0 done; 1 a file could not be read or written, or, with --check, something would be masked; 2 a wrong \
      option or rule file; 3 withheld: a rule failed, or a secret was left in what was about to be written.
      """)

  @Argument(help: "Files or folders; - is standard input.", completion: .file())
  var files: [String] = ["-"]

  @Option(help: "What the input is: auto, json, yaml or text. auto goes by the name's ending, else by the first 4 KiB.")
  var format: FileFormat = .auto

  @Option(help: "File name that standard input stands for.")
  var name: String = "stdin"

  @Option(help: "Folder for the redacted files.", completion: .directory)
  var out: String?

  @Flag(help: "Write each file over itself.")
  var inPlace = false

  @Option(
    help: "File for a report: one JSON line for each file, with counts by rule, lines and paths, and never a value.",
    completion: .file())
  var report: String?

  @Flag(help: "Write nothing but the place and rule of each secret; exit 1 where there is one.")
  var check = false

  @Flag(help: "Tell of each secret its place, its rule and why; of other settings why they stay.")
  var explain = false

  @Flag(help: "Show the lines that would change; a secret shows as the name of its rule.")
  var diff = false

  @OptionGroup var redaction: RedactionOptionGroup

  func validate() throws {
    // As a variable leaves it that nobody has set: the files would go to the root folder.
    if out == "" || report == "" { throw ValidationError("--out and --report want a path, and an empty one was given") }
    if explain, diff { throw ValidationError("say either --explain or --diff") }
    if check || explain || diff, out != nil || inPlace {
      throw ValidationError("--check, --explain and --diff write no masked text; leave --out and --in-place away")
    }
    if out != nil, inPlace { throw ValidationError("say either --out or --in-place") }
    if inPlace, files.contains("-") { throw ValidationError("--in-place wants files; standard input is none") }
  }

  func run() throws {
    do {
      try redact()
    } catch let error as RedactionError {
      throw CommandFailure("redact: withheld: \(error)", status: .withheld)
    }
  }

  private func redact() throws {
    let tellsPlaces = report != nil || check || explain || diff
    let redactor = try redaction.setup.redactor(recordsPlaces: tellsPlaces)
    let inputs = try RedactInput.all(files, name: name, out: out)
    let writes = !(check || explain || diff)
    if writes, out == nil, !inPlace, inputs.count > 1 {
      throw CommandFailure("redact: several files need --out FOLDER or --in-place", status: .usage)
    }
    if let out { try RedactInput.checkTargets(inputs, below: out) }
    if inPlace { try RedactInput.checkPlaces(inputs) }
    let reportFile = try report.map { path throws(CommandFailure) in try ReportFile(path, of: inputs) }
    var run = RedactRun(
      redactor: redactor, inputs: inputs, format: format, destination: destination(writes), tellsPlaces: tellsPlaces,
      teller: RedactTeller(told, redactor: redactor, wantsReport: report != nil))
    try run.run()
    try reportFile?.write(run.teller.report)
    if run.unremembered > 0 {
      SystemStreams.writeError(
        "\(Invocation.name): redact: more different secrets than are remembered: \(run.unremembered) of them are masked by "
          + "their rule alone, and may stand elsewhere; give fewer files at once")
    }
    if let first = run.withheld.first {
      let others = run.withheld.count > 1 ? " (and \(run.withheld.count - 1) files more)" : ""
      throw CommandFailure("redact: withheld: \(first)\(others)", status: .withheld)
    }
    if check, run.masked > 0 {
      throw CommandFailure("redact: \(run.masked) \(run.masked == 1 ? "secret" : "secrets") would be masked")
    }
  }

  private func destination(_ writes: Bool) -> RedactRun.Destination {
    guard writes else { return .nowhere }
    if let out { return .folder(out) }
    return inPlace ? .inPlace : .standardOutput
  }

  private var told: RedactTeller.Output {
    if explain { return .explanation }
    if diff { return .diff(colour: Terminal.outputColor) }
    return check ? .places : .text
  }
}

extension FileFormat: ExpressibleByArgument {}
