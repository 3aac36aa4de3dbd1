internal import Documents

/// How the API server wraps an object in protobuf: four magic bytes, then a `runtime.Unknown` that names the kind and carries the
/// object's own bytes (apimachinery `pkg/runtime/serializer/protobuf`).
enum ProtobufEnvelope {
  /// Before every object.
  static let magic: [UInt8] = [0x6B, 0x38, 0x73, 0x00]  // "k8s\0"

  /// The object's bytes inside `bytes`. Throws where there is no magic or no Unknown.
  static func open(_ bytes: UnsafeRawBufferPointer) throws(ProtobufError) -> (kind: String, object: ProtobufReader) {
    guard bytes.starts(with: magic) else { throw ProtobufError(offset: 0, problem: .syntax) }
    var reader = ProtobufReader(UnsafeRawBufferPointer(rebasing: bytes[magic.count...]))
    var kind = ""
    var object = ProtobufReader(UnsafeRawBufferPointer(start: nil, count: 0))
    while let field = try reader.nextField() {
      switch field.number {
      case 1: kind = try self.kind(try reader.message(field))
      case 2: object = try reader.message(field)
      default: try reader.skip(field)
      }
    }
    return (kind, object)
  }

  /// The kind that a TypeMeta names.
  private static func kind(_ message: ProtobufReader) throws(ProtobufError) -> String {
    var reader = message
    var kind = ""
    while let field = try reader.nextField() {
      if field.number == 2 { kind = try reader.text(field) } else { try reader.skip(field) }
    }
    return kind
  }
}

extension ListMetadata {
  /// Reads a ListMeta.
  init(reading message: ProtobufReader) throws(ProtobufError) {
    self.init()
    var reader = message
    while let field = try reader.nextField() {
      switch field.number {
      case 2: resourceVersion = try reader.text(field)
      case 3: continueToken = try reader.text(field)
      default: try reader.skip(field)
      }
    }
  }
}

extension StatusBody {
  /// Reads a Status in its envelope; nil where the bytes are none.
  package init?(protobuf bytes: [UInt8]) {
    let read: StatusBody? = bytes.withUnsafeBytes { buffer in
      guard let (kind, object) = try? ProtobufEnvelope.open(buffer), kind == "Status" else { return nil }
      return try? StatusBody(reading: object)
    }
    guard let read else { return nil }
    self = read
  }

  /// Reads a body, in protobuf or JSON; nil where it is no Status.
  package init?(body: [UInt8]) {
    if body.starts(with: ProtobufEnvelope.magic) { self.init(protobuf: body) } else { self.init(json: body) }
  }

  /// Reads a Status.
  init(reading message: ProtobufReader) throws(ProtobufError) {
    self.init()
    var reader = message
    while let field = try reader.nextField() {
      switch field.number {
      case 1: continueToken = try ListMetadata(reading: try reader.message(field)).continueToken
      case 3: self.message = try reader.text(field)
      case 4: reason = try reader.text(field)
      case 5:
        var details = try reader.message(field)
        while let field = try details.nextField() {
          if field.number == 5 { retryAfterSeconds = try details.integer(field) } else { try details.skip(field) }
        }
      case 6: code = try reader.integer(field)
      default: try reader.skip(field)
      }
    }
  }
}
