internal import Documents

/// Finds out what may stand in the place of the last word of a command line, from what the argument parser says of itself.
struct CompletionPlan {
  /// What it is.
  enum Answer: Equatable {
    case words([String])
    /// A file, which shells know best.
    case file
    /// The parser's own call for values that only the running program knows.
    case ask([String])
  }

  private let words: [String]
  private var command: JSONDocument
  private var path: [String] = []
  /// Positional arguments so far.
  private var positionals = 0
  /// The option whose value the last word is.
  private var option: JSONDocument?

  /// `tree` is the command as `--experimental-dump-help` has it.
  init(tree: JSONDocument, words: [String]) {
    self.words = words
    command = tree
    for word in words.dropLast() { take(word) }
    if words.last?.hasPrefix("-") == true { enterDefault() }
  }

  /// The options of a verb without options of its own are those of its default verb.
  private mutating func enterDefault() {
    guard command.elements("arguments").allSatisfy({ Self.isEverywhere($0) }),
      let name = command.string("defaultSubcommand"),
      let next = command.elements("subcommands").first(where: { $0.string("commandName") == name })
    else { return }
    command = next
    path.append(name)
  }

  /// True for the parser's own options.
  private static func isEverywhere(_ argument: JSONDocument) -> Bool {
    names(of: argument).contains { $0 == "--help" || $0 == "--version" }
  }

  private mutating func take(_ word: String) {
    if option != nil {
      option = nil
    } else if word.hasPrefix("-") {
      enterDefault()
      guard !word.contains("="), let found = argument(named: word), found.string("kind") == "option" else { return }
      option = found
    } else if positionals == 0,
      let next = command.elements("subcommands").first(where: { $0.string("commandName") == word })
    {
      command = next
      path.append(word)
    } else {
      positionals += 1
    }
  }

  /// What may stand there. Hidden commands and options are not offered.
  var answer: Answer {
    let last = words.last ?? ""
    if let option { return values(of: option, named: Self.names(of: option).first ?? "", last) }
    if last.hasPrefix("-") {
      let names = shown("arguments").filter { $0.string("kind") != "positional" }.flatMap(Self.names)
      return .words(names.filter { $0.hasPrefix(last) })
    }
    let verbs = positionals > 0 ? [] : shown("subcommands").compactMap { $0.string("commandName") }
    let matching = verbs.filter { $0.hasPrefix(last) }
    if !matching.isEmpty { return .words(matching) }
    let arguments = shown("arguments").filter { $0.string("kind") == "positional" }
    guard !arguments.isEmpty else { return .words([]) }
    let index = min(positionals, arguments.count - 1)
    guard index == positionals || arguments[index].bool("isRepeating") == true else { return .words([]) }
    return values(of: arguments[index], named: "positional@\(index)", last)
  }

  private func shown(_ key: String) -> [JSONDocument] {
    command.elements(key).filter { $0.bool("shouldDisplay") != false }
  }

  private func values(of argument: JSONDocument, named name: String, _ last: String) -> Answer {
    guard let kind = argument.members("completionKind").first?.key else {
      let allowed = argument.elements("allValues").compactMap { $0.string() }
      return .words(allowed.filter { $0.hasPrefix(last) })
    }
    switch kind {
    case "list":
      let allowed = argument.elements("completionKind", "list", "values").compactMap { $0.string() }
      return .words(allowed.filter { $0.hasPrefix(last) })
    case "file", "directory": return .file
    case "custom", "customAsync":
      return .ask(
        ["---completion"] + path + ["--", name, "\(words.count)", "\(last.count)"] + [Invocation.name] + words)
    default: return .words([])
    }
  }

  private func argument(named word: String) -> JSONDocument? {
    command.elements("arguments").first { Self.names(of: $0).contains(word) }
  }

  private static func names(of argument: JSONDocument) -> [String] {
    argument.elements("names").compactMap { name in
      name.string("name").map { (name.string("kind") == "long" ? "--" : "-") + $0 }
    }
  }
}
