import Randomness
import Testing

@testable import Simulation

@Suite("JSON of the simulated cluster")
struct JSONValueTests {
  @Test("what a real API server wrote comes out again byte for byte")
  func recordedLines() throws {
    let lines = try Fixture.bytes("watch/pods.jsonl").split(separator: 0x0A)
    #expect(lines.count == 268)
    for line in lines { #expect(try JSONValue(parsing: line).encoded == Array(line)) }
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\":}", "{\"a\" 1}", "{a:1}", "nul", "01", "1.", "-", "1e", "\"\\x\"", "\"\\u12g4\"", "\"\n\"",
    "\"open", "1 2", "[1 2]", "\"\\ud800\\u0041\"",
  ])
  func refuses(text: String) {
    #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text.utf8) }
  }

  @Test func escapesAndNumbers() throws {
    let value = try JSONValue(parsing: #" {"a\u00e9\ud83d\ude00\n":[-0.5e+3,true,null,"\ud800x"]} "#.utf8)
    #expect(value["a\u{e9}\u{1F600}\n"] == [.number("-0.5e+3"), true, nil, "\u{FFFD}x"])
  }

  @Test("nesting is bounded, and damage never traps")
  func damage() throws {
    #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: repeatElement(0x5B, count: 100_000)) }
    let text = Array(#"{"a":[1,{"b":"\u00e9"},true]}"#.utf8)
    var generator = SplitMix64(seed: 3)
    for _ in 0..<5_000 {
      var damaged = text
      for _ in 0..<3 {
        damaged[Int.random(in: 0..<damaged.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      damaged.removeLast(Int.random(in: 0..<4, using: &generator))
      _ = try? JSONValue(parsing: damaged)
    }
  }

  @Test func editing() {
    var value: JSONValue = ["a": ["b": 1], "c": 2]
    value["a"]?["b"] = "x"
    value["c"] = nil
    value["d"] = [true]
    #expect(String(decoding: value.encoded, as: UTF8.self) == #"{"a":{"b":"x"},"d":[true]}"#)
  }
}
