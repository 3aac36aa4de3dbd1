internal import Incidents

/// A configured value as text, from a file, the environment or a flag, read as the type that its setting wants.
struct SettingValue {
  /// The text; of a YAML sequence, its elements.
  let texts: [String]

  /// The one text.
  func text() throws(SettingProblem) -> String {
    guard texts.count == 1 else { throw SettingProblem("wants one value, not a list of \(texts.count)") }
    return texts[0]
  }

  /// A list: a YAML sequence, or names between commas.
  func list() -> [String] {
    let parts = texts.count == 1 ? texts[0].split(separator: ",").map(String.init) : texts
    return parts.map(\.trimmed).filter { !$0.isEmpty }
  }

  func bool() throws(SettingProblem) -> Bool {
    switch try text() {
    case "true": return true
    case "false": return false
    case let other: throw SettingProblem("\"\(other)\" is not true or false")
    }
  }

  func int(_ range: ClosedRange<Int>) throws(SettingProblem) -> Int {
    let text = try text()
    guard let value = Int(text) else { throw SettingProblem("\"\(text)\" is not a whole number") }
    guard range.contains(value) else {
      throw SettingProblem("\(value) is not from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A duration as Go and Kubernetes write it: `800ms`, `30s`, `5m`, `1h30m`.
  func duration(_ range: ClosedRange<Duration>) throws(SettingProblem) -> Duration {
    let text = try text()
    guard let value = Duration(written: text) else {
      throw SettingProblem("\"\(text)\" is not a duration such as 800ms, 30s, 5m or 1h30m")
    }
    guard range.contains(value) else {
      throw SettingProblem("\(text) is not from \(range.lowerBound.written) to \(range.upperBound.written)")
    }
    return value
  }

  /// A size: `4096`, `512KiB`, `32MiB`.
  func bytes(_ range: ClosedRange<Int>) throws(SettingProblem) -> Int {
    let text = try text()
    let units = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("", 1)]
    for (suffix, factor) in units where text.hasSuffix(suffix) {
      guard let number = Int(text.dropLast(suffix.count)), number >= 0 else { break }
      let (value, overflow) = number.multipliedReportingOverflow(by: factor)
      guard !overflow, range.contains(value) else {
        throw SettingProblem("\(text) is not from \(range.lowerBound) to \(range.upperBound) bytes")
      }
      return value
    }
    throw SettingProblem("\"\(text)\" is not a size such as 4096, 512KiB or 32MiB")
  }

  func failureClass() throws(SettingProblem) -> FailureClass {
    let text = try text()
    guard let known = FailureClass(rawValue: text), FailureClass.reportable.contains(known) else {
      let names = FailureClass.reportable.map(\.rawValue).joined(separator: ", ")
      throw SettingProblem("\"\(text)\" is not one of \(names)")
    }
    return known
  }

  func choice<Choice: RawRepresentable & CaseIterable>(_ type: Choice.Type) throws(SettingProblem) -> Choice
  where Choice.RawValue == String {
    let text = try text()
    guard let choice = Choice(rawValue: text) else {
      throw SettingProblem("\"\(text)\" is not one of \(type.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return choice
  }
}

/// What is wrong with a value, without its place.
struct SettingProblem: Error {
  let message: String

  init(_ message: String) {
    self.message = message
  }
}

extension String {
  /// Without spaces and tabs at both ends.
  var trimmed: String {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    guard let start = firstIndex(where: { !isBlank($0) }), let end = lastIndex(where: { !isBlank($0) }) else {
      return ""
    }
    return String(self[start...end])
  }
}

extension Duration {
  /// Reads `1h30m`, `5m`, `30s`, `800ms`; nil for anything else, a number without a unit among it.
  package init?(written text: String) {
    var total: Duration = .zero
    var rest = text.utf8[...]
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      rest = rest.dropFirst(digits.count)
      let unit = String(rest.prefix { !(0x30...0x39).contains($0) }) ?? ""
      rest = rest.dropFirst(unit.utf8.count)
      // Nine digits of hours are 114,000 years: what has more is a mistake.
      guard let text = String(digits), let number = Int64(text), digits.count <= 9 else { return nil }
      switch unit {
      case "ms": total += .milliseconds(number)
      case "s": total += .seconds(number)
      case "m": total += .seconds(number * 60)
      case "h": total += .seconds(number * 3_600)
      default: return nil
      }
    }
    self = total
  }

  /// The shortest form that `init(written:)` reads.
  package var written: String {
    let milliseconds = components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    if milliseconds % 1_000 != 0 { return "\(milliseconds)ms" }
    let seconds = milliseconds / 1_000
    if seconds % 3_600 == 0, seconds > 0 { return "\(seconds / 3_600)h" }
    return seconds % 60 == 0 && seconds > 0 ? "\(seconds / 60)m" : "\(seconds)s"
  }
}
