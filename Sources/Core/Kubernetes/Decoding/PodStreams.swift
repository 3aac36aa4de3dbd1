internal import Documents

/// How an answer with pods is written.
package enum PodEncoding: Sendable, Equatable {
  /// JSON: a list as one document, a watch as a line an event.
  case json
  /// The API server's protobuf: a third of the bytes fewer, and no text to scan for its end.
  case protobuf

  /// The `Accept` header that asks for it. Who wants protobuf takes JSON, too: resources of aggregated servers have no other.
  package var accept: String {
    switch self {
    case .json: "application/json"
    case .protobuf: "application/vnd.kubernetes.protobuf, application/json"
    }
  }

  /// What a `Content-Type` says, e.g. `application/vnd.kubernetes.protobuf;stream=watch`. All but protobuf reads as JSON.
  package init(contentType: String?) {
    let type = contentType?.split(separator: ";").first.map { $0.lowercased().filter { $0 != " " } }
    self = type == "application/vnd.kubernetes.protobuf" ? .protobuf : .json
  }
}

/// Reads a list of pods as it arrives, in the encoding of the answer.
package struct PodListReader {
  // One of the two is set. Not an enum's payloads, for these are changed in place.
  private var json: ListDecoder<PodSnapshot>?
  private var protobuf: PodListMessageDecoder?

  package init(_ encoding: PodEncoding) {
    switch encoding {
    case .json: json = ListDecoder { scanner throws(JSONError) in try PodSnapshot(scanning: &scanner) }
    case .protobuf: protobuf = PodListMessageDecoder()
    }
  }

  /// The pods that `chunk` completes. Throws `.malformed` where the bytes are not a list.
  package mutating func receive(_ chunk: [UInt8]) throws(APIError) -> [PodSnapshot] {
    do {
      return try json?.receive(chunk) ?? protobuf?.receive(chunk) ?? []
    } catch {
      throw APIError(unreadable: error)
    }
  }

  /// Called at the end of the body. Throws `.malformed` where the list is not whole.
  package mutating func finish() throws(APIError) -> (items: [PodSnapshot], metadata: ListMetadata) {
    do {
      if let (items, metadata) = try json?.finish() { return (items, metadata) }
      return ([], try protobuf?.finish() ?? ListMetadata())
    } catch {
      throw APIError(unreadable: error)
    }
  }
}

/// Turns the chunks of a watch's body into events, in the encoding of the answer.
package struct PodWatchReader {
  private var json: WatchDecoder?
  private var protobuf: WatchFrameDecoder?

  package init(_ encoding: PodEncoding) {
    switch encoding {
    case .json: json = WatchDecoder()
    case .protobuf: protobuf = WatchFrameDecoder()
    }
  }

  /// Adds the events that `chunk` completes to `events`. Throws `.malformed` where the bytes are no events: the stream is broken
  /// from there on, and what was added before stands.
  package mutating func receive(_ chunk: [UInt8], into events: inout [WatchEvent]) throws(APIError) {
    do {
      try json?.receive(chunk, into: &events)
      try protobuf?.receive(chunk, into: &events)
    } catch {
      throw APIError(unreadable: error)
    }
  }
}

extension APIError {
  fileprivate init(unreadable error: any Error) {
    self.init(.malformed, "the API server's answer cannot be read: \(error)")
  }
}
