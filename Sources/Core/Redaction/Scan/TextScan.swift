/// One scan of a text, or of a part of it: goes over it once and collects what the rules find. Verifiers are in the files
/// beside this one. They may look at the whole text; the part says where a find may begin.
struct TextScan {
  /// What is looked for.
  enum Mode: Sendable {
    /// What the rules find.
    case rules
    /// Known values alone.
    case known
    /// Both.
    case all
  }

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
  /// Where the body of the last private key ends, or -1: an END line asks whether its key was found.
  var lastKeyEnd = -1
  /// Secrets learned inside decoded texts: they have no place of their own in this one.
  var learned: [[UInt8]] = []
  /// True once the time is used up.
  let isOverTime: () -> Bool
  /// Triggers until the time is looked at again.
  var untilTimeCheck = 256

  /// Masks that stood where a value does.
  var masksRead = 0

  /// Objects in each other that are being read for one key, and bytes of them that may still be: see `object`.
  var nesting = 0
  var nestBudget = 0

  /// Where the object begins whose data was read last: several members may name it.
  var lastObject = -1

  /// What stands before each line of the manifest that is being read; empty for none but a container runtime's.
  var lineFront = 0..<0

  /// Where no member that may hold a value begins, and whether one begins right behind: see `members`.
  var valueGap = 0..<0
  var isGapClosed = false

  /// True for a text that was made from a part of another one.
  var isInner = false
  /// The first kind of view that is made of this text: see `scanViews`.
  var firstView = 0

  /// How deep texts inside texts are decoded: base64 in base64 in JSON in a string is what was seen in practice.
  static let deepest = 4

  /// Secrets of the incident, found elsewhere.
  let known: KnownMatcher
  let mode: Mode

  /// Where this text begins in the stream it is a window of: see `Progress`.
  let origin: Int
  /// Verdicts on the keys of this text and of those that it is a part of.
  let keys: KeyCache
  /// What the windows of a stream hand on.
  var progress = Progress()
  /// What was decoded: a known value may stand there that the bytes themselves do not show.
  var decoded: [Range<Int>] = []
  /// Parts of more than one line, in the stream, that a rule has read over at once: other rules have not seen them.
  var jumps: [Range<Int>] = []
  /// Words, in the stream, whose rule reads the lines of a whole manifest: a mask in these can change what it sees.
  var anchors: [Int] = []
  /// Where lines begin that a container runtime cut, in the stream: found with the rules, joined again for known values.
  var cuts: [Int] = []

  /// State that outlives a window, so that a stream is scanned as one text. Places count from the stream's beginning.
  struct Progress: Sendable {
    /// `TextScan.resume` and `keyEnd`.
    var resume = 0
    var keyEnd = -1
    /// Start of a run of base64 characters that goes on in the next window, or -1.
    var openRun = -1
    /// End of the last lines that were joined.
    var joinedEnd = 0
    /// Up to here records of a log were put together for the manifests in them.
    var recordedEnd = 0
    /// Private keys that end near the window's end: their END line asks for them.
    var keys: [Finding] = []
  }

  init(
    _ engine: Engine, _ bytes: Bytes, depth: Int = Self.deepest, known: KnownMatcher = .none, mode: Mode = .all,
    origin: Int = 0, keys: KeyCache = KeyCache(), isOverTime: @escaping () -> Bool
  ) {
    self.keys = keys
    self.engine = engine
    self.known = known
    self.bytes = bytes
    self.depth = depth
    self.mode = mode
    self.origin = origin
    self.isOverTime = isOverTime
    if engine.hasNoTime { untilTimeCheck = 0 }
  }

  /// Looks at the whole text. Findings come out sorted and joined.
  mutating func run() throws(RedactionError) {
    try collect()
    findings.normalize(in: bytes)
  }

  /// Collects what each rule finds in the whole text, in the order of the rules; findings may overlap.
  mutating func collect() throws(RedactionError) { try run(in: 0..<bytes.count) }

