internal import Documents
internal import Time

extension ContainerSnapshot {
  /// Reads a ContainerStatus.
  init(_ kind: ContainerKind, reading message: ProtobufReader) throws(ProtobufError) {
    self.init(name: "", kind: kind)
    var reader = message
    while let field = try reader.nextField() {
      switch field.number {
      case 1: name = try reader.text(field)
      case 2: state = try ContainerState(reading: try reader.message(field))
      case 3:
        if case .terminated(let end) = try ContainerState(reading: try reader.message(field)) { lastTermination = end }
      case 5: restartCount = try reader.integer(field)
      case 6: image = try reader.text(field)
      case 7: imageID = try reader.text(field)
      case 8: containerID = try reader.text(field)
      default: try reader.skip(field)
      }
    }
  }
}

extension ContainerState {
  /// Reads a ContainerState. Where several members are set, which the API forbids, the last one counts.
  fileprivate init(reading message: ProtobufReader) throws(ProtobufError) {
    self = .unknown
    var reader = message
    while let field = try reader.nextField() {
      switch field.number {
      case 1: self = try Self.waiting(try reader.message(field))
      case 2: self = try Self.running(try reader.message(field))
      case 3: self = .terminated(try Termination(reading: try reader.message(field)))
      default: try reader.skip(field)
      }
    }
  }

  private static func waiting(_ message: ProtobufReader) throws(ProtobufError) -> ContainerState {
    var reader = message
    var (reason, words) = ("", "")
    while let field = try reader.nextField() {
      switch field.number {
      case 1: reason = try reader.text(field)
      case 2: words = try reader.text(field)
      default: try reader.skip(field)
      }
    }
    return .waiting(reason: reason, message: words)
  }

  private static func running(_ message: ProtobufReader) throws(ProtobufError) -> ContainerState {
    var reader = message
    var startedAt: Timestamp?
    while let field = try reader.nextField() {
      if field.number == 1 { startedAt = try reader.time(field) } else { try reader.skip(field) }
    }
    return .running(startedAt: startedAt)
  }
}

extension Termination {
  fileprivate init(reading message: ProtobufReader) throws(ProtobufError) {
    self.init(exitCode: 0)
    var reader = message
    while let field = try reader.nextField() {
      switch field.number {
      case 1: exitCode = try reader.integer(field)
      case 2: signal = try reader.integer(field)
      case 3: reason = try reader.text(field)
      case 4: self.message = try reader.text(field)
      case 5: startedAt = try reader.time(field)
      case 6: finishedAt = try reader.time(field)
      case 7: containerID = try reader.text(field)
      default: try reader.skip(field)
      }
    }
  }
}

extension ProtobufReader {
  /// Reads a `Time` or `MicroTime`. One that is not set is an empty message (apimachinery `meta/v1/time_proto.go`).
  mutating func time(_ field: Field) throws(ProtobufError) -> Timestamp? {
    var reader = try message(field)
    var (seconds, nanoseconds) = (0, 0)
    var isSet = false
    while let field = try reader.nextField() {
      isSet = true
      switch field.number {
      case 1: seconds = try reader.integer(field)
      case 2: nanoseconds = try reader.integer(field)
      default: try reader.skip(field)
      }
    }
    guard isSet, let fraction = Int32(exactly: nanoseconds) else { return nil }
    return Timestamp(seconds: Int64(seconds), nanoseconds: fraction)
  }
}
