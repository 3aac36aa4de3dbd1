/// Text formats of metrics.
package enum MetricsFormat: Sendable, Equatable {
  /// Prometheus' own, version 0.0.4.
  /// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
  case prometheus
  /// OpenMetrics 1.0, with exemplars. https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
  case openMetrics

  /// Media type of the text.
  package var contentType: String {
    switch self {
    case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
    case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
    }
  }

  /// The format for a request's Accept field: OpenMetrics where it is named and not refused, for every scraper that
  /// understands it names it, and Prometheus' own format is what all others read.
  init(accept: String) {
    let named = accept.split(separator: ",").first { $0.contains("application/openmetrics-text") }
    let isRefused = named?.split(separator: ";").contains { $0.filter { $0 != " " } == "q=0" } ?? true
    self = isRefused ? .prometheus : .openMetrics
  }
}

/// What a value of a histogram was measured on.
package struct MetricExemplar: Sendable, Equatable {
  /// incident_id; 32 hexadecimal digits, far below the 128 characters that OpenMetrics allows.
  package var incidentID: String
  /// Seconds since 1970.
  package var time: Double
  var value = 0.0

  package init(incidentID: String, time: Double) {
    self.incidentID = incidentID
    self.time = time
  }
}

/// Writes metrics in a text format.
struct PrometheusText {
  private(set) var bytes: [UInt8] = []
  private let format: MetricsFormat

  init(_ format: MetricsFormat = .prometheus) {
    self.format = format
  }

  /// Appends a metric with all its series.
  mutating func append(_ description: MetricDescription, _ series: [MetricSeries]) {
    let name = description.name
    let family = family(of: description)
    if !description.help.isEmpty {
      write("# HELP \(family) \(Self.escaped(description.help, quotes: format == .openMetrics))\n")
    }
    write("# TYPE \(family) \(description.kind.rawValue)\n")
    for one in series {
      let snapshot = one.snapshot
      guard description.kind == .histogram else {
        write("\(name)\(Self.labels(one.labels)) \(Self.number(snapshot.number))\n")
        continue
      }
      let exemplars = format == .openMetrics ? one.exemplars : []
      for (index, (bound, count)) in zip(one.buckets, snapshot.cumulative).enumerated() {
        bucket(name, one.labels, bound: self.bound(bound), count, exemplars.isEmpty ? nil : exemplars[index])
      }
      bucket(name, one.labels, bound: "+Inf", snapshot.count, exemplars.last ?? nil)
      write("\(name)_sum\(Self.labels(one.labels)) \(Self.number(snapshot.number))\n")
      write("\(name)_count\(Self.labels(one.labels)) \(snapshot.count)\n")
    }
  }

  /// The whole text.
  func finished() -> [UInt8] {
    format == .openMetrics ? bytes + Array("# EOF\n".utf8) : bytes
  }

  /// OpenMetrics calls a counter by its name without the ending that its sample has.
  private func family(of description: MetricDescription) -> String {
    guard format == .openMetrics, description.kind == .counter, description.name.hasSuffix("_total") else {
      return description.name
    }
    return String(description.name.dropLast("_total".count))
  }

  /// OpenMetrics wants a bound to be seen as a floating-point number.
  private func bound(_ number: Double) -> String {
    let text = Self.number(number)
    return format == .openMetrics && text.allSatisfy { $0.isNumber || $0 == "-" } ? text + ".0" : text
  }

  private mutating func bucket(
    _ name: String, _ labels: [(name: String, value: String)], bound: String, _ count: UInt64,
    _ exemplar: MetricExemplar?
  ) {
    var line = "\(name)_bucket\(Self.labels(labels + [("le", bound)])) \(count)"
    if let exemplar {
      line += " # {incident_id=\"\(Self.escaped(exemplar.incidentID, quotes: true))\"}"
      line += " \(Self.number(exemplar.value)) \(Self.number(exemplar.time))"
    }
    write(line + "\n")
  }

  private mutating func write(_ text: String) {
    bytes += text.utf8
  }

  private static func labels(_ labels: [(name: String, value: String)]) -> String {
    guard !labels.isEmpty else { return "" }
    return "{" + labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }.joined(separator: ",") + "}"
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var escaped = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\"" where quotes: escaped += "\\\""
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped
  }

  /// A number as Go reads it; whole numbers without a fraction.
  static func number(_ number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number < 0 ? "-Inf" : "+Inf" }
    // 2^53: beyond it a double holds no odd numbers, and Int(exactly:) would show digits that mean nothing.
    if abs(number) < 9_007_199_254_740_992, let whole = Int64(exactly: number) { return String(whole) }
    return "\(number)"
  }

  /// A metric's name: letters, digits, `_` and `:`; no digit first.
  static func name(_ text: String) -> String {
    cleaned(text, allowsColon: true)
  }

  /// A label's name: letters, digits and `_`; no digit first.
  static func labelName(_ text: String) -> String {
    cleaned(text, allowsColon: false)
  }

  private static func cleaned(_ text: String, allowsColon: Bool) -> String {
    var bytes = text.utf8.map { byte -> UInt8 in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: byte
      case 0x3A where allowsColon: byte
      default: 0x5F
      }
    }
    if let first = bytes.first, (0x30...0x39).contains(first) { bytes.insert(0x5F, at: 0) }
    return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
  }
}
