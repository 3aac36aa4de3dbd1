/// First pass over one file that is read in pieces: learns its secrets. From `FileRedaction.stream`, back to
/// `FileRedaction.learn`.
package struct StreamLearning {
  private let redactor: Redactor
  private let isOverTime: () -> Bool
  private var form: StreamForm
  private var text: TextLearner
  var known = IncidentKnowledge()

  init(_ redactor: Redactor, name: String, format: FileFormat, isOverTime: @escaping () -> Bool) {
    self.redactor = redactor
    self.isOverTime = isOverTime
    form = StreamForm(name: name, format: format, redactor.options)
    text = TextLearner(redactor.engine, redactor.options.windows, isOverTime: isOverTime)
  }

  /// The next bytes of the file, however many.
  package mutating func append(_ bytes: [UInt8]) throws(RedactionError) { try take(bytes, isEnd: false) }

  /// The file has ended.
  package mutating func finish() throws(RedactionError) {
    try take([], isEnd: true)
    guard !form.isText else { return }
    let (file, format) = form.document()
    let source = TextSource(format == .json ? .json : .yaml, place: file.name)
    _ = try redactor.plan(file.bytes, source, learn: &known, isOverTime)
  }

  private mutating func take(_ bytes: [UInt8], isEnd: Bool) throws(RedactionError) {
    guard let bytes = form.append(bytes, isEnd: isEnd) else { return }
    try redactor.located(form.name) { () throws(RedactionError) in
      try bytes.withUnsafeBufferPointer { bytes throws(RedactionError) in
        try text.append(bytes, isEnd: isEnd) { known.values.learn($0) }
      }
    }
  }
}

/// Second pass over one file that is read in pieces: what comes in goes out masked. The bytes that come out, put together,
/// do not depend on how the input was cut into pieces.
///
/// Text goes through windows of 1 MiB with what stands around them, whatever the length of its lines: some 4 MiB are held.
/// A JSON or YAML document is held whole up to `RedactionOptions.largestDocument`; a larger one is redacted as text, with
/// every text rule, and so are JSON values one behind the other from `RedactionOptions.largestSequence` on.
package struct StreamRedaction {
  private let redactor: Redactor
  /// What masks whole files, with the secrets of the incident; nil where there was no first pass.
  private let masker: FileMasker?
  private let isOverTime: () -> Bool
  private var form: StreamForm
  private var text: TextMasker
  /// What was masked so far, without places: they are in what each call gives.
  package private(set) var report: RedactionReport

  init(
    _ redactor: Redactor, _ masker: FileMasker?, name: String, format: FileFormat,
    isOverTime: @escaping () -> Bool
  ) {
    self.redactor = redactor
    self.masker = masker
    self.isOverTime = isOverTime
    form = StreamForm(name: name, format: format, redactor.options)
    text = TextMasker(
      redactor, known: masker.map { .all($0.matcher) } ?? .soFar(KnownValues(), GrowingMatcher()), place: name,
      isOverTime: isOverTime)
    report = RedactionReport(ruleSetVersion: redactor.rules.version)
    report.unremembered = masker?.forgotten ?? 0
  }

  /// Takes the next bytes of the file and gives those masked bytes that are certain by now, and what was masked in them.
  /// Throws where the rest must not leave: then the file is withheld, and nothing more may be appended.
  package mutating func append(_ bytes: [UInt8]) throws(RedactionError) -> Redacted<[UInt8]> {
    try take(bytes, isEnd: false)
  }

  /// The file has ended: the rest of the masked bytes.
  package mutating func finish() throws(RedactionError) -> Redacted<[UInt8]> {
    let rest = try take([], isEnd: true)
    guard !form.isText else { return rest }
    let (file, format) = form.document()
    let masked: Redacted<[UInt8]>
    if let masker {
      masked = try masker.redacted(file, format: format, isOverTime: isOverTime)
    } else {
      masked = try redactor.redact(file, format: format, isOverTime: isOverTime)
    }
    report.add(masked.report.withoutPlaces)
    return masked
  }

  private mutating func take(_ bytes: [UInt8], isEnd: Bool) throws(RedactionError) -> Redacted<[UInt8]> {
    var out: [UInt8] = []
    let before = text.report
    if let bytes = form.append(bytes, isEnd: isEnd) {
      text.quoting = form.quoting
      try redactor.located(form.name) { () throws(RedactionError) in
        try bytes.withUnsafeBufferPointer { bytes throws(RedactionError) in
          try text.append(bytes, isEnd: isEnd, to: &out)
        }
      }
    }
    let piece = text.report.since(before)
    // Places go out with their bytes: kept for a whole stream they would grow with it.
    text.forgetPlaces()
    report.add(piece.withoutPlaces)
    return Redacted(out, report: piece)
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
  package mutating func learn(_ stream: StreamLearning) { known.add(stream.known) }
}

extension FileMasker {
  /// Begins the second pass over a file that is read in pieces.
  package func stream(
    name: String, format: FileFormat = .auto, isOverTime: @escaping () -> Bool = { false }
  ) -> StreamRedaction {
    StreamRedaction(redactor, self, name: name, format: format, isOverTime: isOverTime)
  }
}

extension Redactor {
  /// Masks one input that can be read only once, such as a pipe. What fits one window is held and gets both passes; in longer
  /// input a secret is masked by its rule everywhere, and elsewhere from the window on in which a rule found it.
  package func stream(
    name: String, format: FileFormat = .auto, isOverTime: @escaping () -> Bool = { false }
  ) -> StreamRedaction {
    StreamRedaction(self, nil, name: name, format: format, isOverTime: isOverTime)
  }
}
