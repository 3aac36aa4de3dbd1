import Logging
import Testing
import Time

@testable import Telemetry

@Suite("Log lines")
struct LoggingTests {
  private let sink = MemorySink()
  private let level = LogLevelSwitch(.info)

  private func json(_ label: String = "kube-mind.test") -> Logger {
    Logger(label: label) { label in
      LineLogHandler(JSONLogFormat(label: label), level: level, sink: sink) {
        Timestamp(seconds: 1_795_399_535, nanoseconds: 123_456_789)
      }
    }
  }

  private static let start =
    #"{"time":"2026-11-23T02:05:35.123Z","level":"info","message":"m","logger":"kube-mind.test""#

  @Test("metadata as fields, by name, numbers and booleans as such")
  func fields() {
    json().info(
      "m",
      metadata: [
        "podUID": "a-b", "count": "\(3)", "restarts": .stringConvertible(3), "ready": .stringConvertible(true),
        "ratio": .stringConvertible(0.5), "names": ["x", "y"], "http": ["Status-Code": .stringConvertible(200)],
      ])
    #expect(
      sink.lines == [
        Self.start
          + #","count":"3","http_status_code":200,"names":["x","y"],"pod_uid":"a-b","ratio":0.5,"ready":true,"restarts":3}"#
      ])
  }

  @Test(
    "hostile text stays in its string",
    arguments: [
      ("a\"b\\c", #"a\"b\\c"#), ("\u{0}\u{1B}[31m\u{7F}", #"\u0000\u001b[31m\u007f"#), ("a\nb\r\tc", #"a\nb\r\tc"#),
      ("\u{2028}\u{2029}\u{85}", #"\u2028\u2029\u0085"#), ("\u{1F600}\u{e9}", "\u{1F600}\u{e9}"),
      (#"","level":"error"#, #"\",\"level\":\"error"#),
    ])
  func hostile(text: String, escaped: String) {
    json().info("m", metadata: ["x": .string(text)])
    #expect(sink.lines == [Self.start + #","x":"\#(escaped)"}"#])
  }

  @Test("a metadata key cannot take the place of the line's own fields, nor of another key")
  func collisions() {
    json().info("m", metadata: ["level": "1", "Time": "2", "a.b": "3", "a": ["b": "4"], "": "5"])
    #expect(sink.lines[0].hasPrefix(Self.start))
    let rest = sink.lines[0].dropFirst(Self.start.count)
    for field in [#""level_":"1""#, #""time_":"2""#, #""a_b""#, #""a_b_""#, #""field":"5""#] {
      #expect(rest.contains(field))
    }
  }

  @Test("a giant is cut, a deep one ends in text")
  func limits() {
    var deep: Logger.MetadataValue = "end"
    for _ in 0..<50 { deep = ["k": deep] }
    json().info("m", metadata: ["big": .string(String(repeating: "\u{e9}", count: 100_000)), "deep": deep])
    #expect(sink.lines[0].utf8.count < 20_000)
    #expect(sink.lines[0].hasSuffix("\"}"))
  }

  @Test("a changed level holds from the next line on; a logger's own goes before it")
  func levels() {
    let logger = json()
    var own = logger
    own.logLevel = .error
    logger.debug("1")
    level.level = .debug
    logger.debug("2")
    own.warning("3")
    level.level = .critical
    logger.error("4")
    own.error("5")
    #expect(sink.lines.count == 2)
    #expect(sink.lines[0].contains(#""message":"2""#) && sink.lines[1].contains(#""message":"5""#))
  }

  @Test("sources of metadata: the line wins over the provider, the provider over the logger")
  func precedence() {
    var logger = Logger(label: "kube-mind.test") { label in
      LineLogHandler(
        JSONLogFormat(label: label), level: level, sink: sink,
        metadataProvider: Logger.MetadataProvider { ["a": "2", "b": "2"] }
      ) { Timestamp(seconds: 1_795_399_535, nanoseconds: 123_456_789) }
    }
    logger[metadataKey: "a"] = "1"
    logger[metadataKey: "c"] = "1"
    logger.info("m", metadata: ["b": "3"])
    #expect(sink.lines == [Self.start + #","a":"2","b":"3","c":"1"}"#])
  }

  @Test("for a person: with colour and without, control characters written out")
  func console() {
    for colour in [false, true] {
      Logger(label: "x") { _ in
        LineLogHandler(ConsoleLogFormat(colour: colour), level: level, sink: sink) { Timestamp(seconds: 1_795_399_535) }
      }.warning("Pod a entered\u{1B}[2J", metadata: ["pod": "a", "why": "no such host\n", "n": .stringConvertible(2)])
    }
    #expect(sink.lines[0] == #"02:05:35.000 warning Pod a entered\u{1b}[2J n=2 pod=a why="no such host\n""#)
    #expect(sink.lines[1].contains("\u{1B}[33mwarning\u{1B}[0m"))
  }

  @Test("lines of many tasks stay whole, and the newest are kept")
  func concurrency() async {
    let sink = MemorySink(limit: 500)
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          let logger = LogSetup(format: .json, sink: sink).logger("t\(task)")
          for line in 0..<100 { logger.info("line", metadata: ["n": .stringConvertible(line)]) }
        }
      }
    }
    #expect(sink.lines.count == 500)
    #expect(sink.lines.allSatisfy { $0.hasPrefix(#"{"time":""#) && $0.hasSuffix("}") })
  }

  @Test(arguments: [
    ("podUID", "pod_uid"), ("HTTPStatus", "httpstatus"), ("already_snake", "already_snake"), ("a.b-c d", "a_b_c_d"),
    ("--", "field"), ("\u{e9}t\u{e9}", "t"), ("v1Beta2", "v1_beta2"),
  ])
  func fieldNames(key: String, name: String) {
    #expect(JSONText.fieldName(key) == name)
  }

  @Test("the system's clocks go forward and sleep is cancelled")
  func clocks() async {
    let time = SystemTime()
    let before = time.monotonic
    #expect(time.monotonic >= before)
    #expect(time.wall > Timestamp(seconds: 1_700_000_000))
    let sleeper = Task { try await time.sleep(for: .seconds(3600)) }
    sleeper.cancel()
    await #expect(throws: CancellationError.self) { try await sleeper.value }
  }
}
