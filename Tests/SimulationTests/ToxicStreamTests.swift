import Testing

@testable import Simulation

@Suite("Toxics")
struct ToxicStreamTests {
  /// `abc` passed, `~` a pause, `|` the end; a dot is a spoiled byte.
  private func trace(_ toxic: Toxic?, _ pieces: [String]) -> String {
    var stream = ToxicStream(toxic)
    return pieces.flatMap { stream.received(Array($0.utf8)) }.map { step in
      switch step {
      case .pass(let bytes): "<" + String(decoding: bytes.map { $0 == 0 ? 0x2E : $0 }, as: UTF8.self) + ">"
      case .pause: "~"
      case .close: "|"
      }
    }.joined()
  }

  @Test(
    arguments: [
      (nil, "<abcd><efghijklmnop>"), (.cut(after: 6), "<abcd><ef>|"), (.cut(after: 0), "|"),
      (.cut(after: 4), "<abcd>|"), (.stall(after: 6, for: .seconds(1)), "<abcd><ef>~<ghijklmnop>"),
      (.delay(.seconds(1)), "~<abcd>~<efghijklmnop>"), (.corrupt(after: 6), "<abcd><ef><........op>"),
      (.corrupt(after: 14), "<abcd><efghijklmn><..>"), (.split(3), "<abc><d><efg><hij><klm><nop>"), (.refuse, "|"),
    ] as [(Toxic?, String)])
  func whatPasses(toxic: Toxic?, expected: String) {
    #expect(trace(toxic, ["abcd", "efghijklmnop"]) == expected)
  }

  @Test func nothingPassesAfterTheEnd() {
    #expect(trace(.cut(after: 1), ["ab", "cd"]) == "<a>|")
  }
}
