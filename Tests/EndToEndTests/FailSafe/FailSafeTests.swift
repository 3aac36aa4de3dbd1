internal import FoundationEssentials
internal import Incidents
internal import Redaction
internal import Simulation
internal import Telemetry
internal import Testing

/// With each rule made to fail in turn, nothing leaves: seen from outside the process, by the system calls that it makes.
///
/// Every rule that is code goes through every way out; of the token formats, which share one way through the engine, some do.
/// `KUBE_MIND_TEST_FAULTS=all` takes all of them.
@Suite(
  "fail-safe, from outside", .serialized,
  .enabled(if: FailSafe.canRun, "needs strace and the debug program, without a sanitizer"))
struct FailSafeTests {
  @Test("a rule that fails: nothing on standard output, on disk, on the wire", arguments: FailSafe.rules)
  func eachRule(_ rule: String) async throws {
    let input = try FailSafe.input(for: rule)
    for way in FailSafe.Way.allCases {
      let run = try await FailSafe.run(way, input.text, name: input.name, fault: "rule:\(rule)")
      #expect(run.status == 3, "\(way): \(run.errors)")
      // `send` has a table of outcomes on standard output.
      #expect((way == .send ? run.output : run.errors).contains(rule), "\(way): \(run.errors)")
      Self.expectNothing(run, secrets: input.secrets, way)
    }
  }

  @Test("a text beyond the limit of memory", arguments: FailSafe.Way.allCases)
  func memory(_ way: FailSafe.Way) async throws {
    let run = try await FailSafe.run(way, "DB_PASSWORD=hunter2-Prod\n", name: "x.log", fault: "text:10")
    // A stream of text needs no such limit: it is masked, or withheld, and never passed through.
    let isMasked = run.output.contains("[REDACTED]") || run.trace.leaving.contains { $0.bytes.holds("[REDACTED]") }
    #expect(run.status == 3 || isMasked)
    #expect(run.trace.leaving.allSatisfy { !$0.bytes.holds("hunter2") })
    #expect(!run.output.contains("hunter2") && !run.errors.contains("hunter2"))
  }

  @Test("time that is used up", arguments: FailSafe.Way.allCases)
  func time(_ way: FailSafe.Way) async throws {
    let run = try await FailSafe.run(way, "DB_PASSWORD=hunter2-Prod\n", name: "x.log", fault: "time:0")
    #expect(run.status == 3, "\(way): \(run.errors)")
    #expect((way == .send ? run.output : run.errors).contains("the time for redaction is used up"))
    Self.expectNothing(run, secrets: ["hunter2-Prod"], way)
  }

  @Test("a secret that cannot be masked: the last check", arguments: [FailSafe.Way.standardInput, .files])
  func lastCheck(_ way: FailSafe.Way) async throws {
    let token = "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"
    let run = try await FailSafe.run(way, "a: &\(token) 1\n", name: "x.yaml", fault: nil)
    #expect(run.status == 3)
    #expect(run.errors.contains("github-token"))
    #expect(run.output.isEmpty && run.files.isEmpty && !run.errors.contains(token))
    #expect(run.trace.leaving.allSatisfy { !$0.bytes.holds(token) })
  }

  @Test("what does not parse is masked as text", arguments: ["x.json", "x.yaml"])
  func unparsable(_ name: String) async throws {
    let run = try await FailSafe.run(.standardInput, "{\"password\": \"hunter2-Prod\", [", name: name, fault: nil)
    #expect(run.status == 0)
    #expect(run.output == "{\"password\": \"[REDACTED]\", [")
  }

  @Test("the trace sees what is written where nothing fails")
  func control() async throws {
    let text = "DB_PASSWORD=hunter2-Prod\n"
    let output = try await FailSafe.run(.standardInput, text, name: "x.log", fault: nil)
    #expect(output.trace.leaving.contains { $0.descriptor == 1 && $0.bytes.holds("[REDACTED]") })
    let files = try await FailSafe.run(.files, text, name: "x.log", fault: nil)
    #expect(files.files == ["x.log"])
    #expect(files.trace.leaving.contains { $0.opensForWriting })
    let sent = try await FailSafe.run(.send, text, name: "x.log", fault: nil)
    #expect(sent.received == 1)
    #expect(sent.trace.leaving.contains { $0.name == "connect" })
  }

  private static func expectNothing(_ run: FailSafe.Outcome, secrets: [String], _ way: FailSafe.Way) {
    #expect(run.files.isEmpty && run.received == 0, "\(way)")
    // `send` tells of the outcome on standard output, and the runtime wakes its own threads; nothing else may leave.
    let leaving = run.trace.leaving.filter { !$0.isWakeUp && (way != .send || $0.descriptor != 1) }
    #expect(leaving.isEmpty, "\(way): \(leaving.map { "\($0.name)(\($0.arguments.prefix(200))" })")
    #expect(way == .send || run.output.isEmpty, "\(way)")
    for secret in secrets + [FailSafe.marker] {
      #expect(!run.errors.contains(secret) && !run.output.contains(secret), "\(way)")
      #expect(!run.trace.calls.contains { $0.bytes.holds(secret) }, "\(way)")
    }
  }
}

extension [UInt8] {
  /// True if a text stands anywhere in it.
  func holds(_ text: String) -> Bool { SecretSearch(text).matches(self) }
}

/// Runs the program as a child, under strace, with one fault.
enum FailSafe {
  /// How masked text leaves the program.
  enum Way: String, CaseIterable, CustomTestStringConvertible {
    /// Standard input to standard output.
    case standardInput
    /// A file to a folder.
    case files
    /// An incident to an orchestrator.
    case send

