internal import Redaction

/// Reads a file that is to be redacted, in pieces: as UTF-8, where it is UTF-16.
struct RedactReader: ~Copyable {
  private let descriptor: Descriptor
  /// Decodes, and encodes what is written; nil where the text is taken as it is.
  private(set) var form: UTF16Text?
  /// The first bytes, by which that was decided.
  private var head: [UInt8]?
  /// True once nothing comes any more: a terminal would be asked again otherwise.
  private var isAtEnd = false
  /// True once that was told.
  private var isDone = false

  /// Bytes of a piece. Large enough that a call costs nothing beside the work on what it brings.
  private static let piece = 256 << 10

  init(_ descriptor: consuming Descriptor) throws(CommandFailure) {
    var head: [UInt8] = []
    // A pipe may bring the first bytes one by one.
    while head.count < FileFormat.headLength {
      let more = try descriptor.read(upTo: Self.piece)
      isAtEnd = more.isEmpty
      if isAtEnd { break }
      head += more
    }
    self.descriptor = descriptor
    form = UTF16Text(first: head)
    self.head = head
  }

  /// The next bytes of the text; nil at its end.
  mutating func next() throws(CommandFailure) -> [UInt8]? {
    if isDone { return nil }
    let bytes: [UInt8]
    if let first = head.take() {
      bytes = first
    } else {
      bytes = isAtEnd ? [] : try descriptor.read(upTo: Self.piece)
      isAtEnd = bytes.isEmpty
      isDone = isAtEnd
    }
    guard form != nil else { return isDone ? nil : bytes }
    return form?.decode(bytes, isEnd: isDone)
  }
}
