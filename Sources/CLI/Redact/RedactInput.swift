/// A file to be redacted.
struct RedactInput {
  /// Path to read; `-` for standard input.
  var path: String
  /// Name in reports and below the output folder.
  var name: String

  /// True for standard input, which comes once.
  var isStandardInput: Bool { path == "-" }

  /// The files that the arguments stand for: a folder for all files below it, hidden ones too. `name` is that of standard input.
  static func all(_ arguments: [String], name: String) throws(CommandFailure) -> [RedactInput] {
    var out: [RedactInput] = []
    for argument in arguments {
      if argument == "-" {
        out.append(RedactInput(path: "-", name: name))
      } else if try SystemStreams.isFolder(argument) {
        let prefix = argument.hasSuffix("/") ? argument : argument + "/"
        out += try SystemStreams.files(under: argument, hidden: true).map {
          RedactInput(path: $0, name: String($0.dropFirst(prefix.count)))
        }
      } else {
        out.append(RedactInput(path: argument, name: String(argument.split(separator: "/").last ?? "file")))
      }
    }
    guard out.filter(\.isStandardInput).count < 2 else {
      throw CommandFailure("redact: standard input comes once; - stands there twice", status: .usage)
    }
    return out
  }

  /// Throws where a file cannot be written over: a link would be replaced, and what it stands for would keep its secrets.
  static func checkPlaces(_ inputs: [RedactInput]) throws(CommandFailure) {
    for input in inputs where SystemStreams.isLink(input.path) {
      throw CommandFailure(
        "redact: --in-place: \(input.path) is a symbolic link; give what it stands for", status: .usage)
    }
  }

  /// Throws where two files would be written to one place, or one outside the output folder.
  static func checkNames(_ inputs: [RedactInput]) throws(CommandFailure) {
    var seen: Set<String> = []
    for input in inputs {
      guard !input.name.hasPrefix("/"), !input.name.split(separator: "/").contains("..") else {
        throw CommandFailure("redact: \(input.name) would be written outside --out", status: .usage)
      }
      guard seen.insert(input.name).inserted else {
        throw CommandFailure(
          "redact: two files would be written to \(input.name) below --out; give their folder instead", status: .usage)
      }
    }
  }

  /// Opens it.
  func open() throws(CommandFailure) -> Descriptor {
    isStandardInput ? .standardInput : try .reading(path)
  }
}
