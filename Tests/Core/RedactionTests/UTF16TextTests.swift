import Randomness
import Testing

@testable import Redaction

/// Text in UTF-16 is read by all rules, and goes back as it came.
@Suite struct UTF16TextTests {
  private func encoded(_ text: String, little: Bool) -> [UInt8] {
    text.utf16.flatMap { unit in
      let bytes = [UInt8(unit & 0xFF), UInt8(unit >> 8)]
      return little ? bytes : bytes.reversed()
    }
  }

  @Test(
    "what is UTF-16",
    arguments: [
      ([0xFF, 0xFE, 0x61, 0], true), ([0xFE, 0xFF, 0, 0x61], true), ([0xFF, 0xFE], true), ([0xFF, 0xFE, 0, 0], false),
      ([0x61, 0, 0x62, 0], false), (Array("plain text that is long enough".utf8), false), ([], false),
      ([UInt8](repeating: 0, count: 64), false),
    ] as [([UInt8], Bool)]) func forms(bytes: [UInt8], isUTF16: Bool)
  {
    #expect((UTF16Text(first: bytes) != nil) == isUTF16)
  }

  @Test("without a mark, text of mostly ASCII is told by its zeros", arguments: [true, false]) func unmarked(
    little: Bool
  ) {
    #expect(UTF16Text(first: encoded("password=hunter2 für alle\n", little: little)) != nil)
    #expect(UTF16Text(first: encoded("пароль и логин от всего", little: little)) == nil)
  }

  @Test("any bytes come back, however they are cut") func roundTrip() {
    var random = SplitMix64(seed: 5)
    var decodings = 0
    for round in 0..<400 {
      let text = encoded("a€😀b\n", little: true) + encoded("ß", little: round % 2 == 0)
      let noise = (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      let bytes: [UInt8] = [0xFF, 0xFE] + text + noise + (round % 3 == 0 ? [0x00, 0xD8] : [])
      guard var whole = UTF16Text(first: bytes), var cut = UTF16Text(first: bytes) else { continue }
      let plain = whole.decode(bytes, isEnd: true)
      #expect(whole.encode(plain, isEnd: true) == bytes)
      var pieces: [UInt8] = []
      var back: [UInt8] = []
      var place = 0
      while place < bytes.count {
        let end = min(bytes.count, place + Int.random(in: 1...5, using: &random))
        pieces += cut.decode(Array(bytes[place..<end]), isEnd: end == bytes.count)
        place = end
      }
      #expect(pieces == plain)
      for byte in plain { back += cut.encode([byte], isEnd: false) }
      #expect(back + cut.encode([], isEnd: true) == bytes)
      decodings += 1
    }
    #expect(decodings == 400)
  }

  @Test("the decoded text is what its characters are") func characters() throws {
    var text = try #require(UTF16Text(first: [0xFE, 0xFF]))
    #expect(
      text.decode([0xFE, 0xFF] + encoded("pässwört=😀", little: false), isEnd: true) == Array("\u{FEFF}pässwört=😀".utf8))
  }
}
