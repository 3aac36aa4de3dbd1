/// How redaction works, apart from its rules.
package struct RedactionOptions: Sendable {
  /// Largest text or document that is redacted in memory, in bytes: an incident has 3.5 MiB.
  package var largestText: Int
  /// Reports name each place that was masked. Costs memory for each, so that it is off where nobody asks.
  package var recordsPlaces = false
  /// How masks are written.
  package var masks = MaskStyle.plain
  /// A rule that fails as soon as it has work to do. For tests of fail-safety; only `failing(rule:)` sets it.
  var failingRule: String?

  package init(largestText: Int = 64 << 20) { self.largestText = largestText }

  /// These options with one rule broken: proves that a fault withholds the value. Internal, so that only tests of this
  /// module can reach it.
  func failing(rule: String) -> RedactionOptions {
    var copy = self
    copy.failingRule = rule
    return copy
  }

  #if DEBUG
    /// The same for the whole program in a test that watches it from outside. It is not in a release.
    package func withFault(inRule rule: String) -> RedactionOptions { failing(rule: rule) }
  #endif
}

/// Masks the secrets of a value: an incident, or the files of one incident.
///
/// Two passes: the first one learns the secrets of all texts by the rules; the second one masks by the rules and, wherever
/// else they stand, the values that the first one found. What is about to leave is then encoded and searched once more.
/// Whatever goes wrong (a rule that fails, time that is used up, a limit, a find of the last check) throws, and nothing of
/// the value comes out.
package struct Redactor: Sendable {
  let engine: Engine
  let options: RedactionOptions
  /// The rules in use.
  package let rules: RuleSet

  /// Compiles the rules and checks a user's examples. Throws where they are wrong.
  package init(rules: RuleSet = .standard, options: RedactionOptions = RedactionOptions()) throws(RedactionError) {
    self.rules = rules
    self.options = options
    engine = try Engine(rules, masks: options.masks, failing: options.failingRule)
    if options.failingRule == nil { try checkExamples() }
  }

  /// Masks a value. `isOverTime` is asked now and then; once it says true, the value is withheld.
  package func redact<Value: Redactable>(
    _ value: Value, isOverTime: @escaping () -> Bool = { false }
  ) throws(RedactionError) -> Redacted<Value> {
    var value = value
    let known = try learn(&value, isOverTime)
    let matcher = known.matcher()

    var report = RedactionReport(ruleSetVersion: rules.version)
    try value.visitTexts { text, source throws(RedactionError) in
      if let masked = try mask(text, source, matcher, &report, isOverTime) { text = masked }
    }
    value.recordRedaction(report)
    let encoded = try value.encodedForLastCheck()
    try encoded.withUnsafeBufferPointer { bytes throws(RedactionError) in
      try lastCheck(bytes, matcher, place: "encoded value")
    }
    return Redacted(value, report: report)
  }

  private func learn<Value: Redactable>(
    _ value: inout Value, _ isOverTime: @escaping () -> Bool
  ) throws(RedactionError) -> KnownValues {
    var known = KnownValues()
    var identifiers: [[UInt8]] = []
    try value.visitTexts { text, source throws(RedactionError) in
      let bytes = Array(text.utf8)
      try checkSize(bytes.count, place: source.place)
      var pass = DocumentRedactor(engine, known: .none, isOverTime: isOverTime)
      _ = try edits(bytes, source, &pass)
      for secret in pass.learned { known.learn(secret) }
      identifiers += pass.identifiers
    }
    known.forget(namesIn: identifiers)
    return known
  }

  private func mask(
    _ text: String, _ source: TextSource, _ matcher: KnownMatcher, _ report: inout RedactionReport,
    _ isOverTime: @escaping () -> Bool
  ) throws(RedactionError) -> String? {
    let result = try masked(Array(text.utf8), source, matcher, &report, isOverTime)
    return result.map { String(decoding: $0, as: UTF8.self) }
  }

  /// The masked text; nil where nothing is to be masked.
  func masked(
    _ text: [UInt8], _ source: TextSource, _ matcher: KnownMatcher, _ report: inout RedactionReport,
    _ isOverTime: @escaping () -> Bool
  ) throws(RedactionError) -> [UInt8]? {
    var text = text
    var changed = false
    var all: [Edit] = []
    // A mask can bring two pieces together that read as something secret: until nothing is found any more. Each round
    // masks at least one byte that was none before, and a few rounds are enough for all that is not made to provoke it.
    for _ in 0..<4 {
      var pass = DocumentRedactor(engine, known: matcher, isOverTime: isOverTime)
      let edits = try edits(text, source, &pass)
      if edits.isEmpty { break }
      for edit in edits { report.counts[engine.names[edit.rule], default: 0] += 1 }
      if options.recordsPlaces { all = all.followed(by: edits) }
      let next = text.withUnsafeBufferPointer { edits.applied(to: $0) }
      if next == text { break }
      text = next
      changed = true
    }
    report.places += all.map {
      MaskedPlace(range: $0.range, rule: engine.names[$0.rule], replacement: $0.replacement)
    }
    return changed ? text : nil
  }

  func edits(_ bytes: [UInt8], _ source: TextSource, _ pass: inout DocumentRedactor) throws(RedactionError) -> [Edit] {
    do throws(RedactionError) {
      var copy = pass
      let edits = try bytes.withUnsafeBufferPointer { buffer throws(RedactionError) in
        try copy.edits(buffer, form: source.form)
      }
      pass = copy
      return edits
    } catch {
      var located = error
      if located.place.isEmpty { located.place = source.place }
      throw located
    }
  }

  func checkSize(_ count: Int, place: String) throws(RedactionError) {
    if count > options.largestText {
      throw RedactionError(.limit, place: place, message: "a text may have \(options.largestText) bytes")
    }
  }

  /// Searches bytes that are about to leave for every known value and every format whose shape alone proves it.
  func lastCheck(_ bytes: Bytes, _ matcher: KnownMatcher, place: String) throws(RedactionError) {
    try matcher.eachMatch(in: bytes) { range throws(RedactionError) in
      // A secret of six hexadecimal digits can be a pseudonym by chance.
      if let mask = ExistingMask.first(overlapping: range, in: bytes), mask.clamped(to: range) == range { return }
      throw RedactionError(
        .lastCheck, rule: engine.names[engine.builtin.knownValue], place: "\(place), byte \(range.lowerBound)",
        message: "a known secret is left")
    }
    var scan = TextScan(engine, bytes, depth: 0, isOverTime: { false })
    try scan.runTriggers(engine.formatFilter)
    if let finding = scan.findings.first {
      throw RedactionError(
        .lastCheck, rule: engine.names[finding.rule], place: "\(place), byte \(finding.range.lowerBound)",
        message: "a secret is left")
    }
  }
}
