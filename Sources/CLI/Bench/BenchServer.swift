internal import CSpawn

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// `replay --serve-mock` in a process of its own, so that what this one uses is the sender's alone. Its standard output, a line for
/// each incident, goes nowhere. The strings that `strdup` makes are freed once `posix_spawn` has read them.
struct BenchServer {
  /// Where it listens.
  let url: String
  private let process: pid_t
  private let errors: Int32

  /// Starts it with a certificate and its key, and waits until it listens.
  init(certificate: String, key: String) throws(CommandFailure) {
    #if os(Linux)
      let program = "/proc/self/exe"
    #else
      let program = CommandLine.arguments[0]
    #endif
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw CommandFailure("bench deliver: no pipe") }
    _ = fcntl(ends[0], F_SETFD, FD_CLOEXEC)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
    _ = cspawn_close_from(&actions, 3)
    let arguments = ["kube-mind", "replay", "--serve-mock", "127.0.0.1:0", "--cert", certificate, "--key", key]
    let argv = arguments.map { strdup($0) } + [nil]
    defer { for text in argv { free(text) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, program, &actions, nil, argv, environ)
    close(ends[1])
    guard code == 0 else {
      close(ends[0])
      throw CommandFailure("bench deliver: the mock orchestrator does not start: \(String(cString: strerror(code)))")
    }
    self.process = process
    errors = ends[0]
    let line = Self.line(from: ends[0])
    guard let address = line.split(separator: " ").last, line.hasPrefix("listening on ") else {
      kill(process, SIGKILL)
      var status: Int32 = 0
      waitpid(process, &status, 0)
      close(ends[0])
      throw CommandFailure("bench deliver: the mock orchestrator said \"\(line)\"")
    }
    url = String(address)
  }

  private static func line(from descriptor: Int32) -> String {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    // It says one short line, or ends.
    while bytes.count < 1_000, read(descriptor, &byte, 1) == 1, byte != 0x0A { bytes.append(byte) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Ends it.
  func stop() {
    kill(process, SIGTERM)
    var status: Int32 = 0
    waitpid(process, &status, 0)
    close(errors)
  }
}
