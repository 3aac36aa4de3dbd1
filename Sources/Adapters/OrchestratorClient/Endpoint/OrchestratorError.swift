/// Why there can be no channel to the orchestrator: one line for a person.
package struct OrchestratorError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kind of fault.
  package enum Code: Sendable, Equatable {
    /// The URL has not the form `https://host:port`.
    case invalidURL
    /// The URL is `http://`, is not on loopback, and nobody allowed that.
    case plaintextRefused
    /// A certificate or key file cannot be read.
    case unreadableFile
    /// A certificate or key cannot be used.
    case unusableCertificate
    /// A server cannot listen on its address.
    case cannotListen
  }

  /// The kind of fault.
  package let code: Code
  /// One line, with the file or the value it is about, and no key material.
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
