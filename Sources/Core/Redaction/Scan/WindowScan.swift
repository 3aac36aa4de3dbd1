/// What the rules found in one window of a text. Places count from the text's beginning.
struct WindowScan: Sendable {
  /// Where the window ends.
  var end: Int
  var findings: [Finding]
  /// What was decoded in it, and lines that were cut: where known values have to be looked for once more.
  var decoded: [Range<Int>]
  var cuts: [Int]
  /// See `TextScan.jumps`.
  var jumps: [Range<Int>]
}

/// How a text is cut into windows. What a window finds may begin before it and reach beyond it by so many bytes.
struct WindowSizes: Sendable {
  /// Bytes of a window. It ends at the last line end in it, if its second half has one.
  var window = 1 << 20
  /// Bytes that must be there after a window before it is scanned: the longest thing that begins in it, which is a chain of
  /// lines that are joined.
  var ahead = TextScan.longestJoined + TextScan.longestPiece
  /// Bytes before a window that its finds may change: the body of a private key whose END is found, a cell of a long line.
  var behind = 98_304
}

/// A text as it comes in, with the part of it that is still needed.
struct WindowBuffer {
  let sizes: WindowSizes
  /// The bytes from `base` on.
  private(set) var bytes: [UInt8] = []
  /// Where they begin in the text.
  private(set) var base = 0
  /// Up to where the text was scanned.
  private(set) var scanned = 0

  init(_ sizes: WindowSizes) { self.sizes = sizes }

  /// Where the bytes end in the text.
  var end: Int { base + bytes.count }

  mutating func append(_ more: some Collection<UInt8>) { bytes.append(contentsOf: more) }

  /// The next window, which `took` says is done; nil where more bytes are needed first. What it is depends on the text alone.
  func window(isEnd: Bool) -> Range<Int>? {
    if isEnd, end - scanned <= sizes.window { return end > scanned ? scanned..<end : nil }
    guard isEnd || end - scanned >= sizes.window + sizes.ahead else { return nil }
    let start = scanned - base
    let hard = min(start + sizes.window, bytes.count)
    return bytes.withUnsafeBufferPointer { bytes in
      var cut = hard
      while cut > start + sizes.window / 2, bytes[cut - 1] != 0x0A { cut -= 1 }
      return scanned..<(cut > start + sizes.window / 2 ? cut : hard) + base
    }
  }

  /// A window was scanned.
  mutating func took(_ window: Range<Int>) { scanned = window.upperBound }

  /// Lets go of the bytes before a place.
  mutating func drop(before place: Int) {
    guard place > base else { return }
    bytes.removeFirst(place - base)
    base = place
  }

  /// The bytes that a scan of a window may look at: no more than what is certain to be there, so that the same text is seen
  /// however it came in.
  func visible(_ window: Range<Int>) -> Range<Int> {
    max(base, window.lowerBound - sizes.behind)..<min(end, window.upperBound + sizes.ahead)
  }
}

/// Goes over the windows of a text with the rules, and again with known values.
struct WindowScanner {
  let engine: Engine
  let isOverTime: () -> Bool
  private var rules = TextScan.Progress()
  private var values = TextScan.Progress()

  init(_ engine: Engine, isOverTime: @escaping () -> Bool) {
    self.engine = engine
    self.isOverTime = isOverTime
  }

  /// What the rules find in a window; what is secret goes to `learn`.
  mutating func scan(
    _ window: Range<Int>, of buffer: WindowBuffer, learn: ([UInt8]) -> Void
  ) throws(RedactionError) -> WindowScan {
    let visible = buffer.visible(window)
    let engine = engine
    let isOverTime = isOverTime
    let progress = rules
    let (result, learned, next) = try buffer.bytes.withUnsafeBufferPointer { bytes throws(RedactionError) in
      let text = Bytes(rebasing: bytes[visible.lowerBound - buffer.base..<visible.upperBound - buffer.base])
      var scan = TextScan(engine, text, mode: .rules, origin: visible.lowerBound, isOverTime: isOverTime)
      scan.resume(progress)
      try scan.run(in: window.lowerBound - scan.origin..<window.upperBound - scan.origin)
      let findings = scan.handOver(end: window.upperBound - scan.origin)
      var learned = scan.learned
      for finding in findings where finding.propagates {
        learned.append(text.copy(finding.shifted(by: -scan.origin).range))
      }
      let result = WindowScan(
        end: window.upperBound, findings: findings,
        decoded: scan.decoded.map { $0.lowerBound + scan.origin..<$0.upperBound + scan.origin }, cuts: scan.cuts,
        jumps: scan.jumps)
      return (result, learned, scan.progress)
    }
    rules = next
    for secret in learned { learn(secret) }
    return result
  }

  /// Where known values stand in a window that the rules have been over.
  mutating func find(
    _ known: [KnownMatcher], in window: Range<Int>, of buffer: WindowBuffer, after rules: WindowScan
  ) throws(RedactionError) -> [Finding] {
    var found: [Finding] = []
    let before = values
    for matcher in known where !matcher.isEmpty {
      values = before
      found += try find(matcher, window, buffer, rules)
    }
    return found
  }

  private mutating func find(
    _ known: KnownMatcher, _ window: Range<Int>, _ buffer: WindowBuffer, _ rules: WindowScan
  ) throws(RedactionError) -> [Finding] {
    let visible = buffer.visible(window)
    let engine = engine
    let isOverTime = isOverTime
    let progress = values
    let (findings, next) = try buffer.bytes.withUnsafeBufferPointer { bytes throws(RedactionError) in
      let text = Bytes(rebasing: bytes[visible.lowerBound - buffer.base..<visible.upperBound - buffer.base])
      var scan = TextScan(engine, text, known: known, mode: .known, origin: visible.lowerBound, isOverTime: isOverTime)
      scan.resume(progress)
      scan.cuts = rules.cuts
      try scan.runKnown(
        in: window.lowerBound - scan.origin..<window.upperBound - scan.origin,
        decoded: rules.decoded.map { $0.lowerBound - scan.origin..<$0.upperBound - scan.origin })
      return (scan.handOver(end: window.upperBound - scan.origin), scan.progress)
    }
    values = next
    return findings
  }
}
