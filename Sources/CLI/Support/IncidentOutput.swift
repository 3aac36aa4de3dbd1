internal import ArgumentParser
internal import Documents
internal import Incidents
internal import Redaction
internal import Time

/// How incidents are written.
enum IncidentOutput: ExpressibleByArgument, Equatable, Sendable {
  case json
  case yaml
  case text
  case wide
  /// One binary file for `send` and `replay`.
  case capsule
  case jsonpath(JSONPath)

  /// For the help.
  static let names = "json, yaml, text, wide, jsonpath=TEMPLATE, or capsule (a binary file for send and replay)"

  init?(argument: String) {
    switch argument {
    case "json": self = .json
    case "yaml": self = .yaml
    case "text": self = .text
    case "wide": self = .wide
    case "capsule": self = .capsule
    default:
      guard argument.hasPrefix("jsonpath="), argument.utf8.count > "jsonpath=".utf8.count,
        let path = try? JSONPath(String(argument.dropFirst("jsonpath=".count)))
      else { return nil }
      self = .jsonpath(path)
    }
  }

  static let allValueStrings = ["json", "yaml", "text", "wide", "capsule", "jsonpath="]
  static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }

  /// One incident in this form, with a newline at its end; of a table, a row without its heading.
  func bytes(_ incident: Redacted<Incident>, style: IncidentText.Style, now: Timestamp) throws -> [UInt8] {
    switch self {
    case .json: return try incident.json() + [0x0A]
    case .yaml: return try YAMLWriter.write(json: try incident.json())
    case .text: return Array(IncidentText.render(incident, style: style, now: now).utf8)
    case .wide: return Array((IncidentRow(incident, now: now).cells.joined(separator: "  ") + "\n").utf8)
    case .capsule: return try incident.capsule(toolVersion: Version.number)
    case .jsonpath(let path):
      let text = path.evaluate(try JSONDocument(try incident.json()))
      return Array((text.hasSuffix("\n") ? text : text + "\n").utf8)
    }
  }
}
