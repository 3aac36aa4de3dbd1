internal import Time

/// How the members of a JSON object are numbered in protobuf.
struct ProtobufSchema: Sendable {
  /// How a member's value is written. An array is the field again and again.
  indirect enum Form: Sendable {
    /// A string.
    case text
    /// A string inside a message, as quantities are.
    case quantity
    /// A number or a boolean.
    case number
    /// A `Time`; null is an empty one.
    case time
    /// JSON text inside a message, as `FieldsV1` is.
    case json
    /// A message.
    case message(ProtobufSchema)
    /// A map from strings to values of this form.
    case map(Form)
    /// The object's own members inside a message: Go embeds a struct there.
    case embedded(ProtobufSchema)
  }

  private let fields: [String: (number: Int, form: Form)]

  init(_ fields: [String: (Int, Form)]) {
    self.fields = fields.mapValues { ($0.0, $0.1) }
  }

  /// The message for an object. Members without a number are left out.
  func encode(_ value: JSONValue) -> [UInt8] {
    var writer = ProtobufWriter()
    for member in value.members {
      guard let (number, form) = fields[member.key] else { continue }
      if case .array(let elements) = member.value {
        for element in elements { Self.write(element, form, number, &writer) }
      } else {
        Self.write(member.value, form, number, &writer)
      }
    }
    return writer.bytes
  }

  private static func write(_ value: JSONValue, _ form: Form, _ number: Int, _ writer: inout ProtobufWriter) {
    switch (form, value) {
    case (.text, .string(let text)): writer.bytes(number, text.utf8)
    case (.quantity, .string(let text)): writer.message(number) { $0.bytes(1, text.utf8) }
    case (.number, .number(let text)): writer.integer(number, Int(text) ?? 0)
    case (.number, .bool(let flag)): writer.integer(number, flag ? 1 : 0)
    case (.time, .string(let text)):
      let time = Timestamp(rfc3339: text) ?? .epoch
      writer.message(number) { inner in
        inner.integer(1, Int(time.seconds))
        inner.integer(2, Int(time.nanoseconds))
      }
    case (.time, .null): writer.bytes(number, [])
    case (.json, .object): writer.message(number) { $0.bytes(1, value.encoded) }
    case (.message(let schema), .object): writer.bytes(number, schema.encode(value))
    case (.embedded(let schema), .object):
      writer.message(number) { $0.bytes(1, schema.encode(value)) }
    case (.map(let inner), .object(let members)):
      for member in members {
        writer.message(number) { entry in
          entry.bytes(1, member.key.utf8)
          write(member.value, inner, 2, &entry)
        }
      }
    default: break
    }
  }
}
