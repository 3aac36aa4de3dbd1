internal import CSpawn

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// A process of this program in another role, with pipes to its standard input and from its standard output. Its log goes to a
/// file. With `StandardIO.swift`, the place where this target calls into the C library; the strings that `strdup` makes are freed
/// here, once `posix_spawn` has read them.
struct ChildProcess {
  /// Why one could not be started.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Its process id.
  let id: pid_t
  private let input: Int32
  private let output: Int32
  private var unread: [UInt8] = []

  init(_ arguments: [String], log: String) throws(Failure) {
    var toChild: [Int32] = [0, 0]
    var fromChild: [Int32] = [0, 0]
    guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else { throw Failure(description: "no pipes") }
    for descriptor in [toChild[1], fromChild[0]] {
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
    posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
    posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    // The pipes of this process, to its other children as well; where the system has no such action, at least this child's own.
    if cspawn_close_from(&actions, 3) != 0 {
      for descriptor in [toChild[0], fromChild[1]] { posix_spawn_file_actions_addclose(&actions, descriptor) }
    }
    let path = CommandLine.arguments[0]
    let argv = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for text in argv { free(text) } }
    var id: pid_t = 0
    let code = posix_spawn(&id, path, &actions, nil, argv, environ)
    close(toChild[0])
    close(fromChild[1])
    guard code == 0 else { throw Failure(description: "\(path) does not start: \(String(cString: strerror(code)))") }
    self.id = id
    input = toChild[1]
    output = fromChild[0]
  }

  /// Says a line; false where the process does not read.
  func say(_ line: String) -> Bool {
    let bytes = Array((line + "\n").utf8)
    return write(input, bytes, bytes.count) == bytes.count
  }

  /// The lines that it has said since the last call.
  mutating func lines() -> [String] {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(output, &buffer, buffer.count)
      guard count > 0 else { break }
      unread.append(contentsOf: buffer[..<count])
    }
    guard let end = unread.lastIndex(of: 0x0A) else { return [] }
    let lines = unread[...end].split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    unread.removeFirst(end + 1)
    return lines
  }

  func signal(_ number: Int32) {
    kill(id, number)
  }

  /// Ends its standard input and waits for its end: its exit status, or minus the signal that ended it.
  func ended() -> Int32 {
    close(input)
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0 && errno == EINTR {}
    close(output)
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : -signal
  }

  /// The largest resident size that it had, bytes (VmHWM of proc(5)); nil where the system does not tell.
  var peakMemory: Int? {
    guard let file = fopen("/proc/\(id)/status", "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if text.hasPrefix("VmHWM:") { return Int(text.filter { $0 >= "0" && $0 <= "9" }).map { $0 << 10 } }
    }
    return nil
  }
}
