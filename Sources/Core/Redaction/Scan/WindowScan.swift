/// What the rules found in one window of a text. Places count from the text's beginning.
struct WindowScan: Sendable {
  /// Where the window ends.
  var end: Int
  var findings: [Finding]
  /// What was decoded in it, and lines that were cut: where known values have to be looked for once more.
  var decoded: [Range<Int>]
  var cuts: [Int]
  /// See `TextScan.jumps`, `TextScan.anchors`.
  var jumps: [Range<Int>]
  var anchors: [Int]
}

/// How a text is cut into windows. What a window finds may begin before it and reach beyond it by so many bytes.
package struct WindowSizes: Sendable {
  /// Bytes of a window. It ends at the last line end in it, if its second half has one.
  package var window = 1 << 20
  /// Bytes that must be there after a window before it is scanned: the longest thing that begins in it, which is a chain of
  /// lines that are joined.
  package var ahead = TextScan.longestJoined + TextScan.longestPiece
  /// Bytes before a window that its finds may change: the body of a private key whose END is found, a cell of a long line.
  package var behind = 98_304
}

/// A stretch of a text, borrowed: all of it, or what a `WindowBuffer` holds.
struct WindowText {
  let sizes: WindowSizes
  let bytes: Bytes
  /// Where the bytes begin in the text.
  let base: Int

  /// Where the bytes end in the text.
  var end: Int { base + bytes.count }

  /// The next window, if the text was scanned up to a place; nil where more bytes are needed first. What it is depends on the
  /// text alone.
  func window(from scanned: Int, isEnd: Bool) -> Range<Int>? {
    if isEnd, end - scanned <= sizes.window { return end > scanned ? scanned..<end : nil }
    guard isEnd || end - scanned >= sizes.window + sizes.ahead else { return nil }
    let start = scanned - base
    let hard = min(start + sizes.window, bytes.count)
    let cut = bytes.behindLineFeed(before: hard, floor: start + sizes.window / 2)
    return scanned..<(cut > start + sizes.window / 2 ? cut : hard) + base
  }

  /// The bytes that a scan of a window may look at, and where they begin in the text: no more than what is certain to be there,
  /// so that the same text is seen however it came in.
  func visible(_ window: Range<Int>) -> (bytes: Bytes, origin: Int) {
    let lower = max(base, window.lowerBound - sizes.behind)
    let upper = min(end, window.upperBound + sizes.ahead)
    return (Bytes(rebasing: bytes[lower - base..<upper - base]), lower)
  }
}

/// A text as it comes in, with the part of it that is still needed.
struct WindowBuffer {
  let sizes: WindowSizes
  private var bytes: [UInt8] = []
  /// Where they begin in the text.
  private var base = 0

  init(_ sizes: WindowSizes) { self.sizes = sizes }

  /// True before the first byte has come.
  var isUnused: Bool { base == 0 && bytes.isEmpty }

  mutating func append(_ more: some Collection<UInt8>) { bytes.append(contentsOf: more) }

  /// Lets go of the bytes before a place.
  mutating func drop(before place: Int) {
    guard place > base else { return }
    bytes.removeFirst(place - base)
    base = place
  }

  /// What is held.
  func withText<Result, Failure: Error>(
    _ body: (WindowText) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try bytes.withUnsafeBufferPointer { bytes throws(Failure) in
      try body(WindowText(sizes: sizes, bytes: bytes, base: base))
    }
  }
}

/// Cuts a text into windows as it comes in. A text that comes whole is read where it stands.
struct WindowCutter {
  private var buffer: WindowBuffer
  /// Up to where the text was scanned.
  private var scanned = 0

  init(_ sizes: WindowSizes) { buffer = WindowBuffer(sizes) }

  /// Takes the next bytes of the text, with `isEnd` the last ones, and hands each window that is certain to `body`, with the
  /// text around it; `isLast` is true for the text's last one. `body` says up to where the text is not needed any more.
  mutating func append(
    _ bytes: Bytes, isEnd: Bool,
    _ body: (_ window: Range<Int>, _ text: WindowText, _ isLast: Bool) throws(RedactionError) -> Int
  ) throws(RedactionError) {
    if isEnd, buffer.isUnused {
      let text = WindowText(sizes: buffer.sizes, bytes: bytes, base: 0)
      while let window = text.window(from: scanned, isEnd: true) {
        _ = try body(window, text, window.upperBound == text.end)
        scanned = window.upperBound
      }
      return
    }
    for piece in bytes.pieces(of: buffer.sizes.window) {
      buffer.append(bytes[piece])
      let isEnd = isEnd && piece.upperBound == bytes.count
      while true {
        let scanned = scanned
        let next = try buffer.withText { text throws(RedactionError) -> (scanned: Int, needed: Int)? in
          guard let window = text.window(from: scanned, isEnd: isEnd) else { return nil }
          return (window.upperBound, try body(window, text, isEnd && window.upperBound == text.end))
        }
        guard let next else { break }
        self.scanned = next.scanned
        buffer.drop(before: min(next.needed, next.scanned - buffer.sizes.behind))
      }
    }
  }
}

/// Goes over the windows of a text with the rules, and again with known values.
struct WindowScanner {
  let engine: Engine
  let isOverTime: () -> Bool
  private let keys = KeyCache()
  private var rules = TextScan.Progress()
  private var values = TextScan.Progress()

  init(_ engine: Engine, isOverTime: @escaping () -> Bool) {
    self.engine = engine
    self.isOverTime = isOverTime
  }

  /// What the rules find in a window; what is secret goes to `learn`.
  mutating func scan(
    _ window: Range<Int>, of text: WindowText, learn: ([UInt8]) -> Void
  ) throws(RedactionError) -> WindowScan {
    let (bytes, origin) = text.visible(window)
    var scan = TextScan(engine, bytes, mode: .rules, origin: origin, keys: keys, isOverTime: isOverTime)
    scan.resume(rules)
    try scan.run(in: window.lowerBound - origin..<window.upperBound - origin)
    let findings = scan.handOver(end: window.upperBound - origin)
    rules = scan.progress
    for secret in scan.learned { learn(secret) }
    for finding in findings where finding.propagates { learn(bytes.copy(finding.shifted(by: -origin).range)) }
    return WindowScan(
      end: window.upperBound, findings: findings,
      decoded: scan.decoded.map { $0.lowerBound + origin..<$0.upperBound + origin }, cuts: scan.cuts, jumps: scan.jumps,
      anchors: scan.anchors)
  }

  /// Where known values stand in a window that the rules have been over.
  mutating func find(
    _ known: [KnownMatcher], in window: Range<Int>, of text: WindowText, after rules: WindowScan
  ) throws(RedactionError) -> [Finding] {
    var found: [Finding] = []
    let before = values
    for matcher in known where !matcher.isEmpty {
      values = before
      found += try find(matcher, window, text, rules)
    }
    return found
  }

  private mutating func find(
    _ known: KnownMatcher, _ window: Range<Int>, _ text: WindowText, _ rules: WindowScan
  ) throws(RedactionError) -> [Finding] {
    let (bytes, origin) = text.visible(window)
    var scan = TextScan(
      engine, bytes, known: known, mode: .known, origin: origin, keys: keys, isOverTime: isOverTime)
    scan.resume(values)
    scan.cuts = rules.cuts
    try scan.runKnown(
      in: window.lowerBound - origin..<window.upperBound - origin,
      decoded: rules.decoded.map { $0.lowerBound - origin..<$0.upperBound - origin })
    values = scan.progress
    return scan.handOver(end: window.upperBound - origin)
  }
}
