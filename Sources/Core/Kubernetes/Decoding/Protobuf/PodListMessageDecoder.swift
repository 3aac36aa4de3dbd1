package import Documents

/// Reads a PodList in protobuf as it arrives, and holds no more of it than one item and one chunk: the list is one message whose
/// length is known before its content, so its fields are taken as they become whole.
package struct PodListMessageDecoder {
  /// Longest field in bytes; see `WatchDecoder.lineLimit`.
  private static let fieldLimit = WatchDecoder.lineLimit

  private enum State {
    /// Before the magic bytes.
    case magic
    /// Between fields of the envelope.
    case envelope
    /// Between fields of the list, of which so many bytes are left.
    case list(left: Int)
  }

  private var state = State.magic
  private var sawList = false
  private var pending: [UInt8] = []
  /// Fewer pending bytes than this complete nothing.
  private var needed = 0
  private var metadata = ListMetadata()

  package init() {}

  /// The pods that `chunk` completes. Throws where the bytes are not a list.
  package mutating func receive(_ chunk: [UInt8]) throws(ProtobufError) -> [PodSnapshot] {
    pending += chunk
    guard pending.count >= needed else { return [] }
    var pods: [PodSnapshot] = []
    let bytes = pending
    var position = 0
    let result: Result<Void, ProtobufError> = bytes.withUnsafeBytes { buffer in
      do throws(ProtobufError) {
        while try step(UnsafeRawBufferPointer(rebasing: buffer[position...]), &position, &pods) {}
        return .success(())
      } catch {
        return .failure(error)
      }
    }
    try result.get()
    pending = Array(bytes[position...])
    return pods
  }

  /// Called at the end of the body. Throws where the list is not whole.
  package func finish() throws(ProtobufError) -> ListMetadata {
    guard case .envelope = state, sawList, pending.isEmpty else {
      throw ProtobufError(offset: pending.count, problem: .truncated)
    }
    return metadata
  }

  /// Reads the next part of the body from `bytes` and moves `position` behind it; false where it is not there yet.
  private mutating func step(
    _ bytes: UnsafeRawBufferPointer, _ position: inout Int, _ pods: inout [PodSnapshot]
  ) throws(ProtobufError) -> Bool {
    needed = 0
    switch state {
    case .magic:
      guard bytes.count >= ProtobufEnvelope.magic.count else { return false }
      guard bytes.starts(with: ProtobufEnvelope.magic) else { throw ProtobufError(offset: 0, problem: .syntax) }
      state = .envelope
      position += ProtobufEnvelope.magic.count
      return true
    case .envelope:
      guard let head = try head(of: bytes) else { return false }
      if head.field.number == 2, head.field.type == .bytes {
        // Not waited for: it is the list itself.
        state = .list(left: head.length)
        sawList = true
        position += head.size
        return true
      }
      guard try isThere(head, in: bytes) else { return false }
      position += head.size + head.length
      return true
    case .list(let left):
      guard left > 0 else {
        state = .envelope
        return true
      }
      guard let head = try head(of: bytes) else { return false }
      let size = head.size + head.length
      guard size <= left else { throw ProtobufError(offset: position, problem: .syntax) }
      guard try isThere(head, in: bytes) else { return false }
      try take(UnsafeRawBufferPointer(rebasing: bytes[..<size]), &pods)
      state = .list(left: left - size)
      position += size
      return true
    }
  }

  /// A field that is about to come.
  private struct Head {
    var field: ProtobufReader.Field
    /// Bytes of key and length.
    var size: Int
    /// Bytes of the value.
    var length: Int
  }

  /// What stands before the next value; nil where it is not there yet. A value that is no length-delimited one counts as part of the
  /// head.
  private func head(of bytes: UnsafeRawBufferPointer) throws(ProtobufError) -> Head? {
    var reader = ProtobufReader(bytes)
    do throws(ProtobufError) {
      guard let field = try reader.nextField() else { return nil }
      if field.type == .bytes {
        let length = try reader.length()
        return Head(field: field, size: reader.offset, length: length)
      }
      try reader.skip(field)
      return Head(field: field, size: reader.offset, length: 0)
    } catch {
      guard error.problem == .truncated else { throw error }
      return nil
    }
  }

  private mutating func isThere(_ head: Head, in bytes: UnsafeRawBufferPointer) throws(ProtobufError) -> Bool {
    // Before it is waited for, or a length alone would make room for itself.
    guard head.length <= Self.fieldLimit else { throw ProtobufError(offset: 0, problem: .tooLong) }
    guard bytes.count < head.size + head.length else { return true }
    needed = head.size + head.length
    return false
  }

  private mutating func take(
    _ bytes: UnsafeRawBufferPointer, _ pods: inout [PodSnapshot]
  ) throws(ProtobufError) {
    var reader = ProtobufReader(bytes)
    guard let field = try reader.nextField() else { return }
    switch field.number {
    case 1:
      let read = try ListMetadata(reading: try reader.message(field))
      metadata.resourceVersion = read.resourceVersion
      metadata.continueToken = read.continueToken
    case 2:
      do throws(ProtobufError) {
        var item = try reader.message(field)
        pods.append(try PodSnapshot(reading: &item))
      } catch {
        guard error.problem == .unexpectedType else { throw error }
        metadata.skipped += 1
      }
    default: break
    }
  }
}
