import Documents
import Testing

/// Reads every field of `bytes` and gives them as text: `1=5`, `2="abc"`, `3:skipped`.
private func fields(_ bytes: [UInt8]) throws(ProtobufError) -> [String] {
  let result: Result<[String], ProtobufError> = bytes.withUnsafeBytes { buffer in
    do throws(ProtobufError) {
      var reader = ProtobufReader(buffer)
      var texts: [String] = []
      while let field = try reader.nextField() {
        switch field.type {
        case .varint: texts.append("\(field.number)=\(try reader.integer(field))")
        case .bytes: texts.append("\(field.number)=\"\(try reader.text(field))\"")
        case .fixed32, .fixed64:
          try reader.skip(field)
          texts.append("\(field.number):skipped")
        }
      }
      return .success(texts)
    } catch {
      return .failure(error)
    }
  }
  return try result.get()
}

/// The payloads of the frames that come out of `bytes` in chunks of a size.
private func frames(_ bytes: [UInt8], chunk: Int, limit: Int = 1_000) throws(ProtobufError) -> [[UInt8]] {
  var splitter = FrameSplitter(limit: limit)
  var frames: [[UInt8]] = []
  for start in stride(from: 0, to: bytes.count, by: chunk) {
    try splitter.receive(Array(bytes[start..<min(start + chunk, bytes.count)])) { frame throws(ProtobufError) in
      frames.append(Array(frame))
    }
  }
  return frames
}

@Suite("Protobuf reader")
struct ProtobufReaderTests {
  @Test(
    "the examples of the format's description",
    arguments: [
      ([0x08, 0x96, 0x01], ["1=150"]),
      ([0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6E, 0x67], ["2=\"testing\""]),
      ([0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], ["1=-1"]),
      ([0x0D, 1, 2, 3, 4, 0x11, 1, 2, 3, 4, 5, 6, 7, 8, 0x18, 0x00], ["1:skipped", "2:skipped", "3=0"]),
      ([0x12, 0x00], ["2=\"\""]),
      ([0x12, 0x01, 0xFF], ["2=\"\u{FFFD}\""]),
      ([0xF8, 0xFF, 0xFF, 0xFF, 0x0F, 0x01], ["536870911=1"]),
      ([], []),
    ] as [([UInt8], [String])])
  func wellFormed(bytes: [UInt8], expected: [String]) throws {
    #expect(try fields(bytes) == expected)
  }

  @Test(
    "hostile bytes",
    arguments: [
      ([0x08], .truncated), ([0x08, 0x80], .truncated), ([0x12, 0x05, 0x61], .truncated), ([0x0D, 1, 2], .truncated),
      ([0x11, 1, 2, 3, 4, 5, 6, 7], .truncated), ([0x80], .truncated),
      // More than ten bytes, and ten that hold more than 64 bits.
      ([0x08] + [UInt8](repeating: 0x80, count: 10) + [0x00], .syntax),
      ([0x08] + [UInt8](repeating: 0xFF, count: 9) + [0x02], .syntax),
      // Groups, wire types that there are not, field 0, and a field number beyond 29 bits.
      ([0x0B], .syntax), ([0x0C], .syntax), ([0x0E, 0x00], .syntax), ([0x0F], .syntax), ([0x00, 0x00], .syntax),
      ([0x80, 0x80, 0x80, 0x80, 0x10, 0x00], .syntax),
      // Lengths of 2 GiB and of 2⁶⁴ − 1.
      ([0x12, 0x80, 0x80, 0x80, 0x80, 0x08], .tooLong),
      ([0x12] + [UInt8](repeating: 0xFF, count: 9) + [0x01], .tooLong),
    ] as [([UInt8], ProtobufError.Problem)])
  func hostile(bytes: [UInt8], problem: ProtobufError.Problem) {
    let error = #expect(throws: ProtobufError.self) { try fields(bytes) }
    #expect(error?.problem == problem)
  }

  @Test func aFieldOfAnotherTypeIsRefused() {
    let bytes: [UInt8] = [0x08, 0x01]
    bytes.withUnsafeBytes { buffer in
      var reader = ProtobufReader(buffer)
      let error = #expect(throws: ProtobufError.self) {
        guard let field = try reader.nextField() else { return }
        _ = try reader.text(field)
      }
      #expect(error?.problem == .unexpectedType)
    }
  }

  @Test("frames come whole from chunks of any size", arguments: 1...12)
  func framing(chunk: Int) throws {
    let bytes: [UInt8] = [0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 1, 9, 0, 0, 0, 5, 1]
    #expect(try frames(bytes, chunk: chunk) == [[1, 2, 3], [], [9]])
  }

  @Test func aFrameThatClaimsTooMuchIsRefusedBeforeItComes() {
    let error = #expect(throws: ProtobufError.self) { try frames([0, 0, 4, 0], chunk: 4) }
    #expect(error?.problem == .tooLong)
    #expect(throws: ProtobufError.self) { try frames([0xFF, 0xFF, 0xFF, 0xFF], chunk: 1) }
  }
}
