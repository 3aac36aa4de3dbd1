/// A YAML document as a tree, each node with its line: for configuration and kubeconfig files, where an error has to name
/// the place. Anchors, aliases and several documents are refused: such files do not need them.
package struct YAMLNode: Sendable, Equatable {
  /// What a node holds.
  package indirect enum Content: Sendable, Equatable {
    /// A scalar's text; `isPlain` is false if it was quoted or a block, so that `"true"` stays a string.
    case scalar(String, isPlain: Bool)
    case sequence([YAMLNode])
    /// In the order of the file, keys unique.
    case mapping([Entry])
  }

  /// A key and its value.
  package struct Entry: Sendable, Equatable {
    /// The key's text.
    package var key: String
    /// Line of the key, from 1.
    package var line: Int
    /// Its value.
    package var value: YAMLNode
  }

  /// What it holds.
  package var content: Content
  /// Line of its first byte, from 1.
  package var line: Int

  /// The value of a key; nil where this is no mapping or has no such key.
  package subscript(key: String) -> YAMLNode? {
    guard case .mapping(let entries) = content else { return nil }
    return entries.first { $0.key == key }?.value
  }

  /// The entries of a mapping; nil for another node.
  package var entries: [Entry]? {
    if case .mapping(let entries) = content { entries } else { nil }
  }

  /// The elements of a sequence; nil for another node.
  package var elements: [YAMLNode]? {
    if case .sequence(let elements) = content { elements } else { nil }
  }

  /// True for a plain scalar that YAML reads as null.
  package var isNull: Bool {
    if case .scalar(let text, isPlain: true) = content {
      ["", "~", "null", "Null", "NULL"].contains(text)
    } else {
      false
    }
  }

  /// The text of a scalar that is not null; nil for another node.
  package var text: String? {
    if case .scalar(let text, _) = content, !isNull { text } else { nil }
  }

  /// The value of a plain boolean as YAML 1.2 writes it; nil for another node.
  package var bool: Bool? {
    guard case .scalar(let text, isPlain: true) = content else { return nil }
    switch text {
    case "true", "True", "TRUE": return true
    case "false", "False", "FALSE": return false
    default: return nil
    }
  }

  /// The value of a plain decimal integer; nil for another node.
  package var int: Int? {
    if case .scalar(let text, isPlain: true) = content { Int(text) } else { nil }
  }

  /// Parses one document. An empty text is an empty mapping. Throws where the text is not YAML, holds more than one
  /// document, repeats a key, or uses anchors and aliases.
  package static func parse(_ bytes: [UInt8]) throws(YAMLError) -> YAMLNode {
    var builder = Builder()
    let result: Result<Void, YAMLError> = bytes.withUnsafeBufferPointer { buffer in
      do throws(YAMLStop<YAMLError>) {
        try YAMLEvents.parse(buffer) { event throws(YAMLError) in try builder.take(event) }
        return .success(())
      } catch {
        switch error {
        case .syntax(let problem), .stopped(let problem): return .failure(problem)
        }
      }
    }
    try result.get()
    return builder.root ?? YAMLNode(content: .mapping([]), line: 1)
  }
}

/// Builds the tree from the events, without recursion.
private struct Builder {
  private enum Open {
    case sequence([YAMLNode], line: Int)
    case mapping([YAMLNode.Entry], pending: (key: String, line: Int)?, line: Int)
  }

  var root: YAMLNode?
  private var open: [Open] = []
  private var documents = 0

  mutating func take(_ event: YAMLEvent) throws(YAMLError) {
    guard event.anchor.isEmpty else {
      throw YAMLError(line: event.line, problem: "anchors (&\(event.anchor)) are not supported here")
    }
    switch event.kind {
    case .documentStart:
      documents += 1
      if documents > 1 { throw YAMLError(line: event.line, problem: "more than one document") }
    case .documentEnd: break
    case .alias(let name):
      throw YAMLError(line: event.line, problem: "aliases (*\(name)) are not supported here")
    case .scalar(let value, let style):
      let text = String(decoding: value, as: UTF8.self)
      try put(YAMLNode(content: .scalar(text, isPlain: style == .plain), line: event.line))
    case .sequenceStart: open.append(.sequence([], line: event.line))
    case .mappingStart: open.append(.mapping([], pending: nil, line: event.line))
    case .sequenceEnd, .mappingEnd:
      switch open.removeLast() {
      case .sequence(let elements, let line): try put(YAMLNode(content: .sequence(elements), line: line))
      case .mapping(let entries, _, let line): try put(YAMLNode(content: .mapping(entries), line: line))
      }
    }
  }

  private mutating func put(_ node: YAMLNode) throws(YAMLError) {
    guard let last = open.popLast() else {
      root = node
      return
    }
    switch last {
    case .sequence(var elements, let line):
      elements.append(node)
      open.append(.sequence(elements, line: line))
    case .mapping(var entries, let pending?, let line):
      entries.append(YAMLNode.Entry(key: pending.key, line: pending.line, value: node))
      open.append(.mapping(entries, pending: nil, line: line))
    case .mapping(let entries, nil, let line):
      guard case .scalar(let key, _) = node.content else {
        throw YAMLError(line: node.line, problem: "a key must be a scalar")
      }
      if entries.contains(where: { $0.key == key }) {
        throw YAMLError(line: node.line, problem: "the key \(key) stands twice")
      }
      open.append(.mapping(entries, pending: (key, node.line), line: line))
    }
  }
}
