package import Documents

/// A Status (meta/v1): what the API server says where it refuses.
package struct StatusBody: Sendable, Equatable {
  /// HTTP status, also of an error inside a watch; 0 where it is missing.
  package var code = 0
  /// e.g. "Expired", "NotFound", "Forbidden".
  package var reason = ""
  /// Text for a person.
  package var message = ""
  /// metadata.continue: with the 410 of an expired page, a token that goes on from the newest version.
  package var continueToken = ""
  /// details.retryAfterSeconds; 0 where it is missing.
  package var retryAfterSeconds = 0
  /// Whether `kind` says Status.
  private var isStatus = true

  package init(code: Int = 0, reason: String = "", message: String = "") {
    self.code = code
    self.reason = reason
    self.message = message
  }

  /// Reads a Status; any other object leaves the fields empty that it does not have.
  package init(scanning scanner: inout JSONScanner) throws(JSONError) {
    isStatus = false
    try scanner.beginObject()
    while let key = try scanner.nextKey() {
      switch key {
      case "kind": isStatus = try scanner.text() == "Status"
      case "code": code = try scanner.integer()
      case "reason": reason = try scanner.text()
      case "message": message = try scanner.text()
      case "metadata": continueToken = try ObjectMetadata.list(scanning: &scanner).continueToken
      case "details":
        guard try scanner.enterObject() else { continue }
        while let detail = try scanner.nextKey() {
          switch detail {
          case "retryAfterSeconds": retryAfterSeconds = try scanner.integer()
          default: try scanner.skipValue()
          }
        }
      default: try scanner.skipValue()
      }
    }
  }

  /// Reads a body; nil where it is no Status.
  package init?(json: [UInt8]) {
    let read = try? JSONDocument.scan(json) { scanner throws(JSONError) in try StatusBody(scanning: &scanner) }
    guard let read, read.isStatus else { return nil }
    self = read
  }
}
