internal import Synchronization

/// Where finished log lines go. Several loggers may share one.
package protocol LogSink: Sendable {
  /// Writes one line, newline included, whole: lines of two tasks never mix.
  func write(_ line: [UInt8])
}

/// Standard error, which a container runtime and a terminal both read. Standard output belongs to results.
package final class StandardErrorSink: LogSink {
  private let lost = Mutex<Int>(0)

  /// The one of this process: its lock keeps lines whole, so there is only one.
  package static let shared = StandardErrorSink()

  private init() {}

  /// Lines that could not be written since the start: a closed or full standard error must not stop the program.
  package var lostLines: Int { lost.withLock { $0 } }

  package func write(_ line: [UInt8]) {
    // The lock is held while writing: it is what keeps lines longer than PIPE_BUF whole.
    lost.withLock { lost in
      if !SystemCalls.writeAll(line, to: 2) { lost += 1 }
    }
  }
}

/// Keeps the newest lines in memory, for tests and for `--simulate`'s own display.
package final class MemorySink: LogSink {
  private let kept = Mutex<[String]>([])
  private let limit: Int

  /// Keeps at most `limit` lines; older ones are dropped.
  package init(limit: Int = 10_000) {
    self.limit = max(1, limit)
  }

  /// The lines kept, without their newline, oldest first.
  package var lines: [String] { kept.withLock { $0 } }

  package func write(_ line: [UInt8]) {
    let text = String(decoding: line.last == 0x0A ? line.dropLast() : line[...], as: UTF8.self)
    kept.withLock { kept in
      if kept.count >= limit { kept.removeFirst(kept.count - limit + 1) }
      kept.append(text)
    }
  }
}
