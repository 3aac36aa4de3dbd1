internal import Logging
internal import Time

/// How a record is written as one line.
protocol LogLineFormat: Sendable {
  /// The line with its newline. `fields` are those of the logger, of its provider and of the record, in their order.
  func line(_ event: LogEvent, fields: LogFields, at time: Timestamp) -> [UInt8]
}

/// Writes each record as one line.
struct LineLogHandler: LogHandler {
  private let format: any LogLineFormat
  private let sink: any LogSink
  private let shared: LogLevelSwitch
  private let now: @Sendable () -> Timestamp
  private var ownLevel: Logger.Level?

  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?

  /// A handler of one logger. `now` is read once for each line.
  init(
    _ format: any LogLineFormat, level: LogLevelSwitch, sink: any LogSink = StandardErrorSink.shared,
    metadataProvider: Logger.MetadataProvider? = nil,
    now: @escaping @Sendable () -> Timestamp = { SystemTime().wall }
  ) {
    self.format = format
    self.sink = sink
    self.shared = level
    self.now = now
    self.metadataProvider = metadataProvider
  }

  /// The switch's level, unless this logger was given one of its own.
  var logLevel: Logger.Level {
    get { ownLevel ?? shared.level }
    set { ownLevel = newValue }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let fields = LogFields(metadata, metadataProvider?.get(), event.metadata, error: event.error)
    sink.write(format.line(event, fields: fields, at: now()))
  }
}
