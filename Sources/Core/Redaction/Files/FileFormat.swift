/// What a file is taken for.
package enum FileFormat: String, Sendable, CaseIterable {
  /// By its name, else by its first bytes.
  case auto
  case json
  case yaml
  case text

  /// Bytes by which a file without a telling name is recognised.
  package static let headLength = 4_096

  /// The form of a file's text. A name decides first; JSON lines and what has no known name are told by their first 4 KiB.
  package func form(name: String, first bytes: some Collection<UInt8>) -> TextSource.Form {
    switch self {
    case .json: return .json
    case .yaml: return .yaml
    case .text: return .log
    case .auto: break
    }
    let name = name.lowercased()
    // Docker's log: its records are JSON, and what they hold goes on from one to the next.
    if bytes.starts(with: "{\"log\":\"".utf8), Self.namesStream(bytes) { return .log }
    if name.hasSuffix(".json") { return .json }
    if name.hasSuffix(".yaml") || name.hasSuffix(".yml") { return .yaml }
    if name.hasSuffix(".log") || name.hasSuffix(".txt") || name.hasSuffix(".out") || name.hasSuffix(".err") {
      return .log
    }
    var head = Array(bytes.prefix(Self.headLength))
    let isCut = head.count == Self.headLength
    if head.starts(with: [0xEF, 0xBB, 0xBF]) { head.removeFirst(3) }
    return head.withUnsafeBufferPointer { head in
      let sniffed = DocumentRedactor.sniff(head)
      if sniffed == .json { return .json }
      // Many logs read as YAML for a line or two; a manifest says what it is, and other YAML shows it by its layout.
      return sniffed == .yaml && Self.isManifest(head) || YAMLLayout.isShown(by: head, isCut: isCut) ? .yaml : .log
    }
  }

  /// True if a record says which stream it comes from, as those of Docker do and a configuration with a `log` does not.
  private static func namesStream(_ bytes: some Collection<UInt8>) -> Bool {
    Array(bytes.prefix(headLength)).withUnsafeBufferPointer { head in
      head.first("\"stream\":\"std", in: 0..<head.count) != nil
    }
  }

  private static func isManifest(_ head: Bytes) -> Bool {
    head.first("apiVersion:", in: 0..<head.count) != nil || head.first("kind:", in: 0..<head.count) != nil
      || head.has("---", at: 0)
  }
}