    var testDescription: String { rawValue }
  }

  /// What could be seen of a run.
  struct Outcome {
    let status: Int32
    let output: String
    let errors: String
    /// Files in the output folder and in the folder for temporary files.
    let files: [String]
    /// Incidents that reached the orchestrator.
    let received: Int
    let trace: SystemCallTrace
  }

  /// Harmless words beside each secret: nothing of a withheld value may leave, and not only no secret.
  static let marker = "zebra crossing"
  static let strace = "/usr/bin/strace"

  /// The program that is built beside the tests.
  static let program: String = {
    let tests = CommandLine.arguments[0]
    return String(tests[..<(tests.lastIndex(of: "/") ?? tests.startIndex)]) + "/kube-mind"
  }()

  static let canRun: Bool = {
    #if DEBUG && os(Linux)
      !Sanitizer.isOn
        && FileManager.default.isExecutableFile(atPath: strace) && FileManager.default.isExecutableFile(atPath: program)
    #else
      false
    #endif
  }()

  static let takesAll = ProcessInfo.processInfo.environment["KUBE_MIND_TEST_FAULTS"] == "all"

  /// Rules that are made to fail.
  static let rules: [String] = {
    let all = RuleSet.standard.descriptions
    return all.indices.filter { takesAll || all[$0].patterns.isEmpty || $0 % 24 == 0 }.map { all[$0].name }
  }()

  /// A text in which a rule has work to do, and the secrets in it. Fails where the rule counts nothing without a fault.
  static func input(for rule: String) throws -> (text: String, name: String, secrets: [String]) {
    var options = RedactionOptions()
    options.recordsPlaces = true
    let redactor = try Redactor(options: options)
    var texts = RuleSet.standard.descriptions.first { $0.name == rule }?.match.map { ($0 + "\n", "x.log") } ?? []
    // A word, so that it is this rule and not the known value of it that counts.
    if rule == "kubernetes-secret" { texts = [("kind: Secret\nstringData:\n  note: harbour\n", "x.yaml")] }
    if rule == "dsn-userinfo" { texts = [("dial app:blue-Harbour-7@tcp(db:3306)/main\n", "x.log")] }
    if rule == "known-value" { texts = [("DB_PASSWORD=blue-Harbour-7\nsaw blue-Harbour-7 there\n", "x.log")] }
    for (text, name) in texts {
      let bytes = Array(text.utf8)
      let report = try redactor.redact(RawFile(name: name, bytes: bytes)).report
      guard report.counts[rule, default: 0] > 0 else { continue }
      return (text, name, report.places.map { String(decoding: bytes[$0.range], as: UTF8.self) })
    }
    throw CocoaError(.featureUnsupported, userInfo: ["no example of the rule file makes it count": rule])
  }

  /// One run of the program.
  static func run(_ way: Way, _ text: String, name: String, fault: String?) async throws -> Outcome {
    let folder = FileManager.default.temporaryDirectory.path + "/fail-safe-\(UUID().uuidString)"
    for part in ["in", "out", "tmp"] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(part)", withIntermediateDirectories: true)
    }
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let input = "\(folder)/in/\(name)"
    let text = fault == nil || name == "x.json" ? text : "\(text)# \(marker)\n"
    let bytes = way == .send ? incident(text, name: name) : Array(text.utf8)
    try Data(bytes).write(to: URL(filePath: input))

    var environment = ["TMPDIR": "\(folder)/tmp", "PATH": "/usr/bin:/bin"]
    environment["KUBE_MIND_TEST_FAULT"] = fault
    let child = ProgramUnderTest(path: strace, environment: environment)
    let arguments = SystemCallTrace.arguments(log: "\(folder)/trace") + [program]
    var received = 0
    let outcome: ProgramUnderTest.Outcome
    switch way {
    case .standardInput: outcome = try await child.run(arguments + ["redact", "--name", name], input: input)
    case .files: outcome = try await child.run(arguments + ["redact", input, "--out", "\(folder)/out"])
    case .send:
      let mock = try MockOrchestrator(time: SystemTime())
      outcome = try await mock.serving { url in
        try await child.run(arguments + ["send", input, "--orchestrator", url, "--timeout", "120"])
      }
      received = mock.receiver.counts.values.reduce(0, +)
    }
    let left = ["out", "tmp"].flatMap {
      (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\($0)")) ?? []
    }
    let log = String(decoding: try Data(contentsOf: URL(filePath: "\(folder)/trace")), as: UTF8.self)
    return Outcome(
      status: outcome.status, output: outcome.output, errors: outcome.errors, files: left,
      received: received, trace: SystemCallTrace(log: log))
  }

  /// The text as the log, or the manifest, of an incident.
  private static func incident(_ text: String, name: String) -> [UInt8] {
    let quoted = text.unicodeScalars.map { scalar in
      scalar == "\"" || scalar == "\\"
        ? "\\\(scalar)" : scalar == "\n" ? "\\n" : scalar == "\t" ? "\\t" : String(scalar)
    }.joined()
    // In an incident manifests are JSON.
    let manifest = #"{\"kind\":\"Secret\",\"stringData\":{\"note\":\"harbour\"}}"#
    let content =
      name == "x.yaml"
      ? #""manifests":[{"kind":"Secret","name":"x","content":"\#(manifest)"}]"#
      : #""logs":[{"container":"api","text":"\#(quoted)"}]"#
    let id = String(repeating: "0a", count: 16)
    return Array(#"{"schemaVersion":\#(Incident.schemaVersion),"incidentId":"\#(id)",\#(content)}"#.utf8)
  }
}
