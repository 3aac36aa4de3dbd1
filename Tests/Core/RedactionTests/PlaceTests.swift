import Randomness
import Testing

@testable import Redaction

/// Where something was masked, and why something stays.
@Suite struct PlaceTests {
  /// Random lists of edits, applied one after the other and as one.
  @Test func editsOfTwoRoundsAreOneList() {
    var generator = SplitMix64(seed: 7)
    for _ in 0..<3_000 {
      let text = (0..<Int(generator.next() % 30)).map { _ in UInt8(0x61 + generator.next() % 4) }
      let first = Self.edits(in: text.count, &generator)
      let middle = text.withUnsafeBufferPointer { first.applied(to: $0) }
      let second = Self.edits(in: middle.count, &generator)
      let whole = first.followed(by: second)
      let expected = middle.withUnsafeBufferPointer { second.applied(to: $0) }
      #expect(text.withUnsafeBufferPointer { whole.applied(to: $0) } == expected, "\(text) \(first) \(second)")
    }
  }

  private static func edits(in count: Int, _ generator: inout SplitMix64) -> [Edit] {
    var out: [Edit] = []
    var index = 0
    while index < count {
      index += Int(generator.next() % 6)
      let end = index + 1 + Int(generator.next() % 4)
      guard end <= count else { break }
      let length = 1 + Int(generator.next() % 6)
      out.append(Edit(range: index..<end, replacement: Array(repeating: 0x58, count: length), rule: 0))
      index = end
    }
    return out
  }

  @Test(arguments: [
    ("x.json", #"{"a":[{"password":"x1"}],"b":{"c d":"password=foo1"}}"#, [".a[0].password", #".b["c d"]"#]),
    ("x.json", "{\"token\":\"x1\"}\n{\"token\":\"x2\"}", [".token", "document 2 .token"]),
    ("x.yaml", "a:\n- b: 1\n  password: q1\n- {token: q2} # password=q3\n", [".a[0].password", ".a[1].token", nil]),
  ]) func paths(_ name: String, _ text: String, _ expected: [String?]) throws {
    var options = RedactionOptions()
    options.recordsPlaces = true
    let bytes = Array(text.utf8)
    let redacted = try Redactor(options: options).redact(RawFile(name: name, bytes: bytes))
    let places = redacted.report.places
    let form: TextSource.Form = name == "x.json" ? .json : .yaml
    #expect(DocumentPaths.paths(of: places.map(\.range.lowerBound), in: bytes, form: form) == expected)
    let edits = places.map { Edit(range: $0.range, replacement: $0.replacement, rule: 0) }
    #expect(bytes.withUnsafeBufferPointer { edits.applied(to: $0) } == redacted.value)
  }

  @Test(arguments: [
    ("DB_NAME=shop", Harmless.key), ("SECRET_NAME: x", .describes), ("tokenFile: x", .describes),
    ("  password: ${X}", .placeholder), ("PASSWORD=true", .boolean), (#""password": "/etc/pw/x","#, .path),
    ("TOKENS=12", .count), ("AUTH=hello", .ordinary),
  ]) func whyItStays(_ line: String, _ reason: Harmless) throws {
    let redactor = try Redactor()
    let found = redactor.explanation(of: Array(line.utf8))
    #expect(found?.reason == reason)
    #expect(try redactor.redact(RawFile(name: "x.log", bytes: Array(line.utf8))).report.total == 0)
  }

  @Test func proseIsNotExplained() throws {
    #expect(try Redactor().explanation(of: Array("hello world".utf8)) == nil)
  }

  @Test(
    "what a reference is looked up in is no name of a variable, and what follows no default",
    arguments: ["env", "sys", "file", "ssm", "opt", "self", "param", "ctx"])
  func sourceOfReference(_ source: String) throws {
    for text in ["password: ${\(source):DB_PASSWORD}\n", "DB_PASSWORD=${\(source):kept} ready\n"] {
      for name in ["x.log", "x.yaml"] {
        let masked = try Redactor().redact(RawFile(name: name, bytes: Array(text.utf8)))
        #expect(String(decoding: masked.value, as: UTF8.self) == text)
      }
    }
  }

  @Test("what follows another name is the default of Spring") func defaultOfReference() throws {
    let masked = try Redactor().redact(RawFile(name: "x.log", bytes: Array("pw: ${DB_PW:hunter2Xy9}\n".utf8)))
    #expect(String(decoding: masked.value, as: UTF8.self) == "pw: ${DB_PW:[REDACTED]}\n")
  }
}
