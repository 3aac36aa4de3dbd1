package import Documents

/// What a list says of itself.
package struct ListMetadata: Sendable, Equatable {
  /// metadata.resourceVersion: where a watch goes on.
  package var resourceVersion = ""
  /// metadata.continue: the token of the next page; empty on the last.
  package var continueToken = ""
  /// Items that were JSON but no object of the kind, left out.
  package var skipped = 0

  package init(resourceVersion: String = "", continueToken: String = "", skipped: Int = 0) {
    self.resourceVersion = resourceVersion
    self.continueToken = continueToken
    self.skipped = skipped
  }
}

/// Reads a list as it arrives, and holds no more of it than one item and one chunk: a list of 10,000 pods has 60 MB.
package struct ListDecoder<Item> {
  /// Longest item in bytes; see `WatchDecoder.lineLimit`.
  package static var itemLimit: Int { WatchDecoder.lineLimit }

  private enum State {
    /// Before the list's brace.
    case start
    /// Between members of the list.
    case members
    /// Between elements of `items`.
    case items
    /// Behind the list's brace.
    case end
  }

  private let readItem: (inout JSONScanner) throws(JSONError) -> Item
  private var state = State.start
  private var checkpoint = JSONScanner.Checkpoint()
  /// Bytes from the last checkpoint on.
  private var pending: [UInt8] = []
  /// Fewer pending bytes than this are not tried again, so that a large item costs no more than twice its size.
  private var retryAt = 0
  private var metadata = ListMetadata()

  /// A decoder whose items are read by `readItem`; one that it refuses with `.unexpectedType` is skipped and counted.
  package init(_ readItem: @escaping (inout JSONScanner) throws(JSONError) -> Item) {
    self.readItem = readItem
  }

  /// The items that `chunk` completes. Throws where the bytes are not a list.
  package mutating func receive(_ chunk: [UInt8]) throws(JSONError) -> [Item] {
    pending += chunk
    guard pending.count >= retryAt else { return [] }
    var items: [Item] = []
    let bytes = pending
    var position = 0
    let result: Result<Void, JSONError> = bytes.withUnsafeBytes { buffer in
      do throws(JSONError) {
        while position < buffer.count {
          var scanner = JSONScanner(UnsafeRawBufferPointer(rebasing: buffer[position...]), resuming: checkpoint)
          let next = try step(&scanner, &items)
          state = next
          checkpoint = scanner.checkpoint
          position += scanner.offset
        }
        return .success(())
      } catch {
        return error.problem == .truncated ? .success(()) : .failure(error)
      }
    }
    try result.get()
    pending.removeFirst(position)
    guard pending.count <= Self.itemLimit else { throw JSONError(offset: pending.count, problem: .tooDeep) }
    retryAt = pending.count * 2
    return items
  }

  /// Called at the end of the body. Throws where the list is not whole.
  package mutating func finish() throws(JSONError) -> (items: [Item], metadata: ListMetadata) {
    retryAt = 0
    let items = try receive([])
    guard case .end = state else { throw JSONError(offset: pending.count, problem: .truncated) }
    return (items, metadata)
  }

  /// Reads one member, one item, or one end. Throws `.truncated` without having changed anything but `scanner` and what a
  /// second reading of the same bytes overwrites.
  private mutating func step(_ scanner: inout JSONScanner, _ items: inout [Item]) throws(JSONError) -> State {
    switch state {
    case .start:
      try scanner.beginObject()
      return .members
    case .members:
      guard let key = try scanner.nextKey() else { return .end }
      switch key {
      case "items":
        if try scanner.enterArray() { return .items }
      case "metadata":
        let read = try ObjectMetadata.list(scanning: &scanner)
        metadata.resourceVersion = read.resourceVersion
        metadata.continueToken = read.continueToken
      default: try scanner.skipValue()
      }
      // A number at the very end might go on in the next chunk; what follows a member is known to be there.
      guard !scanner.isAtEnd() else { throw JSONError(offset: scanner.offset, problem: .truncated) }
      return .members
    case .items:
      guard try scanner.nextElement() else { return .members }
      let start = scanner
      do throws(JSONError) {
        items.append(try readItem(&scanner))
      } catch {
        guard error.problem == .unexpectedType else { throw error }
        scanner = start
        try scanner.skipValue()
        metadata.skipped += 1
      }
      return .items
    case .end:
      try scanner.finish()
      return .end
    }
  }
}

extension ListDecoder {
  /// Reads a whole body.
  package static func decode(
    _ body: [UInt8], _ readItem: @escaping (inout JSONScanner) throws(JSONError) -> Item
  ) throws(JSONError) -> (items: [Item], metadata: ListMetadata) {
    var decoder = ListDecoder(readItem)
    let items = try decoder.receive(body)
    let (rest, metadata) = try decoder.finish()
    return (items + rest, metadata)
  }
}
