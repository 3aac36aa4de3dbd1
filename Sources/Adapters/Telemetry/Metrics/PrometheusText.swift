/// Prometheus' text format, version 0.0.4.
/// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
struct PrometheusText {
  /// Media type of the text.
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  private(set) var bytes: [UInt8] = []

  /// Appends a metric with all its series.
  mutating func append(_ description: MetricDescription, _ series: [MetricSeries]) {
    let name = description.name
    if !description.help.isEmpty { write("# HELP \(name) \(Self.escaped(description.help, quotes: false))\n") }
    write("# TYPE \(name) \(description.kind.rawValue)\n")
    for one in series {
      let snapshot = one.snapshot
      guard description.kind == .histogram else {
        write("\(name)\(Self.labels(one.labels)) \(Self.number(snapshot.number))\n")
        continue
      }
      for (bound, count) in zip(one.buckets, snapshot.cumulative) {
        write("\(name)_bucket\(Self.labels(one.labels + [("le", Self.number(bound))])) \(count)\n")
      }
      write("\(name)_bucket\(Self.labels(one.labels + [("le", "+Inf")])) \(snapshot.count)\n")
      write("\(name)_sum\(Self.labels(one.labels)) \(Self.number(snapshot.number))\n")
      write("\(name)_count\(Self.labels(one.labels)) \(snapshot.count)\n")
    }
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
