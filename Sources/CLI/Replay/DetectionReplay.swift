internal import Documents
internal import FoundationEssentials
internal import Incidents
internal import Kubernetes
internal import Telemetry
internal import Time

/// Runs detection again over what `watch --record` wrote: the failures that are in a recording, and when each would be found.
///
/// A recording has no times of its own, so no failure is too old to be reported.
struct DetectionReplay {
  /// Bytes that are handed to the decoder at once.
  private static let chunkSize = 64 << 10
  /// What a recording begins with, as the API server writes events; no incident does.
  private static let marks = [
    "{\"type\":\"ADDED\"", "{\"type\":\"MODIFIED\"", "{\"type\":\"DELETED\"", "{\"type\":\"BOOKMARK\"",
  ]

  /// One failure that was found.
  struct Finding: Equatable {
    /// Number of the event, from 1.
    var event: Int
    var namespace: String
    var pod: String
    var container: String
    var failure: String
    var reason: String
  }

  private(set) var findings: [Finding] = []
  private(set) var events = 0
  private(set) var skipped = 0
  private var detector = FailureDetector(options: .init(maximumAge: .seconds(Int64.max / 1_000_000_000)))
  private var pods: Set<String> = []

  /// True if all the files are recordings of a watch.
  static func reads(_ paths: [String]) -> Bool {
    !paths.isEmpty
      && paths.allSatisfy { path in
        guard let file = try? map(path) else { return false }
        return marks.contains { file.starts(with: $0.utf8) }
      }
  }

  /// Reads the files in turn, as one stream, and writes what is found.
  static func run(_ paths: [String], json: Bool) throws(CommandFailure) {
    var replay = DetectionReplay()
    for path in paths {
      let file: Data
      do { file = try map(path) } catch { throw CommandFailure("cannot read \(path)") }
      do throws(APIError) { try replay.read(file) } catch { throw CommandFailure("\(path): \(error.message)") }
    }
    try SystemStreams.writeOutput(json ? replay.json : replay.text)
  }

  /// Takes the bytes of one file.
  mutating func read(_ file: some RandomAccessCollection<UInt8>) throws(APIError) {
    var reader = PodWatchReader(.json)
    var read: [WatchEvent] = []
    var position = file.startIndex
    while position < file.endIndex {
      let end = file.index(position, offsetBy: Self.chunkSize, limitedBy: file.endIndex) ?? file.endIndex
      try reader.receive(Array(file[position..<end]), into: &read)
      for event in read { take(event) }
      read.removeAll(keepingCapacity: true)
      position = end
    }
    // A crash may have cut off the last line.
    try? reader.receive([0x0A], into: &read)
    for event in read { take(event) }
  }

  private mutating func take(_ event: WatchEvent) {
    events += 1
    switch event {
    case .added(let pod), .modified(let pod):
      pods.insert(pod.uid)
      for occurrence in detector.podApplied(pod, at: .epoch) {
        findings.append(
          Finding(
            event: events, namespace: occurrence.pod.namespace, pod: occurrence.pod.name,
            container: occurrence.container.name, failure: occurrence.identity.failureClass.rawValue,
            reason: occurrence.reason))
      }
    case .deleted(let pod): detector.podDeleted(uid: pod.uid)
    case .undecodable: skipped += 1
    case .bookmark, .error: break
    }
  }

  private static func map(_ path: String) throws -> Data {
    try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)
  }

  private var text: String {
    var table = TextTable([
      ("event", .right), ("namespace", .left), ("pod", .left), ("container", .left), ("failure", .left),
      ("reason", .left),
    ])
    for finding in findings {
      table.add(
        "\(finding.event)", finding.namespace, finding.pod, finding.container, finding.failure,
        TerminalText.safe(finding.reason))
    }
    let summary = "\(findings.count) failures in \(events) events of \(pods.count) pods, \(skipped) events not read"
    return (table.lines() + [summary]).map { $0 + "\n" }.joined()
  }

  private var json: String {
    let lines = findings.map { finding in
      let members = [
        ("namespace", finding.namespace), ("pod", finding.pod), ("container", finding.container),
        ("failure", finding.failure), ("reason", finding.reason),
      ]
      return "{\"event\":\(finding.event)," + members.map { "\"\($0.0)\":\($0.1.jsonQuoted)" }.joined(separator: ",")
        + "}"
    }
    return
      "{\"events\":\(events),\"pods\":\(pods.count),\"skipped\":\(skipped),\"failures\":[\(lines.joined(separator: ","))]}\n"
  }
}
