/// Reads the YAML that programs write for people: block maps and lists, scalars of one line, literal blocks, as `kubectl get
/// -o yaml`, Helm and Kustomize put them out. Most manifests hold nothing else, and this reads them several times as fast as
/// libyaml, which hands out every scalar as a copy with its tag and its anchor.
///
/// It understands all of a text or nothing: at the first line that could mean anything else (a comment, an anchor, a flow
/// collection, a scalar of several lines, an escape, a tab, a byte beyond ASCII) it gives up, and libyaml reads the text from
/// its beginning. For what it does understand it tells the pass the same as libyaml; a property test compares the two.
struct BlockYAML {
  private let bytes: Bytes
  private var pass: YAMLPass
  /// The collections that are open, with the column in which they stand.
  private var open: [(indent: Int, isMap: Bool, part: QuietParts.Open)] = []
  /// Where the line begins that is being read; the end of the text behind the last one.
  private var lineStart = 0
  /// Where the value belongs of a key that has none on its line, or -1: behind the key's colon.
  private var pending = -1
  /// True once something of the current document was read, and once a line `---` has begun one that must not stay empty.
  private var hasRoot = false
  private var isBegun = false

  /// Deeper nesting is left to libyaml, as are longer keys.
  private static let deepest = 100
  private static let longestKey = 256

  init(_ pass: YAMLPass, _ bytes: Bytes) {
    self.pass = pass
    self.bytes = bytes
  }

  /// The pass after the whole text; nil where there is something in it that this does not read.
  static func read(_ bytes: Bytes, _ pass: YAMLPass) throws(RedactionError) -> YAMLPass? {
    guard bytes.last == 0x0A, WindowLookup.arePrintable(bytes) else { return nil }
    var reader = BlockYAML(pass, bytes)
    return try reader.run() && reader.pass.hasCollection ? reader.pass : nil
  }

  private mutating func run() throws(RedactionError) -> Bool {
    var line = 0
    while line < bytes.count {
      var text = line
      while bytes[text] == 0x20 { text += 1 }
      let end = bytes.firstByte(0x0A, from: text) ?? bytes.count
      if text == end {
        // A blank line that holds blanks may belong to a scalar.
        guard text == line else { return false }
        line = end + 1
        continue
      }
      lineStart = line
      guard let next = try self.line(text, indent: text - line, end) else { return false }
      line = next
    }
    lineStart = line
    return try endDocument()
  }

  /// A line that is not blank. Returns where the next one begins; nil where this one is not understood.
  private mutating func line(_ text: Int, indent: Int, _ end: Int) throws(RedactionError) -> Int? {
    if indent == 0, bytes.has("---", at: text) {
      guard end == text + 3, try endDocument() else { return nil }
      isBegun = true
      return end + 1
    }
    let isItem = bytes[text] == 0x2D && bytes[text + 1] == 0x20
    while let top = open.last, top.indent > indent || top.indent == indent && !top.isMap && !isItem { try close() }
    if let next = quietBlock(text, indent, isItem: isItem) {
      pending = -1
      return next
    }
    guard try isItem ? beginItem(indent, text) : beginKey(indent, text) else { return nil }
    guard isItem else { return try entry(text, end, indent) }
    guard bytes[text + 2] != 0x20, bytes[text + 2] != 0x0A, bytes[text + 2] != 0x2D || bytes[text + 3] != 0x20 else {
      return nil
    }
    guard Self.keyEnd(bytes, text + 2, end) != nil else { return try value(text + 2, end, parent: indent) }
    if let next = quietPart(text + 2, indent + 2, isList: false) { return next }
    try begin(isMap: true, indent + 2, text + 2)
    return try entry(text + 2, end, indent + 2)
  }

  /// Where the line begins behind the block under the pending key, which `text` begins, if the same was met before and brought nothing.
  private mutating func quietBlock(_ text: Int, _ indent: Int, isItem: Bool) -> Int? {
    guard pending >= 0, let top = open.last, top.isMap, isItem || top.indent < indent else { return nil }
    return quietPart(text, indent, isList: isItem)
  }

  /// The same for a collection in this column.
  private mutating func quietPart(_ start: Int, _ indent: Int, isList: Bool) -> Int? {
    guard let count = pass.quietPart(at: start, column: indent),
      Self.isEnd(bytes, start + count, column: indent, isList: isList)
    else { return nil }
    return start + count
  }

  /// Makes sure that an item may stand in this column: in the list that is open, or as the first of a new one.
  private mutating func beginItem(_ indent: Int, _ start: Int) throws(RedactionError) -> Bool {
    guard let top = open.last else { return try beginRoot(isMap: false, indent, start) }
    if !top.isMap { return top.indent == indent && pending < 0 }
    guard pending >= 0, open.count < Self.deepest else { return false }
    pending = -1
    try begin(isMap: false, indent, start)
    return true
  }

