import Testing

@testable import Redaction

/// A text in which `‹…›` marks what has to go: the marks are taken out, and each marked part must be one mask afterwards.
struct Marked: CustomTestStringConvertible {
  var input: String
  var expected: String

  init(_ text: String) {
    input = text.replacing("‹", with: "").replacing("›", with: "")
    var out = ""
    var isSecret = false
    for character in text {
      switch character {
      case "‹":
        isSecret = true
        out += "[REDACTED]"
      case "›": isSecret = false
      default: if !isSecret { out.append(character) }
      }
    }
    expected = out
  }

  var testDescription: String { input }
}

/// With the rules as they are, made once for all tests.
private let redactor = Result { try Redactor() }

/// What is marked in the text goes, everything around it stays, and a second pass changes nothing.
func check(_ text: String, name: String = "x.log", sourceLocation: SourceLocation = #_sourceLocation) throws {
  let marked = Marked(text)
  let redactor = try redactor.get()
  let once = try redactor.redact(RawFile(name: name, bytes: Array(marked.input.utf8))).value
  #expect(String(decoding: once, as: UTF8.self) == marked.expected, sourceLocation: sourceLocation)
  let twice = try redactor.redact(RawFile(name: name, bytes: once)).value
  #expect(twice == once, sourceLocation: sourceLocation)
}
