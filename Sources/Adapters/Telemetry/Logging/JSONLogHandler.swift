package import Logging
package import Time

/// Writes each record as one line of JSON: `time` (RFC 3339, milliseconds, UTC), `level`, `message`, `logger`, then the
/// metadata as top-level fields in snake_case.
package struct JSONLogHandler: LogHandler {
  private let label: String
  private let sink: any LogSink
  private let shared: LogLevelSwitch
  private let now: @Sendable () -> Timestamp
  private var ownLevel: Logger.Level?

  package var metadata: Logger.Metadata = [:]
  package var metadataProvider: Logger.MetadataProvider?

  /// A handler for the logger named `label`. `now` is read once for each line.
  package init(
    label: String, level: LogLevelSwitch, sink: any LogSink = StandardErrorSink.shared,
    metadataProvider: Logger.MetadataProvider? = nil,
    now: @escaping @Sendable () -> Timestamp = { SystemTime().wall }
  ) {
    self.label = label
    self.sink = sink
    self.shared = level
    self.now = now
    self.metadataProvider = metadataProvider
  }

  /// The switch's level, unless this logger was given one of its own.
  package var logLevel: Logger.Level {
    get { ownLevel ?? shared.level }
    set { ownLevel = newValue }
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    var line: [UInt8] = []
    line.reserveCapacity(256)
    line += #"{"time":""#.utf8
    line += now().formatted(.milliseconds).utf8
    line += #"","level":""#.utf8
    line += event.level.rawValue.utf8
    line += #"","message":"#.utf8
    JSONText.append(event.message.description, to: &line)
    line += #","logger":"#.utf8
    JSONText.append(label, to: &line)
    for (name, value) in LogFields(metadata, metadataProvider?.get(), event.metadata, error: event.error).fields {
      line.append(0x2C)
      JSONText.append(name, to: &line)
      line.append(0x3A)
      append(value, to: &line)
    }
    line += "}\n".utf8
    sink.write(line)
  }

  private func append(_ value: LogFields.Value, to line: inout [UInt8]) {
    switch value {
    case .text(let text): JSONText.append(text, to: &line)
    case .literal(let literal): line += literal.utf8
    case .list(let values):
      line.append(0x5B)
      for (index, value) in values.enumerated() {
        if index > 0 { line.append(0x2C) }
        append(value, to: &line)
      }
      line.append(0x5D)
    }
  }
}
