/// A template as `kubectl -o jsonpath` takes it: text, and in braces paths, quoted text, and `range` … `end`.
///
/// The part of it that is used: `.name`, `['name']`, `[n]` (negative: from the end), `[a:b]`, `[*]`, `.*`, filters
/// `[?(@.name=="text")]` with `==` and `!=`, `$` and `@`, `{range PATH}` … `{end}`, `{"text"}`. No `..` and no scripts.
/// Source: https://kubernetes.io/docs/reference/kubectl/jsonpath/
package struct JSONPath: Sendable, Equatable {
  /// Why a template cannot be read. One line.
  package struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
  }

  private enum Step: Sendable, Equatable {
    case member(String)
    case element(Int)
    case slice(Int?, Int?)
    case all
    case filter(path: [Step], equals: Bool, value: String)
  }

  private indirect enum Part: Sendable, Equatable {
    case text(String)
    case path([Step])
    case range([Step], [Part])
  }

  /// Ranges within ranges. More is a mistake.
  private static let depthLimit = 8

  private let parts: [Part]

  /// Reads a template. Without braces it is taken for one path, as kubectl takes it.
  package init(_ template: String) throws(Problem) {
    var text = template
    if !text.utf8.contains(0x7B) {
      text = "{\(text.hasPrefix(".") || text.hasPrefix("[") || text.hasPrefix("$") ? "" : ".")\(text)}"
    }
    var parser = Parser(rest: text[...])
    parts = try parser.parts(depth: 0)
    guard parser.rest.isEmpty else { throw Problem(description: "{end} without {range}") }
  }

  /// The template filled in from a document. Strings as they are, anything else as JSON; several values of one path with a space
  /// between; nothing where a path leads nowhere.
  package func evaluate(_ document: JSONDocument) -> String {
    Self.write(parts, document)
  }

  private static func write(_ parts: [Part], _ document: JSONDocument) -> String {
    parts.map { part in
      switch part {
      case .text(let text): text
      case .path(let steps): follow(steps, [document]).map(text).joined(separator: " ")
      case .range(let steps, let body): follow(steps, [document]).map { write(body, $0) }.joined()
      }
    }.joined()
  }

  private static func text(_ value: JSONDocument) -> String {
    value.string() ?? String(decoding: value.bytes, as: UTF8.self)
  }

  private static func follow(_ steps: [Step], _ start: [JSONDocument]) -> [JSONDocument] {
    steps.reduce(start) { values, step in values.flatMap { Self.step(step, $0) } }
  }

  private static func step(_ step: Step, _ value: JSONDocument) -> [JSONDocument] {
    switch step {
    case .member(let name): return value.value(name).map { [$0] } ?? []
    case .element(let index):
      let elements = value.elements()
      let position = index < 0 ? elements.count + index : index
      return elements.indices.contains(position) ? [elements[position]] : []
    case .slice(let from, let to):
      let elements = value.elements()
      func position(_ index: Int) -> Int { min(max(index < 0 ? elements.count + index : index, 0), elements.count) }
      let start = position(from ?? 0)
      return Array(elements[start..<max(start, position(to ?? elements.count))])
    case .all: return value.elements() + value.members().map(\.value)
    case .filter(let path, let equals, let wanted):
      return value.elements().filter { element in
        follow(path, [element]).contains { text($0) == wanted } == equals
      }
    }
  }
}

extension JSONPath {
  private struct Parser {
    var rest: Substring

    /// Parts up to `{end}` or the end of the template.
    mutating func parts(depth: Int) throws(Problem) -> [Part] {
      guard depth <= JSONPath.depthLimit else { throw Problem(description: "too many {range} in one another") }
      var parts: [Part] = []
      while let open = rest.firstIndex(of: "{") {
        if open > rest.startIndex { parts.append(.text(String(rest[..<open]))) }
        rest = rest[rest.index(after: open)...]
        skipSpace()
        if take("end") {
          try close()
          guard depth > 0 else { throw Problem(description: "{end} without {range}") }
          return parts
        }
        if take("range ") {
          let steps = try path()
          try close()
          parts.append(.range(steps, try self.parts(depth: depth + 1)))
        } else if rest.first == "\"" || rest.first == "'" {
          parts.append(.text(try quoted(unescaping: true)))
          try close()
        } else {
          parts.append(.path(try path()))
          try close()
        }
      }
      guard depth == 0 else { throw Problem(description: "{range} without {end}") }
      if !rest.isEmpty { parts.append(.text(String(rest))) }
      rest = rest[rest.endIndex...]
      return parts
    }

