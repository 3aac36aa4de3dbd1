/// A file's bytes, to be redacted.
package struct RawFile: Sendable {
  /// Its name, for its format and for reports.
  package var name: String
  /// Its bytes, whatever their encoding.
  package var bytes: [UInt8]

  package init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }
}

/// What a file is taken for.
package enum FileFormat: String, Sendable, CaseIterable {
  /// By its name, else by its first bytes.
  case auto
  case json
  case yaml
  case text

  /// The form of a file's text. A name decides first; JSON lines and what has no known name are told by their first byte.
  package func form(name: String, first bytes: some Collection<UInt8>) -> TextSource.Form {
    switch self {
    case .json: return .json
    case .yaml: return .yaml
    case .text: return .log
    case .auto: break
    }
    let name = name.lowercased()
    if name.hasSuffix(".json") { return .json }
    if name.hasSuffix(".yaml") || name.hasSuffix(".yml") { return .yaml }
    if name.hasSuffix(".log") || name.hasSuffix(".txt") || name.hasSuffix(".out") || name.hasSuffix(".err") {
      return .log
    }
    var head = Array(bytes.prefix(4_096))
    if head.starts(with: [0xEF, 0xBB, 0xBF]) { head.removeFirst(3) }
    let sniffed = head.withUnsafeBufferPointer { DocumentRedactor.sniff($0) }
    switch sniffed {
    case .json: return .json
    // Many logs read as YAML for a line or two; a manifest says what it is.
    case .yaml:
      let isManifest = head.withUnsafeBufferPointer { text in
        text.first("apiVersion:", in: 0..<text.count) != nil || text.first("kind:", in: 0..<text.count) != nil
          || text.has("---", at: 0)
      }
      return isManifest ? .yaml : .log
    default: return .log
    }
  }
}

/// The files of one incident: what is secret in one of them is masked in all.
package struct FileRedaction: Sendable {
  let redactor: Redactor
  var known = KnownValues()
  var identifiers: [[UInt8]] = []

  package init(_ redactor: Redactor) { self.redactor = redactor }

  /// First pass over a file: learns its secrets. Call it for every file before `redacted` for any.
  package mutating func learn(
    _ file: RawFile, format: FileFormat = .auto, isOverTime: @escaping () -> Bool = { false }
  ) throws(RedactionError) {
    try redactor.checkSize(file.bytes.count, place: file.name)
    var pass = DocumentRedactor(redactor.engine, known: .none, isOverTime: isOverTime)
    _ = try redactor.edits(file.bytes, source(file, format), &pass)
    for secret in pass.learned { known.learn(secret) }
    identifiers += pass.identifiers
  }

  /// Ends the first pass: gives what masks the files.
  package func masker() -> FileMasker {
    var known = known
    known.forget(namesIn: identifiers)
    return FileMasker(redactor: redactor, matcher: known.matcher())
  }

  private func source(_ file: RawFile, _ format: FileFormat) -> TextSource {
    TextSource(format.form(name: file.name, first: file.bytes), place: file.name)
  }
}

/// Second pass over the files of one incident.
package struct FileMasker: Sendable {
  let redactor: Redactor
  let matcher: KnownMatcher

  /// The file with every secret masked, checked once more. Throws where it must not leave.
  package func redacted(
    _ file: RawFile, format: FileFormat = .auto, isOverTime: @escaping () -> Bool = { false }
  ) throws(RedactionError) -> Redacted<[UInt8]> {
    try redactor.checkSize(file.bytes.count, place: file.name)
    var report = RedactionReport(ruleSetVersion: redactor.rules.version)
    let source = TextSource(format.form(name: file.name, first: file.bytes), place: file.name)
    let masked = try redactor.masked(file.bytes, source, matcher, &report, isOverTime) ?? file.bytes
    try masked.withUnsafeBufferPointer { bytes throws(RedactionError) in
      try redactor.lastCheck(bytes, matcher, place: file.name)
    }
    return Redacted(masked, report: report)
  }
}

extension Redactor {
  /// One file by itself.
  package func redact(
    _ file: RawFile, format: FileFormat = .auto, isOverTime: @escaping () -> Bool = { false }
  ) throws(RedactionError) -> Redacted<[UInt8]> {
    var files = FileRedaction(self)
    try files.learn(file, format: format, isOverTime: isOverTime)
    return try files.masker().redacted(file, format: format, isOverTime: isOverTime)
  }
}
