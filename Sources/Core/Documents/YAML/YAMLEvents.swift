// The one file that touches libyaml. Ownership: `yaml_parser_t` is owned by `YAMLEvents.parse` from initialize to delete;
// each `yaml_event_t` is deleted before the next is parsed; every string is copied out of it before that; the input
// buffer is borrowed for the whole parse and never kept.

internal import CYAML

/// What a YAML text consists of, with the bytes that each part stands at.
///
/// libyaml 0.2 (YAML 1.1). Its marks count characters; they are turned into byte offsets here, so that a value can be
/// replaced in place and everything around it stays as it is.
package struct YAMLEvent: Sendable, Equatable {
  /// The kind of an event.
  package enum Kind: Sendable, Equatable {
    case documentStart
    case documentEnd
    case mappingStart
    case mappingEnd
    case sequenceStart
    case sequenceEnd
    case scalar(value: [UInt8], style: ScalarStyle)
    case alias(name: String)
  }

  /// How a scalar is written.
  package enum ScalarStyle: Sendable, Equatable {
    case plain
    case singleQuoted
    case doubleQuoted
    /// `|`
    case literal
    /// `>`
    case folded
  }

  /// The kind.
  package var kind: Kind
  /// Byte offsets in the input. Of a scalar: with its quotes or its block header.
  package var range: Range<Int>
  /// Line of its first byte, from 1.
  package var line: Int
  /// Anchor (`&name`), without the `&`; empty where there is none.
  package var anchor: String
  /// Tag, resolved, e.g. "tag:yaml.org,2002:binary"; empty where there is none.
  package var tag: String
  /// True if a collection is written in flow style (`{}`, `[]`).
  package var isFlow: Bool
}

/// Why a text is not YAML.
package struct YAMLError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Line of the problem, from 1.
  package var line: Int
  /// libyaml's words; they hold no text of the document.
  package var problem: String

  package init(line: Int, problem: String) {
    self.line = line
    self.problem = problem
  }

  package var description: String { "line \(line): \(problem)" }
}

/// The parser.
package enum YAMLEvents {
  /// Parses `bytes` (UTF-8, with or without BOM) and hands each event to `body`, which may stop the parse by throwing.
  ///
  /// Nesting beyond `limit` collections is refused: what reads the events may recurse.
  package static func parse<Failure: Error>(
    _ bytes: UnsafeBufferPointer<UInt8>, nestingLimit limit: Int = 1_000,
    _ body: (YAMLEvent) throws(Failure) -> Void
  ) throws(YAMLStop<Failure>) {
    var parser = yaml_parser_t()
    guard yaml_parser_initialize(&parser) == 1 else { throw .syntax(YAMLError(line: 1, problem: "out of memory")) }
    defer { yaml_parser_delete(&parser) }
    // The encoding is set, for a UTF-16 byte order mark would make libyaml transcode, and the offsets would be of another
    // text. With a set encoding it takes a UTF-8 mark for content, so that one is left out here.
    let mark = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(&parser, bytes.baseAddress.map { $0 + mark }, bytes.count - mark)

    var offsets = ByteOffsets(bytes, startingAt: mark)
    var depth = 0
    while true {
      var event = yaml_event_t()
      guard yaml_parser_parse(&parser, &event) == 1 else {
        let line = max(parser.problem_mark.line, parser.context_mark.line) + 1
        let problem = parser.problem.map { String(cString: $0) } ?? "not YAML"
        throw .syntax(YAMLError(line: Int(line), problem: problem))
      }
      defer { yaml_event_delete(&event) }
      if event.type == YAML_STREAM_END_EVENT { return }
      guard let kind = kind(of: event) else { continue }

      switch kind {
      case .mappingStart, .sequenceStart: depth += 1
      case .mappingEnd, .sequenceEnd: depth -= 1
      default: break
      }
      guard depth <= limit else {
        throw .syntax(YAMLError(line: Int(event.start_mark.line) + 1, problem: "nested deeper than \(limit) levels"))
      }
      let start = offsets.byte(ofCharacter: Int(event.start_mark.index))
      let end = offsets.byte(ofCharacter: Int(event.end_mark.index))
      let (anchor, tag, isFlow) = properties(of: event)
      let parsed = YAMLEvent(
        kind: kind, range: start..<max(start, end), line: Int(event.start_mark.line) + 1, anchor: anchor, tag: tag,
        isFlow: isFlow)
      do { try body(parsed) } catch { throw .stopped(error) }
    }
  }

  private static func kind(of event: yaml_event_t) -> YAMLEvent.Kind? {
    switch event.type {
    case YAML_DOCUMENT_START_EVENT: .documentStart
    case YAML_DOCUMENT_END_EVENT: .documentEnd
    case YAML_MAPPING_START_EVENT: .mappingStart
    case YAML_MAPPING_END_EVENT: .mappingEnd
    case YAML_SEQUENCE_START_EVENT: .sequenceStart
    case YAML_SEQUENCE_END_EVENT: .sequenceEnd
    case YAML_ALIAS_EVENT: .alias(name: string(event.data.alias.anchor))
    case YAML_SCALAR_EVENT:
      .scalar(
        value: Array(UnsafeBufferPointer(start: event.data.scalar.value, count: event.data.scalar.length)),
        style: style(of: event.data.scalar.style))
    default: nil
    }
  }

  private static func style(of style: yaml_scalar_style_t) -> YAMLEvent.ScalarStyle {
    switch style {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
    case YAML_LITERAL_SCALAR_STYLE: .literal
    case YAML_FOLDED_SCALAR_STYLE: .folded
    default: .plain
    }
  }

  private static func properties(of event: yaml_event_t) -> (anchor: String, tag: String, isFlow: Bool) {
    switch event.type {
    case YAML_SCALAR_EVENT: (string(event.data.scalar.anchor), string(event.data.scalar.tag), false)
    case YAML_MAPPING_START_EVENT:
      (
        string(event.data.mapping_start.anchor), string(event.data.mapping_start.tag),
        event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
      )
    case YAML_SEQUENCE_START_EVENT:
      (
        string(event.data.sequence_start.anchor), string(event.data.sequence_start.tag),
        event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
      )
    default: ("", "", false)
    }
  }

  private static func string(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String {
    pointer.map { String(cString: $0) } ?? ""
  }
}

/// Why a parse ended early.
package enum YAMLStop<Failure: Error>: Error {
  /// The text is not YAML.
  case syntax(YAMLError)
  /// The caller's closure threw.
  case stopped(Failure)
}

/// Turns libyaml's character indices into byte offsets. Indices mostly rise, so it walks on from the last answer and
/// goes back only as far as it has to: linear over a whole document.
private struct ByteOffsets {
  let bytes: UnsafeBufferPointer<UInt8>
  var character = 0
  var byte = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>, startingAt start: Int) {
    self.bytes = bytes
    self.byte = start
  }

  mutating func byte(ofCharacter wanted: Int) -> Int {
    while character < wanted, byte < bytes.count {
      byte += 1
      while byte < bytes.count, bytes[byte] & 0xC0 == 0x80 { byte += 1 }
      character += 1
    }
    while character > wanted, byte > 0 {
      byte -= 1
      while byte > 0, bytes[byte] & 0xC0 == 0x80 { byte -= 1 }
      character -= 1
    }
    return byte
  }
}
