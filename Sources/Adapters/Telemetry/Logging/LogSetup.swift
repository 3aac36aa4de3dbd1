package import Logging

/// How a program of ours logs: one place for the choice of format, level and sink.
package struct LogSetup: Sendable {
  /// Form of a line.
  package enum Format: String, Sendable, CaseIterable {
    /// One JSON object a line, for machines.
    case json
    /// For a person.
    case text
  }

  /// Form of a line.
  package var format: Format
  /// The level of all loggers made here; may be changed while they are in use.
  package var level: LogLevelSwitch
  /// Where lines go.
  package var sink: any LogSink
  /// ANSI colours in the text form.
  package var colour: Bool

  package init(
    format: Format, level: LogLevelSwitch = LogLevelSwitch(), sink: any LogSink = StandardErrorSink.shared,
    colour: Bool = false
  ) {
    self.format = format
    self.level = level
    self.sink = sink
    self.colour = colour
  }

  /// A logger, without a global registry: libraries are handed theirs.
  package func logger(_ label: String) -> Logger {
    Logger(label: label) { label in
      let line: any LogLineFormat =
        switch format {
        case .json: JSONLogFormat(label: label)
        case .text: ConsoleLogFormat(colour: colour)
        }
      return LineLogHandler(line, level: level, sink: sink)
    }
  }
}
