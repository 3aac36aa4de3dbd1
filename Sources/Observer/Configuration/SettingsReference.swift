extension Settings {
  /// The reference of all settings as Markdown, for docs/configuration.md.
  package static var reference: String {
    var text = """
      # Configuration

      `kube-mind watch` reads a YAML file (`--config FILE`), then the environment, then flags, the later the stronger; `--set
      path=value` sets any of them on the command line. An unknown key, or a value that is not one, ends the start with the
      file and line. Durations are written as `500ms`, `30s`, `5m` or `1h30m`, sizes as `64KiB` or `16MiB`, lists as
      `[a, b]`, in the environment and on the command line as `a,b`. This page is made by `make docs`.

      The file is looked at every 5 seconds, and at SIGHUP. Settings marked *live* take effect then; for every other changed one a
      log line says that it needs a restart. A file with a fault changes nothing, and a log line names file, line and key.

      ```yaml
      orchestrator:
        url: https://brain.example:8443
        ca: /etc/kube-mind/tls/ca.crt
      debounce:
        window: 10m
      ```

      """
    var section: Substring = ""
    for setting in all {
      let group = setting.path.prefix { $0 != "." }
      if group != section {
        section = group
        text += "\n## \(group)\n\n| Setting | Environment | Default | Meaning |\n|---|---|---|---|\n"
      }
      let value = setting.defaultText.isEmpty ? "none" : "`\(setting.defaultText)`"
      text +=
        "| `\(setting.path)` | `\(setting.environmentName)` | \(value) | \(setting.help)\(setting.isLive ? " *Live.*" : "") |\n"
    }
    return text
  }
}
