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

/// The files of one incident: what is secret in one of them is masked in all.
package struct FileRedaction: Sendable {
  let redactor: Redactor
  var known = IncidentKnowledge()

  package init(_ redactor: Redactor) { self.redactor = redactor }

  /// First pass over a file: learns its secrets. Call it for every file before `redacted` for any.
  package mutating func learn(
    _ file: RawFile, format: FileFormat = .auto, isOverTime: @escaping () -> Bool = { false }
  ) throws(RedactionError) {
    _ = try redactor.plan(file.bytes, file.source(format), learn: &known, isOverTime)
  }

  /// Ends the first pass: gives what masks the files.
  package func masker() -> FileMasker {
    FileMasker(redactor: redactor, matcher: known.matcher(), forgotten: known.values.forgotten)
  }
}

extension RawFile {
  func source(_ format: FileFormat) -> TextSource { TextSource(format.form(name: name, first: bytes), place: name) }
}

/// Second pass over the files of one incident.
package struct FileMasker: Sendable {
  let redactor: Redactor
  let matcher: KnownMatcher
  /// Secrets that are not looked for elsewhere: see `RedactionReport.unremembered`.
  let forgotten: Int

  /// The file with every secret masked, checked once more. Throws where it must not leave.
  package func redacted(
    _ file: RawFile, format: FileFormat = .auto, isOverTime: @escaping () -> Bool = { false }
  ) throws(RedactionError) -> Redacted<[UInt8]> {
    try redactor.checkSize(file.bytes.count, place: file.name)
    let source = file.source(format)
    let isText = source.form == .log || source.form == .message
    return try redacted(file, source, isText ? .windows(nil) : .document(nil), isOverTime)
  }

  func redacted(
    _ file: RawFile, _ source: TextSource, _ plan: TextPlan, _ isOverTime: @escaping () -> Bool
  ) throws(RedactionError) -> Redacted<[UInt8]> {
    var report = RedactionReport(ruleSetVersion: redactor.rules.version)
    report.unremembered = forgotten
    let masked = try redactor.masked(file.bytes, source, plan, matcher, &report, isOverTime) ?? file.bytes
    return Redacted(masked, report: report)
  }
}

extension Redactor {
  /// One file by itself.
  package func redact(
    _ file: RawFile, format: FileFormat = .auto, isOverTime: @escaping () -> Bool = { false }
  ) throws(RedactionError) -> Redacted<[UInt8]> {
    var known = IncidentKnowledge()
    let source = file.source(format)
    let plan = try plan(file.bytes, source, learn: &known, isOverTime)
    return try FileMasker(redactor: self, matcher: known.matcher(), forgotten: known.values.forgotten)
      .redacted(file, source, plan, isOverTime)
  }
}
