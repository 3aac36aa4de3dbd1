package import Time

/// The log file of one run of a container, as the node keeps it.
package struct ContainerLog: Sendable, Equatable {
  /// One line, without its newline.
  package struct Line: Sendable, Equatable {
    package var time: Timestamp
    package var bytes: [UInt8]

    package init(time: Timestamp, bytes: [UInt8]) {
      self.time = time
      self.bytes = bytes
    }
  }

  /// Bytes kept of one run: a tenth of the kubelet's default rotation at 10 MiB, ample for a simulation.
  static let byteLimit = 1 << 20

  package private(set) var lines: [Line] = []
  private var bytes = 0

  package init() {}

  /// Appends a line; the oldest ones go where the limit is passed.
  package mutating func append(_ line: Line) {
    lines.append(line)
    bytes += line.bytes.count + 1
    while bytes > Self.byteLimit, lines.count > 1 { bytes -= lines.removeFirst().bytes.count + 1 }
  }
}

/// What a request wants of a log.
struct LogOptions: Sendable, Equatable {
  var tailLines: Int?
  var limitBytes: Int?
  var since: Timestamp?
  var timestamps = false

  /// The body the kubelet writes: forward from the start of the tail until `limitBytes`, so that with both it is the
  /// newest lines that are missing.
  func body(of log: ContainerLog) -> [UInt8] {
    var lines = log.lines[...]
    if let since { lines = lines.drop { $0.time < since } }
    if let tailLines { lines = lines.suffix(tailLines) }
    var body: [UInt8] = []
    for line in lines {
      if timestamps { body += Self.stamp(line.time).utf8 }
      body += line.bytes
      body.append(0x0A)
      if let limitBytes, body.count >= limitBytes { return Array(body.prefix(limitBytes)) }
    }
    return body
  }

  /// RFC 3339 with nine digits, as the runtime writes each line's time.
  private static func stamp(_ time: Timestamp) -> String {
    let digits = String(time.nanoseconds)
    return time.formatted(.seconds).dropLast() + "." + String(repeating: "0", count: 9 - digits.utf8.count) + digits
      + "Z "
  }
}
