/// First pass over a text that comes in pieces.
struct TextLearner {
  private let sizes: WindowSizes
  private var windows: WindowCutter
  private var scanner: WindowScanner
  /// What was found, window by window, for a second pass over the same bytes; nil where it would be too much to keep.
  private(set) var plan: [WindowScan]? = []
  private var kept = 0
  /// Most findings that are kept for the second pass: some 4 MiB.
  private static let mostKept = 100_000

  init(_ engine: Engine, _ sizes: WindowSizes, isOverTime: @escaping () -> Bool) {
    self.sizes = sizes
    windows = WindowCutter(sizes)
    scanner = WindowScanner(engine, isOverTime: isOverTime)
  }

  /// The next bytes of the text; with `isEnd` they are the last ones.
  mutating func append(_ bytes: Bytes, isEnd: Bool, learn: ([UInt8]) -> Void) throws(RedactionError) {
    // Taken out, so that what a window brings may be written down meanwhile.
    var windows = WindowCutter(sizes)
    swap(&windows, &self.windows)
    try windows.append(bytes, isEnd: isEnd) { window, text, _ throws(RedactionError) in
      keep(try scanner.scan(window, of: text, learn: learn))
      return window.upperBound
    }
    self.windows = windows
  }

  private mutating func keep(_ scan: WindowScan) {
    kept += scan.findings.count + scan.decoded.count + scan.cuts.count + scan.jumps.count + scan.anchors.count + 1
    if kept > Self.mostKept { plan = nil } else { plan?.append(scan) }
  }
}

/// Masks a text that comes in pieces, and checks what goes out.
struct TextMasker {
  /// Which values are known.
  enum Known {
    /// All of the incident: there was a first pass.
    case all(KnownMatcher)
    /// What this text has shown so far.
    case soFar(KnownValues, GrowingMatcher)
  }

  private let redactor: Redactor
  private let place: String
  private let isOverTime: () -> Bool
  private let sizes: WindowSizes
  private var windows: WindowCutter
  private var scanner: WindowScanner
  private var known: Known
  /// What the first pass found, if it was kept.
  private var plan: ArraySlice<WindowScan>?
  /// Findings behind the place up to where masked bytes have gone out.
  private var pending: [Finding] = []
  /// Parts of more than one line, behind that place, that a rule has read over at once.
  private var jumps: [Range<Int>] = []
  /// See `TextScan.anchors`.
  private var anchors: [Int] = []
  private var released = 0
  /// The last masked bytes that have gone out: what follows is checked together with them.
  private var tail: [UInt8] = []
  /// What the text is, where it asks for quotes around masks.
  var quoting = MaskStyle.Quoting.none
  /// Memory for the masked bytes of a window.
  private var work: [UInt8] = []
  private(set) var report: RedactionReport

  /// Bytes of `tail`: the longest format.
  private static let tailLength = Pattern.longest

  init(
    _ redactor: Redactor, known: Known, plan: [WindowScan]? = nil, place: String,
    isOverTime: @escaping () -> Bool
  ) {
    self.redactor = redactor
    self.known = known
    self.plan = plan.map { $0[...] }
    self.place = place
    self.isOverTime = isOverTime
    sizes = redactor.options.windows
    windows = WindowCutter(sizes)
    scanner = WindowScanner(redactor.engine, isOverTime: isOverTime)
    report = RedactionReport(ruleSetVersion: redactor.rules.version)
  }

  /// Takes the next bytes of the text, with `isEnd` the last ones, and adds what is certain by now to `out`.
  mutating func append(_ bytes: Bytes, isEnd: Bool, to out: inout [UInt8]) throws(RedactionError) {
    // Taken out, so that what a window brings may be written down meanwhile.
    var windows = WindowCutter(sizes)
    swap(&windows, &self.windows)
    try windows.append(bytes, isEnd: isEnd) { window, text, isLast throws(RedactionError) in
      try scan(window, of: text)
      try release(text, upTo: isLast ? text.end : window.upperBound - sizes.behind, isEnd: isLast, to: &out)
      return released
    }
    self.windows = windows
  }

  /// Drops the places that were recorded: their receiver has them.
  mutating func forgetPlaces() { report.places.removeAll(keepingCapacity: true) }

  private mutating func scan(_ window: Range<Int>, of text: WindowText) throws(RedactionError) {
    let rules: WindowScan
    switch known {
    case .all(let matcher):
      if let first = plan?.first, first.end == window.upperBound {
        plan?.removeFirst()
        rules = first
      } else {
        plan = nil
        rules = try scanner.scan(window, of: text) { _ in }
      }
      // Behind what rules found: of two at one place the first gives its name to the report.
      pending += rules.findings
      pending += try scanner.find([matcher], in: window, of: text, after: rules)
    case .soFar(var values, var matcher):
      // They are held here alone: else each change would copy them.
      known = .all(.none)
      defer { known = .soFar(values, matcher) }
      rules = try scanner.scan(window, of: text) { values.learn($0) }
      report.unremembered = values.forgotten
      matcher.update(values.values)
      pending += rules.findings
      pending += try scanner.find(matcher.matchers, in: window, of: text, after: rules)
    }
    jumps += rules.jumps
    anchors += rules.anchors
  }

