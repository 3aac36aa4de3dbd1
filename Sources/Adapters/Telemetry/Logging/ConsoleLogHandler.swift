package import Logging
package import Time

/// Writes records for a person at a terminal: `12:34:56.789 info  message  key=value …`.
package struct ConsoleLogHandler: LogHandler {
  private let sink: any LogSink
  private let shared: LogLevelSwitch
  private let colour: Bool
  private let now: @Sendable () -> Timestamp
  private var ownLevel: Logger.Level?

  package var metadata: Logger.Metadata = [:]
  package var metadataProvider: Logger.MetadataProvider?

  /// A handler that writes with ANSI colours if `colour` says so.
  package init(
    level: LogLevelSwitch, colour: Bool, sink: any LogSink = StandardErrorSink.shared,
    metadataProvider: Logger.MetadataProvider? = nil,
    now: @escaping @Sendable () -> Timestamp = { SystemTime().wall }
  ) {
    self.sink = sink
    self.shared = level
    self.colour = colour
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
    var line = painted(String(now().formatted(.milliseconds).dropFirst(11).dropLast()), .grey) + " "
    let level = event.level.rawValue
    line += painted(level + String(repeating: " ", count: max(0, 7 - level.utf8.count)), Self.colour(of: event.level))
    line += " " + TerminalText.safe(event.message.description)
    for (name, value) in LogFields(metadata, metadataProvider?.get(), event.metadata, error: event.error).fields {
      line += " " + painted(name + "=", .grey) + text(of: value)
    }
    sink.write(Array((line + "\n").utf8))
  }

  private func text(of value: LogFields.Value) -> String {
    switch value {
    case .literal(let literal): return literal
    case .list(let values): return "[" + values.map(text).joined(separator: ",") + "]"
    case .text(let text):
      let safe = TerminalText.safe(text)
      return safe.isEmpty || safe.contains(" ") ? "\"\(safe)\"" : safe
    }
  }

  private func painted(_ text: String, _ colour: TerminalColour) -> String {
    self.colour ? colour.paint(text) : text
  }

  private static func colour(of level: Logger.Level) -> TerminalColour {
    switch level {
    case .trace, .debug: .grey
    case .info, .notice: .green
    case .warning: .yellow
    case .error, .critical: .red
    }
  }
}