    private mutating func path() throws(Problem) -> [Step] {
      skipSpace()
      var steps: [Step] = []
      if rest.first == "$" || rest.first == "@" { rest.removeFirst() }
      while let next = rest.first {
        switch next {
        case ".":
          rest.removeFirst()
          if rest.first == "." { throw Problem(description: "'..' is not supported") }
          if take("*") {
            steps.append(.all)
          } else if let name = name() {
            steps.append(.member(name))
          } else if rest.first != "[", rest.first != "}" {
            throw unexpected()
          }
        case "[":
          rest.removeFirst()
          steps.append(try bracket())
        default: return steps
        }
      }
      return steps
    }

    private mutating func bracket() throws(Problem) -> Step {
      defer { skipSpace() }
      if take("*]") { return .all }
      if take("?(") {
        guard take("@") else { throw Problem(description: "a filter begins with @") }
        let path = try path()
        skipSpace()
        let equals = take("==")
        guard equals || take("!=") else { throw Problem(description: "a filter compares with == or !=") }
        skipSpace()
        let value: String
        if rest.first == "\"" || rest.first == "'" {
          value = try quoted(unescaping: false)
        } else {
          value = String(rest.prefix { $0 != ")" && $0 != " " })
          rest = rest.dropFirst(value.count)
        }
        skipSpace()
        guard take(")]") else { throw Problem(description: "a filter ends with )]") }
        return .filter(path: path, equals: equals, value: value)
      }
      if rest.first == "'" || rest.first == "\"" {
        let name = try quoted(unescaping: false)
        guard take("]") else { throw unexpected() }
        return .member(name)
      }
      let from = try integer()
      if take("]") {
        guard let from else { throw Problem(description: "[] needs a number, a name or *") }
        return .element(from)
      }
      guard take(":") else { throw unexpected() }
      let to = try integer()
      guard take("]") else { throw unexpected() }
      return .slice(from, to)
    }

    private mutating func integer() throws(Problem) -> Int? {
      let digits = rest.prefix { $0 == "-" || $0.isASCII && $0.isNumber }
      guard !digits.isEmpty else { return nil }
      guard let value = Int(digits) else { throw unexpected() }
      rest = rest.dropFirst(digits.count)
      return value
    }

    /// A name; a dot in it is written `\.`.
    private mutating func name() -> String? {
      var name = ""
      while let next = rest.first {
        if next == "\\", let escaped = rest.dropFirst().first {
          name.append(escaped)
          rest = rest.dropFirst(2)
        } else if ".[]{}()=! ".contains(next) {
          break
        } else {
          name.append(next)
          rest.removeFirst()
        }
      }
      return name.isEmpty ? nil : name
    }

    private mutating func quoted(unescaping: Bool) throws(Problem) -> String {
      let quote = rest.removeFirst()
      var text = ""
      while let next = rest.popFirst() {
        if next == quote { return text }
        guard next == "\\", unescaping, let escaped = rest.popFirst() else {
          text.append(next)
          continue
        }
        switch escaped {
        case "n": text.append("\n")
        case "t": text.append("\t")
        case "r": text.append("\r")
        default: text.append(escaped)
        }
      }
      throw Problem(description: "a quote is not closed")
    }

    private mutating func close() throws(Problem) {
      skipSpace()
      guard take("}") else { throw unexpected() }
    }

    private mutating func take(_ text: String) -> Bool {
      guard rest.hasPrefix(text) else { return false }
      rest = rest.dropFirst(text.count)
      return true
    }

    private mutating func skipSpace() {
      rest = rest.drop { $0 == " " }
    }

    private func unexpected() -> Problem {
      Problem(description: rest.first.map { "unexpected '\($0)'" } ?? "it ends too early")
    }
  }
}
