/// Why bytes could not be read as the JSON that was expected. Holds no text of the document.
package struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kind of problem.
  package enum Problem: Sendable, Equatable {
    /// The bytes end in the middle of a value: more of them may make it whole.
    case truncated
    /// Not JSON.
    case syntax
    /// JSON, but another kind of value than the one asked for.
    case unexpectedType
    /// More than `JSONScanner.depthLimit` containers are open.
    case tooDeep
  }

  /// The byte at which it was noticed, from 0.
  package var offset: Int
  /// What is wrong there.
  package var problem: Problem

  package init(offset: Int, problem: Problem) {
    self.offset = offset
    self.problem = problem
  }

  package var description: String {
    switch problem {
    case .truncated: "JSON ends early, at byte \(offset)"
    case .syntax: "not JSON at byte \(offset)"
    case .unexpectedType: "unexpected type of value at byte \(offset)"
    case .tooDeep: "nested deeper than \(JSONScanner.depthLimit) levels at byte \(offset)"
    }
  }
}
