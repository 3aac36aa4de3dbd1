/// Turns what the simulated API server says in JSON into the real one's protobuf.
package enum ProtobufAnswer {
  /// The Content-Type of lists and errors.
  static let contentType = "application/vnd.kubernetes.protobuf"

  /// True if the client takes protobuf and names it first, as client-go does.
  static func isWanted(_ accept: String?) -> Bool { accept?.hasPrefix(contentType) ?? false }

  /// An object of one of the kinds Pod, PodList and Status in its envelope; nil for others.
  package static func object(_ json: [UInt8]) -> [UInt8]? {
    guard let value = try? JSONValue(parsing: json), let kind = value["kind"]?.text else { return nil }
    let schema: ProtobufSchema
    switch kind {
    case "Pod": schema = .pod
    case "PodList": schema = .podList
    case "Status": schema = .status
    default: return nil
    }
    var writer = ProtobufWriter()
    writer.message(1) { meta in
      meta.bytes(1, (value["apiVersion"]?.text ?? "v1").utf8)
      meta.bytes(2, kind.utf8)
    }
    writer.bytes(2, schema.encode(value))
    writer.bytes(3, [])
    writer.bytes(4, [])
    return Array("k8s\0".utf8) + writer.bytes
  }

  /// A line of a watch as a frame: its length in four bytes, big-endian, then the event; nil for a line that is no event on pods.
  package static func frame(_ line: [UInt8]) -> [UInt8]? {
    guard let event = try? JSONValue(parsing: line), let type = event["type"]?.text, let object = event["object"],
      let envelope = self.object(object.encoded)
    else { return nil }
    var writer = ProtobufWriter()
    writer.bytes(1, type.utf8)
    writer.message(2) { $0.bytes(1, envelope) }
    let length = UInt32(writer.bytes.count)
    return withUnsafeBytes(of: length.bigEndian) { Array($0) } + writer.bytes
  }
}
