import Testing

@testable import Redaction

/// Manifests of Secrets, one line in each record of a log.
@Suite struct RecordedManifestTests {
  private static let yaml = """
    apiVersion: v1
    kind: Secret
    metadata:
      name: db
    data:
      user: ‹bGVtb24=›
      "pw": "‹YW5jaG9y›"
    stringData:
      note: ‹tigger›
      block: |
        ‹lemon tree›
    type: Opaque
    """
  private static let json = """
    {
      "kind": "Secret",
      "data": {
        "user": "‹bGVtb24=›",
        "pw": "‹YW5jaG9y›"
      },
      "type": "Opaque"
    }
    """

  private static func escaped(_ line: Substring) -> String { String(line.replacing("\"", with: "\\\"")) }

  @Test("Docker's records", arguments: [yaml, json]) func docker(_ manifest: String) throws {
    for gap in ["", " "] {
      let log = manifest.split(separator: "\n").map {
        "{\"log\":\(gap)\"\(Self.escaped($0))\\n\",\(gap)\"stream\":\"stdout\",\"time\":\"2026-01-01T00:00:00Z\"}\n"
      }.joined()
      try check(log + "{\"log\":\"note: fine\\n\",\"stream\":\"stdout\"}\n")
    }
  }

  @Test("records of a program", arguments: [yaml, json]) func program(_ manifest: String) throws {
    let log = manifest.split(separator: "\n").enumerated().map {
      "{\"ts\":\"2026-01-01T00:00:\(10 + $0.offset)Z\",\"level\":\"info\",\"message\":\"\(Self.escaped($0.element))\",\"n\":1}"
    }
    try check("starting\n" + log.joined(separator: "\r\n") + "\r\n{\"message\":\"note: fine\"}\n")
  }

  @Test("what is no line of a manifest") func stays() throws {
    try check("{\"msg\":\"found kind: Secret in the list\"}\n{\"msg\":\"data:\"}\n{\"msg\":\"  user: bob\"}\n")
    try check("{\"msg\":\"kind: ConfigMap\"}\n{\"msg\":\"data:\"}\n{\"msg\":\"  user: bob\"}\n")
    try check("{\"msg\":\"kind: Secret\"}\n{\"log\":\"data:\"}\n{\"log\":\"  user: bob\"}\n")
  }

  /// Two manifests one behind the other, and more records than are put together at once.
  @Test("a long log") func many() throws {
    let manifest = Self.yaml.split(separator: "\n").map { "{\"msg\":\"\(Self.escaped($0))\"}\n" }.joined()
    let quiet = String(repeating: "{\"msg\":\"request served\"}\n", count: 700)
    try check(manifest + "{\"msg\":\"---\"}\n" + manifest + quiet + manifest)
  }

  @Test("the kind in quotes", arguments: ["'Secret'", "\"Secret\""]) func quotedKind(_ kind: String) throws {
    let lines = Self.yaml.replacing("kind: Secret", with: "kind: \(kind)").split(separator: "\n")
    try check("applying\n" + lines.map { $0 + "\n" }.joined() + "\ndone\n")
    try check(lines.map { "{\"msg\":\"\(Self.escaped($0))\"}\n" }.joined())
  }

  @Test("keys stay where a log's front holds colons") func fronts() throws {
    let log = Self.json.split(separator: "\n").map { "2026-01-01T00:00:00.000000000Z stdout F \($0)\n" }.joined()
    try check(log)
  }
}
