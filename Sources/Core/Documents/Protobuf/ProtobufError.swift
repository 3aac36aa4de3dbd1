/// Why bytes could not be read as the protobuf message that was expected. Holds no text of the message.
package struct ProtobufError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kind of problem.
  package enum Problem: Sendable, Equatable {
    /// The bytes end in the middle of a field.
    case truncated
    /// Not protobuf: an overlong varint, a wire type or a field number that there is not.
    case syntax
    /// Protobuf, but another wire type than the field has, or another message than the one asked for.
    case unexpectedType
    /// A length beyond what is taken in.
    case tooLong
  }

  /// The byte at which it was noticed, from 0, within the message that was read.
  package var offset: Int
  /// What is wrong there.
  package var problem: Problem

  package init(offset: Int, problem: Problem) {
    self.offset = offset
    self.problem = problem
  }

  package var description: String {
    switch problem {
    case .truncated: "protobuf ends early, at byte \(offset)"
    case .syntax: "not protobuf at byte \(offset)"
    case .unexpectedType: "unexpected type of field at byte \(offset)"
    case .tooLong: "a length beyond the limit at byte \(offset)"
    }
  }
}
