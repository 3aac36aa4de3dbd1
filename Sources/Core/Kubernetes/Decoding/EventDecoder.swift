package import Documents
internal import Time

extension EventSnapshot {
  /// Reads an Event (core/v1). Throws `.unexpectedType` where a field has another type or the event has no name.
  package init(scanning scanner: inout JSONScanner) throws(JSONError) {
    var times = EventTimes()
    var (source, reporter) = ("", "")
    var (counted, series) = (0, 0)
    let start = scanner.offset
    try scanner.beginObject()
    while let key = try scanner.nextKey() {
      switch key {
      case "metadata": try decodeMetadata(&scanner, &times)
      case "involvedObject": try decodeInvolvedObject(&scanner)
      case "type": type = try scanner.text()
      case "reason": reason = try scanner.text()
      case "message": message = try scanner.text()
      case "count": counted = try scanner.integer()
      case "firstTimestamp": times.first = try scanner.time()
      case "lastTimestamp": times.last = try scanner.time()
      case "eventTime": times.event = try scanner.time()
      case "reportingComponent": reporter = try scanner.text()
      case "source":
        guard try scanner.enterObject() else { continue }
        while let key = try scanner.nextKey() {
          if key.isEqual(to: "component") { source = try scanner.text() } else { try scanner.skipValue() }
        }
      case "series":
        guard try scanner.enterObject() else { continue }
        while let key = try scanner.nextKey() {
          switch key {
          case "count": series = try scanner.integer()
          case "lastObservedTime": times.lastObserved = try scanner.time()
          default: try scanner.skipValue()
          }
        }
      default: try scanner.skipValue()
      }
    }
    guard !name.isEmpty else { throw JSONError(offset: start, problem: .unexpectedType) }
    component = source.isEmpty ? reporter : source
    count = max(1, series > 0 ? series : counted)
    firstTime = times.first ?? times.event ?? times.created
    lastTime = times.lastObserved ?? times.last ?? times.event ?? times.created
  }

  private mutating func decodeMetadata(_ scanner: inout JSONScanner, _ times: inout EventTimes) throws(JSONError) {
    guard try scanner.enterObject() else { return }
    while let key = try scanner.nextKey() {
      switch key {
      case "name": name = try scanner.text()
      case "uid": uid = try scanner.text()
      case "creationTimestamp": times.created = try scanner.time()
      default: try scanner.skipValue()
      }
    }
  }

  private mutating func decodeInvolvedObject(_ scanner: inout JSONScanner) throws(JSONError) {
    guard try scanner.enterObject() else { return }
    while let key = try scanner.nextKey() {
      switch key {
      case "kind": involvedKind = try scanner.text()
      case "name": involvedName = try scanner.text()
      case "uid": involvedUID = try scanner.text()
      case "fieldPath": fieldPath = try scanner.text()
      default: try scanner.skipValue()
      }
    }
  }

  /// Reads a list of events, sorted by time; those without a time come first.
  package static func list(json: [UInt8]) throws(JSONError) -> [EventSnapshot] {
    let events = try ListDecoder.decode(json) { scanner throws(JSONError) in try EventSnapshot(scanning: &scanner) }
      .items
    return events.sorted { ($0.lastTime ?? .epoch, $0.name) < ($1.lastTime ?? .epoch, $1.name) }
  }
}

/// The times of an event, of which a writer sets some.
private struct EventTimes {
  var created: Timestamp?
  var first: Timestamp?
  var last: Timestamp?
  var event: Timestamp?
  var lastObserved: Timestamp?
}
