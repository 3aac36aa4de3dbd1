internal import FoundationEssentials
internal import Testing

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// `redact` in a process of its own: the forms of docs/redaction.md, and what stands in the way of a file.
@Suite(.timeLimit(.minutes(5)), .enabled(if: BuiltProgram.path != nil, "no binary beside the tests"))
struct RedactProcessTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "redact-\(UUID().uuidString)").path

  init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

  private func clean() { try? FileManager.default.removeItem(atPath: folder) }

  /// Writes a file below the scratch folder, and gives its path.
  @discardableResult private func put(_ name: String, _ text: String = "password=hunter2-Prod\n") throws -> String {
    let file = URL(filePath: "\(folder)/\(name)")
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    return file.path
  }

  private func text(_ name: String) -> String? {
    FileManager.default.contents(atPath: "\(folder)/\(name)").map { String(decoding: $0, as: UTF8.self) }
  }

  private func redact(_ arguments: String...) async throws -> ProgramUnderTest.Outcome {
    try await ProgramUnderTest(path: #require(BuiltProgram.path), environment: ["PATH": "/usr/bin:/bin"])
      .run(["redact"] + arguments)
  }

  @Test("text, places, reasons and the difference, each with its status")
  func forms() async throws {
    defer { clean() }
    let file = try put("app.log")
    let masked = try await redact(file)
    #expect(masked.status == 0 && masked.output == "password=[REDACTED]\n" && masked.errors.isEmpty)
    let checked = try await redact("--check", folder)
    #expect(checked.status == 1 && checked.output == "\(file):1:10: key-value\n")
    #expect(checked.errors.contains("redact: 1 secret would be masked"))
    let explained = try await redact("--explain", file)
    #expect(explained.status == 0 && explained.output.hasPrefix("\(file):1:10: key-value: A value under a key"))
    let difference = try await redact("--diff", file)
    #expect(difference.status == 0 && difference.output.contains("-password=‹key-value›\n+password=[REDACTED]\n"))
    try put("clean.log", "ready\n")
    #expect(try await redact("--check", folder + "/clean.log").status == 0)
  }

  @Test("members of JSON on one line are explained each for itself")
  func compactJSON() async throws {
    defer { clean() }
    let file = try put(
      "x.json", #"{"a":{"token":"${X}","note, {":"b"},"createSecret":true,"password":"hunter2"}"# + "\n")
    let explained = try await redact("--explain", file).output.split(separator: "\n")
    #expect(explained.first?.hasPrefix("\(file):1:68: key-value at .password") == true)
    #expect(
      explained.dropFirst().elementsEqual([
        "\(file):1: token stays: the value is empty, a reference, an example or a mask",
        "\(file):1: createSecret stays: the value is true or false",
      ]))
  }

  @Test("files of one name are told apart by their paths, in places and in the report")
  func paths() async throws {
    defer { clean() }
    let files = [try put("a/x.yaml", "password: hunter2-Prod\n"), try put("b/x.yaml", "token: hunter3-Prod\n")]
    let checked = try await redact("--check", "--report", folder + "/report", files[0], files[1])
    #expect(checked.output == "\(files[0]):1:11: key-value\n\(files[1]):1:8: key-value\n")
    for file in files { #expect(text("report")?.contains(#"{"file":"\#(file)","masked":1"#) == true) }
  }

  @Test("a file whose name is no text is not passed over")
  func nameThatIsNoText() async throws {
    defer { clean() }
    let path = Array("\(folder)/a".utf8).map { CChar(bitPattern: $0) } + [CChar(bitPattern: 0xFF), 0]
    let number = open(path, O_WRONLY | O_CREAT, 0o600)
    // File systems that take text alone have no such names.
    guard number >= 0 else { return }
    close(number)
    let checked = try await redact("--check", folder)
    #expect(checked.status == 1 && checked.errors.contains("\(folder): a name in it is not UTF-8"))
  }

  @Test("a report is written to a pipe or a device as it stands, and over nothing else that is no report")
  func reports() async throws {
    defer { clean() }
    let file = try put("app.log")
    let link = folder + "/link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/null")
    #expect(try await redact(file, "--report", link).status == 0)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "/dev/null")
    let other = folder + "/other"
    try FileManager.default.createSymbolicLink(atPath: other, withDestinationPath: file)
    for report in [file, other] {
      let refused = try await redact(file, "--report", report)
      #expect(refused.status == 2 && refused.output.isEmpty, "\(refused.errors)")
    }
    #expect(text("app.log") == "password=hunter2-Prod\n")
    let lost = try await redact(file, "--report", folder + "/none/report")
    #expect(lost.status == 1 && lost.output.isEmpty && lost.errors.contains("\(folder)/none"))
  }

  @Test("--out writes over no input, and does not take what it wrote for input")
  func outputBesideInput() async throws {
    defer { clean() }
    try put("in/app.log")
    let over = try await redact(folder + "/in", "--out", folder + "/in")
    #expect(over.status == 2 && over.errors.contains("--in-place"), "\(over.errors)")
    #expect(text("in/app.log") == "password=hunter2-Prod\n")
    for _ in 0..<2 {
      #expect(try await redact(folder + "/in", "--out", folder + "/in/masked").status == 0)
      #expect(text("in/masked/app.log") == "password=[REDACTED]\n")
      #expect(text("in/masked/masked/app.log") == nil)
    }
    #expect(try await redact(folder + "/in", "--out", "").status == 2)
  }

  @Test("a name as long as names may be is written, and nothing else stays beside it")
  func longName() async throws {
    defer { clean() }
    let name = String(repeating: "n", count: Int(NAME_MAX))
    try put("in/" + name)
    #expect(try await redact(folder + "/in", "--out", folder + "/out").status == 0)
    #expect(text("out/" + name) == "password=[REDACTED]\n")
    #expect(try await redact("--in-place", folder + "/in").status == 0)
    #expect(text("in/" + name) == "password=[REDACTED]\n")
    for place in ["in", "out"] {
      #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(place)") == [name])
    }
  }
}
