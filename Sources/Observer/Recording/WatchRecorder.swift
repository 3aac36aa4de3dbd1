internal import Documents
package import KubernetesClient
package import Logging
internal import Redaction
internal import Synchronization

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// Writes what watches say to a file, redacted: JSON lines as the API server sends them, which `replay` reads again.
///
/// The file is for its owner alone and is appended to, a line with one write. What redaction cannot vouch for is left out and counted. A
/// file that cannot be written or is too long ends the recording and not the watch.
package final class WatchRecorder: Sendable {
  /// Why a recording cannot begin: one line.
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  /// Longest recording, in bytes: some 200,000 events.
  package static let fileLimit = 1 << 30
  /// Longest page of a list that is kept until it is whole: 500 pods at 128 KiB.
  private static let pageLimit = 64 << 20
  /// Longest line; see `WatchDecoder.lineLimit`.
  private static let lineLimit = 8 << 20

  private struct State {
    /// Nil once the recording has ended.
    var descriptor: Int32?
    var size: Int
    var withheld = 0
  }

  private let state: Mutex<State>
  private let redactor: RedactorBox
  private let logger: Logger

  /// Opens `path`, making it where it is not there. It becomes readable for its owner alone.
  package init(path: String, redactor: RedactorBox, logger: Logger) throws(Failure) {
    let descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw Failure(description: "cannot record to \(path): \(Self.reason)") }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, fchmod(descriptor, 0o600) == 0 else {
      close(descriptor)
      throw Failure(description: "cannot record to \(path): it is no file of this user")
    }
    let size = Int(status.st_size)
    state = Mutex(State(descriptor: descriptor, size: size))
    self.redactor = redactor
    self.logger = logger
    // A line that a crash cut off must not swallow the next one.
    var last: UInt8 = 0x0A
    if size > 0, pread(descriptor, &last, 1, off_t(size - 1)) == 1, last != 0x0A { append([0x0A]) }
  }

  deinit {
    if let descriptor = state.withLock({ $0.descriptor }) { close(descriptor) }
  }

  /// Events that redaction could not vouch for.
  package var withheld: Int { state.withLock { $0.withheld } }

  /// What one watcher is to call; each watcher gets its own.
  package func tap() -> StreamTap {
    let parts = Mutex(Parts())
    return { [self] event in
      for event in parts.withLock({ $0.take(event) }) { record(event) }
    }
  }

  private func record(_ event: RecordedEvent) {
    guard state.withLock({ $0.descriptor != nil }) else { return }
    let redacted: Redacted<RecordedEvent>
    do { redacted = try redactor.current.redact(event) } catch {
      let count = state.withLock { state in
        state.withheld += 1
        return state.withheld
      }
      logger.warning("event not recorded", metadata: ["cause": "\(error.code.rawValue)", "withheld": "\(count)"])
      return
    }
    append(redacted.encoded)
  }

  private func append(_ line: [UInt8]) {
    let end: String? = state.withLock { state in
      guard let descriptor = state.descriptor else { return nil }
      guard state.size + line.count <= Self.fileLimit else {
        return Self.end(&state, descriptor, "the file has \(state.size) bytes")
      }
      var written = -1
      repeat { written = write(descriptor, line, line.count) } while written < 0 && errno == EINTR
      guard written == line.count else { return Self.end(&state, descriptor, Self.reason) }
      state.size += written
      return nil
    }
    if let end { logger.error("recording ended", metadata: ["cause": "\(end)"]) }
  }

  private static func end(_ state: inout State, _ descriptor: Int32, _ cause: String) -> String {
    close(descriptor)
    state.descriptor = nil
    return cause
  }

  private static var reason: String { String(cString: strerror(errno)) }

  /// Cuts what one watcher receives into events.
  private struct Parts {
    private var lines = LineSplitter(limit: lineLimit)
    /// The page under way; nil in a watch, and where a page is too long.
    private var page: [UInt8]?

    mutating func take(_ event: StreamEvent) -> [RecordedEvent] {
      switch event {
      case .pageBegan: page = []
      case .watchBegan:
        page = nil
        lines = LineSplitter(limit: lineLimit)
      case .pageEnded:
        guard let document = page.flatMap({ try? JSONDocument($0) }) else { return [] }
        page = nil
        return document.elements("items").map { RecordedEvent(listed: $0) }
      case .bytes(let bytes):
        if let held = page?.count {
          if held + bytes.count > pageLimit { page = nil } else { page?.append(contentsOf: bytes) }
          return []
        }
        var events: [RecordedEvent] = []
        _ = lines.receive(bytes) { if !$0.isEmpty { events.append(RecordedEvent(line: $0)) } }
        return events
      }
      return []
    }
  }
}
