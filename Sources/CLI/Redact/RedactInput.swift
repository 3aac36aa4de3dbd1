/// A file to be redacted.
struct RedactInput {
  /// Path to read; `-` for standard input.
  var path: String
  /// What it is called in reports: the path as it was given.
  var name: String
  /// Path below the output folder.
  var target: String

  /// True for standard input, which comes once.
  var isStandardInput: Bool { path == "-" }

  /// The files that the arguments stand for: a folder for all files below it, hidden ones too, but for those of the output folder.
  /// `name` is that of standard input.
  static func all(_ arguments: [String], name: String, out folder: String?) throws(CommandFailure) -> [RedactInput] {
    var out: [RedactInput] = []
    for argument in arguments {
      if argument == "-" {
        out.append(RedactInput(path: "-", name: name, target: name))
      } else if try SystemStreams.isFolder(argument) {
        let prefix = argument.hasSuffix("/") ? argument : argument + "/"
        out += try SystemStreams.files(under: argument, hidden: true, except: folder).map {
          RedactInput(path: $0, name: $0, target: String($0.dropFirst(prefix.count)))
        }
      } else {
        let target = argument.split(separator: "/").last.map(String.init) ?? argument
        out.append(RedactInput(path: argument, name: argument, target: target))
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

  /// Throws where two files would be written to one place, one outside the output folder, or one over itself.
  static func checkTargets(_ inputs: [RedactInput], below folder: String) throws(CommandFailure) {
    var seen: Set<String> = []
    for input in inputs {
      let target = input.target
      guard !target.hasPrefix("/"), !target.split(separator: "/").contains("..") else {
        throw CommandFailure("redact: \(target) would be written outside --out", status: .usage)
      }
      guard let last = target.split(separator: "/", omittingEmptySubsequences: false).last, !last.isEmpty, last != "."
      else { throw CommandFailure("redact: --name: '\(target)' names no file", status: .usage) }
      guard seen.insert(target).inserted else {
        throw CommandFailure(
          "redact: two files would be written to \(target) below --out; give their folder instead", status: .usage)
      }
      guard !SystemStreams.isSame(input.path, "\(folder)/\(target)") else {
        throw CommandFailure("redact: --out: \(input.path) would be written over; --in-place does that", status: .usage)
      }
    }
  }

  /// Opens it.
  func open() throws(CommandFailure) -> Descriptor {
    isStandardInput ? .standardInput : try .reading(path)
  }
}
