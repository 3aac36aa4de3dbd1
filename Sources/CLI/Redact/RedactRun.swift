internal import Redaction
internal import Telemetry
internal import Time

/// One use of `redact`: learns the secrets of all files, then masks each.
struct RedactRun {
  /// Where masked text goes.
  enum Destination {
    /// Nowhere: something else is told.
    case nowhere
    case standardOutput
    case folder(String)
    /// Each file's own place.
    case inPlace
  }

  let redactor: Redactor
  let inputs: [RedactInput]
  let format: FileFormat
  let destination: Destination
  /// True if places are told of, by the teller.
  let tellsPlaces: Bool
  var teller: RedactTeller

  /// What was masked so far.
  private(set) var masked = 0
  /// Secrets beyond those that are remembered: see `RedactionReport.unremembered`.
  private(set) var unremembered = 0
  /// Files that were withheld.
  private(set) var withheld: [RedactionError] = []

  private var progress = RedactProgress()
  /// Standard input, where it stands beside files: it comes once, and there are two passes.
  private var heldInput: [UInt8] = []
  private var heldForm: UTF16Text?

  /// Largest file that is held whole, in bytes: where places are told, and standard input beside files.
  private static let largestHeld = 64 << 20

  init(
    redactor: Redactor, inputs: [RedactInput], format: FileFormat, destination: Destination, tellsPlaces: Bool,
    teller: RedactTeller
  ) {
    self.redactor = redactor
    self.inputs = inputs
    self.format = format
    self.destination = destination
    self.tellsPlaces = tellsPlaces
    self.teller = teller
  }

  /// Runs both passes. A file that is withheld leaves nothing; the others are written, and the caller is told.
  mutating func run() throws {
    defer { progress.end() }
    // A pipe alone comes once: what it shows is learned on the way.
    if inputs.count == 1, inputs[0].isStandardInput {
      try mask(inputs[0], with: nil)
      return
    }
    var learning = FileRedaction(redactor)
    for input in inputs { try learn(input, &learning) }
    let masker = learning.masker()
    for input in inputs { try mask(input, with: masker) }
  }

  private mutating func learn(_ input: RedactInput, _ learning: inout FileRedaction) throws {
    progress.begin("reading", input)
    var stream = learning.stream(name: input.name, format: format)
    var reader = try RedactReader(try input.open())
    while let piece = try reader.next() {
      try stream.append(piece)
      progress.advance(piece.count)
      guard input.isStandardInput else { continue }
      heldInput += piece
      if heldInput.count > Self.largestHeld {
        throw CommandFailure(
          "redact: standard input beside files has more than \(Self.largestHeld >> 20) MiB, which would be held")
      }
    }
    if input.isStandardInput { heldForm = reader.form }
    try stream.finish()
    learning.learn(stream)
  }

  private mutating func mask(_ input: RedactInput, with masker: FileMasker?) throws {
    progress.begin("redacting", input)
    do {
      if input.isStandardInput, masker != nil {
        try maskWhole(input, heldInput, heldForm, masker)
      } else if tellsPlaces {
        try maskTelling(input, masker)
      } else {
        var reader = try RedactReader(try input.open())
        try maskStream(input, before: [], &reader, masker)
      }
    } catch let error as RedactionError {
      // The others are vouched for; this one is not written, and the status says so.
      withheld.append(error)
    }
  }

  /// Holds a document if it is small enough, for then its paths can be shown; and a text whose lines are asked for.
  private mutating func maskTelling(_ input: RedactInput, _ masker: FileMasker?) throws {
    var reader = try RedactReader(try input.open())
    var held: [UInt8] = []
    while held.count <= Self.largestHeld {
      guard let piece = try reader.next() else { return try maskWhole(input, held, reader.form, masker) }
      held += piece
      if !teller.wantsLines, !isDocument(input, held) { break }
    }
    if case .diff = teller.output, held.count > Self.largestHeld {
      throw CommandFailure("redact: \(input.name) has more than \(Self.largestHeld >> 20) MiB, which --diff would hold")
    }
    try maskStream(input, before: held, &reader, masker)
  }

