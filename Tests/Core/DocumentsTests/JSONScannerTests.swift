import Testing

@testable import Documents

/// Whether the scanner takes a text for one JSON document.
private func accepts(_ bytes: [UInt8]) -> Bool {
  (try? JSONDocument(bytes)) != nil
}

@Suite("JSON scanner")
struct JSONScannerTests {
  @Test(arguments: [
    "{}", "[]", " [ ] ", "null", "true", "false", "0", "-0", "10", "-1.5e+3", "1E9", "0.10", "\"\"",
    "\"\\u00e9\\n\\/\"",
    "{\"a\":{\"b\":[1,2,{}]},\"c\":null}", "[[[[]]]]", "{\"a\" : 1 , \"a\" : 2}\r\n\t", "\"eight by\"", "\"\u{7F}\"",
  ])
  func acceptsJSON(text: String) {
    #expect(accepts(Array(text.utf8)))
  }

  @Test(arguments: [
    "", " ", "{", "}", "[", "]", "{]", "[}", "[1,]", "[,1]", "{,}", "{\"a\":1,}", "{\"a\"}", "{\"a\":}", "{a:1}",
    "{1:2}",
    "[1 2]", "{\"a\":1 \"b\":2}", "01", "-", "1.", ".5", "+1", "1e", "1e+", "0x1", "tru", "truee", "nul", "NaN", "'a'",
    "\"",
    "\"\\\"", "\"\\x\"", "\"\\u12g4\"", "\"\\u12", "\"a\nb\"", "\"a\u{0}b\"", "{} {}", "[]]", "1 1", "\u{FEFF}{}",
    "[1\u{0B}]",
    "/**/1", "{\"a\":1}x", "[\"aaaaaaaaaaaaaaaaaaaa\u{1}\"]",
  ])
  func refusesOther(text: String) {
    #expect(!accepts(Array(text.utf8)))
  }

  @Test("every proper beginning of a document is reported as cut short")
  func truncation() throws {
    let text = Array(#"{"a":[1.5e3,"xé\n",{"b":true,"c":null}],"d":"0123456789abcdef"}"#.utf8)
    for length in 0..<text.count {
      let error = #expect(throws: JSONError.self) { try JSONDocument(Array(text[..<length])) }
      #expect(error?.problem == .truncated, "\(length)")
    }
  }

  @Test func depth() {
    let limit = JSONScanner.depthLimit
    #expect(accepts(Array(repeating: .openBracket, count: limit) + Array(repeating: .closeBracket, count: limit)))
    #expect(
      !accepts(Array(repeating: .openBracket, count: limit + 1) + Array(repeating: .closeBracket, count: limit + 1)))
    #expect(!accepts(Array(repeating: .openBracket, count: 1_000_000)))
    let error = #expect(throws: JSONError.self) {
      try JSONDocument.scan(Array(String(repeating: "{\"a\":", count: limit + 1).utf8)) { scanner throws(JSONError) in
        while true {
          try scanner.beginObject()
          _ = try scanner.nextKey()
        }
      }
    }
    #expect(error?.problem == .tooDeep)
  }

  @Test("walks, skips, and reads values")
  func walk() throws {
    let text =
      #"{"n":-42,"s":"aé😀\\\"","t":true,"f":false,"z":null,"skip":{"n":[1,[2]]},"e":[{},"x"], "last" : 9223372036854775807 }"#
    var seen: [String] = []
    try JSONDocument.scan(Array(text.utf8)) { scanner throws(JSONError) in
      try scanner.beginObject()
      while let key = try scanner.nextKey() {
        switch key {
        case "n", "last": seen.append("\(key.text)=\(try scanner.integer())")
        case "s": seen.append("s=\(try scanner.text())")
        case "t", "f": seen.append("\(key.text)=\(try scanner.bool())")
        case "z": seen.append("z=[\(try scanner.text())]")
        case "e":
          try scanner.beginArray()
          while try scanner.nextElement() { seen.append("e:\(try scanner.peek())"); try scanner.skipValue() }
        default: try scanner.skipValue()
        }
      }
      try scanner.finish()
    }
    #expect(
      seen == [
        "n=-42", "s=aé😀\\\"", "t=true", "f=false", "z=[]", "e:object", "e:string", "last=9223372036854775807",
      ])
  }

  @Test(arguments: ["\"a\"", "1.5", "1e3", "9223372036854775808", "-9223372036854775809", "{}", "true"])
  func integersOnly(text: String) {
    let error = #expect(throws: JSONError.self) {
      try JSONDocument.scan(Array(text.utf8)) { scanner throws(JSONError) in try scanner.integer() }
    }
    #expect(error?.problem == .unexpectedType)
  }

  @Test(
    "escapes",
    arguments: [
      (#""\ud83d\ude00""#, "😀"), (#""\ud83d""#, "\u{FFFD}"), (#""\ude00x""#, "\u{FFFD}x"), (#""\ud83dA""#, "\u{FFFD}A"),
      (#""\b\f\n\r\t\/\\\"""#, "\u{8}\u{c}\n\r\t/\\\""), (#""\u0000""#, "\0"),
    ])
  func escapes(text: String, expected: String) throws {
    let read = try JSONDocument.scan(Array(text.utf8)) { scanner throws(JSONError) in try scanner.text() }
    #expect(read == expected)
  }

  @Test("a key written with escapes is the same key")
  func escapedKey() throws {
    let matched = try JSONDocument.scan(Array(#"{"m\u0065tadata":1}"#.utf8)) { scanner throws(JSONError) in
      try scanner.beginObject()
      guard let key = try scanner.nextKey() else { return false }
      return key.isEqual(to: "metadata")
    }
    #expect(matched)
  }

  @Test("broken UTF-8 in a string is repaired, not refused")
  func brokenUTF8() throws {
    let text = try JSONDocument.scan([.quote, 0xC3, 0x41, 0xFF, .quote]) { scanner throws(JSONError) in
      try scanner.text()
    }
    #expect(text == "\u{FFFD}A\u{FFFD}")
  }
}
