import FoundationEssentials
import Kubernetes
import Randomness
import Testing

/// A watch that breaks in the middle of a chunk: what stood before the break is told, and nothing behind it.
@Suite("Broken streams")
struct BrokenStreamTests {
  private static func line(_ uid: String) -> String {
    #"{"type":"ADDED","object":{"metadata":{"name":"n","uid":"\#(uid)","resourceVersion":"9"}}}"# + "\n"
  }

  /// What a reader made of the bytes, in chunks of a size, until it broke.
  private static func read(
    _ bytes: [UInt8], _ encoding: PodEncoding = .json, chunk: Int = .max
  ) -> (events: [WatchEvent], isBroken: Bool) {
    var reader = PodWatchReader(encoding)
    var events: [WatchEvent] = []
    var position = 0
    while position < bytes.count {
      let end = position + min(chunk, bytes.count - position)
      do { try reader.receive(Array(bytes[position..<end]), into: &events) } catch { return (events, true) }
      position = end
    }
    return (events, false)
  }

  @Test(
    "the events before the break",
    arguments: [
      (["a", "b"], "<html>", ["c"], 2), (["a"], #"{"type":"ADDED","object":{"metadata":{"#, [], 1),
      ([], "\u{0}", ["a"], 0),
      (["a", "b", "c"], #"{"type":"ADDED"}}"#, [], 3),
      (
        ["a"], #"{"x":"# + String(repeating: "[", count: 200) + "1" + String(repeating: "]", count: 200) + "}", ["b"], 1
      ),
    ] as [([String], String, [String], Int)])
  func oneChunk(before: [String], broken: String, after: [String], expected: Int) {
    let text = (before.map(Self.line) + [broken + "\n"] + after.map(Self.line)).joined()
    for chunk in [Int.max, 7, 64] {
      let (events, isBroken) = Self.read(Array(text.utf8), chunk: chunk)
      #expect(isBroken)
      #expect(events.map(\.uid) == before)
      #expect(events.count == expected)
    }
  }

  @Test func aLineThatIsTooLongLosesNothingBeforeIt() {
    let text = Array(Self.line("a").utf8) + [UInt8](repeating: 0x20, count: WatchDecoder.lineLimit + 1)
    let (events, isBroken) = Self.read(text)
    #expect(isBroken)
    #expect(events.map(\.uid) == ["a"])
  }

  @Test("zeros anywhere in a recorded watch: exactly the lines before them are told")
  func corruptedLines() throws {
    let bytes = Array(try Fixture.bytes("pods.jsonl").prefix(150_000))
    let whole = Self.read(bytes).events
    let ends = bytes.indices.filter { bytes[$0] == 0x0A }
    var random = SplitMix64(seed: 3)
    for _ in 0..<60 {
      let at = Int.random(in: 0..<(ends[ends.count - 1] - 8), using: &random)
      var spoiled = bytes
      spoiled.replaceSubrange(at..<at + 8, with: [UInt8](repeating: 0, count: 8))
      let (events, isBroken) = Self.read(spoiled, chunk: Int.random(in: 500...70_000, using: &random))
      #expect(isBroken, "eight zeros at \(at) were not noticed")
      #expect(events == Array(whole.prefix(ends.prefix { $0 < at }.count)), "eight zeros at \(at)")
    }
  }

  @Test("a length of a frame that cannot be: exactly the frames before it are told")
  func corruptedFrames() throws {
    let text = Data(try Fixture.bytes("protobuf-watch.base64"))
    let bytes = Array(try #require(Data(base64Encoded: text, options: .ignoreUnknownCharacters)))
    let whole = Self.read(bytes, .protobuf).events
    var starts: [Int] = []
    var position = 0
    while position < bytes.count {
      starts.append(position)
      position += 4 + bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    #expect(starts.count == whole.count && whole.count > 3)
    for (index, start) in starts.enumerated() {
      var spoiled = bytes
      spoiled[start] = 0xFF
      for chunk in [Int.max, 11, 1_000] {
        let (events, isBroken) = Self.read(spoiled, .protobuf, chunk: chunk)
        #expect(isBroken)
        #expect(events == Array(whole.prefix(index)))
      }
    }
  }
}

extension WatchEvent {
  fileprivate var uid: String {
    switch self {
    case .added(let pod), .modified(let pod), .deleted(let pod): pod.uid
    case .bookmark, .error, .undecodable: ""
    }
  }
}
