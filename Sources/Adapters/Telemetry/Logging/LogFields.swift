internal import Logging

/// A log record's metadata as one flat list of fields, in the order of their names.
struct LogFields {
  /// A value as JSON knows it.
  enum Value: Equatable {
    case text(String)
    /// A number or boolean, as it stands in JSON.
    case literal(String)
    case list([Value])
  }

  /// Names the line itself uses; a metadata key of that name gets `_` at its end.
  private static let reserved: Set<String> = ["time", "level", "message", "logger"]
  /// Nesting of dictionaries and arrays beyond this is written as text.
  private static let depthLimit = 4

  private(set) var fields: [(name: String, value: Value)] = []

  /// Merges the sources; a later one wins over an earlier one with the same key.
  init(_ sources: Logger.Metadata?..., error: (any Error)?) {
    var merged: Logger.Metadata = [:]
    for source in sources.compactMap(\.self) { merged.merge(source) { _, new in new } }
    if let error, merged["error"] == nil { merged["error"] = .string("\(error)") }
    add(merged, prefix: "", depth: 0)
    fields.sort { $0.name < $1.name }
  }

  private mutating func add(_ metadata: Logger.Metadata, prefix: String, depth: Int) {
    for (key, value) in metadata {
      var name = prefix + JSONText.fieldName(key)
      if case .dictionary(let inner) = value, depth < Self.depthLimit {
        add(inner, prefix: name + "_", depth: depth + 1)
        continue
      }
      if Self.reserved.contains(name) { name += "_" }
      while fields.contains(where: { $0.name == name }) { name += "_" }
      fields.append((name, Self.value(of: value, depth: depth)))
    }
  }

  private static func value(of metadata: Logger.MetadataValue, depth: Int) -> Value {
    switch metadata {
    case .string(let text): .text(text)
    case .stringConvertible(let value): literal(of: value).map(Value.literal) ?? .text(value.description)
    case .array(let values) where depth < depthLimit: .list(values.map { Self.value(of: $0, depth: depth + 1) })
    case .array, .dictionary: .text(metadata.description)
    }
  }

  private static func literal(of value: any CustomStringConvertible) -> String? {
    switch value {
    case let value as Bool: value ? "true" : "false"
    case let value as any FixedWidthInteger: value.description
    case let value as Double where value.isFinite: value.description
    case let value as Float where value.isFinite: value.description
    default: nil
    }
  }
}
