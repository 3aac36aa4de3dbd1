/// Why telemetry cannot do its work: one line for a person.
package struct TelemetryError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kind of fault.
  package enum Code: Sendable, Equatable {
    /// The address of the probe port cannot be listened on.
    case cannotListen
  }

  package let code: Code
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
