/// How redaction works, apart from its rules.
package struct RedactionOptions: Sendable {
  /// Largest text or document that is redacted in memory, in bytes: an incident has 3.5 MiB.
  package var largestText: Int
  /// Reports name each place that was masked. Costs memory for each, so that it is off where nobody asks.
  package var recordsPlaces = false
  /// Largest JSON or YAML document that a stream holds whole, in bytes; a larger one is redacted as text. As much as is held where
  /// places are told, so that what comes out does not depend on whether somebody asks for them.
  package var largestDocument = 64 << 20
  /// Most bytes of JSON values one behind the other (JSON Lines) that a stream holds whole; more of them are redacted as text. A log is
  /// written so, and its length says nothing about how much may be held.
  package var largestSequence = 4 << 20
  /// How masks are written.
  package var masks = MaskStyle.plain
  /// How texts are cut into windows; only tests and the fuzzer ask for small ones.
  package var windows = WindowSizes()
  /// A rule that fails as soon as it has work to do. For tests of fail-safety; only `failing(rule:)` sets it.
  var failingRule: String?

  /// True if the time is used up from the first look at it on. For tests of fail-safety.
  var hasNoTime = false

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

    /// These options with no time to redact in.
    package func withoutTime() -> RedactionOptions {
      var copy = self
      copy.hasNoTime = true
      return copy
    }
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
    engine = try Engine(rules, masks: options.masks, failing: options.failingRule, hasNoTime: options.hasNoTime)
    if options.failingRule == nil, !options.hasNoTime { try checkExamples() }
  }

  /// Masks a value. `isOverTime` is asked now and then; once it says true, the value is withheld.
  package func redact<Value: Redactable>(
    _ value: Value, isOverTime: @escaping () -> Bool = { false }
  ) throws(RedactionError) -> Redacted<Value> {
    var value = value
    var incident = IncidentKnowledge()
    var plans: [TextPlan] = []
    try value.visitTexts { text, source throws(RedactionError) in
      plans.append(try plan(Array(text.utf8), source, learn: &incident, isOverTime))
    }
    // What is not remembered could be left somewhere.
    try incident.checkIsComplete(place: "incident")
    let matcher = incident.matcher()

    var report = RedactionReport(ruleSetVersion: rules.version)
    var next = 0
    try value.visitTexts { text, source throws(RedactionError) in
      let plan = plans[next]
      next += 1
      if let masked = try masked(Array(text.utf8), source, plan, matcher, &report, isOverTime) {
        text = String(decoding: masked, as: UTF8.self)
      }
    }
    value.recordRedaction(report)
    let encoded = try value.encodedForLastCheck()
    try encoded.withUnsafeBufferPointer { bytes throws(RedactionError) in
      if let finding = try leftovers(bytes, [matcher]).first {
        throw leftover(finding, place: "encoded value", at: finding.range.lowerBound)
      }
    }
    return Redacted(value, report: report)
  }

  /// Known values and formats whose shape alone proves them, in bytes that are about to leave. Masks are none of them.
  func leftovers(_ bytes: Bytes, _ known: [KnownMatcher]) throws(RedactionError) -> [Finding] {
    var scan = TextScan(engine, bytes, depth: 0, isOverTime: { false })
    try scan.runTriggers(engine.formatFilter, in: 0..<bytes.count)
    for matcher in known {
      matcher.eachMatch(in: bytes, from: 0..<bytes.count) {
        scan.found($0, engine.builtin.knownValue, propagates: false)
      }
    }
    scan.findings.normalize(in: bytes)
    return scan.findings
  }

  /// The error that withholds what the last check found.
  func leftover(_ finding: Finding, place: String, at offset: Int) -> RedactionError {
    let isKnown = finding.rule == engine.builtin.knownValue
    return RedactionError(
      .lastCheck, rule: engine.names[finding.rule], place: "\(place), byte \(offset)",
      message: isKnown ? "a known secret is left" : "a secret is left")
  }

  func checkSize(_ count: Int, place: String) throws(RedactionError) {
    if count > options.largestText {
      throw RedactionError(.limit, place: place, message: "a text may have \(options.largestText) bytes")
    }
  }
}
