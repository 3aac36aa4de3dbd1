/// One value that can be configured: its name in the file, what it is for, its default, and how it is read.
package struct Setting: Sendable {
  /// Path in the file, e.g. "debounce.window".
  package let path: String
  /// What it is for, its unit and range, for the reference.
  package let help: String
  /// The default as it would be written.
  package let defaultText: String
  /// True if a changed file takes effect while the program runs; else it needs a restart.
  package let isLive: Bool
  let apply: @Sendable (inout ObserverConfiguration, SettingValue) throws(SettingProblem) -> Void

  init(
    _ path: String, _ defaultText: String, _ help: String, isLive: Bool = false,
    apply: @escaping @Sendable (inout ObserverConfiguration, SettingValue) throws(SettingProblem) -> Void
  ) {
    self.path = path
    self.help = help
    self.defaultText = defaultText
    self.isLive = isLive
    self.apply = apply
  }

  /// Its environment variable, e.g. KUBE_MIND_DEBOUNCE_WINDOW.
  package var environmentName: String {
    "KUBE_MIND_" + path.uppercased().split(whereSeparator: { $0 == "." || $0 == "-" }).joined(separator: "_")
  }
}
