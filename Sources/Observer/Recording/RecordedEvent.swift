package import Documents
package import Redaction

/// One line of a watch as the API server sends it, `{"type":…,"object":…}`: what a recording is made of, once it is redacted.
package struct RecordedEvent: Redactable {
  private var line: String

  /// Takes a line of a watch, without its line feed.
  package init(line: some Collection<UInt8>) {
    self.line = String(decoding: line, as: UTF8.self)
  }

  /// Takes an item of a list, as the event that shows it.
  package init(listed item: JSONDocument) {
    line = #"{"type":"ADDED","object":"# + String(decoding: item.bytes, as: UTF8.self) + "}"
  }

  package mutating func visitTexts(
    _ visit: (inout String, TextSource) throws(RedactionError) -> Void
  ) throws(RedactionError) {
    try visit(&line, TextSource(.json, place: "watch event"))
  }

  /// A line has no place for a report.
  package mutating func recordRedaction(_ report: RedactionReport) {}

  package func encodedForLastCheck() throws(RedactionError) -> [UInt8] { Array(line.utf8) }
}

extension Redacted<RecordedEvent> {
  /// The line for the file, with its line feed.
  package var encoded: [UInt8] { (try? value.encodedForLastCheck()).map { $0 + [0x0A] } ?? [] }
}
