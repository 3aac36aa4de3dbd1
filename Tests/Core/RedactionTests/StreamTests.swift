import Randomness
import Testing

@testable import Redaction

/// Files in pieces: what comes out depends on the text alone, and nothing hides at the edge of a window.
@Suite("Streams", .timeLimit(.minutes(20)))
struct StreamTests {
  /// Windows of 4 KiB that look 8 KiB ahead, so that a short text has many.
  private static func redactor() throws -> Redactor {
    var options = RedactionOptions()
    options.windows = WindowSizes(window: 4_096, ahead: 8_192, behind: 4_096)
    return try Redactor(options: options)
  }

  /// Both passes, in pieces whose lengths `next` gives.
  private func stream(
    _ redactor: Redactor, _ bytes: [UInt8], name: String = "x.log", next: () -> Int = { 1_000 }
  ) throws -> [UInt8] {
    func pieces() -> [[UInt8]] {
      var out: [[UInt8]] = []
      var place = 0
      while place < bytes.count {
        let end = min(bytes.count, place + next())
        out.append(Array(bytes[place..<end]))
        place = end
      }
      return out
    }
    var files = FileRedaction(redactor)
    var learning = files.stream(name: name)
    for piece in pieces() { try learning.append(piece) }
    try learning.finish()
    files.learn(learning)
    var masking = files.masker().stream(name: name)
    var out: [UInt8] = []
    for piece in pieces() { out += try masking.append(piece).value }
    return try out + masking.finish().value
  }

  @Test("how the input is cut does not matter", arguments: ["t.log", "t.json", "t.yaml"])
  func cuts(name: String) throws {
    let redactor = try Self.redactor()
    var random = SplitMix64(seed: 7)
    var finished = 0
    for _ in 0..<6 {
      var bytes: [UInt8] = []
      // Beyond what a window looks ahead, so that several are cut off before the end.
      while bytes.count < 24_000 { bytes += HostileTextTests.pieces.randomElement(using: &random) ?? [] }
      var files = FileRedaction(redactor)
      let file = RawFile(name: name, bytes: bytes)
      try files.learn(file)
      guard let whole = try? files.masker().redacted(file).value else { continue }
      for most in [90, 7_000] {
        let streamed = try stream(redactor, bytes, name: name) { Int.random(in: 0...most, using: &random) }
        #expect(streamed == whole)
      }
      finished += 1
    }
    #expect(finished > 3)
  }

  private static let secrets: [String] = [
    "DB_PASSWORD=hunter2-Prod\n",
    "-----BEGIN RSA PRIVATE KEY-----\n"
      + String(repeating: "MIIEowIBAAKCAQEAvx3kq9hunter2ProdQEAvx3kq9QmhTYwIBAAKCAQEAvx3kq9\n", count: 20)
      + "-----END RSA PRIVATE KEY-----\n",
    "2026-11-23T02:05:35Z stdout P DB_PASSWORD=hunter\n2026-11-23T02:05:35Z stdout F 2Prod\n",
    "msg=\"{\\\"password\\\":\\\"hunter2-Prod\\\"}\"\n",
    "data: UEFTU1dPUkQ9aHVudGVyMi1Qcm9kLWFuZC1tb3JlCg==\n",
    "key: |\n  password=hunter2-Prod\n  other=1\n",
  ]

  @Test("a secret at the edge of a window is masked as anywhere else", arguments: secrets)
  func edges(secret: String) throws {
    let redactor = try Self.redactor()
    let filler = "10.244.0.7 - - \"GET /healthz HTTP/1.1\" 200 2\n"
    let expected = try Array(redactor.redact(RawFile(name: "x.log", bytes: Array(secret.utf8))).value)
    for shift in stride(from: 0, to: secret.utf8.count + 90, by: 29) {
      // The text after it is long enough for the window to be cut off.
      var bytes: [UInt8] = []
      while bytes.count < 12_288 - shift - filler.utf8.count { bytes += filler.utf8 }
      bytes += Array(repeating: 0x2E, count: max(0, 12_287 - shift - bytes.count)) + [0x0A]
      let before = bytes.count
      bytes += secret.utf8
      while bytes.count < 28_000 { bytes += filler.utf8 }
      let out = try stream(redactor, bytes) { 30_000 }
      #expect(Array(out[before...].prefix(expected.count)) == expected, "\(shift)")
    }
  }

