import Randomness
import Testing

@testable import Documents

/// A recursive-descent reader written for these tests from the grammar of RFC 8259 alone: what the scanner is compared with.
private struct Grammar {
  let bytes: [UInt8]
  var at = 0

  static func accepts(_ bytes: [UInt8]) -> Bool {
    var grammar = Grammar(bytes: bytes)
    grammar.space()
    guard grammar.value() else { return false }
    grammar.space()
    return grammar.at == bytes.count
  }

  mutating func space() {
    while at < bytes.count, [32, 9, 10, 13].contains(bytes[at]) { at += 1 }
  }

  mutating func take(_ text: String) -> Bool {
    guard bytes[at...].starts(with: text.utf8) else { return false }
    at += text.utf8.count
    return true
  }

  mutating func value() -> Bool {
    if take("{") { return list("}") { $0.string() && $0.spaced(":") && $0.value() } }
    if take("[") { return list("]") { $0.value() } }
    if at < bytes.count, bytes[at] == 34 { return string() }
    return take("true") || take("false") || take("null") || number()
  }

  mutating func spaced(_ text: String) -> Bool {
    space()
    defer { space() }
    return take(text)
  }

  mutating func list(_ end: String, _ element: (inout Grammar) -> Bool) -> Bool {
    space()
    if take(end) { return true }
    repeat {
      space()
      guard element(&self) else { return false }
      space()
    } while take(",")
    return take(end)
  }

  mutating func string() -> Bool {
    guard take("\"") else { return false }
    while at < bytes.count {
      let byte = bytes[at]
      at += 1
      if byte == 34 { return true }
      if byte < 32 { return false }
      guard byte == 92 else { continue }
      guard at < bytes.count else { return false }
      let escape = bytes[at]
      at += 1
      if escape == 117 {
        guard at + 4 <= bytes.count, bytes[at..<at + 4].allSatisfy({ $0.hexDigit != nil }) else { return false }
        at += 4
      } else if !"\"\\/bfnrt".utf8.contains(escape) {
        return false
      }
    }
    return false
  }

  mutating func digits() -> Bool {
    let start = at
    while at < bytes.count, (48...57).contains(bytes[at]) { at += 1 }
    return at > start
  }

  mutating func number() -> Bool {
    _ = take("-")
    if !take("0"), !digits() { return false }
    if take("."), !digits() { return false }
    if take("e") || take("E") {
      _ = take("+") || take("-")
      return digits()
    }
    return true
  }
}

@Suite("JSON scanner against the grammar, on random documents")
struct JSONFuzzTests {
  static func document(depth: Int, using random: inout SplitMix64) -> String {
    let spaces = ["", "", "", " ", "\n  ", "\t\r"].randomElement(using: &random) ?? ""
    let strings = [
      "", "a", "metadata", "seven77", "eight888", "nine99999", "é😀", #"\u00e9"#, #"\ud83d\ude00"#, #"q\"uote"#,
      #"back\\"#,
      "a string that is longer than two words", #"\\\\\\\""#,
    ]
    func string() -> String { "\"" + (strings.randomElement(using: &random) ?? "") + "\"" }
    switch Int.random(in: 0..<(depth > 5 ? 5 : 8), using: &random) {
    case 0: return string()
    case 1: return ["0", "-1", "12.5", "1e9", "-0.25E-3", "123456789012"].randomElement(using: &random) ?? "0"
    case 2: return "true"
    case 3: return "null"
    case 4: return "{}"
    case 5, 6:
      let members = (0..<Int.random(in: 0...5, using: &random)).map { _ in
        string() + spaces + ":" + spaces + document(depth: depth + 1, using: &random)
      }
      return "{" + spaces + members.joined(separator: spaces + ",") + "}"
    default:
      let elements = (0..<Int.random(in: 0...5, using: &random)).map { _ in document(depth: depth + 1, using: &random) }
      return "[" + elements.joined(separator: "," + spaces) + spaces + "]"
    }
  }

  @Test func agreesWithTheGrammar() {
    var random = SplitMix64(seed: 20_261_123)
    var accepted = 0
    for _ in 0..<1_500 {
      var bytes = Array(Self.document(depth: 0, using: &random).utf8)
      #expect(Grammar.accepts(bytes))
      #expect((try? JSONDocument(bytes)) != nil)
      for _ in 0..<4 where !bytes.isEmpty {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        let byte = Array(#"{}[]",:\u0e+-.tfn 1"#.utf8).randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes.remove(at: at)
        case 1: bytes.insert(byte, at: at)
        case 2: bytes[at] = byte
        default: bytes[at] = UInt8.random(in: 0...255, using: &random)
        }
        let expected = Grammar.accepts(bytes)
        accepted += expected ? 1 : 0
        #expect(((try? JSONDocument(bytes)) != nil) == expected, "\(bytes)")
      }
    }
    #expect(accepted > 100, "mutations that stay JSON are part of the test")
  }

  @Test("a walk that reads every member sees what a skip passes")
  func walkAgreesWithSkip() throws {
    func walk(_ scanner: inout JSONScanner) throws(JSONError) -> Int {
      switch try scanner.peek() {
      case .object:
        var count = 1
        try scanner.beginObject()
        while try scanner.nextKey() != nil { count += try walk(&scanner) }
        return count
      case .array:
        var count = 1
        try scanner.beginArray()
        while try scanner.nextElement() { count += try walk(&scanner) }
        return count
      case .string:
        _ = try scanner.text()
        return 1
      case .number, .bool, .null:
        try scanner.skipValue()
        return 1
      }
    }
    var random = SplitMix64(seed: 7)
    for _ in 0..<500 {
      let bytes = Array(Self.document(depth: 0, using: &random).utf8)
      let end = try JSONDocument.scan(bytes) { scanner throws(JSONError) in
        _ = try walk(&scanner)
        return scanner.offset
      }
      let skipped = try JSONDocument.scan(bytes) { scanner throws(JSONError) in try scanner.skipValue().upperBound }
      #expect(end == skipped)
    }
  }

  @Test("what is left after a removal is still JSON, and without the member")
  func removalKeepsJSON() throws {
    var random = SplitMix64(seed: 11)
    for _ in 0..<800 {
      let document = try JSONDocument(Array(Self.document(depth: 0, using: &random).utf8))
      let rest = document.removing(["metadata"], ["a", "a"], ["eight888"])
      #expect(Grammar.accepts(rest.bytes), "\(String(decoding: document.bytes, as: UTF8.self))")
      #expect(rest.range(at: ["metadata"]) == nil)
      #expect(rest.range(at: ["a", "a"]) == nil)
    }
  }
}