  /// True unless the first bytes of a file say that it is a text.
  private func isDocument(_ input: RedactInput, _ first: [UInt8]) -> Bool {
    guard first.count >= FileFormat.headLength else { return true }
    let form = format.form(name: input.name, first: first.prefix(FileFormat.headLength))
    return form == .json || form == .yaml
  }

  /// Masks what is held, by the same way as what is not: what comes out does not depend on whether places are told.
  private mutating func maskWhole(
    _ input: RedactInput, _ bytes: [UInt8], _ form: UTF16Text?, _ masker: FileMasker?
  ) throws {
    var stream = stream(of: input, masker)
    let pieces = [try stream.append(bytes), try stream.finish()]
    progress.advance(bytes.count)
    count(stream.report)
    if tellsPlaces {
      let places = located(pieces.flatMap(\.report.places), in: bytes, name: input.name)
      try teller.tell(input.name, places)
      try teller.tell(input.name, whole: bytes, places)
      teller.report(input.name, stream.report, places, more: 0)
    }
    var sink = RedactSink(destination, input, form)
    for piece in pieces { try sink.write(piece) }
    try sink.finish(form)
  }

  private mutating func count(_ report: RedactionReport) {
    masked += report.total
    unremembered = max(unremembered, report.unremembered)
  }

  private func stream(of input: RedactInput, _ masker: FileMasker?) -> StreamRedaction {
    masker?.stream(name: input.name, format: format) ?? redactor.stream(name: input.name, format: format)
  }

  private func located(_ places: [MaskedPlace], in bytes: [UInt8], name: String) -> [LocatedPlace] {
    var lines = LineIndex()
    lines.append(bytes)
    let form = format.form(name: name, first: bytes)
    let paths = DocumentPaths.paths(of: places.map(\.range.lowerBound), in: bytes, form: form)
    return places.indices.map { index in
      let (line, column) = lines.position(of: places[index].range.lowerBound)
      return LocatedPlace(place: places[index], line: line, column: column, path: paths?[index])
    }
  }

  private mutating func maskStream(
    _ input: RedactInput, before held: [UInt8], _ reader: inout RedactReader, _ masker: FileMasker?
  ) throws {
    var stream = stream(of: input, masker)
    var sink = RedactSink(destination, input, reader.form)
    var lines = LineIndex()
    var kept: [LocatedPlace] = []
    var places = 0
    func take(_ piece: Redacted<[UInt8]>) throws {
      if tellsPlaces {
        let found = piece.report.places.map { place in
          let (line, column) = lines.position(of: place.range.lowerBound)
          return LocatedPlace(place: place, line: line, column: column, path: nil)
        }
        try teller.tell(input.name, found)
        kept += found.prefix(RedactTeller.room(kept.count))
        places += found.count
      }
      try sink.write(piece)
    }
    func feed(_ bytes: [UInt8]) throws {
      if tellsPlaces { lines.append(bytes) }
      try take(try stream.append(bytes))
      progress.advance(bytes.count)
    }
    if !held.isEmpty { try feed(held) }
    while let piece = try reader.next() { try feed(piece) }
    try take(try stream.finish())
    count(stream.report)
    if tellsPlaces { teller.report(input.name, stream.report, kept, more: places - kept.count) }
    try sink.finish(reader.form)
  }
}

/// A line on a terminal for input that takes longer than a second; it is gone at the end.
private struct RedactProgress {
  private let line = ProgressLine()
  private let time = SystemTime()
  private let start: MonotonicInstant
  private var verb = ""
  private var name = ""
  private var done = 0
  private var size: Int?
  private var shownAt = 0

  init() { start = time.monotonic }

  /// Bytes between two changes of the line: at the speed of a slow rule set a few each second.
  private static let step = 8 << 20

  mutating func begin(_ verb: String, _ input: RedactInput) {
    self.verb = verb
    name = TerminalText.safe(input.name)
    size = input.isStandardInput ? nil : SystemStreams.size(of: input.path)
    done = 0
    shownAt = 0
  }

  mutating func advance(_ count: Int) {
    done += count
    guard done - shownAt >= Self.step, start.duration(to: time.monotonic) > .seconds(1) else { return }
    shownAt = done
    line.show("\(verb) \(name)  \(done >> 20)\(size.map { " of \($0 >> 20)" } ?? "") MiB")
  }

  func end() { line.end() }
}
