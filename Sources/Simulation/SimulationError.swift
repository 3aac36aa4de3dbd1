/// Why a simulated part could not do its work.
package struct SimulationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kind of the failure.
  package enum Code: Sendable, Equatable {
    /// The socket could not be opened.
    case cannotListen
    /// A recording could not be read.
    case unreadableRecording
    /// A scenario does something that the cluster cannot do.
    case badScenario
  }

  package var code: Code
  /// One line for a person.
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
