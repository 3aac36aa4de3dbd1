/// Colours of the 16-colour palette, which every terminal has and which follow its owner's theme.
package enum TerminalColour: Int, Sendable {
  case red = 31
  case green = 32
  case yellow = 33
  case blue = 34
  case magenta = 35
  case cyan = 36
  case grey = 90

  /// The text between this colour's escape sequence and the reset.
  package func paint(_ text: String) -> String {
    "\u{1B}[\(rawValue)m\(text)\u{1B}[0m"
  }

  /// Whether colour is wanted on a descriptor: it is a terminal, `NO_COLOR` (https://no-color.org) is unset or empty, and
  /// the terminal is not `dumb`.
  package static func isWanted(onDescriptor descriptor: Int32, environment: [String: String]) -> Bool {
    SystemCalls.isTerminal(descriptor) && environment["NO_COLOR", default: ""].isEmpty
      && environment["TERM"] != "dumb"
  }
}

/// Text of others made safe for a terminal.
package enum TerminalText {
  /// Control characters written out, so that a log line of a failing container cannot move the cursor, set the title or
  /// start a line that looks like ours.
  package static func safe(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var safe = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": safe += "\\n"
      case "\r": safe += "\\r"
      case "\t": safe += "\\t"
      case _ where isControl(scalar): safe += "\\u{\(String(scalar.value, radix: 16))}"
      default: safe.unicodeScalars.append(scalar)
      }
    }
    return safe
  }

  /// C0, DEL, C1, line and paragraph separators, and the marks that turn the direction of writing.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
