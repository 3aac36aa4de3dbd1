import Testing

@testable import Documents

@Suite("YAML tree")
struct YAMLNodeTests {
  @Test func linesAndTypes() throws {
    let root = try YAMLNode.parse(Array("a: 1\nb:\n  - x\n  - \"true\"\n  - true\nc: ~\n".utf8))
    #expect(root["a"]?.int == 1)
    #expect(root["b"]?.elements?.map(\.bool) == [nil, nil, true])
    #expect(root["b"]?.elements?[1].text == "true")
    #expect(root["b"]?.elements?[2].line == 5)
    #expect(root["c"]?.isNull == true)
    #expect(root.entries?.map(\.line) == [1, 2, 6])
  }

  @Test(arguments: [
    ("a: 1\na: 2\n", 2), ("a: [1\n", 2), ("a: &x 1\nb: *x\n", 1), ("a: 1\n---\nb: 2\n", 2), ("? [a]\n: 1\n", 1),
  ])
  func refusesWithTheLine(text: String, line: Int) {
    let error = #expect(throws: YAMLError.self) { try YAMLNode.parse(Array(text.utf8)) }
    #expect(error?.line == line)
  }

  @Test("offsets are bytes, not characters, and a byte order mark counts")
  func byteOffsets() throws {
    for text in [
      "k\u{e9}y: \u{1F600}v\u{e4}l\nb: \"q\u{fc}\"\n", "\u{FEFF}k\u{e9}y: \u{1F600}v\u{e4}l\nb: \"q\u{fc}\"\n",
    ] {
      let bytes = Array(text.utf8)
      var seen: [String] = []
      try bytes.withUnsafeBufferPointer { buffer in
        try YAMLEvents.parse(buffer) { (event: YAMLEvent) throws(YAMLError) in
          if case .scalar = event.kind { seen.append(String(decoding: bytes[event.range], as: UTF8.self)) }
        }
      }
      #expect(seen == ["k\u{e9}y", "\u{1F600}v\u{e4}l", "b", "\"q\u{fc}\""])
    }
  }
}
