/// The calls into the C library that this target makes, all of them here. None of them hands memory over.
#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

enum SystemCalls {
  /// CLOCK_MONOTONIC in nanoseconds: does not go back, does not count a suspended machine.
  static func monotonicNanoseconds() -> Int64 {
    nanoseconds(of: CLOCK_MONOTONIC)
  }

  /// CLOCK_REALTIME in nanoseconds since 1970.
  static func wallNanoseconds() -> Int64 {
    nanoseconds(of: CLOCK_REALTIME)
  }

  private static func nanoseconds(of clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// True if the descriptor is a terminal.
  static func isTerminal(_ descriptor: Int32) -> Bool {
    isatty(descriptor) == 1
  }

  /// Writes all bytes unless the descriptor fails; tells whether it did not. A full non-blocking pipe is waited for, at
  /// most one second: a log line is not worth a stopped program.
  static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while let base = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
        let written = write(descriptor, base, rest.count)
        if written >= 0 {
          rest = rest.dropFirst(written)
        } else if errno == EAGAIN {
          var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          if poll(&waiting, 1, 1_000) <= 0 { return false }
        } else if errno != EINTR {
          return false
        }
      }
      return true
    }
  }

  /// The first 64 KiB of a file; nil where it cannot be read. /proc/stat of a machine with a thousand processors has its
  /// fields at the end within that.
  static func firstBytes(of path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    var filled = 0
    while filled < bytes.count {
      let got = bytes.withUnsafeMutableBytes { buffer in
        buffer.baseAddress.map { read(descriptor, $0 + filled, buffer.count - filled) } ?? 0
      }
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { break }
      filled += got
    }
    return Array(bytes[..<filled])
  }

  /// Entries of a folder, itself and its parent not counted; nil where it cannot be read. The stream that `opendir` gives
  /// is closed here.
  static func entries(of path: String) -> Int? {
    guard let folder = opendir(path) else { return nil }
    defer { closedir(folder) }
    var count = -2
    while readdir(folder) != nil { count += 1 }
    return count
  }

  /// The unit of the times in proc(5), per second.
  static var clockTicks: Double { Double(sysconf(Int32(_SC_CLK_TCK))) }

  /// The unit of the memory in /proc/self/stat, in bytes.
  static var pageSize: Double { Double(sysconf(Int32(_SC_PAGESIZE))) }

  /// Most descriptors that this process may have open; nil where the system does not tell.
  static var descriptorLimit: Double? {
    var limit = rlimit()
    #if canImport(Glibc)
      let result = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    #else
      let result = getrlimit(RLIMIT_NOFILE, &limit)
    #endif
    return result == 0 ? Double(limit.rlim_cur) : nil
  }
}
