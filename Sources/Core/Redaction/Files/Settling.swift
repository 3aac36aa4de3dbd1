/// What comes after masking: looks whether a mask has brought pieces together that read as something secret, and checks what
/// is about to leave.
struct Settling {
  private let redactor: Redactor
  private let known: [KnownMatcher]
  /// See `TextMasker.quoting`.
  private let quoting: MaskStyle.Quoting
  private let isOverTime: () -> Bool
  /// What was masked here, by rule name.
  private(set) var counts: [String: Int] = [:]
  /// The edits of each round, in places of the text behind `from` that the round began with; only where places are recorded.
  private(set) var rounds: [[Edit]] = []

  /// How much of a line on either side of a mask is looked at again, in bytes: more than any verifier needs to see which key a
  /// value belongs to.
  private static let reach = 4_096
  /// Each round masks what was not masked before. Two do for all but what is made to provoke more; what still changes after
  /// this many is withheld.
  private static let mostRounds = 16

  init(_ redactor: Redactor, _ known: [KnownMatcher], _ quoting: MaskStyle.Quoting, isOverTime: @escaping () -> Bool) {
    self.redactor = redactor
    self.quoting = quoting
    self.known = known.filter { !$0.isEmpty }
    self.isOverTime = isOverTime
  }

  /// Masks what the lines around `places`, where masks were set, still show, until they show nothing. What stands before
  /// `from` has gone out already. `anchors`: see `TextScan.anchors`.
  mutating func settle(
    _ text: inout [UInt8], from: Int, places: [Range<Int>], anchors: [Int] = []
  ) throws(RedactionError) {
    var places = places
    var anchors = anchors
    for _ in 0..<Self.mostRounds {
      if places.isEmpty { return }
      var findings: [Finding] = []
      var jumps: [Range<Int>] = []
      try text.withUnsafeBufferPointer { bytes throws(RedactionError) in
        let engine = redactor.engine
        var scan = TextScan(engine, bytes, known: known.first ?? .none, isOverTime: isOverTime)
        for lines in Self.lines(around: Self.spots(places, anchors), in: bytes) {
          scan.resume = 0
          scan.progress = TextScan.Progress()
          try scan.run(in: lines)
          for matcher in known.dropFirst() {
            matcher.eachMatch(in: bytes, from: lines) { scan.found($0, engine.builtin.knownValue, propagates: false) }
          }
        }
        jumps = scan.jumps
        findings = scan.findings
        findings.normalize(in: bytes)
      }
      places = mask(findings, in: &text, from: from, anchors: &anchors, jumps: jumps)
    }
    if !places.isEmpty {
      throw RedactionError(.limit, place: "", message: "masking did not come to an end in \(Self.mostRounds) rounds")
    }
  }

  /// Searches what is about to leave for every known value and every format whose shape alone proves it. It should find
  /// nothing; what it finds is masked, and what it finds then withholds all.
  mutating func check(_ text: inout [UInt8], from: Int, place: String) throws(RedactionError) {
    let left = try text.withUnsafeBufferPointer { bytes throws(RedactionError) in
      try redactor.leftovers(bytes, known)
    }.filter { $0.range.upperBound > from }
    guard !left.isEmpty else { return }
    var anchors: [Int] = []
    try settle(&text, from: from, places: mask(left, in: &text, from: from, anchors: &anchors))
    let rest = try text.withUnsafeBufferPointer { bytes throws(RedactionError) in
      try redactor.leftovers(bytes, known)
    }
    if let finding = rest.first(where: { $0.range.upperBound > from }) {
      throw redactor.leftover(finding, place: place, at: finding.range.lowerBound)
    }
  }

  /// Masks findings and returns where their masks stand, and the lines that a rule had read over up to one of them. The anchors stay
  /// at their words.
  private mutating func mask(
    _ findings: [Finding], in text: inout [UInt8], from: Int, anchors: inout [Int], jumps: [Range<Int>] = []
  ) -> [Range<Int>] {
    var shift = Shift(by: 0)
    var out: [UInt8] = []
    var places: [Range<Int>] = []
    var edits: [Edit] = []
    var place = 0
    for finding in findings where finding.range.upperBound > from {
      let range = max(finding.range.lowerBound, from)..<finding.range.upperBound
      out.append(contentsOf: text[place..<range.lowerBound])
      let start = out.count
      let mask = text.withUnsafeBufferPointer { redactor.engine.masks.mask(range, in: $0, quoting) }
      out.append(contentsOf: mask)
      edits.append(
        Edit(range: range.lowerBound - from..<range.upperBound - from, replacement: mask, rule: finding.rule))
      places.append(start..<out.count + Self.reach(behind: text[range]))
      shift.replaced(range, by: mask.count)
      counts[redactor.engine.names[finding.rule], default: 0] += 1
      place = range.upperBound
    }
    guard !places.isEmpty else { return [] }
    out.append(contentsOf: text[place...])
    text = out
    anchors = anchors.map { shift.place($0) }
    for jump in jumps where shift.touches(jump.lowerBound..<jump.upperBound + 1) {
      places.append(shift.place(jump.lowerBound)..<shift.place(jump.upperBound))
    }
    if redactor.options.recordsPlaces { rounds.append(edits) }
    return places
  }

  /// How far behind a mask what it masked may have been seen, in bytes: a brace that opens or closes an object decides on the lines
  /// behind it.
  static func reach(behind masked: some Collection<UInt8>) -> Int {
    masked.contains { $0 == 0x7B || $0 == 0x7D || $0 == 0x28 } ? TextScan.pairReach : 0
  }

  /// How far from its word a rule that reads a manifest may see a mask, in bytes.
  private static let manifest = 2 * TextScan.manifestReach

  /// The places, and the anchors that have one near them, sorted.
  private static func spots(_ places: [Range<Int>], _ anchors: [Int]) -> [Range<Int>] {
    var out = places
    let sorted = places.sorted { $0.lowerBound < $1.lowerBound }
    var next = 0
    for anchor in anchors {
      while next < sorted.count, sorted[next].lowerBound < anchor - manifest { next += 1 }
      if next < sorted.count, sorted[next].lowerBound <= anchor + manifest { out.append(anchor..<anchor + 1) }
    }
    return out.sorted { $0.lowerBound < $1.lowerBound }
  }

  /// The lines around places, each once, and the last line before them that is not blank: a value may stand below its key.
  private static func lines(around places: [Range<Int>], in bytes: Bytes) -> [Range<Int>] {
    var out: [Range<Int>] = []
    for place in places {
      let place = place.clamped(to: 0..<bytes.count)
      if let last = out.last, place.upperBound <= last.upperBound { continue }
      var start = bytes.lineStart(of: place.lowerBound, reach: reach)
      let floor = max(0, start - reach)
      while start > floor, bytes[start - 1].isSpace { start -= 1 }
      start = bytes.lineStart(of: start, reach: reach)
      let end = bytes.lineEnd(from: place.upperBound, limit: min(bytes.count, place.upperBound + reach))
      if let last = out.last, start < last.upperBound { start = last.upperBound }
      out.append(start..<max(start, end))
    }
    return out
  }
}
