// The one file that starts processes. Ownership: the copied strings of arguments and environment are freed once
// `posix_spawnp` has returned; each file descriptor is closed by whoever opened it, on every path; the process is waited for
// on every path, so that none is left behind as a zombie.

internal import CSpawn
internal import Kubernetes
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Runs a program, gives its standard output. Its standard error is this program's; it has no standard input.
enum PluginProcess {
  /// Why there is no output.
  enum Problem: Error, Equatable {
    case missing
    case failed(String)
  }

  /// More than this is no credential.
  static let outputLimit = 1 << 20

  /// Runs `command` (looked for in PATH where it holds no slash) with exactly this environment. It is killed after `timeout`, or
  /// where the task is cancelled.
  static func run(
    _ command: String, _ arguments: [String], environment: [String: String], timeout: Duration
  ) async throws(Problem) -> [UInt8] {
    let cancelled = Flag()
    let result: Result<[UInt8], Problem> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let started = Thread.start {
          do throws(Problem) {
            continuation.resume(
              returning: .success(
                try runBlocking(command, arguments, environment: environment, timeout: timeout, cancelled)))
          } catch { continuation.resume(returning: .failure(error)) }
        }
        if !started { continuation.resume(returning: .failure(.failed("cannot start a thread"))) }
      }
    } onCancel: {
      cancelled.set()
    }
    return try result.get()
  }

  private final class Flag: Sendable {
    private let value = Mutex(false)

    var isSet: Bool { value.withLock { $0 } }

    func set() { value.withLock { $0 = true } }
  }

  private static func runBlocking(
    _ command: String, _ arguments: [String], environment: [String: String], timeout: Duration, _ cancelled: Flag
  ) throws(Problem) -> [UInt8] {
    var pipeEnds: [Int32] = [-1, -1]
    guard pipe(&pipeEnds) == 0 else { throw .failed("no pipe: \(text(errno))") }
    let (readEnd, writeEnd) = (pipeEnds[0], pipeEnds[1])
    _ = fcntl(readEnd, F_SETFD, FD_CLOEXEC)
    _ = fcntl(writeEnd, F_SETFD, FD_CLOEXEC)
    defer { close(readEnd) }
    let process: pid_t
    do throws(Problem) {
      process = try spawn(command, arguments, environment: environment, output: writeEnd)
    } catch {
      close(writeEnd)
      throw error
    }
    close(writeEnd)

    let output = read(from: readEnd, until: ContinuousClock.now + timeout, cancelled)
    if output == nil { kill(process, SIGKILL) }
    var status: Int32 = 0
    while waitpid(process, &status, 0) == -1, errno == EINTR {}
    guard let output else { throw .failed(cancelled.isSet ? "was cancelled" : "did not end within \(timeout)") }
    // The two forms of a wait status: an exit code in the second byte, or a signal in the low seven bits.
    let signal = status & 0x7F
    guard signal == 0 else { throw .failed("was ended by signal \(signal)") }
    let code = (status >> 8) & 0xFF
    guard code == 0 else { throw .failed("ended with exit code \(code)") }
    return output
  }

  private static func spawn(
    _ command: String, _ arguments: [String], environment: [String: String], output: Int32
  ) throws(Problem) -> pid_t {
    #if canImport(Glibc)
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #else
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    // Nothing else that is open here is the plugin's: SwiftNIO's sockets, to the orchestrator and of the probes, would be handed on.
    #if canImport(Glibc)
      let flags = POSIX_SPAWN_SETSIGMASK
      let code = cspawn_close_from(&actions, 3)
      guard code == 0 else { throw .failed("cannot be started: \(text(code))") }
    #else
      let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_CLOEXEC_DEFAULT
    #endif
    // This thread blocks all signals; the plugin must not.
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var argv: [UnsafeMutablePointer<CChar>?] = ([command] + arguments).map { strdup($0) } + [nil]
    var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var process: pid_t = 0
    let started = posix_spawnp(&process, command, &actions, &attributes, &argv, &envp)
    guard started == 0 else { throw started == ENOENT ? .missing : .failed("cannot be started: \(text(started))") }
    return process
  }

  /// The output until its end; nil where it is too long or takes too long.
  private static func read(
    from descriptor: Int32, until deadline: ContinuousClock.Instant, _ cancelled: Flag
  ) -> [UInt8]? {
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while ContinuousClock.now < deadline, !cancelled.isSet, output.count <= outputLimit {
      var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      // Short, so that a cancellation is seen; a plugin takes some hundred milliseconds.
      guard poll(&wanted, 1, 100) > 0 else { continue }
      let count = buffer.withUnsafeMutableBytes { posixRead(descriptor, $0.baseAddress, $0.count) }
      if count == 0 { return output }
      if count > 0 { output += buffer[..<count] }
      if count < 0, errno != EINTR, errno != EAGAIN { return nil }
    }
    return nil
  }

  private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}

/// `read` of POSIX, whose name the type's own function hides.
private func posixRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(descriptor, buffer, count)
}
