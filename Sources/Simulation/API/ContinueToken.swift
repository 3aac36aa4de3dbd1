internal import FoundationEssentials

/// The place in a paged list: the revision of its first page and the key after which the next one starts. The same form
/// as the API server's, base64url of JSON.
struct ContinueToken: Sendable, Equatable {
  /// Nil for "as it is now", which a 410 hands out: the rest of the list, not consistent with its start.
  var revision: Int?
  /// Key of the last object of the page before.
  var after: String

  var text: String {
    let value: JSONValue = [
      "v": "meta.k8s.io/v1", "rv": JSONValue(revision ?? -1), "start": .string(after + "\u{0}"),
    ]
    let encoded = Data(value.encoded).base64EncodedString()
    return String(
      encoded.compactMap { character -> Character? in
        switch character {
        case "+": "-"
        case "/": "_"
        case "=": nil
        default: character
        }
      })
  }

  init(revision: Int?, after: String) {
    self.revision = revision
    self.after = after
  }

  init?(_ text: String) {
    let plain = text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
    let padded = String(plain) + String(repeating: "=", count: (4 - plain.count % 4) % 4)
    guard let data = Data(base64Encoded: padded), let value = try? JSONValue(parsing: data),
      let start = value["start"]?.text, start.hasSuffix("\u{0}"), let revision = value["rv"]?.int
    else { return nil }
    after = String(start.dropLast())
    self.revision = revision == -1 ? nil : revision
  }
}
