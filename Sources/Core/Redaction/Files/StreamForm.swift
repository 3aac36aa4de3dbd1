/// What a file that comes in pieces turns out to be: decided by its name and its first bytes, and again where a document grows
/// beyond what is held whole.
struct StreamForm {
  let name: String
  let format: FileFormat
  private let largestDocument: Int
  private let largestSequence: Int
  /// What is not passed on as text: the head until it is decided, then the whole document.
  private var held: [UInt8] = []
  private var form: TextSource.Form?
  /// True once the first value of JSON is known to be a large one.
  private var isOneValue = false
  /// True once bytes are passed on as text.
  private(set) var isText = false

  init(name: String, format: FileFormat, _ options: RedactionOptions) {
    self.name = name
    self.format = format
    largestDocument = options.largestDocument
    largestSequence = min(options.largestSequence, options.largestDocument)
  }

  /// What is passed on as text, where it asks for quotes around masks: YAML that is too large to be held, and TOML.
  var quoting: MaskStyle.Quoting { form == .yaml ? .yaml : MaskStyle.Quoting(name: name) }

  /// Takes the next bytes. Gives those that are to be read as text by now; nil where there are none.
  mutating func append(_ bytes: [UInt8], isEnd: Bool) -> [UInt8]? {
    if isText { return bytes }
    held += bytes
    if form == nil, isEnd || held.count >= FileFormat.headLength { form = format.form(name: name, first: held) }
    switch form {
    case nil: return nil
    case .json: if isHeldJSON() { return nil }
    case .yaml: if held.count <= largestDocument { return nil }
    default: break
    }
    isText = true
    defer { held = [] }
    return held
  }

  /// True while JSON is held: one document, or a few lines of values. A log that is written as JSON may be of any length, and none of
  /// its lines is in want of the others. Decided by the same bytes wherever the pieces are cut.
  private mutating func isHeldJSON() -> Bool {
    guard held.count <= largestDocument else { return false }
    guard held.count > largestSequence, !isOneValue else { return true }
    isOneValue = held.withUnsafeBufferPointer { Self.isOneValue(Bytes(rebasing: $0[..<largestSequence])) }
    return isOneValue
  }

  /// The whole document, at the end of the file.
  mutating func document() -> (RawFile, FileFormat) {
    defer { held = [] }
    return (RawFile(name: name, bytes: held), form == .json ? .json : .yaml)
  }

  /// True if the first value of JSON is an object or an array that has not ended in these bytes.
  private static func isOneValue(_ bytes: Bytes) -> Bool {
    var depth = 0
    var index = 0
    while index < bytes.count {
      switch bytes[index] {
      case 0x7B, 0x5B: depth += 1
      case 0x7D, 0x5D:
        depth -= 1
        if depth <= 0 { return false }
      case 0x22:
        index += 1
        while index < bytes.count, bytes[index] != 0x22 { index += bytes[index] == 0x5C ? 2 : 1 }
      default: break
      }
      index += 1
    }
    return depth > 0
  }
}
