internal import Documents

/// Names places of a JSON or YAML document as a person would: `.spec.containers[0].env[2].value`.
///
/// Keys are shown as they are, for they stay in the masked document, too; control characters in them are not.
package enum DocumentPaths {
  /// Longest path, in characters; a longer one is cut.
  private static let longest = 512

  /// The paths of the values at these offsets, which have to be sorted: of each the innermost value that holds it. Nil for an
  /// offset outside of values, such as in a comment. Nil as a whole where the text is no document of this form.
  package static func paths(of offsets: [Int], in bytes: [UInt8], form: TextSource.Form) -> [String?]? {
    bytes.withUnsafeBufferPointer { bytes in
      switch form {
      case .json: json(offsets, bytes)
      case .yaml: yaml(offsets, bytes)
      default: nil
      }
    }
  }

  /// Follows a document's events and writes down the path wherever an offset falls into a scalar.
  private struct Walk {
    let offsets: [Int]
    var found: [String?]
    private var next = 0
    /// Each open collection: the key that the next value belongs to, or the index in a list.
    private var stack: [(isMap: Bool, key: String, index: Int, isKeyNext: Bool)] = []
    private var documents = 0

    init(_ offsets: [Int]) {
      self.offsets = offsets
      found = Array(repeating: nil, count: offsets.count)
    }

    /// True once no offset is left: then the rest of the document need not be read.
    var isDone: Bool { next == offsets.count }
    var isKeyNext: Bool { stack.last.map { $0.isMap && $0.isKeyNext } ?? false }

    mutating func begin(isMap: Bool) { stack.append((isMap, "", 0, true)) }

    mutating func end() {
      _ = stack.popLast()
      advance()
    }

    mutating func key(_ text: some Sequence<UInt8>) {
      guard let top = stack.indices.last else { return }
      stack[top].key = Self.written(String(decoding: Array(text), as: UTF8.self))
      stack[top].isKeyNext = false
    }

    mutating func scalar(_ range: Range<Int>) {
      while next < offsets.count, offsets[next] < range.lowerBound { next += 1 }
      while next < offsets.count, offsets[next] < range.upperBound {
        found[next] = path
        next += 1
      }
      advance()
    }

    private mutating func advance() {
      guard let top = stack.indices.last else {
        documents += 1
        return
      }
      stack[top].index += 1
      stack[top].isKeyNext = true
    }

    private var path: String {
      var out = documents > 0 ? "document \(documents + 1) " : ""
      for frame in stack { out += frame.isMap ? frame.key : "[\(frame.index)]" }
      if stack.isEmpty { out += "." }
      return String(out.prefix(DocumentPaths.longest))
    }

    private static func written(_ key: String) -> String {
      if !key.isEmpty, key.utf8.allSatisfy({ $0.isWord || $0 == 0x2D }) { return ".\(key)" }
      let safe = key.unicodeScalars.map {
        $0.value < 0x20 || $0.value == 0x7F || $0 == "\"" || $0 == "\\" ? "?" : String($0)
      }
      return "[\"\(safe.joined())\"]"
    }
  }

  private static func json(_ offsets: [Int], _ bytes: Bytes) -> [String?]? {
    var reader = JSONReader(bytes)
    var walk = Walk(offsets)
    while !walk.isDone {
      switch reader.next() {
      case .beginMap: walk.begin(isMap: true)
      case .beginList: walk.begin(isMap: false)
      case .endMap, .endList: walk.end()
      case .string(let range, let isPlain):
        if walk.isKeyNext {
          let inner = range.lowerBound + 1..<range.upperBound - 1
          walk.key(isPlain ? bytes.copy(inner) : JSONReader.decoded(bytes, range) ?? bytes.copy(inner))
        } else {
          walk.scalar(range)
        }
      case .number(let range), .boolean(let range), .null(let range): walk.scalar(range)
      case .comma, .colon: break
      case .end: return walk.found
      case .bad: return nil
      }
    }
    return walk.found
  }

  /// Ends the parse once everything is found.
  private struct Done: Error {}

  private static func yaml(_ offsets: [Int], _ bytes: Bytes) -> [String?]? {
    var walk = Walk(offsets)
    do throws(YAMLStop<Done>) {
      try YAMLEvents.parse(bytes) { event throws(Done) in
        if walk.isDone { throw Done() }
        switch event.kind {
        case .documentStart, .documentEnd: break
        case .mappingStart, .sequenceStart: walk.begin(isMap: event.kind == .mappingStart)
        case .mappingEnd, .sequenceEnd: walk.end()
        case .alias(let name): walk.isKeyNext ? walk.key(name.utf8) : walk.scalar(event.range)
        case .scalar(let value, _): walk.isKeyNext ? walk.key(value) : walk.scalar(event.range)
        }
      }
    } catch {
      if case .syntax = error { return nil }
    }
    return walk.found
  }
}
