internal import Redaction
package import Telemetry

/// Masks log lines on their way out: what an API server, an orchestrator or a credential plugin says in an error stands in
/// our lines, and nobody vouches for it.
///
/// A line that cannot be vouched for is replaced by one that says so, with the rule and nothing of the line.
package struct RedactingSink: LogSink {
  private let redactor: RedactorBox
  private let format: LogSetup.Format
  private let next: any LogSink

  /// A sink in front of `next` for lines of this format.
  package init(_ next: any LogSink, format: LogSetup.Format, redactor: RedactorBox) {
    self.next = next
    self.format = format
    self.redactor = redactor
  }

  package func write(_ line: [UInt8]) {
    do throws(RedactionError) {
      let file = RawFile(name: "log line", bytes: line)
      next.write(try redactor.current.redact(file, format: format == .json ? .json : .text).value)
    } catch {
      let reason = "\(error.code.rawValue)\(error.rule.isEmpty ? "" : ", rule \(error.rule)")"
      switch format {
      case .json:
        next.write(Array(#"{"level":"error","message":"log line withheld","cause":"\#(reason)"}"#.utf8) + [0x0A])
      case .text: next.write(Array("log line withheld: \(reason)\n".utf8))
      }
    }
  }
}
