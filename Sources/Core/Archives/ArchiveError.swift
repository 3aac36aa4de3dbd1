/// Why an archive cannot be read. One line; holds no text of the archive.
package struct ArchiveError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kind of the failure.
  package enum Code: Sendable, Equatable {
    /// It ends in the middle.
    case truncated
    /// It is not what its format allows, or a checksum is wrong.
    case corrupt
    /// It is larger than what is read of one.
    case tooLarge
    /// The bytes could not be had.
    case unreadable
  }

  /// The kind.
  package let code: Code
  /// One line for a person.
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}

/// Where an archive's bytes come from: the next of them, as many as there happen to be; empty at the end.
package typealias ByteSource = () throws(ArchiveError) -> [UInt8]
