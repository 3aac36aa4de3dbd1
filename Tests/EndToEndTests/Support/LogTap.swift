internal import Logging

/// Hands each line of a log to whoever looks for something in it.
struct LogTap: LogHandler {
  private let hears: @Sendable (LogEvent) -> Void
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level

  /// A logger whose lines, from `level` up, go to `hears`.
  static func logger(_ level: Logger.Level = .info, _ hears: @escaping @Sendable (LogEvent) -> Void) -> Logger {
    Logger(label: "test") { _ in LogTap(hears: hears, logLevel: level) }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) { hears(event) }
}
