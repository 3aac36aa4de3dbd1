/// Reads JSON (RFC 8259) in place: one document, or several one after the other, as a watch and JSON lines send them.
struct JSONReader {
  private let bytes: Bytes
  private var index: Int
  /// Where strings end; nil where that is looked for as it comes.
  private let quiet: QuietIndex?

  init(_ bytes: Bytes, _ quiet: QuietIndex? = nil) {
    self.bytes = bytes
    self.quiet = quiet
    index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  /// What comes next.
  enum Token {
    case beginMap, endMap, beginList, endList, comma, colon, end
    /// A string, with its quotes; `isPlain` is true if nothing in it is escaped.
    case string(Range<Int>, isPlain: Bool)
    case number(Range<Int>)
    case boolean(Range<Int>)
    case null(Range<Int>)
    /// No JSON.
    case bad
  }

  /// The next token.
  @inline(__always) mutating func next() -> Token {
    while index < bytes.count, bytes[index].isSpace { index += 1 }
    guard index < bytes.count else { return .end }
    let start = index
    index += 1
    switch bytes[start] {
    case 0x7B: return .beginMap
    case 0x7D: return .endMap
    case 0x5B: return .beginList
    case 0x5D: return .endList
    case 0x2C: return .comma
    case 0x3A: return .colon
    case 0x22: return string(start)
    case 0x2D, 0x30...0x39: return number(start)
    case 0x74: return word("true", start) ? .boolean(start..<index) : .bad
    case 0x66: return word("false", start) ? .boolean(start..<index) : .bad
    case 0x6E: return word("null", start) ? .null(start..<index) : .bad
    default: return .bad
    }
  }

  /// Steps over a byte, if it comes next, without a blank before it: most colons and commas do.
  @inline(__always) mutating func take(_ byte: UInt8) -> Bool {
    guard index < bytes.count, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  /// Where the token began that was read last, if it is one byte.
  var last: Int { index - 1 }

  /// Where the next token is looked for.
  var place: Int { index }

  /// Steps over a collection that began with the token read last, if the same is among these; false where it has to be read.
  @inline(__always) mutating func skip(_ parts: QuietParts) -> Bool {
    guard let count = parts.collection(bytes, at: last) else { return false }
    index += count - 1
    return true
  }

  private mutating func word(_ word: StaticString, _ start: Int) -> Bool {
    guard bytes.has(word, at: start) else { return false }
    index = start + word.utf8CodeUnitCount
    return !bytes.at(index).isWord
  }

  private mutating func string(_ start: Int) -> Token {
    var isPlain = true
    while index < bytes.count {
      if let quiet {
        index = quiet.stop(from: index)
        if index == bytes.count { return .bad }
      } else if index + 8 <= bytes.count {
        let plain = EightBytes(bytes, index).leadingPlainInJSON
        index += plain
        if plain == 8 { continue }
      }
      let byte = bytes[index]
      if byte == 0x22 {
        index += 1
        return .string(start..<index, isPlain: isPlain)
      }
      if byte == 0x5C {
        isPlain = false
        index += 1
      } else if byte < 0x20 {
        return .bad
      }
      index += 1
    }
    return .bad
  }

  private mutating func number(_ start: Int) -> Token {
    while index < bytes.count {
      let byte = bytes[index]
      guard byte.isDigit || byte == 0x2E || byte == 0x2B || byte == 0x2D || byte | 0x20 == 0x65 else { break }
      index += 1
    }
    return bytes[start].isDigit || bytes.at(start + 1).isDigit ? .number(start..<index) : .bad
  }

  /// The text of a string; nil where an escape is none.
  static func decoded(_ bytes: Bytes, _ range: Range<Int>) -> [UInt8]? {
    var out: [UInt8] = []
    out.reserveCapacity(range.count)
    var index = range.lowerBound + 1
    let end = range.upperBound - 1
    while index < end {
      guard bytes[index] == 0x5C else {
        out.append(bytes[index])
        index += 1
        continue
      }
      guard let (units, length) = escape(bytes, index, end) else { return nil }
      out += units
      index += length
    }
    return out
  }

  /// The bytes that an escape at `index` stands for, and its length; nil where it is none. YAML's short ones, too.
  static func escape(_ bytes: Bytes, _ index: Int, _ end: Int) -> ([UInt8], Int)? {
    guard index + 1 < end else { return nil }
    switch bytes[index + 1] {
    case 0x22: return ([0x22], 2)
    case 0x5C: return ([0x5C], 2)
    case 0x2F: return ([0x2F], 2)
    case 0x62: return ([0x08], 2)
    case 0x66: return ([0x0C], 2)
    case 0x6E: return ([0x0A], 2)
    case 0x72: return ([0x0D], 2)
    case 0x74: return ([0x09], 2)
    case 0x75:
      guard let first = hex(bytes, index + 2, 4, end) else { return nil }
      var value = first
      var length = 6
      if first & 0xFC00 == 0xD800, bytes.has("\\u", at: index + 6), let second = hex(bytes, index + 8, 4, end),
        second & 0xFC00 == 0xDC00
      {
        value = 0x10000 + (first & 0x3FF) << 10 + (second & 0x3FF)
        length = 12
      }
      // A lone surrogate has no UTF-8: it reads as the replacement character.
      return (Array(String(Character(Unicode.Scalar(value) ?? "\u{FFFD}")).utf8), length)
    default: return nil
    }
  }

  private static func hex(_ bytes: Bytes, _ start: Int, _ count: Int, _ end: Int) -> UInt32? {
    guard start + count <= end else { return nil }
    var value: UInt32 = 0
    for index in start..<start + count {
      guard let digit = bytes[index].hexValue else { return nil }
      value = value << 4 | UInt32(digit)
    }
    return value
  }
}

extension DocumentRedactor {
  /// The edits of a JSON text; nil where it is none.
  func jsonEdits(_ bytes: Bytes, depth: Int) throws(RedactionError) -> [Edit]? {
    let inner = apart(for: bytes)
    guard let edits = try inner.readJSON(bytes, depth: depth) else { return nil }
    harvest.add(inner.harvest)
    return edits
  }

  private func readJSON(_ bytes: Bytes, depth: Int) throws(RedactionError) -> [Edit]? {
    var reader = JSONReader(bytes, quiet)
    var walk = DocumentWalk(engine, bytes, harvest)
    var edits: [Edit] = []
    /// What may come next.
    enum Expected { case value, valueOrEnd, key, keyOrEnd, colon, commaOrEnd }
    var expected = Expected.value
    var stack: [OpenJSON] = []
    var documents = 0
    var tokens = 0
    /// Values that were learned up to the end of the last collection.
    var learned = harvest.learned.count

    while true {
      tokens += 1
      if tokens & 1_023 == 0, isOverTime() {
        throw RedactionError(.timeout, place: "", message: "the time for redaction is used up")
      }
      // By the token first: what may stand where it does is one comparison then.
      switch reader.next() {
      case .beginMap:
        guard expected == .value || expected == .valueOrEnd, stack.count < Self.deepest else { return nil }
        if begin(isMap: true, &reader, &walk, &stack, edits.count, learned) { break }
        expected = .keyOrEnd
        continue
      case .beginList:
        guard expected == .value || expected == .valueOrEnd, stack.count < Self.deepest else { return nil }
        if begin(isMap: false, &reader, &walk, &stack, edits.count, learned) { break }
        expected = .valueOrEnd
        continue
      case .endMap:
        guard expected == .commaOrEnd || expected == .keyOrEnd, stack.last?.isMap == true else { return nil }
        try end(bytes, reader.place, &walk, &stack, &edits, depth, &learned)
      case .endList:
        guard expected == .commaOrEnd || expected == .valueOrEnd, stack.last?.isMap == false else { return nil }
        try end(bytes, reader.place, &walk, &stack, &edits, depth, &learned)
      case .comma:
        guard expected == .commaOrEnd else { return nil }
        expected = stack.last?.isMap == true ? .key : .value
        continue
      case .colon:
        guard expected == .colon else { return nil }
        expected = .value
        continue
      case .string(let range, let isPlain):
        switch expected {
        case .key, .keyOrEnd:
          if isPlain {
            walk.key(bytes, range.lowerBound + 1..<range.upperBound - 1)
          } else {
            guard let text = JSONReader.decoded(bytes, range) else { return nil }
            text.withUnsafeBufferPointer { walk.key($0, 0..<$0.count) }
          }
          expected = reader.take(0x3A) ? .value : .colon
          continue
        case .value, .valueOrEnd:
          var leaf = Leaf(range: range, kind: .text, style: .json)
          if isPlain {
            if walk.isIndifferent, isClean(leaf, in: bytes) { break }
          } else {
            guard let text = JSONReader.decoded(bytes, range) else { return nil }
            leaf.text = text
          }
          try put(leaf, bytes, &walk, &edits, depth)
        case .colon, .commaOrEnd: return nil
        }
      case .number(let range):
        guard expected == .value || expected == .valueOrEnd else { return nil }
        if !walk.isIndifferent {
          try put(Leaf(range: range, kind: .number, style: .json), bytes, &walk, &edits, depth)
        }
      case .boolean(let range):
        guard expected == .value || expected == .valueOrEnd else { return nil }
        if !walk.isIndifferent {
          try put(Leaf(range: range, kind: .boolean, style: .json), bytes, &walk, &edits, depth)
        }
      case .null(let range):
        guard expected == .value || expected == .valueOrEnd else { return nil }
        if !walk.isIndifferent {
          try put(Leaf(range: range, kind: .null, style: .json), bytes, &walk, &edits, depth)
        }
      case .end:
        guard expected == .value, stack.isEmpty, documents > 0 else { return nil }
        edits.normalize()
        return edits
      case .bad: return nil
      }
      // A value is complete.
      if stack.isEmpty {
        documents += 1
        expected = .value
      } else if reader.take(0x2C) {
        expected = stack.last?.isMap == true ? .key : .value
      } else {
        expected = .commaOrEnd
      }
    }
  }

  /// A collection that is open.
  private struct OpenJSON {
    var isMap: Bool
    var part: QuietParts.Open
  }

  /// Opens a collection, which has begun with the token read last; true where it was met before, and was stepped over.
  @inline(__always) private func begin(
    isMap: Bool, _ reader: inout JSONReader, _ walk: inout DocumentWalk, _ stack: inout [OpenJSON], _ edits: Int,
    _ learned: Int
  ) -> Bool {
    var part = QuietParts.Open()
    if let parts, walk.isNeutral, stack.count < QuietParts.deepest {
      if reader.skip(parts) { return true }
      part = QuietParts.Open(start: Int32(reader.last), edits: edits, learned: learned, reach: walk.reach)
    }
    stack.append(OpenJSON(isMap: isMap, part: part))
    walk.begin(isMap: isMap)
    return false
  }

  /// Closes the innermost collection, which ends before `place`.
  @inline(__always) private func end(
    _ bytes: Bytes, _ place: Int, _ walk: inout DocumentWalk, _ stack: inout [OpenJSON], _ edits: inout [Edit],
    _ depth: Int, _ learned: inout Int
  ) throws(RedactionError) {
    guard let part = stack.popLast()?.part else { return }
    try walk.end { decision throws(RedactionError) in try perform(decision, in: bytes, depth: depth, into: &edits) }
    learned = harvest.learned.count
    guard let parts, part.isQuiet(edits.count, learned, walk.reach) else { return }
    parts.add(collection: Int(part.start)..<place, bytes)
  }

  private func put(
    _ leaf: Leaf, _ bytes: Bytes, _ walk: inout DocumentWalk, _ edits: inout [Edit], _ depth: Int
  ) throws(RedactionError) {
    try leaf.withText(bytes) { text throws(RedactionError) in
      try walk.leaf(leaf, text) { decision throws(RedactionError) in
        try perform(decision, in: bytes, depth: depth, into: &edits)
      }
    }
  }
}
