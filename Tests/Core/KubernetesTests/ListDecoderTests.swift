import Documents
import Testing

@testable import Kubernetes

@Suite("Lists")
struct ListDecoderTests {
  private func pods() -> ListDecoder<PodSnapshot> {
    ListDecoder { scanner throws(JSONError) in try PodSnapshot(scanning: &scanner) }
  }

  @Test("a recorded list, whatever the chunks", arguments: [1 << 20, 16_384, 1_000, 7])
  func recorded(chunkSize: Int) throws {
    let body = try Fixture.bytes("pods.compact.json")
    let document = try JSONDocument(body)
    let expected = document.elements("items").compactMap { $0.string("metadata", "uid") }
    var decoder = pods()
    var seen: [PodSnapshot] = []
    for start in stride(from: 0, to: body.count, by: chunkSize) {
      seen += try decoder.receive(Array(body[start..<min(start + chunkSize, body.count)]))
    }
    let (rest, metadata) = try decoder.finish()
    #expect((seen + rest).map(\.uid) == expected)
    #expect(expected.count > 10)
    #expect(metadata == ListMetadata(resourceVersion: document.string("metadata", "resourceVersion") ?? "?"))
  }

  @Test func pagesAndSkips() throws {
    let body = #"""
      {"items":[{"metadata":{"name":"a","uid":"1"}},{"metadata":{"name":"b"}},{"metadata":[]},5,{"metadata":{"uid":"2","name":"c"}}],
       "metadata":{"resourceVersion":"12","continue":"TOKEN","remainingItemCount":3},"x":12}
      """#
    for size in [1, 3, 500] {
      var decoder = pods()
      var seen: [PodSnapshot] = []
      let bytes = Array(body.utf8)
      for start in stride(from: 0, to: bytes.count, by: size) {
        seen += try decoder.receive(Array(bytes[start..<min(start + size, bytes.count)]))
      }
      let (rest, metadata) = try decoder.finish()
      #expect((seen + rest).map(\.name) == ["a", "c"])
      #expect(metadata == ListMetadata(resourceVersion: "12", continueToken: "TOKEN", skipped: 3))
    }
  }

  @Test(arguments: [#"{"items":[]"#, #"{"items":[{"#, "", #"{"items":[{"metadata":{"name":"a","uid":"1"}}"#])
  func cut(body: String) throws {
    var decoder = pods()
    _ = try decoder.receive(Array(body.utf8))
    let error = #expect(throws: JSONError.self) { try decoder.finish() }
    #expect(error?.problem == .truncated)
  }

  @Test(arguments: ["[]", #"{"items":{}}"#, #"{"items":[}"#, #"{"items":[]} x"#, "<html>", #"{"metadata":5,"a":1}"#])
  func notAList(body: String) {
    #expect(throws: JSONError.self) {
      var decoder = pods()
      _ = try decoder.receive(Array(body.utf8))
      _ = try decoder.finish()
    }
  }

  @Test(arguments: [
    #"{"items":null,"metadata":{"resourceVersion":"3"}}"#, #"{"items":[],"metadata":{"resourceVersion":"3"}}"#,
  ])
  func empty(body: String) throws {
    var decoder = pods()
    #expect(try decoder.receive(Array(body.utf8)).isEmpty)
    #expect(try decoder.finish().metadata.resourceVersion == "3")
  }
}