  /// Looks at a part of the text: finds what begins in it, whatever stands around it.
  mutating func run(in range: Range<Int>) throws(RedactionError) {
    if mode == .known { return try runKnown(in: range, decoded: [range]) }
    try runTriggers(engine.prefilter, in: range)
    if engine.regexes.count > 0 { try userPatterns(within: range) }
    if depth > 0 {
      try scanRuns(in: range)
      try scanMail(in: range)
      try scanViews(in: range)
    }
    if mode == .all { try findKnown(in: range) }
  }

  /// Looks for known values alone, as they are and inside what the rules found to be decodable.
  mutating func runKnown(in range: Range<Int>, decoded: [Range<Int>]) throws(RedactionError) {
    if depth > 0 {
      if firstView <= 0 {
        if isInner { try runTriggers(engine.cutFilter, in: range) }
        for cut in cuts {
          if bytes.at(cut - origin) == 0x22 {
            try joinDocker(at: cut - origin)
          } else if let start = bytes.at(cut - origin) == 0x30 ? dumpStart(at: cut - origin) : nil {
            try hexdump(from: start, at: cut - origin)
          } else {
            try joinPartials(at: cut - origin)
          }
        }
      }
      for place in decoded {
        progress.openRun = -1
        try scanRuns(in: place)
        try scanViews(in: place)
      }
    }
    try findKnown(in: range)
  }

  private mutating func findKnown(in range: Range<Int>) throws(RedactionError) {
    guard !known.isEmpty, try enter(engine.builtin.knownValue) else { return }
    let rule = engine.builtin.knownValue
    known.eachMatch(in: bytes, from: range) { match in
      findings.append(Finding(range: match, rule: rule, propagates: false))
    }
  }

  /// The main loop.
  mutating func runTriggers(_ prefilter: Prefilter, in range: Range<Int>) throws(RedactionError) {
    guard bytes.count >= 3 else { return }
    var index = range.lowerBound
    let fast = min(range.upperBound, bytes.count - 3)
    if fast - index >= Prefilter.shortestBlock {
      let places = UnsafeMutablePointer<UInt32>.allocate(capacity: min(Prefilter.block, fast - index) + 1)
      defer { places.deallocate() }
      while index < fast {
        let end = min(index + Prefilter.block, fast)
        let count = prefilter.candidates(in: bytes, from: index, to: end, places)
        for place in 0..<count { try candidate(prefilter, at: index + Int(places[place])) }
        index = end
      }
    }
    while index < range.upperBound {
      let hit = prefilter.candidate(in: bytes, from: index, to: range.upperBound)
      guard hit < range.upperBound else { return }
      try candidate(prefilter, at: hit)
      index = hit + 1
    }
  }

  /// Compares what may be a trigger with the literals, and verifies those that stand there.
  @inline(__always) private mutating func candidate(_ prefilter: Prefilter, at hit: Int) throws(RedactionError) {
    var candidate = prefilter.candidate(bytes, at: hit)
    guard let first = prefilter.next(&candidate, bytes) else { return }
    let before = resume
    var trigger = Optional(first)
    while let (verifier, length) = trigger {
      try verify(verifier, at: hit, length: length, isTaken: hit < before)
      trigger = prefilter.next(&candidate, bytes)
    }
    if resume > before, resume > hit, bytes.firstByte(0x0A, from: hit, to: min(resume, bytes.count)) != nil {
      jumps.append(hit + origin..<resume + origin)
    }
  }