  /// The same for a key.
  private mutating func beginKey(_ indent: Int, _ start: Int) throws(RedactionError) -> Bool {
    guard let top = open.last else { return try beginRoot(isMap: true, indent, start) }
    guard top.isMap else { return false }
    if top.indent == indent {
      try fillPending()
      return true
    }
    guard pending >= 0, open.count < Self.deepest else { return false }
    pending = -1
    try begin(isMap: true, indent, start)
    return true
  }

  private mutating func beginRoot(isMap: Bool, _ indent: Int, _ start: Int) throws(RedactionError) -> Bool {
    guard !hasRoot, indent == 0 else { return false }
    hasRoot = true
    try begin(isMap: isMap, 0, start)
    return true
  }

  private mutating func begin(isMap: Bool, _ indent: Int, _ start: Int) throws(RedactionError) {
    let part = pass.open(at: start)
    try pass.begin(isMap: isMap, isFlow: false)
    open.append((indent, isMap, part))
  }

  private mutating func close() throws(RedactionError) {
    try fillPending()
    let closed = open.removeLast()
    try pass.end()
    pass.close(closed.part, end: lineStart, column: closed.indent)
  }

  /// A key without a value has an empty one, right behind its colon.
  private mutating func fillPending() throws(RedactionError) {
    guard pending >= 0 else { return }
    let place = pending..<pending
    pending = -1
    try pass.value(Leaf(range: place, kind: .null, style: .plain))
  }

  /// The document ends. False for one that a line `---` has begun and in which nothing stands.
  private mutating func endDocument() throws(RedactionError) -> Bool {
    while !open.isEmpty { try close() }
    guard hasRoot || !isBegun else { return false }
    if hasRoot { pass.endDocument() }
    hasRoot = false
    return true
  }

  // What only looks at the text is static: a method would get a copy of the whole pass, for each line.

  /// True if a collection of this column is at its end where a line begins at `place`, whatever else stands in that line.
  private static func isEnd(_ bytes: Bytes, _ place: Int, column: Int, isList: Bool) -> Bool {
    var text = place
    while text < bytes.count, bytes[text] == 0x20 { text += 1 }
    guard text < bytes.count else { return text == place }
    guard bytes[text] != 0x0A else { return false }
    return text - place < column || isList && text - place == column && bytes[text] != 0x2D
  }

  /// Where a plain key ends whose colon a blank or the line's end follows; nil where none stands at `start`.
  private static func keyEnd(_ bytes: Bytes, _ start: Int, _ end: Int) -> Int? {
    guard bytes[start].isWord || bytes[start] == 0x2F || bytes[start] == 0x2E else { return nil }
    var index = start + 1
    while index + 8 <= bytes.count {
      let count = EightBytes(bytes, index).leadingPathCharacters
      index += count
      if count < 8 { break }
    }
    while index < end, bytes[index].isWord || bytes[index] == 0x2D || bytes[index] == 0x2E || bytes[index] == 0x2F {
      index += 1
    }
    guard index < end, bytes[index] == 0x3A, bytes[index + 1] == 0x20 || index + 1 == end else { return nil }
    return index - start <= longestKey ? index : nil
  }

  /// `key: value` or `key:`, in a map whose column is `indent`.
  private mutating func entry(_ start: Int, _ end: Int, _ indent: Int) throws(RedactionError) -> Int? {
    if let colon = try pass.quietLine(start..<end) {
      if colon + 1 == end {
        pending = end
        return end + 1
      }
      return Self.isFollowed(bytes, end, deeperThan: indent) ? nil : end + 1
    }
    guard let colon = Self.keyEnd(bytes, start, end) else { return nil }
    try pass.key(start..<colon)
    if colon + 1 == end {
      pass.endLine(start..<end, colon: colon)
      pending = end
      return end + 1
    }
    guard bytes[colon + 2] != 0x20, colon + 2 < end else { return nil }
    let next = try value(colon + 2, end, parent: indent)
    if next == end + 1 { pass.endLine(start..<end, colon: colon) }
    return next
  }

  /// A value on the line of its key, or of its dash. What follows must not be deeper than `parent`: it would go on with it.
  private mutating func value(_ start: Int, _ end: Int, parent: Int) throws(RedactionError) -> Int? {
    var stop = end
    switch bytes[start] {
    case 0x7C: return try literal(start, end, parent: parent)
    case 0x7B, 0x5B:
      guard end == start + 2, bytes[start + 1] == bytes[start] + 2 else { return nil }
      try pass.begin(isMap: bytes[start] == 0x7B, isFlow: true)
      try pass.end()
    case 0x22, 0x27:
      guard let leaf = Self.quoted(bytes, start, end) else { return nil }
      try pass.value(leaf)
    default:
      guard Self.isPlain(bytes, start, end) else { return nil }
      while bytes[stop - 1] == 0x20 { stop -= 1 }
      let text = Bytes(rebasing: bytes[start..<stop])
      try pass.value(Leaf(range: start..<stop, kind: YAMLPass.kind(text), style: .plain))
    }
    return Self.isFollowed(bytes, end, deeperThan: parent) ? nil : end + 1
  }

