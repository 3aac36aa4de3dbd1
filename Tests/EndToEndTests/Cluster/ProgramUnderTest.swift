internal import CSpawn
internal import Dispatch
internal import FoundationEssentials
internal import Testing

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// The real program in a process of its own, with its output in files: nothing of it is linked into the test.
struct ProgramUnderTest {
  /// How a run ended.
  struct Outcome {
    /// Exit status, or minus the signal that ended it.
    let status: Int32
    /// All of standard output.
    let output: String
    /// All of standard error.
    let errors: String
  }

  /// Path of the binary.
  let path: String
  /// The whole environment of each run.
  let environment: [String: String]

  /// Runs until the program ends by itself, with a file as its standard input.
  func run(_ arguments: [String], input: String = "/dev/null") async throws -> Outcome {
    try await run(arguments, input: input) { _ in }
  }

  /// Runs while `body` runs, then asks the program to end by SIGTERM, as Kubernetes does. A body that fails ends it, too. Standard error
  /// goes to `errors`, where that is to be read meanwhile.
  func running(
    _ arguments: [String], errors: String? = nil, _ body: () async throws -> Void
  ) async throws -> Outcome {
    try await run(arguments, errors: errors) { process in
      defer { kill(process, SIGTERM) }
      try await body()
    }
  }

  /// Runs while `body` runs, then ends the program without a word, as a crash does.
  func killed(
    _ arguments: [String], errors: String? = nil, _ body: () async throws -> Void
  ) async throws -> Outcome {
    try await run(arguments, errors: errors) { process in
      defer { kill(process, SIGKILL) }
      try await body()
    }
  }

  /// Runs while `body` runs, which has to end the program, and waits for its end. It gets `input` on its standard input; its standard
  /// error goes to `errors`, where that is to be read meanwhile.
  func run(
    _ arguments: [String], input: String = "/dev/null", errors: String? = nil, while body: (pid_t) async throws -> Void
  ) async throws -> Outcome {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let output = folder.appendingPathComponent("output")
    let errors = errors.map { URL(filePath: $0) } ?? folder.appendingPathComponent("errors")
    let process = try spawn(arguments, input: input, output: output.path, errors: errors.path)
    var failure: (any Error)?
    do { try await body(process) } catch { failure = error }
    let status = await Self.end(of: process)
    let outcome = Outcome(
      status: status, output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
    if let failure {
      Issue.record("\(failure); the program said:\n\(outcome.errors.suffix(4_000))")
      throw failure
    }
    return outcome
  }

  private func spawn(_ arguments: [String], input: String, output: String, errors: String) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    for (descriptor, file) in [(Int32(1), output), (2, errors)] {
      posix_spawn_file_actions_addopen(&actions, descriptor, file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    }
    // Else the program would hold every socket of these tests, and the port of a server that is to come back.
    _ = cspawn_close_from(&actions, 3)
    // Copies of ours: `posix_spawn` has read them when it returns, and they are freed here.
    let argv = ([path] + arguments).map { strdup($0) } + [nil]
    let envp = environment.merging(Self.sanitizer) { $1 }.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in argv + envp { free(text) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, path, &actions, nil, argv, envp)
    try #require(code == 0, "\(path) does not start: \(String(cString: strerror(code)))")
    return process
  }

  /// What scripts/sanitize.sh sets, for the program as well.
  private static let sanitizer = ProcessInfo.processInfo.environment.filter {
    ["LD_PRELOAD", "TSAN_OPTIONS", "ASAN_OPTIONS"].contains($0.key)
  }

  /// Waits on a thread that may block, so that the orchestrator in this process goes on answering.
  private static func end(of process: pid_t) async -> Int32 {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        let signal = status & 0x7f
        continuation.resume(returning: signal == 0 ? (status >> 8) & 0xff : -signal)
      }
    }
  }
}
