internal import Documents

/// What the first pass found in a text, for the second one over the same bytes.
enum TextPlan: Sendable {
  /// A text in windows; nil where nothing was kept.
  case windows([WindowScan]?)
  /// A document or a name; nil where it has to be read again.
  case document(DocumentPlan?)
}

/// The first round's edits of a document in which nothing is hidden: known values show in its bytes as they are.
struct DocumentPlan: Sendable {
  var edits: [Edit]
  /// True if every edit masks a whole scalar, so that no mask can bring pieces together.
  var isWhole: Bool
  /// True if what claims to be a document was read as text.
  var isText = false
}

extension Redactor {
  /// First pass over a text: learns its secrets.
  func plan(
    _ bytes: [UInt8], _ source: TextSource, learn known: inout IncidentKnowledge, _ isOverTime: @escaping () -> Bool
  ) throws(RedactionError) -> TextPlan {
    try checkSize(bytes.count, place: source.place)
    return try bytes.withUnsafeBufferPointer { bytes throws(RedactionError) in
      switch source.form {
      case .log, .message:
        var learner = TextLearner(engine, options.windows, isOverTime: isOverTime)
        try located(source.place) { () throws(RedactionError) in
          try learner.append(bytes, isEnd: true) { known.values.learn($0) }
        }
        return .windows(learner.plan)
      case .json, .yaml, .identifier:
        let pass = DocumentRedactor(engine, known: .none, isOverTime: isOverTime)
        let edits = try located(source.place) { () throws(RedactionError) in
          try pass.edits(bytes, form: source.form)
        }
        for secret in pass.harvest.learned { known.values.learn(secret) }
        known.names.append(pass.harvest.names)
        let plan = DocumentPlan(edits: edits, isWhole: !pass.harvest.hasParts, isText: pass.harvest.isText)
        return .document(pass.harvest.hidesValues ? nil : plan)
      }
    }
  }

  /// Second pass: the masked text; nil where nothing is to be masked. It is checked; throws where it must not leave.
  func masked(
    _ text: [UInt8], _ source: TextSource, _ plan: TextPlan, _ matcher: KnownMatcher, _ report: inout RedactionReport,
    _ isOverTime: @escaping () -> Bool
  ) throws(RedactionError) -> [UInt8]? {
    switch plan {
    case .windows(let windows):
      var masker = TextMasker(
        self, known: .all(matcher), plan: windows, place: source.place, isOverTime: isOverTime)
      masker.quoting = MaskStyle.Quoting(name: source.place)
      var out: [UInt8] = []
      out.reserveCapacity(text.count)
      try text.withUnsafeBufferPointer { bytes throws(RedactionError) in
        try located(source.place) { () throws(RedactionError) in try masker.append(bytes, isEnd: true, to: &out) }
      }
      report.add(masker.report)
      return masker.report.total > 0 ? out : nil
    case .document(let plan):
      var rounds = DocumentRounds(self, source, matcher, isOverTime)
      try rounds.run(text, plan)
      for edit in rounds.counted { report.counts[engine.names[edit], default: 0] += 1 }
      report.places += rounds.edits.map {
        MaskedPlace(range: $0.range, rule: engine.names[$0.rule], replacement: $0.replacement)
      }
      return rounds.counted.isEmpty ? nil : rounds.text
    }
  }

  /// Runs a step, and adds the place to its error.
  func located<Result>(_ place: String, _ step: () throws(RedactionError) -> Result) throws(RedactionError) -> Result {
    do throws(RedactionError) { return try step() } catch {
      var located = error
      if located.place.isEmpty { located.place = place }
      throw located
    }
  }
}

/// Masks a document until nothing is found in it any more, and checks it.
private struct DocumentRounds {
  let redactor: Redactor
  let source: TextSource
  let matcher: KnownMatcher
  let isOverTime: () -> Bool
  private(set) var text: [UInt8] = []
  /// The rule of each edit of each round.
  private(set) var counted: [Int] = []
  /// All edits as edits of the text as it came; only where places are recorded.
  private(set) var edits: [Edit] = []

  /// A mask can bring two pieces together that read as something secret. Each round masks what was none before; what still
  /// changes after this many is withheld.
  private static let mostRounds = 16
  private var round = 0
  /// True if a round has read the document as text.
  private var isText = false

  init(_ redactor: Redactor, _ source: TextSource, _ matcher: KnownMatcher, _ isOverTime: @escaping () -> Bool) {
    self.redactor = redactor
    self.source = source
    self.matcher = matcher
    self.isOverTime = isOverTime
  }

