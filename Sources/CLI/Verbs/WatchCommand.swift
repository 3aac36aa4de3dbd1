internal import ArgumentParser
internal import Logging
internal import Observer
internal import Redaction
internal import Telemetry

/// `kube-mind watch`: the controller.
struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Watch pods, and stream each failure to the orchestrator.",
    discussion: """
      Runs until SIGTERM or SIGINT, then delivers what is left. With --simulate it needs no cluster and no orchestrator: it \
      runs both inside this process, over real sockets, plays a short scenario and ends with a summary.

      Configuration comes from a YAML file (--config), then the environment, then flags, the later the stronger. Settings, \
      with their environment variable and default:

      \(settingsReference)
      """)

  @Option(help: ArgumentHelp("Configuration file (YAML).", valueName: "file"), completion: .file())
  var config: String?

  @OptionGroup var cluster: ClusterOptions

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Namespace to watch; may be repeated. Default: all.", valueName: "name"),
    completion: LiveCompletion.namespaces)
  var namespace: [String] = []

  @Option(
    name: [.customShort("l"), .customLong("selector")], help: ArgumentHelp("Label selector.", valueName: "selector"))
  var selector: String?

  @Option(
    help: ArgumentHelp("Field selector, e.g. spec.nodeName=node-1 or metadata.namespace!=dev.", valueName: "selector"))
  var fieldSelector: String?

  @OptionGroup var orchestrator: OrchestratorOptions

  @Option(
    help: ArgumentHelp(
      "Folder that keeps incidents until they are acknowledged, also over restarts. Default: memory.",
      valueName: "folder"), completion: .directory)
  var outbox: String?

  @Option(
    help: ArgumentHelp(
      "Whether replicas elect one that acts: true, false, or auto: in a cluster only.", valueName: "choice"),
    completion: .list(["true", "false", "auto"]))
  var leaderElect: String?

  @Option(
    help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"),
    completion: .list(Logger.Level.allCases.map(\.rawValue)))
  var logLevel: String?

  @Option(
    help: ArgumentHelp("json, text or auto.", valueName: "format"), completion: .list(["json", "text", "auto"]))
  var logFormat: String?

  @Option(
    help: ArgumentHelp(
      "Any setting by its path, e.g. --set debounce.window=1m; may be repeated.", valueName: "path=value"))
  var set: [String] = []

  @Flag(
    help: """
      Say what this identity may do and what each missing right costs, whether the orchestrator is there, when certificates end and \
      whether the clocks agree; then exit: 0 all is there, 4 it works but lacks something, 1 it would not work.
      """)
  var preflight = false

  @Option(
    name: [.short, .customLong("output")], help: ArgumentHelp("With --preflight: table or json.", valueName: "form"),
    completion: .list(["table", "json"]))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Append what the watch says to this file, redacted, as JSON lines that replay reads. Asks the server for JSON.",
      valueName: "file"), completion: .file())
  var record: String?

  @Flag(help: "Watch a simulated cluster with a simulated orchestrator, for some seconds.")
  var simulate = false

  @Option(help: ArgumentHelp("With --simulate: times the scenario's speed.", valueName: "factor"))
  var speed: Double = 1

  func validate() throws {
    guard output == nil || (preflight && ["table", "json"].contains(output)) else {
      throw ValidationError("--output goes with --preflight, and is table or json")
    }
    guard speed > 0, speed <= 1_000 else { throw ValidationError("--speed is not from 0 to 1000") }
    guard record == nil || !simulate else { throw ValidationError("--record records a real cluster, not --simulate") }
  }

  func run() async throws {
    let loader = try load()
    let configuration = loader.configuration
    if preflight {
      let logs = LogSetup(format: .text, level: LogLevelSwitch(.error), colour: Terminal.errorColor)
      try await WatchPreflight(
        configuration: configuration, logger: logs.logger("kube-mind"), asJSON: output == "json"
      ).run()
    } else if simulate {
      try await SimulatedWatch(configuration: configuration, speed: speed).run()
    } else {
      // One redactor for incidents and log lines: a pseudonym is the same in both.
      let redactor = RedactorBox(try RedactionSetup(configuration).redactor())
      let logs = logSetup(for: configuration, redactor: redactor)
      let command = self
      let reload = WatchReload(file: config, initial: loader) { try command.load() }
      try await ClusterWatch(
        configuration: configuration, logs: logs, redactor: redactor, reload: reload, record: record
      ).run()
    }
  }

  private func load() throws(CommandFailure) -> ConfigurationLoader {
    var loader = ConfigurationLoader()
    do {
      if let config {
        // A ConfigMap holds at most 1 MiB.
        try loader.apply(file: try SystemStreams.readFile(config, limit: 1 << 20), name: config)
      }
      try loader.apply(environment: Terminal.environment)
      for (flag, path, values) in try flags() { try loader.apply(flag: flag, path: path, values: values) }
      _ = try loader.finished()
    } catch {
      throw CommandFailure("\(error)", status: .usage)
    }
    return loader
  }

  /// Each flag that was given, as the setting that it stands for.
  private func flags() throws(CommandFailure) -> [(flag: String, path: String, values: [String])] {
    let single: [(String, String, String?)] = [
      ("--kubeconfig", "kubernetes.kubeconfig", cluster.kubeconfig),
      ("--context", "kubernetes.context", cluster.context),
      ("--selector", "kubernetes.labelSelector", selector),
      ("--field-selector", "kubernetes.fieldSelector", fieldSelector),
      ("--orchestrator", "orchestrator.url", orchestrator.orchestrator),
      ("--ca", "orchestrator.ca", orchestrator.ca), ("--cert", "orchestrator.certificate", orchestrator.cert),
      ("--key", "orchestrator.key", orchestrator.key),
      ("--tls-server-name", "orchestrator.serverName", orchestrator.tlsServerName),
      ("--proxy", "orchestrator.proxy", orchestrator.proxy),
      ("--compression", "orchestrator.compression", orchestrator.compression?.rawValue),
      ("--allow-plaintext", "orchestrator.allowPlaintext", orchestrator.allowPlaintext ? "true" : nil),
      ("--leader-elect", "leaderElection.enabled", leaderElect), ("--outbox", "outbox.directory", outbox),
      ("--log-level", "log.level", logLevel),
      ("--log-format", "log.format", logFormat),
    ]
    var flags = single.compactMap { flag, path, value in value.map { (flag, path, [$0]) } }
    if !namespace.isEmpty { flags.append(("--namespace", "kubernetes.namespaces", [namespace.joined(separator: ",")])) }
    for assignment in set {
      let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { throw CommandFailure("--set \(assignment): wants path=value", status: .usage) }
      flags.append(("--set \(parts[0])", String(parts[0]), [String(parts[1])]))
    }
    return flags
  }

  private func logSetup(for configuration: ObserverConfiguration, redactor: RedactorBox) -> LogSetup {
    let format: LogSetup.Format =
      switch configuration.logFormat {
      case .json: .json
      case .text: .text
      case .auto: SystemStreams.isErrorTerminal ? .text : .json
      }
    let sink = RedactingSink(StandardErrorSink.shared, format: format, redactor: redactor)
    return LogSetup(
      format: format, level: LogLevelSwitch(configuration.logLevel), sink: sink, colour: Terminal.errorColor)
  }

  /// For the help text and the manual.
  private static var settingsReference: String {
    Settings.all.map { setting in
      let value = setting.defaultText.isEmpty ? "none" : setting.defaultText
      return "\(setting.path) (\(setting.environmentName), \(value)): \(setting.help)"
    }.joined(separator: "\n")
  }
}
