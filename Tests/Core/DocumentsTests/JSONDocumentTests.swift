import Testing

@testable import Documents

@Suite("JSON document")
struct JSONDocumentTests {
  static let pod =
    #"{"metadata":{"name":"a","managedFields":[{"x":1}],"n":3},"items":[{"v":1}, {"v":2}],"ok":true,"name":"late"}"#

  @Test func readsByPath() throws {
    let document = try JSONDocument(Array(Self.pod.utf8))
    #expect(document.string("metadata", "name") == "a")
    #expect(document.string("name") == "late")
    #expect(document.integer("metadata", "n") == 3)
    #expect(document.bool("ok") == true)
    #expect(document.string("metadata", "n") == nil)
    #expect(document.string("ok", "n") == nil)
    #expect(document.string("absent") == nil)
    #expect(document.elements("items").map { $0.integer("v") } == [1, 2])
    #expect(document.members("metadata").map(\.key) == ["name", "managedFields", "n"])
    #expect(document.value("metadata", "managedFields")?.bytes == Array(#"[{"x":1}]"#.utf8))
  }

  @Test(arguments: [
    (#"{"a":1,"b":2,"c":3}"#, ["a"], #"{"b":2,"c":3}"#),
    (#"{"a":1,"b":2,"c":3}"#, ["b"], #"{"a":1,"c":3}"#),
    (#"{"a":1,"b":2,"c":3}"#, ["c"], #"{"a":1,"b":2}"#),
    (#"{"a":1}"#, ["a"], #"{}"#),
    (#"{ "a" : 1 , "b" : 2 }"#, ["a"], #"{ "b" : 2 }"#),
    (#"{ "a" : 1 , "b" : 2 }"#, ["b"], #"{ "a" : 1 }"#),
    (#"{"a":1,"a":2,"b":3,"a":4}"#, ["a"], #"{"b":3}"#),
    (#"{"m":{"x":[1,{}],"y":"é"},"x":0}"#, ["m", "x"], #"{"m":{"y":"é"},"x":0}"#),
    (#"{"m":[{"x":1}],"x":0}"#, ["m", "x"], #"{"m":[{"x":1}],"x":0}"#),
    (#"[1]"#, ["a"], #"[1]"#),
    (#"{"b":1.0e1,"c":"A"}"#, ["zz"], #"{"b":1.0e1,"c":"A"}"#),
  ])
  func removes(text: String, path: [String], expected: String) throws {
    let rest = try JSONDocument(Array(text.utf8)).removing(path)
    #expect(String(decoding: rest.bytes, as: UTF8.self) == expected)
  }

  @Test func removesSeveral() throws {
    let document = try JSONDocument(Array(Self.pod.utf8))
    let rest = document.removing(["metadata", "managedFields"], ["metadata", "name"], ["items"], ["name"])
    #expect(String(decoding: rest.bytes, as: UTF8.self) == #"{"metadata":{"n":3},"ok":true}"#)
  }
}