  mutating func run(_ original: [UInt8], _ plan: DocumentPlan?) throws(RedactionError) {
    text = original
    var isSettled = false
    var left: [Finding]?
    if let plan, plan.isWhole {
      left = try leftovers(of: plan, for: original)
      isSettled = left != nil
    } else if let plan, original.withUnsafeBufferPointer({ covers(plan, $0) }) {
      apply(plan.edits)
      isText = plan.isText
    }
    // What the last check masks, in a key for one, can change what the rules see: `KEY…KEY: x` is a longer name than its mask.
    repeat {
      try settle(&isSettled)
      isSettled = false
    } while try check(&left)
    if isText { try keepScalar(original) }
  }

  /// Makes a plan's edits, all of which mask whole scalars, and gives what the last check finds then; nil where that is a known
  /// value, of which the plan knew nothing: then the document is to be read again as it came. A known value that reaches beyond
  /// such an edit stands in no scalar, so that reading again would not mask it either.
  private mutating func leftovers(of plan: DocumentPlan, for original: [UInt8]) throws(RedactionError) -> [Finding]? {
    apply(plan.edits)
    let left = try leftovers()
    guard !left.contains(where: { $0.rule == redactor.engine.builtin.knownValue }) else {
      (text, counted, edits) = (original, [], [])
      return nil
    }
    isText = plan.isText
    return left
  }

  /// Called where a document was masked as text. One scalar is YAML, too, and a mask inside of it can read as a list, a tag, or no
  /// YAML: then it is masked whole. Anything else that is not what it was does not leave.
  private mutating func keepScalar(_ original: [UInt8]) throws(RedactionError) {
    guard source.form == .yaml, !counted.isEmpty, let before = try shape(original), try shape(text) != before else {
      return
    }
    guard before.allSatisfy({ $0 == .scalar }) else {
      throw RedactionError(.lastCheck, place: source.place, message: "the masked text is no YAML any more")
    }
    let start = text.firstIndex { !$0.isSpace } ?? 0
    // Tabs behind a scalar in quotes are no YAML: they go with it.
    let end = text.lastIndex { !$0.isLineEnd && $0 != 0x20 }.map { $0 + 1 } ?? text.count
    let mask = redactor.engine.masks.mask(text[start..<end])
    apply([Edit(range: start..<end, replacement: [0x22] + mask + [0x22], rule: counted[0])])
  }

  /// Masks in rounds until one finds nothing more.
  private mutating func settle(_ isSettled: inout Bool) throws(RedactionError) {
    while !isSettled {
      round += 1
      guard round <= Self.mostRounds else {
        throw RedactionError(
          .limit, place: source.place, message: "masking did not come to an end in \(Self.mostRounds) rounds")
      }
      let pass = DocumentRedactor(redactor.engine, known: matcher, isOverTime: isOverTime)
      let next = try text.withUnsafeBufferPointer { bytes throws(RedactionError) in
        try redactor.located(source.place) { () throws(RedactionError) in try pass.edits(bytes, form: source.form) }
      }
      isSettled = !apply(next) || !pass.harvest.hasParts
      isText = isText || pass.harvest.isText
    }
  }

  /// True if every known value in the document stands where the plan masks anyway.
  private func covers(_ plan: DocumentPlan, _ bytes: Bytes) -> Bool {
    var covered = true
    var next = 0
    matcher.eachMatch(in: bytes, from: 0..<bytes.count) { match in
      // Matches come from left to right but for a few bytes.
      while next > 0, plan.edits[next - 1].range.upperBound > match.lowerBound { next -= 1 }
      while next < plan.edits.count, plan.edits[next].range.upperBound <= match.lowerBound { next += 1 }
      let edit = next < plan.edits.count ? plan.edits[next].range : 0..<0
      if edit.lowerBound > match.lowerBound || edit.upperBound < match.upperBound { covered = false }
    }
    return covered
  }

  /// Makes edits. False where they change nothing.
  @discardableResult private mutating func apply(_ more: [Edit]) -> Bool {
    guard !more.isEmpty else { return false }
    let next = text.withUnsafeBufferPointer { more.applied(to: $0) }
    guard next != text else { return false }
    text = next
    counted += more.map(\.rule)
    if redactor.options.recordsPlaces { edits = edits.followed(by: more) }
    return true
  }

