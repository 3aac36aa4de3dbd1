/// By what name this program was called.
enum Invocation {
  /// `kubectl mind` where kubectl runs it as its plugin, which it finds under the name `kubectl-mind`; else `kube-mind`. Usage and
  /// errors say it, so that a line of them can be typed again.
  static let name = name(ofProgram: CommandLine.arguments.first ?? "")

  /// The same for a path, with the folder and on other systems the ending gone.
  static func name(ofProgram path: String) -> String {
    let file = path.split(separator: "/").last.map(String.init) ?? ""
    return file == "kubectl-mind" || file.hasPrefix("kubectl-mind.") ? "kubectl mind" : "kube-mind"
  }
}