  /// True if the next line that is not blank stands in a column beyond `parent`.
  private static func isFollowed(_ bytes: Bytes, _ end: Int, deeperThan parent: Int) -> Bool {
    var line = end + 1
    while line < bytes.count, bytes[line] == 0x0A { line += 1 }
    var text = line
    while text < bytes.count, bytes[text] == 0x20 { text += 1 }
    return text < bytes.count && text - line > parent
  }

  /// True if a plain scalar of one line reaches from `start` to the line's end.
  private static func isPlain(_ bytes: Bytes, _ start: Int, _ end: Int) -> Bool {
    switch bytes[start] {
    case 0x2D, 0x2E:
      // `-1`, `.5`; `---` and `...` have meanings of their own.
      guard bytes[start + 1].isAlphanumeric else { return false }
    case 0x2F, 0x2B, 0x24, 0x3C, 0x28, 0x7E, 0x3B, 0x5F: break
    default: guard bytes[start].isAlphanumeric else { return false }
    }
    // The byte at the start is none of the two, and the line's end may be looked at.
    var index = start
    while index < end {
      if index + 8 <= end, !EightBytes(bytes, index).holdColonOrHash {
        index += 8
        continue
      }
      for place in index..<min(index + 8, end) {
        if bytes[place] == 0x3A, place + 1 == end || bytes[place + 1] == 0x20 { return false }
        if bytes[place] == 0x23, bytes[place - 1] == 0x20 { return false }
      }
      index += 8
    }
    return true
  }

  /// A scalar in quotes that is written as it is, but for doubled single quotes, and fills the rest of its line.
  private static func quoted(_ bytes: Bytes, _ start: Int, _ end: Int) -> Leaf? {
    let quote = bytes[start]
    guard end > start + 1, bytes[end - 1] == quote else { return nil }
    let inside = start + 1..<end - 1
    if quote == 0x22 {
      guard bytes.firstByte(0x22, from: inside.lowerBound, to: inside.upperBound) == nil,
        bytes.firstByte(0x5C, from: inside.lowerBound, to: inside.upperBound) == nil
      else { return nil }
      return Leaf(range: start..<end, kind: .text, style: .doubleQuoted)
    }
    var leaf = Leaf(range: start..<end, kind: .text, style: .singleQuoted)
    guard var mark = bytes.firstByte(0x27, from: inside.lowerBound, to: inside.upperBound) else { return leaf }
    var text: [UInt8] = []
    var place = inside.lowerBound
    while true {
      guard mark + 1 < inside.upperBound, bytes[mark + 1] == 0x27 else { return nil }
      text += bytes[place...mark]
      place = mark + 2
      guard let next = bytes.firstByte(0x27, from: place, to: inside.upperBound) else { break }
      mark = next
    }
    leaf.text = text + bytes[place..<inside.upperBound]
    return leaf
  }

  /// `|`, `|-` or `|+` and the lines below it.
  private mutating func literal(_ start: Int, _ end: Int, parent: Int) throws(RedactionError) -> Int? {
    let chomp = end == start + 2 ? bytes[start + 1] : 0x20
    guard end == start + 1 || end == start + 2 && (chomp == 0x2D || chomp == 0x2B) else { return nil }
    var line = end + 1
    var indent = 0
    while line + indent < bytes.count, bytes[line + indent] == 0x20 { indent += 1 }
    guard line + indent < bytes.count, indent > parent, bytes[line + indent] != 0x0A else { return nil }
    var text: [UInt8] = []
    /// Ends of lines that are not written yet: they belong to the text if more of it follows, or as `chomp` says.
    var breaks = 0
    while line < bytes.count {
      if bytes[line] == 0x0A {
        breaks += 1
        line += 1
        continue
      }
      var column = 0
      while column < indent, bytes[line + column] == 0x20 { column += 1 }
      if bytes[line + column] == 0x0A { return nil }
      if column < indent {
        // A line between the block's column and its parent's belongs to neither.
        guard column <= parent else { return nil }
        break
      }
      let lineEnd = bytes.firstByte(0x0A, from: line) ?? bytes.count
      // A line of blanks alone is not read here.
      guard bytes[line + indent..<lineEnd].contains(where: { $0 != 0x20 }) else { return nil }
      text.append(contentsOf: repeatElement(0x0A, count: breaks))
      text.append(contentsOf: Bytes(rebasing: bytes[line + indent..<lineEnd]))
      breaks = 1
      line = lineEnd + 1
    }
    if chomp != 0x2D { text.append(contentsOf: repeatElement(0x0A, count: chomp == 0x2B ? breaks : 1)) }
    try pass.value(Leaf(range: start..<line, kind: .text, style: .literal, text: text))
    return line
  }
}
