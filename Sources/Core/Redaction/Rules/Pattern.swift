/// A token format: literal characters and classes with counts, as the `formats` of the rule file write them. It matches
/// greedily and without going back, so that a match costs no more than its length.
struct Pattern: Sendable {
  /// A literal byte or a class, with how often it stands.
  struct Element: Sendable {
    var set: ByteSet
    var least: Int
    var most: Int
    /// The byte, where the element is one literal byte.
    var literal: UInt8?
  }

  /// Longest token, in bytes, where a count has no upper end.
  static let longest = 4_096

  private(set) var elements: [Element] = []
  /// The longest run of literal bytes: what the prefilter looks for. Empty if there is none of 3 bytes.
  private(set) var anchor: [UInt8] = []
  /// Index of the anchor's first element.
  private(set) var anchorIndex = 0

  /// True for tokens that carry their checksum: see `TokenChecksum`.
  var hasChecksum = false

  /// The bytes that a match may begin with.
  var front: ByteSet {
    var front = ByteSet([])
    for element in elements {
      front.formUnion(element.set)
      if element.least > 0 { break }
    }
    return front
  }

  /// Fewest bytes of a match, and the bytes that it may be made of.
  var least: Int { elements.reduce(0) { $0 + $1.least } }
  var members: ByteSet { elements.reduce(into: ByteSet([])) { $0.formUnion($1.set) } }

  /// True if the anchor is the front and begins with a letter or digit: then none may stand before it.
  var startsWord: Bool { !hasChecksum && anchorIndex == 0 && anchor.first?.isAlphanumeric ?? false }

  /// Reads a pattern. Throws a sentence that says what is wrong with it.
  init(_ text: String) throws(PatternError) {
    var bytes = Array(text.utf8)[...]
    while let byte = bytes.popFirst() {
      var element: Element
      switch byte {
      case 0x5B:  // [
        element = try Self.characterClass(&bytes)
      case 0x5C:  // \
        guard let escaped = bytes.popFirst() else { throw PatternError("a \\ at the end") }
        switch escaped {
        case 0x64: element = Element(set: ByteSet("0123456789"), least: 1, most: 1)
        case 0x77:
          element = Element(
            set: ByteSet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"), least: 1, most: 1)
        default: element = Element(set: ByteSet([escaped]), least: 1, most: 1, literal: escaped)
        }
      case 0x28, 0x29, 0x7C, 0x2A, 0x5E, 0x2E:
        throw PatternError("\(Character(Unicode.Scalar(byte))) is not part of a format; escape it with a \\")
      default: element = Element(set: ByteSet([byte]), least: 1, most: 1, literal: byte)
      }
      try Self.count(&bytes, of: &element)
      elements.append(element)
    }
    guard !elements.isEmpty else { throw PatternError("it is empty") }
    findAnchor()
  }

  private static func characterClass(_ bytes: inout ArraySlice<UInt8>) throws(PatternError) -> Element {
    var members: [UInt8] = []
    while let byte = bytes.popFirst(), byte != 0x5D {
      if bytes.first == 0x2D, let last = bytes.dropFirst().first, last != 0x5D {
        guard byte <= last else { throw PatternError("a range that runs backwards") }
        members.append(contentsOf: byte...last)
        bytes = bytes.dropFirst(2)
      } else {
        members.append(byte)
      }
      if bytes.isEmpty { throw PatternError("a [ without its ]") }
    }
    guard !members.isEmpty else { throw PatternError("an empty class") }
    return Element(set: ByteSet(members), least: 1, most: 1)
  }

  private static func count(_ bytes: inout ArraySlice<UInt8>, of element: inout Element) throws(PatternError) {
    switch bytes.first {
    case 0x2B:
      bytes.removeFirst()
      element.most = longest
      element.literal = nil
    case 0x3F:
      bytes.removeFirst()
      element.least = 0
      element.literal = nil
    case 0x7B:
      guard let close = bytes.firstIndex(of: 0x7D) else { throw PatternError("a { without its }") }
      let parts = String(decoding: bytes[bytes.startIndex + 1..<close], as: UTF8.self)
        .split(separator: ",", omittingEmptySubsequences: false)
      guard let least = parts.first.flatMap({ Int($0) }), parts.count <= 2 else { throw PatternError("a bad count") }
      let most = parts.count == 1 ? least : parts[1].isEmpty ? longest : Int(parts[1]) ?? -1
      guard least <= most, most <= longest else { throw PatternError("a bad count") }
      element.least = least
      element.most = most
      element.literal = nil
      bytes = bytes[(close + 1)...]
    default: break
    }
  }

  private mutating func findAnchor() {
    var run: [UInt8] = []
    for index in 0...elements.count {
      if index < elements.count, let literal = elements[index].literal {
        run.append(literal)
      } else {
        if run.count >= 3, run.count > anchor.count {
          anchor = run
          anchorIndex = index - run.count
        }
        run = []
      }
    }
  }

  /// The place that matches, given that the anchor stands at `index`; nil where the rest does not match, or where a letter
  /// or digit stands on either side, which would make it a part of something else, unless a checksum proves it.
  func match(_ bytes: Bytes, anchorAt index: Int) -> Range<Int>? {
    if let whole = wholeMatch(bytes, anchorAt: index) { return whole }
    return hasChecksum && anchorIndex == 0 ? TokenChecksum.token(bytes, at: index, front: anchor.count) : nil
  }

  private func wholeMatch(_ bytes: Bytes, anchorAt index: Int) -> Range<Int>? {
    elements.withUnsafeBufferPointer { elements in
      var start = index
      var element = anchorIndex - 1
      while element >= 0 {
        var count = 0
        while count < elements[element].most, start > 0, elements[element].set.contains(bytes[start - 1]) {
          start -= 1
          count += 1
        }
        guard count >= elements[element].least else { return nil }
        element -= 1
      }
      return Self.match(bytes, from: start, elements, first: anchorIndex, at: index)
    }
  }

  /// The place that matches from `index` on.
  func match(_ bytes: Bytes, at index: Int) -> Range<Int>? {
    elements.withUnsafeBufferPointer { Self.match(bytes, from: index, $0, first: 0, at: index) }
  }

  private static func match(
    _ bytes: Bytes, from start: Int, _ elements: UnsafeBufferPointer<Element>, first: Int, at index: Int
  ) -> Range<Int>? {
    var end = index
    var element = first
    while element < elements.count {
      var count = 0
      while count < elements[element].most, end < bytes.count, elements[element].set.contains(bytes[end]) {
        end += 1
        count += 1
      }
      guard count >= elements[element].least else { return nil }
      element += 1
    }
    let front = bytes[start]
    if front.isAlphanumeric, start > 0, bytes[start - 1].isAlphanumeric { return nil }
    if end < bytes.count, bytes[end].isAlphanumeric { return nil }
    // A dot or dash that ends a sentence is not the token's.
    while end > start, bytes[end - 1] == 0x2E, end == bytes.count || bytes[end].isSpace { end -= 1 }
    return start..<end
  }
}

/// What is wrong with a pattern.
struct PatternError: Error, Equatable {
  var message: String

  init(_ message: String) { self.message = message }
}
