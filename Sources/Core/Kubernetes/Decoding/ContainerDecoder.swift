internal import Documents
internal import Time

extension ContainerSnapshot {
  /// Reads one of the lists of container statuses.
  static func list(_ kind: ContainerKind, scanning scanner: inout JSONScanner) throws(JSONError) -> [ContainerSnapshot]
  {
    var containers: [ContainerSnapshot] = []
    guard try scanner.enterArray() else { return containers }
    while try scanner.nextElement() {
      var container = ContainerSnapshot(name: "", kind: kind)
      try container.decode(&scanner)
      containers.append(container)
    }
    return containers
  }

  private mutating func decode(_ scanner: inout JSONScanner) throws(JSONError) {
    try scanner.beginObject()
    while let key = try scanner.nextKey() {
      switch key {
      case "name": name = try scanner.text()
      case "state": state = try ContainerState(scanning: &scanner)
      case "lastState":
        if case .terminated(let termination) = try ContainerState(scanning: &scanner) { lastTermination = termination }
      case "restartCount": restartCount = try scanner.integer()
      case "image": image = try scanner.text()
      case "imageID": imageID = try scanner.text()
      case "containerID": containerID = try scanner.text()
      default: try scanner.skipValue()
      }
    }
  }
}

extension ContainerState {
  /// Reads a ContainerState. Where several members are set, which the API forbids, the last one counts.
  fileprivate init(scanning scanner: inout JSONScanner) throws(JSONError) {
    self = .unknown
    guard try scanner.enterObject() else { return }
    while let key = try scanner.nextKey() {
      switch key {
      case "waiting": if let waiting = try Self.waiting(scanning: &scanner) { self = waiting }
      case "running": if let running = try Self.running(scanning: &scanner) { self = running }
      case "terminated": if let termination = try Termination(scanning: &scanner) { self = .terminated(termination) }
      default: try scanner.skipValue()
      }
    }
  }

  private static func waiting(scanning scanner: inout JSONScanner) throws(JSONError) -> ContainerState? {
    var (reason, message) = ("", "")
    guard try scanner.enterObject() else { return nil }
    while let key = try scanner.nextKey() {
      switch key {
      case "reason": reason = try scanner.text()
      case "message": message = try scanner.text()
      default: try scanner.skipValue()
      }
    }
    return .waiting(reason: reason, message: message)
  }

  private static func running(scanning scanner: inout JSONScanner) throws(JSONError) -> ContainerState? {
    var startedAt: Timestamp?
    guard try scanner.enterObject() else { return nil }
    while let key = try scanner.nextKey() {
      switch key {
      case "startedAt": startedAt = try scanner.time()
      default: try scanner.skipValue()
      }
    }
    return .running(startedAt: startedAt)
  }
}

extension Termination {
  fileprivate init?(scanning scanner: inout JSONScanner) throws(JSONError) {
    self.init(exitCode: 0)
    guard try scanner.enterObject() else { return nil }
    while let key = try scanner.nextKey() {
      switch key {
      case "exitCode": exitCode = try scanner.integer()
      case "signal": signal = try scanner.integer()
      case "reason": reason = try scanner.text()
      case "message": message = try scanner.text()
      case "startedAt": startedAt = try scanner.time()
      case "finishedAt": finishedAt = try scanner.time()
      case "containerID": containerID = try scanner.text()
      default: try scanner.skipValue()
      }
    }
  }
}

extension JSONScanner {
  /// Reads a `Time` or `MicroTime`; nil for null and for a text that is no time.
  mutating func time() throws(JSONError) -> Timestamp? {
    if try null() { return nil }
    return Timestamp(rfc3339Bytes: try string().content)
  }
}
