package import Documents

extension WatchEvent {
  /// Reads one frame of a watch: a WatchEvent (meta/v1) whose object is an envelope. Throws where the frame is no such thing: then
  /// the stream is broken, not an object.
  package init(frame: UnsafeRawBufferPointer) throws(ProtobufError) {
    var reader = ProtobufReader(frame)
    var type = ""
    var raw: UnsafeRawBufferPointer?
    while let field = try reader.nextField() {
      switch field.number {
      case 1: type = try reader.text(field)
      case 2:
        var extensionReader = try reader.message(field)
        while let field = try extensionReader.nextField() {
          if field.number == 1 { raw = try extensionReader.bytes(field) } else { try extensionReader.skip(field) }
        }
      default: try reader.skip(field)
      }
    }
    guard let raw else { throw ProtobufError(offset: frame.count, problem: .truncated) }
    let object = try ProtobufEnvelope.open(raw).object
    do throws(ProtobufError) {
      self = try Self.read(type, object)
    } catch {
      guard error.problem == .unexpectedType else { throw error }
      self = .undecodable(resourceVersion: (try? Version(object))?.resourceVersion)
    }
  }

  private static func read(_ type: String, _ object: ProtobufReader) throws(ProtobufError) -> WatchEvent {
    var reader = object
    switch type {
    case "ADDED": return .added(try PodSnapshot(reading: &reader))
    case "MODIFIED": return .modified(try PodSnapshot(reading: &reader))
    case "DELETED": return .deleted(try PodSnapshot(reading: &reader))
    case "BOOKMARK":
      let version = try Version(object)
      return .bookmark(resourceVersion: version.resourceVersion ?? "", endsInitialEvents: version.endsInitialEvents)
    case "ERROR": return .error(try StatusBody(reading: reader))
    default: throw ProtobufError(offset: 0, problem: .unexpectedType)
    }
  }

  /// What a bookmark says, and all that is wanted of an object that cannot be read.
  private struct Version {
    var resourceVersion: String?
    var endsInitialEvents = false

    init(_ object: ProtobufReader) throws(ProtobufError) {
      var reader = object
      while let field = try reader.nextField() {
        guard field.number == 1, field.type == .bytes else {
          try reader.skip(field)
          continue
        }
        var metadata = try reader.message(field)
        while let field = try metadata.nextField() {
          switch (field.number, field.type) {
          case (6, .bytes): resourceVersion = try metadata.text(field)
          case (12, .bytes): if try Self.isEnd(try metadata.message(field)) { endsInitialEvents = true }
          default: try metadata.skip(field)
          }
        }
      }
    }

    /// True for the annotation `k8s.io/initial-events-end: "true"`: a map's entry is a message of key (1) and value (2).
    private static func isEnd(_ entry: ProtobufReader) throws(ProtobufError) -> Bool {
      var reader = entry
      var (key, value) = ("", "")
      while let field = try reader.nextField() {
        switch field.number {
        case 1: key = try reader.text(field)
        case 2: value = try reader.text(field)
        default: try reader.skip(field)
        }
      }
      return key == "k8s.io/initial-events-end" && value == "true"
    }
  }
}

/// Turns the chunks of a watch's body in protobuf into events.
package struct WatchFrameDecoder: Sendable {
  private var frames = FrameSplitter(limit: WatchDecoder.lineLimit)

  package init() {}

  /// Adds the events that `chunk` completes to `events`. Throws where a frame is no event or too long; what was read before it is
  /// added all the same (see `WatchDecoder`).
  package mutating func receive(_ chunk: [UInt8], into events: inout [WatchEvent]) throws(ProtobufError) {
    try frames.receive(chunk) { frame throws(ProtobufError) in events.append(try WatchEvent(frame: frame)) }
  }
}
