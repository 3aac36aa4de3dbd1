/// Why the outbox does not take an incident. The caller still has it, and must not count it as handled.
package struct DeliveryError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kind of refusal.
  package enum Code: Sendable, Equatable {
    /// The outbox is full. Nothing is thrown out for a newer incident: what is in it was promised first.
    case outboxFull
    /// The incident is larger than the contract allows.
    case tooLarge
    /// Delivery is shutting down or has ended.
    case shutDown
  }

  /// The kind of refusal.
  package let code: Code
  /// One line for a person, with the limit and its unit.
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
