import Logging
import Redaction
import Telemetry
import Testing

@testable import Observer

@Suite("Log lines are redacted")
struct RedactingSinkTests {
  @Test("whatever field a secret stands in", arguments: [LogSetup.Format.json, .text])
  func masked(format: LogSetup.Format) throws {
    let lines = MemorySink()
    let sink = RedactingSink(lines, format: format, redactor: RedactorBox(try Redactor()))
    let logger = LogSetup(format: format, sink: sink).logger("test")
    logger.info(
      "cannot reach postgres://shop:hunter2-and-more@db:5432/orders",
      metadata: [
        "pod": "payments-api-65d9d4fdd-6d5ws", "error": "login failed: password=Tr0ub4dor&3 for app", "took_ms": "12",
      ])
    let line = try #require(lines.lines.first)
    #expect(!line.contains("hunter2-and-more") && !line.contains("Tr0ub4dor"))
    #expect(line.contains("payments-api-65d9d4fdd-6d5ws") && line.contains("login failed") && line.contains("12"))
    #expect(line.contains("[REDACTED]"))
  }

  @Test("a line without a secret goes out as it is, one line for one event")
  func untouched() throws {
    let plain = MemorySink()
    let redacted = MemorySink()
    let line =
      Array(#"{"level":"info","message":"synced","pods":"37","took_ms":3.5,"at":"2026-11-23T07:00:00.000Z"}"#.utf8) + [
        0x0A
      ]
    plain.write(line)
    RedactingSink(redacted, format: .json, redactor: RedactorBox(try Redactor())).write(line)
    #expect(plain.lines == redacted.lines)
  }
}