  /// `isTaken` is true where a rule has read over this place: only what a whole line shows is looked for in there.
  private mutating func verify(
    _ verifier: Trigger.Verifier, at index: Int, length: Int, isTaken: Bool
  ) throws(RedactionError) {
    if isTaken, !Trigger.readsLine(verifier) { return }
    try checkTime()
    switch verifier {
    case .keyValue:
      if index < keyEnd { return }
      if try enter(engine.builtin.keyValue) { keyValue(at: index, length: length) }
    case .format(let pattern):
      let entry = engine.anchored[pattern]
      if try enter(entry.rule) { format(entry, anchorAt: index) }
    case .url: if try enter(engine.builtin.url) { urlUserinfo(at: index) }
    case .authorization: if try enter(engine.builtin.authorization) { authorization(at: index) }
    case .bearer: if try enter(engine.builtin.authorization) { scheme(at: index, length: length) }
    case .cookie: if try enter(engine.builtin.cookie) { cookie(at: index) }
    case .pem: if try enter(engine.builtin.privateKey) { privateKey(at: index) }
    case .jwt: if try enter(engine.builtin.jwt) { jwt(at: index) }
    case .dsn: if try enter(engine.builtin.dsn) { dsn(at: index) }
    case .jwk: if try enter(engine.builtin.jwk) { jwk(at: index) }
    case .pgpass: if depth == Self.deepest, try enter(engine.builtin.pgpass) { passwordFile(at: index) }
    case .partial:
      if depth > 0, firstView <= 0, bytes.at(index + 7) == 0x50 {  // P
        if mode != .known { cuts.append(index + origin) }
        try joinPartials(at: index)
      }
    case .notation(.partialJSON):
      if depth > 0, firstView <= 0, isCutJSON(at: index) {
        if mode != .known { cuts.append(index + origin) }
        try joinDocker(at: index)
      }
    case .notation(.hexdump):
      if depth > 0, let start = dumpStart(at: index) {
        if mode != .known { cuts.append(index + origin) }
        try hexdump(from: start, at: index)
      }
    case .notation(let notation):
      if notation == .secretObject || notation == .generator { anchors.append(index + origin) }
      try self.notation(notation, at: index, length: length)
    }
  }

  /// Asks now and then whether the time is used up.
  mutating func checkTime() throws(RedactionError) {
    untilTimeCheck -= 1
    guard untilTimeCheck <= 0 else { return }
    untilTimeCheck = 256
    if engine.hasNoTime || isOverTime() {
      throw RedactionError(.timeout, place: "", message: "the time for redaction is used up")
    }
  }

  // What only looks at the scan and is called for most triggers is inlined: a call would copy all of the scan.

  /// True if a rule is on: see `Engine`.
  @inline(__always) func enter(_ rule: Int) throws(RedactionError) -> Bool { try engine.enter(rule) }

  /// What the name of a key says.
  @inline(__always) func verdict(_ range: Range<Int>) -> KeyVerdict { keys.verdict(engine, bytes, range) }

  /// Notes a secret. The line end behind it is not its own, whatever escapes it: in a block of YAML the next key would go with it.
  mutating func found(_ range: Range<Int>, _ rule: Int, propagates: Bool = true) {
    var range = range
    while let last = range.last, bytes[last].isLineEnd { range = range.dropLast() }
    guard !range.isEmpty else { return }
    if rule == engine.builtin.privateKey { lastKeyEnd = max(lastKeyEnd, range.upperBound) }
    findings.append(Finding(range: range, rule: rule, propagates: propagates))
  }

  private mutating func format(_ entry: (pattern: Pattern, rule: Int, high: Bool), anchorAt index: Int) {
    guard var range = entry.pattern.match(bytes, anchorAt: index) else {
      if entry.high { cutToken(entry, at: index) }
      return
    }
    if !entry.high, !ValueShape.looksRandom(bytes, range, least: 16) { return }
    range = withHost(range)
    found(range, entry.rule)
    if entry.rule == engine.builtin.der { wrappedLines(after: range, entry.rule) }
  }
}

