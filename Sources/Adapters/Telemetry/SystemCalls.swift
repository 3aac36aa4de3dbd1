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
}
