extension YAMLNode {
  /// The same as JSON: what `kubectl -o yaml` wrote as `kubectl -o json` would have. Plain scalars are null, booleans or numbers where
  /// YAML 1.2 reads them so, and strings elsewhere; quoted ones are strings.
  package var json: [UInt8] {
    var output: [UInt8] = []
    write(to: &output)
    return output
  }

  private func write(to output: inout [UInt8]) {
    switch content {
    case .scalar(let text, let isPlain):
      if isPlain, isNull {
        output += "null".utf8
      } else if let bool {
        output += (bool ? "true" : "false").utf8
      } else if isPlain, Self.isNumber(text) {
        output += text.utf8
      } else {
        output += text.jsonQuoted.utf8
      }
    case .sequence(let elements):
      output.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        element.write(to: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .mapping(let entries):
      output.append(UInt8(ascii: "{"))
      for (index, entry) in entries.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        output += entry.key.jsonQuoted.utf8
        output.append(UInt8(ascii: ":"))
        entry.value.write(to: &output)
      }
      output.append(UInt8(ascii: "}"))
    }
  }

  /// A number that JSON takes as it stands; others (octal, hexadecimal, infinity) stay text.
  private static func isNumber(_ text: String) -> Bool {
    guard let first = text.utf8.first, first == 0x2D || (0x30...0x39).contains(first) else { return false }
    return (try? JSONDocument(Array(text.utf8))) != nil
  }
}
