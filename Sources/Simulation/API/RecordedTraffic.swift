/// Answers recorded from a real API server, to be given byte for byte.
package struct RecordedTraffic: Sendable, Equatable {
  /// One recorded answer and the request that got it.
  package struct Exchange: Sendable, Equatable {
    /// Path and query of the request.
    package var target: String
    /// HTTP status.
    package var status: Int
    /// Content-Type.
    package var contentType: String
    /// Body, as received.
    package var body: [UInt8]

    package init(target: String, status: Int = 200, contentType: String = "application/json", body: [UInt8]) {
      self.target = target
      self.status = status
      self.contentType = contentType
      self.body = body
    }
  }

  /// Query items that make a difference to what is answered. All others (limits, resource versions, time-outs) may differ
  /// between the recording and the request.
  private static let significant: Set<String> = ["container", "previous", "fieldSelector", "labelSelector"]

  var answers: [String: Exchange] = [:]
  var streams: [String: RecordedStream] = [:]
  /// Objects as streams last showed them.
  var shown: [String: Exchange] = [:]

  package init() {}

  /// True if nothing is recorded.
  package var isEmpty: Bool { answers.isEmpty && streams.isEmpty }

  /// Adds an answer; a later one to the same question takes the earlier one's place.
  package mutating func add(_ exchange: Exchange) {
    answers[Self.key(APICall(target: exchange.target))] = exchange
  }

  /// Adds a watch of a namespace's pods that was opened on an empty namespace at a resourceVersion: lists answer with
  /// none, watches with the stream, of the namespace and of all namespaces; a single pod that has no answer of its own is
  /// read as the stream last showed it.
  package mutating func add(_ stream: RecordedStream, podsOf namespace: String, openedAt resourceVersion: Int) {
    let list: JSONValue = [
      "kind": "PodList", "apiVersion": "v1", "metadata": ["resourceVersion": .string(String(resourceVersion))],
      "items": [],
    ]
    for path in ["/api/v1/pods", "/api/v1/namespaces/\(namespace)/pods"] {
      add(Exchange(target: path, body: list.encoded))
      streams[Self.key(APICall(target: path))] = stream
    }
    for line in stream.lines {
      guard let (name, object) = line.object else { continue }
      let target = "/api/v1/namespaces/\(namespace)/pods/\(name)"
      shown[Self.key(APICall(target: target))] = Exchange(target: target, body: object)
    }
  }

  func answer(to call: APICall, verb: String) -> APIAnswer? {
    switch verb {
    case "watch":
      let revision = call["resourceVersion"].flatMap(Int.init) ?? 0
      return streams[Self.key(call)].map { .replay($0.resumed(after: revision)) }
    case "get", "list":
      let key = Self.key(call)
      return (answers[key] ?? shown[key]).map { exchange in
        .body(
          APIBody(
            status: exchange.status, contentType: exchange.contentType, bytes: exchange.body,
            isChunked: exchange.contentType == "text/plain"))
      }
    default: return nil
    }
  }

  /// The part of a request that decides about the answer.
  private static func key(_ call: APICall) -> String {
    let items = call.query.filter { significant.contains($0.name) && $0.value != "false" && !$0.value.isEmpty }
    return call.path.joined(separator: "/") + "?"
      + items.map { "\($0.name)=\($0.value)" }.sorted().joined(separator: "&")
  }
}