extension TextScan {
  /// A find that begins within the host of a URL, as those of webhooks do, from the URL's beginning on: the whole of it is the
  /// secret. A find behind the host, or a token of another kind, stays as it is.
  private func withHost(_ range: Range<Int>) -> Range<Int> {
    let front = bytes.at(range.lowerBound - 1)
    guard bytes[range.lowerBound] == 0x2E || front == 0x2E || front == 0x2F && bytes.at(range.lowerBound - 2) == 0x2F,
      bytes.firstByte(0x2F, from: range.lowerBound, to: range.upperBound) != nil
    else { return range }
    var start = range.lowerBound
    while start > 0, range.lowerBound - start < 256,
      bytes[start - 1].isAlphanumeric || bytes[start - 1] == 0x2D || bytes[start - 1] == 0x2E
    {
      start -= 1
    }
    return bytes.has("https://", at: start - 8) ? start - 8..<range.upperBound : range
  }

  /// Fewest characters of a token that is cut, behind its mark, and of one that is hexadecimal digits.
  private static let leastOfCut = 12
  private static let leastOfHex = 20

  /// A token that ends with its line, or in `...`, before it is long enough: most of it may be there.
  private mutating func cutToken(_ entry: (pattern: Pattern, rule: Int, high: Bool), at index: Int) {
    let mark = entry.pattern.anchor
    guard entry.pattern.anchorIndex == 0, mark.count >= 4, let joint = mark.last, joint == 0x5F || joint == 0x2D,
      index == 0 || !bytes[index - 1].isWord
    else { return }
    let start = index + mark.count
    var end = start
    while end < bytes.count, end - start < 256, bytes[end].isWord || bytes[end] == 0x2D { end += 1 }
    let isCut = end == bytes.count || bytes[end].isLineEnd || bytes.has("...", at: end) || bytes.has("…", at: end)
    let isHex = end - start >= Self.leastOfHex && EightBytes.areHex(bytes, start..<end)
    guard isCut, isHex || isMixed(start..<end, least: Self.leastOfCut) else { return }
    found(index..<end, entry.rule)
  }

  /// Decoded places that are less than this apart, in bytes, count as one.
  private static let nearby = 256

  /// Scans a text that was made from `place` in this one. What it learns is learned here.
  mutating func scanInner(
    _ text: [UInt8], from place: Range<Int>, firstView: Int = 0
  ) throws(RedactionError) -> [Finding] {
    if let last = decoded.last, place.lowerBound >= last.lowerBound, place.lowerBound - last.upperBound < Self.nearby {
      decoded[decoded.count - 1] = last.lowerBound..<max(last.upperBound, place.upperBound)
    } else {
      decoded.append(place)
    }
    let engine = engine
    let depth = depth
    let isOverTime = isOverTime
    let known = known
    let mode = mode
    let keys = keys
    let inner = try text.withUnsafeBufferPointer { text throws(RedactionError) in
      var scan = TextScan(
        engine, text, depth: depth - 1, known: known, mode: mode, keys: keys, isOverTime: isOverTime)
      scan.firstView = firstView
      scan.isInner = true
      try scan.run()
      return (scan.findings, scan.learned)
    }
    learned += inner.1
    for finding in inner.0 where finding.propagates { learned.append(Array(text[finding.range])) }
    return inner.0
  }

  /// Takes up where the window before this one ended.
  mutating func resume(_ progress: Progress) {
    self.progress = progress
    resume = progress.resume - origin
    keyEnd = progress.keyEnd - origin
    findings = progress.keys.map { $0.shifted(by: -origin) }
    lastKeyEnd = findings.map(\.range.upperBound).max() ?? -1
  }

  /// The findings of this window, and what the next one needs to know. `end` is where this one ended.
  mutating func handOver(end: Int) -> [Finding] {
    let old = progress.keys.count
    progress.resume = resume + origin
    progress.keyEnd = keyEnd + origin
    progress.keys = findings.filter {
      $0.rule == engine.builtin.privateKey && end - $0.range.upperBound < Self.keyMemory
    }.map { $0.shifted(by: origin) }
    return findings.dropFirst(old).map { $0.shifted(by: origin) }
  }

  /// How far back an END line asks for the key's body, in bytes: a line, with what log drivers put before it.
  private static let keyMemory = 512
}
