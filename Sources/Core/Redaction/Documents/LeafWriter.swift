/// Writes masked scalars back into JSON and YAML so that the rest of the document stays byte for byte.
enum LeafWriter {
  /// A leaf that is masked whole.
  static func whole(_ leaf: Leaf, mask: [UInt8], in bytes: Bytes, rule: Int) -> Edit {
    var leaf = leaf
    let anchor = anchor(behindTagOf: leaf, in: bytes)
    let isBlock = leaf.style == .literal || leaf.style == .folded
    // The range of a block reaches to the next token: the line ends after it stay.
    while isBlock, let last = leaf.range.last, bytes[last].isSpace { leaf.range = leaf.range.dropLast() }
    if isBlock, bytes.at(leaf.range.lowerBound) != 0x21 {
      let range = leaf.range
      // The header stays, and the block's text becomes the mask.
      var text = bytes.lineEnd(from: range.lowerBound, limit: range.upperBound)
      while text < range.upperBound, bytes[text].isSpace { text += 1 }
      if text < range.upperBound {
        return Edit(range: text..<range.upperBound, replacement: mask, rule: rule)
      }
    }
    let quote: UInt8 = leaf.style == .singleQuoted ? 0x27 : 0x22
    var quoted: [UInt8] = []
    quoted.reserveCapacity(mask.count + 2)
    quoted.append(contentsOf: anchor)
    quoted.append(quote)
    quoted.append(contentsOf: mask)
    quoted.append(quote)
    return Edit(range: withTabs(leaf, in: bytes), replacement: quoted, rule: rule)
  }

  /// The anchor between the tag that a leaf begins with and its text, with the blank behind it: a tag goes with the text, the anchor
  /// stays, for aliases may name it.
  private static func anchor(behindTagOf leaf: Leaf, in bytes: Bytes) -> [UInt8] {
    guard leaf.style != .json, bytes.at(leaf.range.lowerBound) == 0x21 else { return [] }
    var index = leaf.range.lowerBound
    while index < leaf.range.upperBound, !bytes[index].isSpace { index += 1 }
    while index < leaf.range.upperBound, bytes[index].isSpace { index += 1 }
    guard bytes.at(index) == 0x26 else { return [] }
    let start = index
    index += 1
    while index < leaf.range.upperBound, bytes[index].isWord || bytes[index] == 0x2D { index += 1 }
    return bytes[start..<index] + [0x20]
  }

  /// The place of a leaf that is put in quotes, with the lines of blanks and tabs behind it: they belong to a plain scalar, and
  /// behind a quoted one YAML forbids the tabs.
  private static func withTabs(_ leaf: Leaf, in bytes: Bytes) -> Range<Int> {
    guard leaf.style == .plain, bytes.at(leaf.range.upperBound).isSpace else { return leaf.range }
    var end = leaf.range.upperBound
    var index = end
    var hasLine = false
    while bytes.at(index).isSpace {
      if bytes[index] == 0x0A { hasLine = true }
      if bytes[index] == 0x09, hasLine { end = index + 1 }
      index += 1
    }
    return leaf.range.lowerBound..<end
  }

  /// The edits of a leaf's decoded text as edits of the document.
  static func parts(_ leaf: Leaf, _ inner: [Edit], in bytes: Bytes) -> [Edit] {
    var inner = inner
    inner.normalize()
    if let edits = inPlace(leaf, inner, in: bytes) { return edits }
    // The layout of this scalar cannot be kept: written anew, in double quotes.
    let text = leaf.withText(bytes) { inner.applied(to: $0) }
    var range = leaf.range
    while range.upperBound > range.lowerBound, bytes[range.upperBound - 1].isSpace {
      range = range.lowerBound..<range.upperBound - 1
    }
    let anchor = anchor(behindTagOf: leaf, in: bytes)
    return [
      Edit(range: range, replacement: anchor + [0x22] + Rendering.jsonEscaped(text) + [0x22], rule: inner[0].rule)
    ]
  }

