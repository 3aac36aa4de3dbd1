internal import FoundationEssentials

extension RecordedTraffic {
  /// Reads recorded answers from a folder: each body `X` has beside it `X.http.txt` with the lines of the request (`> `)
  /// and of the answer's header (`< `). Bodies without such a file, and watches, are passed over.
  package static func load(folder: String) throws(SimulationError) -> RecordedTraffic {
    var traffic = RecordedTraffic()
    do {
      for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      where name.hasSuffix(".http.txt") {
        let header = String(decoding: try Data(contentsOf: URL(filePath: "\(folder)/\(name)")), as: UTF8.self)
        let bodyPath = "\(folder)/\(name.dropLast(".http.txt".count))"
        guard FileManager.default.fileExists(atPath: bodyPath),
          let exchange = Exchange(header: header, body: Array(try Data(contentsOf: URL(filePath: bodyPath))))
        else { continue }
        traffic.add(exchange)
      }
    } catch {
      throw SimulationError(.unreadableRecording, "cannot read the recording in \(folder): \(error)")
    }
    return traffic
  }

  /// Adds the answers of another recording.
  package mutating func merge(_ other: RecordedTraffic) {
    answers.merge(other.answers) { _, new in new }
    streams.merge(other.streams) { _, new in new }
    shown.merge(other.shown) { _, new in new }
  }
}

extension RecordedTraffic.Exchange {
  /// Reads what curl wrote of an exchange; nil for a watch or a text without request and status.
  init?(header: String, body: [UInt8]) {
    var target: Substring?
    var status: Int?
    var type: Substring = "application/json"
    for line in header.split(separator: "\n") {
      let words = line.split(separator: " ")
      switch words.first {
      case ">" where words.count >= 4 && target == nil && words[1] == "GET": target = words[2]
      case "<" where words.count >= 3 && status == nil: status = Int(words[2])
      case "<" where words.count >= 3 && words[1].lowercased() == "content-type:":
        type = words[2].split(separator: "\r").first ?? type
      default: break
      }
    }
    guard let target, let status, !target.contains("watch=") else { return nil }
    self.init(target: String(target), status: status, contentType: String(type), body: body)
  }
}

extension RecordedStream {
  /// Reads a recorded watch and, if it is there, the table of arrivals `PATH.arrivals.tsv` beside it.
  package static func load(
    path: String, pacing: Pacing = .immediate, endsAfterLastLine: Bool = false
  ) throws(SimulationError) -> RecordedStream {
    do {
      let lines = Array(try Data(contentsOf: URL(filePath: path)))
      let arrivals = try? Data(contentsOf: URL(filePath: path + ".arrivals.tsv"))
      return RecordedStream(
        jsonLines: lines, arrivals: arrivals.map { String(decoding: $0, as: UTF8.self) }, pacing: pacing,
        endsAfterLastLine: endsAfterLastLine)
    } catch {
      throw SimulationError(.unreadableRecording, "cannot read the recorded watch \(path): \(error)")
    }
  }
}
