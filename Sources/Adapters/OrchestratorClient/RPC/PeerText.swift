/// Text that a peer wrote, on its way to a log line or a terminal.
enum PeerText {
  /// Characters that are kept. A status message may have 64 KiB.
  static let limit = 500

  /// One bounded line: control characters, which could forge a line or steer a terminal, stand as spaces.
  static func oneLine(_ text: String) -> String {
    var line = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(limit) {
      line.append(isHarmless(scalar) ? scalar : " ")
    }
    return String(line)
  }

  /// C0, DEL, C1, the line and paragraph separators and the marks that turn the direction of writing are not.
  private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F...0x9F, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: false
    default: true
    }
  }
}
