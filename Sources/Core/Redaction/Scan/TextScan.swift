/// One scan of a text: goes over it once and collects what the rules find. Verifiers are in the files beside this one.
struct TextScan {
  let engine: Engine
  let bytes: Bytes
  /// What was found, in the order of its discovery.
  var findings: [Finding] = []
  /// How often a text inside this text may still be decoded.
  let depth: Int
  /// Where the main loop goes on, if that is beyond the next byte.
  var resume = 0
  /// End of the last key that was looked at: a key holds several trigger words.
  var keyEnd = -1
  /// Secrets learned inside decoded texts: they have no place of their own in this one.
  var learned: [[UInt8]] = []
  /// True once the time is used up.
  let isOverTime: () -> Bool
  /// Triggers until the time is looked at again.
  var untilTimeCheck = 256

  /// The first kind of view that is made of this text: see `scanViews`.
  var firstView = 0

  /// How deep texts inside texts are decoded: base64 in base64 in JSON in a string is what was seen in practice.
  static let deepest = 4

  /// Secrets of the incident, found elsewhere.
  let known: KnownMatcher

  init(
    _ engine: Engine, _ bytes: Bytes, depth: Int = Self.deepest, known: KnownMatcher = .none,
    isOverTime: @escaping () -> Bool
  ) {
    self.engine = engine
    self.known = known
    self.bytes = bytes
    self.depth = depth
    self.isOverTime = isOverTime
  }

  /// Runs all text rules. Findings come out sorted and joined.
  mutating func run() throws(RedactionError) {
    try collect()
    findings.normalize(in: bytes)
  }

  /// Collects what each rule finds, in the order of the rules; findings may overlap.
  mutating func collect() throws(RedactionError) {
    try runTriggers(engine.prefilter)
    if engine.regexes.count > 0 { try userPatterns() }
    if depth > 0 {
      try scanRuns()
      try scanMail()
      try scanViews()
    }
    if !known.isEmpty, try enter(engine.builtin.knownValue) {
      let rule = engine.builtin.knownValue
      known.eachMatch(in: bytes) { range in
        findings.append(Finding(range: range, rule: rule, propagates: false))
      }
    }
  }

  /// The main loop.
  mutating func runTriggers(_ prefilter: Prefilter) throws(RedactionError) {
    let count = bytes.count
    guard count >= 3 else { return }
    let fast = count - 4
    var index = 0
    while index < count {
      // The bitmap is borrowed only while nothing is found, so that a verifier may change the scan.
      let hit = prefilter.bitmap.withUnsafeBufferPointer { bitmap in
        var place = index
        while place <= fast {
          let hash = Prefilter.hash(Prefilter.window(bytes, place))
          if bitmap[hash >> 6] &>> UInt64(hash & 63) & 1 != 0 { return place }
          place += 1
        }
        while place < count {
          let hash = Prefilter.hash(Prefilter.window(bytes, place))
          if bitmap[hash >> 6] &>> UInt64(hash & 63) & 1 != 0 { return place }
          place += 1
        }
        return count
      }
      guard hit < count else { return }
      var entry = prefilter.heads[Prefilter.hash(Prefilter.window(bytes, hit))]
      while entry != 0 {
        let link = prefilter.chain[Int(entry) - 1]
        if Prefilter.matches(prefilter.triggers[Int(link.trigger)], bytes, hit) {
          try verify(prefilter.triggers[Int(link.trigger)], at: hit)
        }
        entry = link.next
      }
      index = max(hit + 1, resume)
    }
  }

  private mutating func verify(_ trigger: Trigger, at index: Int) throws(RedactionError) {
    untilTimeCheck -= 1
    if untilTimeCheck <= 0 {
      untilTimeCheck = 256
      if isOverTime() { throw RedactionError(.timeout, place: "", message: "the time for redaction is used up") }
    }
    let builtin = engine.builtin
    switch trigger.verifier {
    case .keyValue:
      if index < keyEnd { return }
      if try enter(builtin.keyValue) { keyValue(at: index, length: trigger.literal.count) }
    case .format(let pattern):
      let entry = engine.anchored[pattern]
      if try enter(entry.rule) { format(entry, anchorAt: index) }
    case .url: if try enter(builtin.url) { urlUserinfo(at: index) }
    case .authorization: if try enter(builtin.authorization) { authorization(at: index) }
    case .bearer: if try enter(builtin.authorization) { scheme(at: index, length: trigger.literal.count) }
    case .cookie: if try enter(builtin.cookie) { cookie(at: index) }
    case .pem: if try enter(builtin.privateKey) { privateKey(at: index) }
    case .jwt: if try enter(builtin.jwt) { jwt(at: index) }
    case .dsn: if try enter(builtin.dsn) { dsn(at: index) }
    case .jwk: if try enter(builtin.jwk) { jwk(at: index) }
    case .notation(let notation): try self.notation(notation, at: index, length: trigger.literal.count)
    }
  }

  /// True if a rule is on. The one place where a rule begins its work: a rule that is made to fail does so here.
  func enter(_ rule: Int) throws(RedactionError) -> Bool {
    if rule == engine.failing {
      throw RedactionError(.ruleFailed, rule: engine.names[rule], place: "", message: "the rule failed")
    }
    return !engine.off[rule]
  }

  /// Notes a secret.
  mutating func found(_ range: Range<Int>, _ rule: Int, propagates: Bool = true) {
    guard !range.isEmpty else { return }
    findings.append(Finding(range: range, rule: rule, propagates: propagates))
  }

  private mutating func format(_ entry: (pattern: Pattern, rule: Int, high: Bool), anchorAt index: Int) {
    guard let range = entry.pattern.match(bytes, anchorAt: index) else { return }
    if !entry.high, !ValueShape.looksRandom(bytes, range, least: 16) { return }
    found(range, entry.rule)
  }
}