  @Test("one line without an end is masked as short ones are")
  func endlessLine() throws {
    let redactor = try Self.redactor()
    var text = ""
    for number in 0..<2_000 { text += number % 97 == 0 ? "password=hunter\(number)Zx " : "served \(number) in 12 ms " }
    let out = String(decoding: try stream(redactor, Array(text.utf8)), as: UTF8.self)
    #expect(!out.contains("hunter"))
    #expect(out.split(separator: "[REDACTED]").count == 22)
    #expect(out.replacingMasks() == text.replacingSecrets())
  }

  @Test("what a pipe has shown is masked from then on")
  func pipe() throws {
    let redactor = try Self.redactor()
    var stream = redactor.stream(name: "x.log")
    var out: [UInt8] = []
    let filler = Array("served 200 in 12 ms\n".utf8)
    out += try stream.append(Array("rejected hunter2-Prod\nDB_PASSWORD=hunter2-Prod\n".utf8)).value
    for _ in 0..<2_000 { out += try stream.append(filler).value }
    out += try stream.append(Array("again hunter2-Prod\n".utf8)).value
    out += try stream.finish().value
    #expect(out.starts(with: "rejected [REDACTED]\nDB_PASSWORD=[REDACTED]\n".utf8))
    #expect(String(decoding: out.suffix(18), as: UTF8.self) == "\nagain [REDACTED]\n")
    #expect(stream.report.total == 3)
  }

  @Test("a document beyond the limit is redacted as text")
  func largeDocument() throws {
    var options = RedactionOptions()
    options.largestDocument = 1_000
    let redactor = try Redactor(options: options)
    let item = "{\"password\":\"hunter2-Prod\",\"n\":1},"
    let text = "[" + String(repeating: item, count: 100) + "{}]"
    let out = String(decoding: try stream(redactor, Array(text.utf8), name: "x.json"), as: UTF8.self)
    #expect(out == "[" + String(repeating: "{\"password\":\"[REDACTED]\",\"n\":1},", count: 100) + "{}]")
  }

