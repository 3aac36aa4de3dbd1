internal import Logging
internal import Time

/// One line of JSON: `time` (RFC 3339, milliseconds, UTC), `level`, `message`, `logger`, then the metadata as top-level fields in
/// snake_case.
struct JSONLogFormat: LogLineFormat {
  private let label: String

  /// The format of the logger named `label`.
  init(label: String) {
    self.label = label
  }

  func line(_ event: LogEvent, fields: LogFields, at time: Timestamp) -> [UInt8] {
    var line: [UInt8] = []
    line.reserveCapacity(256)
    line += #"{"time":""#.utf8
    line += time.formatted(.milliseconds).utf8
    line += #"","level":""#.utf8
    line += event.level.rawValue.utf8
    line += #"","message":"#.utf8
    JSONText.append(event.message.description, to: &line)
    line += #","logger":"#.utf8
    JSONText.append(label, to: &line)
    for (name, value) in fields.fields {
      line.append(0x2C)
      JSONText.append(name, to: &line)
      line.append(0x3A)
      append(value, to: &line)
    }
    line += "}\n".utf8
    return line
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
