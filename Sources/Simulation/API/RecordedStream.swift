/// A recorded watch: its lines as they were, each with the time it came.
package struct RecordedStream: Sendable, Equatable {
  /// A line with its newline.
  package struct Line: Sendable, Equatable {
    /// Time after the stream's first line.
    package var offset: Duration
    /// The bytes, newline included.
    package var bytes: [UInt8]
    /// metadata.resourceVersion of the object; 0 where it has none.
    package var resourceVersion: Int

    /// Name and bytes of the object that the line shows; nil for a bookmark or an error.
    var object: (name: String, bytes: [UInt8])? {
      let key = Array(#""object":"#.utf8)
      guard let value = try? JSONValue(parsing: bytes), let name = value.at("object", "metadata", "name")?.text,
        let start = bytes.firstRange(of: key)?.upperBound
      else { return nil }
      // `{"type":"…","object":{…}}` and a newline.
      return (name, Array(bytes[start...].dropLast(2)))
    }
  }

  /// How the lines are spaced.
  package enum Pacing: Sendable, Equatable {
    /// As fast as the reader takes them.
    case immediate
    /// As recorded, so many times faster.
    case recorded(speed: Double)
  }

  /// Lines in order.
  package var lines: [Line]
  /// How they are spaced.
  package var pacing: Pacing
  /// True: the server ends the stream after the last line, as its time-out would. False: it stays open and silent.
  package var endsAfterLastLine: Bool

  package init(lines: [Line], pacing: Pacing = .immediate, endsAfterLastLine: Bool = false) {
    self.lines = lines
    self.pacing = pacing
    self.endsAfterLastLine = endsAfterLastLine
  }

  /// Reads a file of JSON lines and, if given, the table of arrivals beside it: a line each, its first column the time in
  /// milliseconds. Lines beyond the table come with the last time in it.
  package init(
    jsonLines: [UInt8], arrivals: String? = nil, pacing: Pacing = .immediate, endsAfterLastLine: Bool = false
  ) {
    let times = (arrivals ?? "").split(separator: "\n").compactMap {
      $0.split(separator: "\t").first.flatMap { Int($0) }
    }
    var lines: [Line] = []
    for (index, line) in jsonLines.split(separator: 0x0A).enumerated() {
      let offset = times.isEmpty ? 0 : times[min(index, times.count - 1)] - times[0]
      let version = (try? JSONValue(parsing: line))?.at("object", "metadata", "resourceVersion")?.text
      lines.append(
        Line(
          offset: .milliseconds(offset), bytes: Array(line) + [0x0A], resourceVersion: version.flatMap { Int($0) } ?? 0)
      )
    }
    self.init(lines: lines, pacing: pacing, endsAfterLastLine: endsAfterLastLine)
  }

  /// The rest of the stream for a watch that has seen everything up to a resourceVersion.
  func resumed(after revision: Int) -> RecordedStream {
    var rest = self
    rest.lines = Array(lines.drop { $0.resourceVersion <= revision })
    // A watch from the end of the recording finds a quiet cluster, not one that hangs up again and again.
    if rest.lines.isEmpty { rest.endsAfterLastLine = false }
    return rest
  }

  /// Time after the stream's opening at which a line is due.
  func due(_ line: Line) -> Duration {
    switch pacing {
    case .immediate: .zero
    case .recorded(let speed): line.offset / max(speed, 0.001)
    }
  }
}
