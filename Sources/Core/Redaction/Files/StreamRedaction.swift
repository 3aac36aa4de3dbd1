/// First pass over one file that is read in pieces: learns its secrets. From `FileRedaction.stream`, back to
/// `FileRedaction.learn`.
package struct StreamLearning {
  let redactor: Redactor
  let name: String
  let format: FileFormat
  let isOverTime: () -> Bool
  private var held: [UInt8] = []
  var known = KnownValues()
  var identifiers: [[UInt8]] = []

  init(_ redactor: Redactor, name: String, format: FileFormat, isOverTime: @escaping () -> Bool) {
    self.redactor = redactor
    self.name = name
    self.format = format
    self.isOverTime = isOverTime
  }

  /// The next bytes of the file, however many.
  package mutating func append(_ bytes: [UInt8]) throws(RedactionError) {
    held += bytes
    try redactor.checkSize(held.count, place: name)
  }

  /// The file has ended.
  package mutating func finish() throws(RedactionError) {
    var pass = DocumentRedactor(redactor.engine, known: .none, isOverTime: isOverTime)
    let source = TextSource(format.form(name: name, first: held), place: name)
    _ = try redactor.edits(held, source, &pass)
    held = []
    for secret in pass.learned { known.learn(secret) }
    identifiers = pass.identifiers
  }
}

/// Second pass over one file that is read in pieces: what comes in goes out masked. The bytes that come out, put together,
/// do not depend on how the input was cut into pieces.
package struct StreamRedaction {
  let redactor: Redactor
  /// The secrets of the incident; nil where there was no first pass: then what the file itself shows is learned on the way.
  let matcher: KnownMatcher?
  let name: String
  let format: FileFormat
  let isOverTime: () -> Bool
  private var held: [UInt8] = []
  /// What was masked so far.
  package private(set) var report: RedactionReport

  init(
    _ redactor: Redactor, _ matcher: KnownMatcher?, name: String, format: FileFormat,
    isOverTime: @escaping () -> Bool
  ) {
    self.redactor = redactor
    self.matcher = matcher
    self.name = name
    self.format = format
    self.isOverTime = isOverTime
    report = RedactionReport(ruleSetVersion: redactor.rules.version)
  }

  /// Takes the next bytes of the file and gives those masked bytes that are certain by now, and what was masked in them.
  /// Throws where the rest must not leave: then the file is withheld, and nothing more may be appended.
  package mutating func append(_ bytes: [UInt8]) throws(RedactionError) -> Redacted<[UInt8]> {
    held += bytes
    try redactor.checkSize(held.count, place: name)
    return Redacted([], report: RedactionReport(ruleSetVersion: redactor.rules.version))
  }

  /// The file has ended: the rest of the masked bytes.
  package mutating func finish() throws(RedactionError) -> Redacted<[UInt8]> {
    let file = RawFile(name: name, bytes: held)
    held = []
    let masked: Redacted<[UInt8]>
    if let matcher {
      masked = try FileMasker(redactor: redactor, matcher: matcher)
        .redacted(file, format: format, isOverTime: isOverTime)
    } else {
      masked = try redactor.redact(file, format: format, isOverTime: isOverTime)
    }
    report.add(masked.report)
    return masked
  }
}

extension FileRedaction {
  /// Begins the first pass over a file that is read in pieces.
  package func stream(
    name: String, format: FileFormat = .auto, isOverTime: @escaping () -> Bool = { false }
  ) -> StreamLearning {
    StreamLearning(redactor, name: name, format: format, isOverTime: isOverTime)
  }

  /// Takes over what a finished first pass has learned.
  package mutating func learn(_ stream: StreamLearning) {
    known.add(stream.known)
    identifiers += stream.identifiers
  }
}

extension FileMasker {
  /// Begins the second pass over a file that is read in pieces.
  package func stream(
    name: String, format: FileFormat = .auto, isOverTime: @escaping () -> Bool = { false }
  ) -> StreamRedaction {
    StreamRedaction(redactor, matcher, name: name, format: format, isOverTime: isOverTime)
  }
}

extension Redactor {
  /// Masks one input that can be read only once, such as a pipe. What fits one window is held and gets both passes; in longer input a secret is
  /// masked by its rule everywhere, and elsewhere from the window on in which a rule found it.
  package func stream(
    name: String, format: FileFormat = .auto, isOverTime: @escaping () -> Bool = { false }
  ) -> StreamRedaction {
    StreamRedaction(self, nil, name: name, format: format, isOverTime: isOverTime)
  }
}
