extension Timestamp {
  /// As the generic `init(rfc3339Bytes:)`, for bytes that are lent: code that is generic across modules is not specialised, and
  /// a watch event has up to a dozen times in it.
  package init?(rfc3339Bytes bytes: UnsafeRawBufferPointer) {
    self.init(rfc3339Bytes: UnsafeRawBufferPointer.SubSequence(base: bytes, bounds: bytes.indices))
  }
}
