package import Documents

/// One event of a watch on pods.
package enum WatchEvent: Sendable, Equatable {
  /// The pod is new to this watch.
  case added(PodSnapshot)
  /// The pod has changed.
  case modified(PodSnapshot)
  /// The pod is gone; its last state.
  case deleted(PodSnapshot)
  /// Nothing happened up to this version. `endsInitialEvents` is true for the one that closes a streaming list
  /// (annotation `k8s.io/initial-events-end: "true"`, KEP-3157).
  case bookmark(resourceVersion: String, endsInitialEvents: Bool)
  /// The server ends the watch: a Status instead of an object.
  case error(StatusBody)
  /// JSON, but no event that can be read; its version where it has one, so that the watch goes on after it.
  case undecodable(resourceVersion: String?)
}

extension WatchEvent {
  /// Reads one line of a watch. Throws where the line is not JSON: then the stream is broken, not an object.
  package init(line: UnsafeRawBufferPointer) throws(JSONError) {
    var scanner = JSONScanner(line)
    var type: JSONString?
    var object: JSONScanner?
    var event: WatchEvent?
    try scanner.beginObject()
    while let key = try scanner.nextKey() {
      switch key {
      case "type":
        if try scanner.peek() == .string { type = try scanner.string() } else { try scanner.skipValue() }
      case "object":
        object = scanner
        // The API server writes the type first; an object before its type is passed now and read after.
        if let type { event = try Self.read(type, &scanner) } else { try scanner.skipValue() }
      default: try scanner.skipValue()
      }
    }
    try scanner.finish()
    if event == nil, let type, var object { event = try Self.read(type, &object) }
    self = event ?? .undecodable(resourceVersion: nil)
  }

  private static func read(_ type: JSONString, _ scanner: inout JSONScanner) throws(JSONError) -> WatchEvent {
    let start = scanner
    do throws(JSONError) {
      switch type {
      case "ADDED": return .added(try PodSnapshot(scanning: &scanner))
      case "MODIFIED": return .modified(try PodSnapshot(scanning: &scanner))
      case "DELETED": return .deleted(try PodSnapshot(scanning: &scanner))
      case "BOOKMARK": return try bookmark(&scanner)
      case "ERROR": return .error(try StatusBody(scanning: &scanner))
      default: throw JSONError(offset: scanner.offset, problem: .unexpectedType)
      }
    } catch {
      guard error.problem == .unexpectedType else { throw error }
      scanner = start
      try scanner.skipValue()
      var again = start
      return .undecodable(resourceVersion: try? resourceVersion(&again))
    }
  }

  /// The version of an object of which nothing else need be readable.
  private static func resourceVersion(_ scanner: inout JSONScanner) throws(JSONError) -> String? {
    var version: String?
    try scanner.beginObject()
    while let key = try scanner.nextKey() {
      guard key.isEqual(to: "metadata") else {
        try scanner.skipValue()
        continue
      }
      try scanner.beginObject()
      while let key = try scanner.nextKey() {
        if key.isEqual(to: "resourceVersion") { version = try scanner.string().text } else { try scanner.skipValue() }
      }
    }
    return version
  }

  private static func bookmark(_ scanner: inout JSONScanner) throws(JSONError) -> WatchEvent {
    let metadata = try ObjectMetadata(scanning: &scanner)
    return .bookmark(
      resourceVersion: metadata.resourceVersion, endsInitialEvents: metadata.endsInitialEvents)
  }
}

/// Turns the chunks of a watch's body into events.
package struct WatchDecoder: Sendable {
  /// Longest line, in bytes. etcd refuses objects above 1.5 MiB; JSON of one may be some times as long.
  package static let lineLimit = 8 << 20

  private var lines = LineSplitter(limit: lineLimit)

  package init() {}

  /// Adds the events that `chunk` completes to `events`. Throws where a line is not JSON or too long; what was read before it is
  /// added all the same, for a stream that breaks again and again would never get on otherwise.
  package mutating func receive(_ chunk: [UInt8], into events: inout [WatchEvent]) throws(JSONError) {
    var failure: JSONError?
    let fits = lines.receive(chunk) { line in
      // An empty line is between events, not one.
      guard failure == nil, !line.isEmpty else { return }
      do throws(JSONError) { events.append(try WatchEvent(line: line)) } catch { failure = error }
    }
    if let failure { throw failure }
    guard fits else { throw JSONError(offset: Self.lineLimit, problem: .syntax) }
  }
}
