/// A value that has passed the redaction engine.
///
/// Whatever writes to standard output, a file, the outbox or the wire takes a `Redacted<…>` and nothing else, and only
/// this module can make one: that nothing unmasked leaves is a type, not a habit.
package struct Redacted<Value: Sendable>: Sendable {
  /// The masked value.
  package let value: Value
  /// What was masked, by which rule. Never a secret.
  package let report: RedactionReport

  /// Internal on purpose: see the type's comment.
  init(_ value: Value, report: RedactionReport) {
    self.value = value
    self.report = report
  }
}

/// A value that can be redacted: it shows each text in it that came from outside.
package protocol Redactable: Sendable {
  /// Hands every text to `visit`, which may change it. Called more than once for one value (to learn its secrets, then to
  /// mask them), so it must visit the same texts in the same order each time.
  mutating func visitTexts(_ visit: (inout String, TextSource) throws(RedactionError) -> Void) throws(RedactionError)

  /// Writes the report's summary into the value, where it has a place for one.
  mutating func recordRedaction(_ report: RedactionReport)

  /// The value as it will leave, for the last check. Throws where it cannot be encoded.
  func encodedForLastCheck() throws(RedactionError) -> [UInt8]
}

/// What a text claims to be, and where it stands.
package struct TextSource: Sendable, Equatable {
  /// What a text claims to be. A text that is not what it claims is treated as `log`, with every text rule.
  package enum Form: Sendable, Equatable {
    /// A JSON document.
    case json
    /// A YAML stream.
    case yaml
    /// Free text of many lines.
    case log
    /// One message: a termination message, an event, an error.
    case message
    /// A name that Kubernetes limits to a few characters: pod, container, image, reason, uid. Token formats are masked in
    /// it; a value that stands in a name is not propagated as a known secret.
    case identifier
  }

  /// The form.
  package var form: Form
  /// Where it stands in the value, e.g. "log/app/previous", for reports and for the line that says why an incident was withheld.
  package var place: String

  package init(_ form: Form, place: String) {
    self.form = form
    self.place = place
  }
}
