import Testing

@testable import Documents

@Suite("YAML writer")
struct YAMLWriterTests {
  @Test func readsLikeAHandWrittenFile() throws {
    let json =
      #"{"a":1,"b":[{"c":"x","d":[]},"z",[1,2]],"e":{},"f":"one\ntwo\n","g":"true","h":null,"i":"1.5","j":"a: b"}"#
    let yaml = """
      a: 1
      b:
        - c: x
          d: []
        - z
        - - 1
          - 2
      e: {}
      f: |
        one
        two
      g: "true"
      h: null
      i: "1.5"
      j: "a: b"

      """
    #expect(String(decoding: try YAMLWriter.write(json: Array(json.utf8)), as: UTF8.self) == yaml)
  }

  @Test func refusesWhatIsNotJSON() {
    #expect(throws: JSONError.self) { try YAMLWriter.write(json: Array("{\"a\":".utf8)) }
    #expect(throws: JSONError.self) { try YAMLWriter.write(json: Array("{} x".utf8)) }
  }

  @Test("any string comes back from a real parser, as a key, a member, an element and alone")
  func strings() throws {
    var seed: UInt64 = 42
    func random(_ bound: UInt64) -> UInt64 {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (seed >> 33) % bound
    }
    let pieces = [
      "a", "B", " ", "\n", "\t", "\r", ":", "-", "#", "\"", "'", "\\", "[", "{", "|", "~", "0", "é", "\u{1F600}",
      "\u{85}", "\u{2028}", "\u{FEFF}", "\u{0}", "\u{1B}", "true", "null", "\u{FFFD}", "\u{7F}", "%", "&", "*",
      "\u{FFFF}",
    ]
    for _ in 0..<3_000 {
      let text = (0..<random(12)).map { _ in pieces[Int(random(UInt64(pieces.count)))] }.joined()
      var quoted = "\""
      for scalar in text.unicodeScalars {
        let isPlain = scalar.value >= 0x20 && scalar != "\"" && scalar != "\\"
        let digits = String(scalar.value, radix: 16)
        quoted += isPlain ? String(scalar) : "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
      quoted += "\""
      let json = "{\"k\":\(quoted),\"l\":[\(quoted),{\"m\":\(quoted)}],\(quoted):1}"
      let yaml = try YAMLWriter.write(json: Array(json.utf8))
      let root = try YAMLNode.parse(yaml)
      #expect(root["k"]?.content.scalarText == text)
      #expect(root["l"]?.elements?[0].content.scalarText == text)
      #expect(root["l"]?.elements?[1]["m"]?.content.scalarText == text)
      #expect(root.entries?.last?.key == text)
    }
  }
}

extension YAMLNode.Content {
  fileprivate var scalarText: String? {
    if case .scalar(let text, _) = self { text } else { nil }
  }
}
