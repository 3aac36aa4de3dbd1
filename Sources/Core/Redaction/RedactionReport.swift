/// What redaction did: counts by rule. Never holds a value or a part of one.
package struct RedactionReport: Sendable, Equatable {
  /// Version of the rules that were used.
  package var ruleSetVersion: String
  /// Masked values by rule name.
  package var counts: [String: Int]
  /// Secrets that were masked by their rule but are not looked for elsewhere, because the memory for known values is full.
  package var unremembered = 0

  /// Where, in the order of the text; only with `RedactionOptions.recordsPlaces`.
  package var places: [MaskedPlace] = []

  package init(ruleSetVersion: String, counts: [String: Int] = [:]) {
    self.ruleSetVersion = ruleSetVersion
    self.counts = counts
  }

  /// Masked values, all rules together.
  package var total: Int { counts.values.reduce(0, +) }

  /// The counts alone.
  var withoutPlaces: RedactionReport {
    var out = self
    out.places = []
    return out
  }

  /// What was masked after an earlier report of the same input.
  func since(_ earlier: RedactionReport) -> RedactionReport {
    var out = self
    for (rule, count) in earlier.counts { out.counts[rule, default: 0] -= count }
    out.counts = out.counts.filter { $0.value > 0 }
    out.places.removeFirst(earlier.places.count)
    return out
  }

  /// Adds what was masked in another part of the same input.
  package mutating func add(_ other: RedactionReport) {
    counts.merge(other.counts, uniquingKeysWith: +)
    unremembered = max(unremembered, other.unremembered)
    places += other.places
  }
}

/// Why a value was withheld: none of it may leave.
package struct RedactionError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kind.
  package enum Code: String, Sendable, CaseIterable {
    /// A rule failed.
    case ruleFailed = "rule_failed"
    /// The time for this value was used up.
    case timeout
    /// A limit on memory or nesting was reached.
    case limit
    /// The last check found a secret in what was about to leave.
    case lastCheck = "last_check"
    /// The value could not be encoded for the last check.
    case encoding
    /// The configuration of the rules is wrong (start-up only).
    case configuration
  }

  /// The kind.
  package var code: Code
  /// The rule concerned; empty where none is.
  package var rule: String
  /// Where, e.g. "log/app/previous" or "rules.yaml:12".
  package var place: String
  /// One line for a person. Never a value.
  package var message: String

  package init(_ code: Code, rule: String = "", place: String, message: String) {
    self.code = code
    self.rule = rule
    self.place = place
    self.message = message
  }

  package var description: String {
    rule.isEmpty ? "\(place): \(message)" : "\(place): rule \(rule): \(message)"
  }
}