  @Test(
    "a document beyond the limit still parses",
    arguments: [
      (
        "x.json", #"{"password": 1007, "token":2007,"n":1}"#, #"{"password": "[REDACTED]", "token":"[REDACTED]","n":1}"#
      ),
      ("x.json", #"{"m":"\"pin\": 1007, x"}"#, #"{"m":"\"pin\": \"[REDACTED]\", x"}"#),
      ("x.yaml", "- password: hunter2-Prod\n  n: 1\n", "- password: \"[REDACTED]\"\n  n: 1\n"),
      ("x.yaml", "- password: 'hunter2-Prod' # x\n", "- password: '[REDACTED]' # x\n"),
      ("x.log", "password: hunter2-Prod\n", "password: [REDACTED]\n"),
      ("x.toml", "password = 5007 # x\n", "password = \"[REDACTED]\" # x\n"),
      ("x.toml", "password = 'hunter2-Prod'\n", "password = '[REDACTED]'\n"),
      ("x.env", "PIN=5007\n", "PIN=[REDACTED]\n"),
      ("x.log", #"m="{\"password\": 1007}""# + "\n", #"m="{\"password\": \"[REDACTED]\"}""# + "\n"),
      ("x.log", "x \"password\" : 1007\n", "x \"password\" : \"[REDACTED]\"\n"),
    ])
  func largeDocumentParses(name: String, item: String, masked: String) throws {
    var options = RedactionOptions()
    options.largestDocument = 1_000
    let redactor = try Redactor(options: options)
    let (open, comma, close) = name == "x.json" ? ("[", ",", "0]") : ("", "", "")
    func whole(_ item: String) -> String { open + String(repeating: item + comma, count: 100) + close }
    let out = String(decoding: try stream(redactor, Array(whole(item).utf8), name: name), as: UTF8.self)
    #expect(out == whole(masked))
    #expect(String(decoding: try stream(redactor, Array(out.utf8), name: name), as: UTF8.self) == out)
  }

  @Test(
    "one document is held, values one behind the other are not, wherever the pieces are cut",
    arguments: [
      (#"{"a":{"b":["}]{"]},"c":"#, true), (#"{"a":1}"# + "\n" + #"{"a":1}"# + "\n", false), ("[1,2] [3", false),
      ("\"a\" 1", false), ("1", false), (#"["\""#, true), ("]", false),
    ])
  func sequences(text: String, isHeld: Bool) {
    var options = RedactionOptions()
    options.largestSequence = 60
    let bytes = Array((text + String(repeating: " ", count: 5_000)).utf8)
    for length in [1, 59, 4_096, 4_097, bytes.count] {
      var form = StreamForm(name: "x", format: .json, options)
      var passed: [UInt8] = []
      for piece in stride(from: 0, to: bytes.count, by: length) {
        passed += form.append(Array(bytes[piece..<min(piece + length, bytes.count)]), isEnd: false) ?? []
      }
      #expect(form.isText == !isHeld)
      #expect(passed == (isHeld ? [] : bytes))
    }
  }

  @Test(
    "what has no telling name is told by its layout",
    arguments: [
      ("db:\n  password: x\n", TextSource.Form.yaml), ("COMPUTED VALUES:\ndb:\r\n  a: x\r\n", .yaml),
      ("users:\n- a\n- b\n", .yaml), ("- a:\n    b: 1\n", .yaml), ("run: |\n  echo: x y z\n  done\nb: 1\n", .yaml),
      ("a: !!binary x\n", .yaml), ("? a\n: b\n", .yaml), ("a: \"x\n  y\"\nb: 1\n", .yaml),
      ("# values\n\n\"a b\":\n  c: 'd'\n", .yaml), ("a: 1\nkind: X\n", .yaml), ("---\nx\n", .yaml),
      ("a: 1\nb: 2\n", .log), ("ERROR: x\n  at y\n", .log), ("a:\n  b: 1\ndone\n", .log),
      ("Name: x\nStart Time: y\nLabels:\n  a: b\n", .log), ("GET / x\n", .log), ("a: |x\n", .log), ("", .log),
      ("{\"a\": 1}\n", .json), ("{\"log\":\"a\", \"stream\":\"stdout\"}\n", .log),
      ("{\"log\":\"info\", \"password\":1}\n", .json),
    ])
  func layouts(text: String, form: TextSource.Form) {
    #expect(FileFormat.auto.form(name: "stdin", first: Array(text.utf8)) == form)
    #expect(FileFormat.auto.form(name: "x.txt", first: Array(text.utf8)) == .log)
  }

  @Test("secrets beyond those that are remembered are counted, and withhold an incident")
  func memoryIsBounded() throws {
    var text = ""
    for number in 0...KnownValues.mostValues { text += "password=Zx\(number)-hunter\n" }
    let redactor = try Redactor()
    let out = try redactor.redact(RawFile(name: "x.log", bytes: Array(text.utf8)))
    #expect(!String(decoding: out.value, as: UTF8.self).contains("hunter"))
    #expect(out.report.unremembered == 1)
    // Which ones are looked for elsewhere is not left to chance.
    var files = FileRedaction(redactor)
    for part in [text.prefix(20), text.dropFirst(20)] {
      var learning = files.stream(name: "x.log")
      try learning.append(Array(String(part).utf8))
      try learning.finish()
      files.learn(learning)
    }
    let last = KnownValues.mostValues
    let line = "Zx0-hunter Zx\(last - 1)-hunter Zx\(last)-hunter"
    let seen = try files.masker().redacted(RawFile(name: "y.log", bytes: Array(line.utf8)))
    #expect(String(decoding: seen.value, as: UTF8.self) == "[REDACTED] [REDACTED] Zx\(last)-hunter")
    #expect { try redactor.redact(OneText(text: text)) } throws: { ($0 as? RedactionError)?.code == .limit }
  }
}

/// An incident of one log.
private struct OneText: Redactable {
  var text: String

  mutating func visitTexts(_ visit: (inout String, TextSource) throws(RedactionError) -> Void) throws(RedactionError) {
    try visit(&text, TextSource(.log, place: "log"))
  }

  mutating func recordRedaction(_ report: RedactionReport) {}

  func encodedForLastCheck() throws(RedactionError) -> [UInt8] { Array(text.utf8) }
}

extension String {
  /// The words of the endless line, with each secret or mask as one mark.
  fileprivate func replacingMasks() -> [Substring] {
    split(separator: " ").map { $0 == "password=[REDACTED]" ? "*" : $0 }
  }

  fileprivate func replacingSecrets() -> [Substring] {
    split(separator: " ").map { $0.hasPrefix("password=") ? "*" : $0 }
  }
}
