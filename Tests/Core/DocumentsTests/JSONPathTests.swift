import Testing

@testable import Documents

@Suite("JSONPath templates")
struct JSONPathTests {
  private let document = #"""
    {"id":"a","failure":{"exit":1,"ok":true},"logs":[{"name":"x","n":1},{"name":"y","n":2},{"name":"z","n":3}],"a.b/c":"d","none":null}
    """#

  @Test(
    "what kubectl would print",
    arguments: [
      ("{.id}", "a"), (".id", "a"), ("id", "a"), ("{$.id}", "a"), ("{.failure.exit}", "1"),
      ("{.failure}", #"{"exit":1,"ok":true}"#),
      ("{.logs[0].name}", "x"), ("{.logs[-1].name}", "z"), ("{.logs[*].name}", "x y z"), ("{.logs[1:].n}", "2 3"),
      ("{.logs[:1].n}", "1"), ("{.logs[9].name}", ""), ("{.missing.x}", ""), ("{['a.b/c']}", "d"), (#"{.a\.b/c}"#, "d"),
      (#"{range .logs[*]}{.name}={.n}{"\n"}{end}"#, "x=1\ny=2\nz=3\n"), ("id: {.id}!", "id: a!"),
      (#"{.logs[?(@.name=="y")].n}"#, "2"), (#"{.logs[?(@.name!="y")].n}"#, "1 3"), ("{.logs[?(@.n==3)].name}", "z"),
      ("{.failure.*}", "1 true"), (#"{.id}{"\t"}{.failure.ok}"#, "a\ttrue"), ("{.none}", "null"),
    ])
  func evaluates(template: String, text: String) throws {
    #expect(try JSONPath(template).evaluate(try JSONDocument(Array(document.utf8))) == text)
  }

  @Test(
    "a mistake is named",
    arguments: [
      "{.a", "{..a}", "{.a[}", "{.a[]}", "{end}", "{range .a}", "{.a[?(b)]}", "{.a[?(@.b<1)]}", "{\"x}", "{.a[x]}",
      "{.a b}",
      String(repeating: "{range .a}", count: 20),
    ])
  func mistakes(template: String) {
    #expect(throws: JSONPath.Problem.self) { try JSONPath(template) }
  }
}
