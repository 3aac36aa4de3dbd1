import Testing

@testable import kube_mind

/// Lines and columns of offsets, however a file is cut.
@Suite("line index")
struct LineIndexTests {
  @Test("the same in one piece and byte by byte", arguments: [1, 2, 3, 7, 100])
  func pieces(_ size: Int) {
    let text = Array("a\n\nbcd\r\ne".utf8)
    var index = LineIndex()
    for start in stride(from: 0, to: text.count, by: size) {
      index.append(Array(text[start..<min(start + size, text.count)]))
    }
    let expected = [(1, 1), (1, 2), (2, 1), (3, 1), (3, 2), (3, 3), (3, 4), (3, 5), (4, 1)]
    for (offset, place) in expected.enumerated() { #expect(index.position(of: offset) == place) }
  }
}
