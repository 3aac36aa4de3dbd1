internal import Logging
internal import Time

/// For a person at a terminal: `12:34:56.789 info  message  key=value …`.
struct ConsoleLogFormat: LogLineFormat {
  private let colour: Bool

  /// With ANSI colours if `colour` says so.
  init(colour: Bool) {
    self.colour = colour
  }

  func line(_ event: LogEvent, fields: LogFields, at time: Timestamp) -> [UInt8] {
    var line = painted(String(time.formatted(.milliseconds).dropFirst(11).dropLast()), .grey) + " "
    let level = event.level.rawValue
    line += painted(level + String(repeating: " ", count: max(0, 7 - level.utf8.count)), Self.colour(of: event.level))
    line += " " + TerminalText.safe(event.message.description)
    for (name, value) in fields.fields {
      line += " " + painted(name + "=", .grey) + text(of: value)
    }
    return Array((line + "\n").utf8)
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
