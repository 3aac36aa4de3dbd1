internal import ArgumentParser
internal import Documents

/// `kube-mind complete WORDS…`: what may stand in the place of the last word. Hidden: kubectl's completion asks it through
/// `kubectl_complete-mind`; other shells have scripts of their own.
struct CompleteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "complete", abstract: "Prints completions of a command line, as kubectl takes them from its plugins.",
    shouldDisplay: false)

  @Argument(parsing: .captureForPassthrough, help: "The words so far; the last one is completed and may be empty.")
  var words: [String] = []

  func run() async throws {
    // Who captures everything captures the terminator, too.
    let words = words.first == "--" ? Array(words.dropFirst()) : words
    var lines: [String] = []
    var isFile = false
    if let tree = try? JSONDocument(Array(KubeMind._dumpHelp().utf8)).value("command") {
      switch CompletionPlan(tree: tree, words: words).answer {
      case .words(let candidates): lines = candidates
      case .file: isFile = true
      case .ask(let arguments): lines = await Self.asked(arguments)
      }
    }
    // The directive of cobra, whose protocol this is: 0 lets the shell complete files, 4 does not.
    try SystemStreams.writeOutput((lines + [isFile ? ":0" : ":4"]).map { $0 + "\n" }.joined())
  }

  /// Runs the completion of an option or argument as the parser's own scripts do: by the call that they make.
  private static func asked(_ arguments: [String]) async -> [String] {
    do {
      _ = try await KubeMind.asyncParseAsRoot(arguments)
      return []
    } catch {
      // The answer is an "error" of the parser with status 0.
      guard KubeMind.exitCode(for: error) == .success else { return [] }
      return KubeMind.fullMessage(for: error).split(separator: "\n").map(String.init)
    }
  }
}