  /// The last check, on the bytes as they are. It finds what stands in a key, which no rule for values looks at, and what a
  /// decoded view did not show. That is masked where it stands, if the document then still parses. True if there was any.
  /// `found` is what it finds, where that is known by now.
  private mutating func check(_ found: inout [Finding]?) throws(RedactionError) -> Bool {
    var left = if let found { found } else { try leftovers() }
    found = nil
    let before = text
    // A format and a known value may stand in each other.
    before.withUnsafeBufferPointer { left.normalize(in: $0) }
    guard let first = left.first else { return false }
    let all = left
    apply(
      before.withUnsafeBufferPointer { bytes in
        all.reduce(into: []) { edits, finding in
          // An edit that puts a key in quotes masks what else stands in the key.
          if let last = edits.last, finding.range.lowerBound < last.range.upperBound { return }
          edits.append(edit(finding, of: all, in: bytes))
        }
      })
    if let shape = try shape(before), try shape != self.shape(text) {
      throw redactor.leftover(first, place: source.place, at: first.range.lowerBound)
    }
    if let finding = try leftovers().first {
      throw redactor.leftover(finding, place: source.place, at: finding.range.lowerBound)
    }
    return true
  }

  /// The edit for what the last check found. At the front of a plain key of YAML the mask would begin a list: such a key is put
  /// in quotes.
  private func edit(_ finding: Finding, of all: [Finding], in bytes: Bytes) -> Edit {
    let mask = redactor.engine.masks.mask(bytes[finding.range])
    let plain = Edit(range: finding.range, replacement: mask, rule: finding.rule)
    let line = bytes.lineStart(of: finding.range.lowerBound, reach: KeyClassifier.longestName)
    var front = finding.range.lowerBound
    while front > line, bytes[front - 1].isBlank || bytes[front - 1] == 0x3F { front -= 1 }
    // At the front of its line, behind `-`, `?`, tags, anchors and the mark of the byte order, and in a map in braces.
    let isInMap = front > line && [0x7B, 0x2C, 0x5B].contains(bytes[front - 1])
    let isFirst = bytes[line..<front].split(whereSeparator: \.isBlank).allSatisfy { word in
      word.first == 0x21 || word.first == 0x26 || word.allSatisfy { [0x2D, 0x3F, 0xEF, 0xBB, 0xBF].contains($0) }
    }
    guard source.form == .yaml, isFirst || isInMap else { return plain }
    let isAlone = bytes[(isInMap ? front : line)..<finding.range.lowerBound].contains(0x3F)
    var colon = finding.range.upperBound
    let lineEnd = bytes.lineEnd(from: colon, limit: bytes.count)
    while colon < lineEnd, bytes[colon] != 0x3A || colon + 1 < lineEnd && !bytes[colon + 1].isBlank {
      if isInMap, isAlone, [0x2C, 0x5D, 0x7D].contains(bytes[colon]) { break }
      if bytes[colon].isQuote || bytes[colon] == 0x5C { return plain }
      colon += 1
    }
    guard colon < lineEnd || isAlone else { return plain }
    var rest: [UInt8] = []
    var place = finding.range.upperBound
    for other in all where place..<colon ~= other.range.lowerBound {
      guard other.range.upperBound <= colon else { return plain }
      rest += bytes.copy(place..<other.range.lowerBound) + redactor.engine.masks.mask(bytes[other.range])
      place = other.range.upperBound
    }
    rest += bytes.copy(place..<colon)
    return Edit(
      range: finding.range.lowerBound..<colon, replacement: [0x22] + mask + rest + [0x22], rule: finding.rule)
  }

  private func leftovers() throws(RedactionError) -> [Finding] {
    try text.withUnsafeBufferPointer { bytes throws(RedactionError) in try redactor.leftovers(bytes, [matcher]) }
  }

  /// What a document consists of, apart from its texts.
  private enum Part: Equatable { case scalar, alias, mapping, sequence, end }

  /// The parts of a document; none for JSON, whose shape no mask changes. Nil where it does not parse.
  private func shape(_ text: [UInt8]) throws(RedactionError) -> [Part]? {
    let pass = DocumentRedactor(redactor.engine, known: .none, isOverTime: isOverTime)
    return try text.withUnsafeBufferPointer { bytes throws(RedactionError) in
      switch source.form {
      case .json: return try pass.jsonEdits(bytes, depth: 0) != nil ? [] : nil
      case .yaml: return Self.yamlShape(bytes)
      default: return nil
      }
    }
  }

  private static func yamlShape(_ bytes: Bytes) -> [Part]? {
    var parts: [Part] = []
    do throws(YAMLStop<Never>) {
      try YAMLEvents.parse(bytes) { event in
        switch event.kind {
        case .scalar: parts.append(.scalar)
        case .alias: parts.append(.alias)
        case .mappingStart: parts.append(.mapping)
        case .sequenceStart: parts.append(.sequence)
        case .mappingEnd, .sequenceEnd: parts.append(.end)
        case .documentStart, .documentEnd: break
        }
      }
    } catch { return nil }
    return parts
  }
}