  private var matchers: [KnownMatcher] {
    switch known {
    case .all(let matcher): [matcher]
    case .soFar(_, let growing): growing.matchers
    }
  }

  /// Masks and lets go what stands before `limit`, up to a line end where there is one, and never a part of a finding.
  private mutating func release(
    _ text: WindowText, upTo limit: Int, isEnd: Bool, to out: inout [UInt8]
  ) throws(RedactionError) {
    guard limit > released else { return }
    let base = text.base
    let bytes = text.bytes
    let from = released - base
    var findings = pending.map { $0.shifted(by: -base) }
    // One array for all windows: the caches hold it.
    var masked: [UInt8] = []
    swap(&masked, &work)
    masked.removeAll(keepingCapacity: true)
    masked += tail
    var edits: [Edit] = []
    var places: [Range<Int>] = []
    var shift = Shift(by: tail.count - from)
    findings.normalize(in: bytes)
    var cut = limit - base
    if !isEnd {
      let floor = max(from, cut - TextScan.longestLine)
      let line = bytes.behindLineFeed(before: cut, floor: floor)
      if line > floor { cut = line }
    }
    if let crossing = findings.first(where: { $0.range.lowerBound < cut && $0.range.upperBound > cut }),
      crossing.range.lowerBound > from
    {
      cut = crossing.range.lowerBound
    }
    masked.reserveCapacity(tail.count + cut - from + 64)
    var place = from
    for finding in findings where finding.range.lowerBound < cut && finding.range.upperBound > from {
      let range = finding.range.clamped(to: from..<cut)
      masked.append(contentsOf: bytes[place..<range.lowerBound])
      let start = masked.count
      let mask = redactor.engine.masks.mask(range, in: bytes, quoting)
      masked.append(contentsOf: mask)
      if redactor.options.recordsPlaces {
        edits.append(
          Edit(range: range.lowerBound - from..<range.upperBound - from, replacement: mask, rule: finding.rule))
      }
      places.append(start..<masked.count + Settling.reach(behind: bytes[range]))
      shift.replaced(range, by: mask.count)
      report.counts[redactor.engine.names[finding.rule], default: 0] += 1
      place = range.upperBound
    }
    masked.append(contentsOf: bytes[place..<cut])
    // Where a rule has read over lines and something in them was masked, all of them are looked at again.
    for jump in jumps {
      let lines = (jump.lowerBound - base..<jump.upperBound - base).clamped(to: from..<cut)
      if !lines.isEmpty, shift.touches(lines) {
        places.append(shift.place(lines.lowerBound)..<shift.place(lines.upperBound))
      }
    }
    let words = anchors.lazy.map { $0 - base }.filter { from..<cut ~= $0 }.map { shift.place($0) }
    jumps.removeAll { $0.upperBound <= cut + base }
    defer { anchors.removeAll { $0 < released } }
    pending = findings.filter { $0.range.upperBound > cut }.map { finding in
      var rest = finding
      rest.range = max(cut, finding.range.lowerBound)..<finding.range.upperBound
      return rest.shifted(by: base)
    }
    var settling = Settling(redactor, matchers, quoting, isOverTime: isOverTime)
    try settling.settle(&masked, from: tail.count, places: places, anchors: Array(words))
    try settling.check(&masked, from: tail.count, place: self.place)
    for later in settling.rounds { edits = edits.followed(by: later) }
    report.places += edits.map {
      MaskedPlace(
        range: $0.range.lowerBound + released..<$0.range.upperBound + released,
        rule: redactor.engine.names[$0.rule], replacement: $0.replacement)
    }
    for (rule, count) in settling.counts { report.counts[rule, default: 0] += count }
    released = cut + base
    // A text of one window is done: its memory is handed on, for a copy costs more in pages never touched than in copying.
    if isEnd, out.isEmpty, tail.isEmpty {
      out = masked
      return
    }
    out.append(contentsOf: masked[tail.count...])
    tail = Array(masked.suffix(Self.tailLength))
    work = masked
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Ranges of at most so many bytes that make up all of it; one empty range where there is none.
  func pieces(of length: Int) -> [Range<Int>] {
    count <= length
      ? [0..<count] : stride(from: 0, to: count, by: length).map { $0..<Swift.min($0 + length, count) }
  }
}
