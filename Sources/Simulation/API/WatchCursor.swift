/// One watch: where it stands in the history and what it writes next. The driver asks `next` until it says `.wait`, and
/// asks again after a change of the store.
struct WatchCursor: Sendable, Equatable {
  /// What the driver does next.
  enum Step: Sendable, Equatable {
    /// Write these bytes as a chunk of their own.
    case write([UInt8])
    /// Do nothing for so long, then ask again.
    case pause(Duration)
    /// Nothing to write until the store changes.
    case wait
    /// End the body cleanly.
    case finish
    /// Close the connection in the middle.
    case cut
  }

  let kind: ResourceKind
  let selection: Selection
  let allowsBookmarks: Bool
  /// Events are written as protobuf frames.
  var isProtobuf = false
  /// `timeoutSeconds`, after which the server ends the stream; nil for the server's own limit.
  let timeout: Duration?
  /// Changes up to this revision have been written.
  private(set) var position: Int
  /// Objects that exist already and are written as ADDED first.
  private var initial: ArraySlice<StoredObject>
  /// Set where a streaming list asked for the bookmark that ends its initial events.
  private var marksInitialEnd: Bool
  private var queued: [Step] = []

  init(
    kind: ResourceKind, selection: Selection, allowsBookmarks: Bool, timeout: Duration?, position: Int,
    initial: [StoredObject] = [], marksInitialEnd: Bool = false
  ) {
    self.kind = kind
    self.selection = selection
    self.allowsBookmarks = allowsBookmarks
    self.timeout = timeout
    self.position = position
    self.initial = initial[...]
    self.marksInitialEnd = marksInitialEnd
  }

  /// What to do now.
  mutating func next(in store: ObjectStore, faults: inout FaultPlan) -> Step {
    if !queued.isEmpty { return queued.removeFirst() }
    do {
      guard let line = try nextLine(in: store) else { return .wait }
      guard let fault = faults.take(for: .watch, inStream: true) else { return .write(line) }
      queued = steps(of: fault, line: line, store: store)
    } catch {
      let status = APIStatus.watchExpired(position, oldest: store.oldestRevision)
      queued = [.write(encoded("ERROR", status.value.encoded)), .finish]
    }
    return queued.removeFirst()
  }

  /// A bookmark with the newest revision. The server sends one now and then to a client that asked for them, once all
  /// changes before it are written.
  mutating func bookmark(in store: ObjectStore) -> [UInt8]? {
    guard allowsBookmarks, initial.isEmpty, queued.isEmpty, position <= store.revision else { return nil }
    position = store.revision
    return bookmarkLine(annotated: false)
  }

  private mutating func nextLine(in store: ObjectStore) throws(ObjectStore.Refusal) -> [UInt8]? {
    if let object = initial.popFirst() { return encoded("ADDED", object.document) }
    if marksInitialEnd {
      marksInitialEnd = false
      return bookmarkLine(annotated: true)
    }
    while let change = try store.nextChange(kind, after: position) {
      position = change.object.resourceVersion
      if let type = type(of: change) { return encoded(type.rawValue, change.object.document) }
    }
    return nil
  }

  /// The change as this selection sees it: an object that comes to match is added, one that no longer does is deleted.
  private func type(of change: ObjectStore.Change) -> ObjectStore.ChangeType? {
    let matched = change.previous.map(selection.includes) ?? false
    let matches = change.type != .deleted && selection.includes(change.object)
    return switch (matched, matches) {
    case (false, true): .added
    case (true, true): .modified
    case (true, false): .deleted
    case (false, false): nil
    }
  }

  private func steps(of fault: APIFault, line: [UInt8], store: ObjectStore) -> [Step] {
    let third = line.count / 3
    switch fault {
    case .goneInStream:
      let status = APIStatus.watchExpired(position, oldest: store.revision)
      return [.write(encoded("ERROR", status.value.encoded)), .finish]
    case .splitLine:
      // 20 ms: long enough for the pieces to arrive in reads of their own.
      return [
        .write(Array(line[..<third])), .pause(.milliseconds(20)), .write(Array(line[third..<third * 2])),
        .pause(.milliseconds(20)), .write(Array(line[(third * 2)...])),
      ]
    case .stall(let duration): return [.pause(duration), .write(line)]
    case .cutMidLine: return [.write(Array(line[..<(line.count / 2)])), .cut]
    case .duplicateEvent: return [.write(line), .write(line)]
    case .garbageObject:
      let garbage =
        #"{"kind":"\#(kind.kind)","apiVersion":"\#(kind.apiVersion)","metadata":["no","object"],"status":7}"#
      return [.write(encoded("MODIFIED", Array(garbage.utf8))), .write(line)]
    case .gone, .unauthorized, .forbidden, .tooManyRequests, .internalError, .hangUp, .slow: return [.write(line)]
    }
  }

  /// As 1.20 writes it for a pod; other kinds have no `spec` there.
  private func bookmarkLine(annotated: Bool) -> [UInt8] {
    var metadata: JSONValue = ["resourceVersion": .string(String(position)), "creationTimestamp": nil]
    if annotated { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
    var object: JSONValue = [
      "kind": .string(kind.kind), "apiVersion": .string(kind.apiVersion), "metadata": metadata,
    ]
    if kind == .pod {
      object["spec"] = ["containers": nil]
      object["status"] = [:]
    }
    return encoded("BOOKMARK", object.encoded)
  }

  private func encoded(_ type: String, _ object: [UInt8]) -> [UInt8] {
    let line = Array(#"{"type":"\#(type)","object":"#.utf8) + object + [0x7D, 0x0A]
    return isProtobuf ? ProtobufAnswer.frame(line) ?? [] : line
  }
}