  private static func inPlace(_ leaf: Leaf, _ inner: [Edit], in bytes: Bytes) -> [Edit]? {
    guard let origins = origins(leaf, in: bytes) else { return nil }
    var edits: [Edit] = []
    for edit in inner {
      let lower = origins[edit.range.lowerBound]
      let upper = edit.range.isEmpty ? lower : origins[edit.range.upperBound]
      let replacement: [UInt8]
      switch leaf.style {
      case .json, .doubleQuoted: replacement = Rendering.jsonEscaped(edit.replacement)
      case .singleQuoted: replacement = Rendering.singleQuoteEscaped(edit.replacement)
      case .plain, .literal, .folded: replacement = edit.replacement
      }
      if leaf.style == .literal, replacement.contains(0x0A) { return nil }
      edits.append(Edit(range: lower..<upper, replacement: replacement, rule: edit.rule))
    }
    guard leaf.style == .plain else { return edits }
    // Quoted where the plain text would mean something else: at its start, in flow collections, with `: ` or ` #`.
    let text = leaf.withText(bytes) { inner.applied(to: $0) }
    let first = text.first ?? 0x5B
    let needsQuotes =
      leaf.isFlow || first == 0x5B || first.isQuote || first == 0x7B
      || text.withUnsafeBufferPointer {
        $0.first(": ", in: 0..<$0.count) != nil || $0.first(" #", in: 0..<$0.count) != nil
      }
    guard needsQuotes else { return edits }
    let quoted = [0x27] + Rendering.singleQuoteEscaped(text) + [0x27]
    return [Edit(range: withTabs(leaf, in: bytes), replacement: quoted, rule: inner[0].rule)]
  }

  /// The place in the document of each byte of the decoded text, and of its end; nil where they do not correspond.
  private static func origins(_ leaf: Leaf, in bytes: Bytes) -> [Int]? {
    guard let text = leaf.text else { return Array(leaf.inside.lowerBound...leaf.inside.upperBound) }
    switch leaf.style {
    case .json, .doubleQuoted: return escaped(leaf.range, text, in: bytes)
    case .plain:
      guard leaf.range.count == text.count, Bytes(rebasing: bytes[leaf.range]).elementsEqual(text) else { return nil }
      return Array(leaf.range.lowerBound...leaf.range.upperBound)
    case .singleQuoted: return singleQuoted(leaf.range, text, in: bytes)
    case .literal: return literal(leaf.range, text, in: bytes)
    case .folded: return nil
    }
  }

  private static func escaped(_ range: Range<Int>, _ text: [UInt8], in bytes: Bytes) -> [Int]? {
    var out: [Int] = []
    out.reserveCapacity(text.count + 1)
    var index = range.lowerBound + 1
    let end = range.upperBound - 1
    while index < end {
      let byte = bytes[index]
      if byte.isLineEnd { return nil }
      guard byte == 0x5C else {
        guard out.count < text.count, text[out.count] == byte else { return nil }
        out.append(index)
        index += 1
        continue
      }
      guard let (units, length) = JSONReader.escape(bytes, index, end) else { return nil }
      for unit in units {
        guard out.count < text.count, text[out.count] == unit else { return nil }
        out.append(index)
      }
      index += length
    }
    guard out.count == text.count else { return nil }
    out.append(end)
    return out
  }

  private static func singleQuoted(_ range: Range<Int>, _ text: [UInt8], in bytes: Bytes) -> [Int]? {
    var out: [Int] = []
    out.reserveCapacity(text.count + 1)
    var index = range.lowerBound + 1
    let end = range.upperBound - 1
    while index < end {
      guard out.count < text.count, text[out.count] == bytes[index], !bytes[index].isLineEnd else { return nil }
      out.append(index)
      index += bytes[index] == 0x27 ? 2 : 1
    }
    guard out.count == text.count else { return nil }
    out.append(end)
    return out
  }

  /// A literal block: each line of the text is a line of the document without its indentation.
  private static func literal(_ range: Range<Int>, _ text: [UInt8], in bytes: Bytes) -> [Int]? {
    var out: [Int] = []
    out.reserveCapacity(text.count + 1)
    var index = bytes.lineEnd(from: range.lowerBound, limit: range.upperBound)
    func skipLineEnd() {
      if bytes.at(index) == 0x0D { index += 1 }
      if bytes.at(index) == 0x0A { index += 1 }
    }
    skipLineEnd()
    // The indentation is that of the first line that is not empty, less what the text itself begins with.
    var probe = index
    var indent = 0
    while probe < range.upperBound {
      var column = 0
      while bytes.at(probe + column) == 0x20 { column += 1 }
      if probe + column < range.upperBound, !bytes[probe + column].isLineEnd {
        let leading = text.drop { $0 == 0x0A }.prefix { $0 == 0x20 }.count
        indent = column - leading
        break
      }
      probe = bytes.lineEnd(from: probe, limit: range.upperBound)
      if bytes.at(probe) == 0x0D { probe += 1 }
      probe += 1
    }
    guard indent >= 0 else { return nil }
    while out.count < text.count, index < bytes.count {
      var column = 0
      while column < indent, bytes.at(index) == 0x20 {
        index += 1
        column += 1
      }
      while out.count < text.count, text[out.count] != 0x0A {
        guard index < bytes.count, bytes[index] == text[out.count] else { return nil }
        out.append(index)
        index += 1
      }
      if out.count < text.count {
        out.append(index)
        skipLineEnd()
      }
    }
    guard out.count == text.count else { return nil }
    out.append(min(index, bytes.count))
    return out
  }
}
