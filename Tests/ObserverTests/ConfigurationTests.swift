import Incidents
import Logging
import Testing

@testable import Observer

@Suite("Configuration")
struct ConfigurationTests {
  private func load(
    _ file: String = "", environment: [String: String] = [:], flags: [(String, String)] = []
  ) throws(ConfigurationError) -> ObserverConfiguration {
    var loader = ConfigurationLoader()
    try loader.apply(file: Array(file.utf8), name: "watch.yaml")
    try loader.apply(environment: environment)
    for (path, value) in flags { try loader.apply(flag: "--flag", path: path, values: [value]) }
    return loader.configuration
  }

  @Test("a flag is stronger than the environment, and that than the file")
  func strength() throws {
    let file = "debounce:\n  window: 10s\n  key: owner\nlog:\n  level: debug\n"
    let environment = ["KUBE_MIND_DEBOUNCE_WINDOW": "20s", "KUBE_MIND_DEBOUNCE_KEY": "container", "PATH": "/bin"]
    let configuration = try load(file, environment: environment, flags: [("debounce.window", "30s")])
    #expect(configuration.debounce.window == .seconds(30))
    #expect(configuration.debounce.key == .container)
    #expect(configuration.logLevel == .debug)
  }

  @Test("the documented defaults are the real ones")
  func defaults() throws {
    for setting in Settings.all where !setting.defaultText.isEmpty {
      var configuration = ObserverConfiguration()
      let text = setting.defaultText
      let isList = text.hasPrefix("[")
      try setting.apply(&configuration, SettingValue(texts: [isList ? String(text.dropFirst().dropLast()) : text]))
      #expect(configuration == ObserverConfiguration(), "\(setting.path)")
    }
    #expect(try load() == ObserverConfiguration())
  }

  @Test func listsInBothForms() throws {
    #expect(try load("kubernetes:\n  namespaces: [a, b]\n").namespaces == ["a", "b"])
    #expect(try load("kubernetes:\n  namespaces:\n    - a\n").namespaces == ["a"])
    #expect(try load("kubernetes: {namespaces: a}\n").namespaces == ["a"])
    #expect(try load(environment: ["KUBE_MIND_KUBERNETES_NAMESPACES": "a, b"]).namespaces == ["a", "b"])
    #expect(try load("detection: {classes: [OOMKilled]}").detection.classes == [.oomKilled])
  }

  @Test(
    "each mistake is named with its place",
    arguments: [
      ("debounce:\n  windw: 5m\n", "watch.yaml:2: debounce.windw: unknown key; did you mean debounce.window?"),
      ("x: 1\n", "watch.yaml:1: x: unknown key"),
      (
        "\n\ndebounce:\n  window: 5\n",
        "watch.yaml:4: debounce.window: \"5\" is not a duration such as 800ms, 30s, 5m or 1h30m"
      ),
      ("debounce:\n  window: 48h\n", "watch.yaml:2: debounce.window: 48h is not from 1s to 24h"),
      ("debounce: 5m\n", "watch.yaml:1: debounce: is a section and wants keys below it"),
      (
        "log: {level: loud}\n",
        "watch.yaml:1: log.level: \"loud\" is not one of trace, debug, info, notice, warning, error, critical"
      ),
      ("harvest: {logLines: 0}\n", "watch.yaml:1: harvest.logLines: 0 is not from 1 to 10000"),
      ("harvest: {logBytes: 2GiB}\n", "watch.yaml:1: harvest.logBytes: 2GiB is not from 1024 to 1048576 bytes"),
      ("harvest: {configMaps: yes}\n", "watch.yaml:1: harvest.configMaps: \"yes\" is not true or false"),
      ("log: {level: {a: 1}}\n", "watch.yaml:1: log.level: wants a value or a list of values, not a mapping"),
      ("log: {level: [a, b]}\n", "watch.yaml:1: log.level: wants one value, not a list of 2"),
      ("- a\n", "watch.yaml:1: the configuration must be a mapping of sections"),
      ("detection: {classes: []}\n", "watch.yaml:1: detection.classes: wants at least one class"),
    ])
  func mistakes(file: String, message: String) {
    let error = #expect(throws: ConfigurationError.self) { try load(file) }
    #expect(error?.message == message)
  }

  @Test func mistakesElsewhere() {
    #expect(
      throws: ConfigurationError(
        "environment: KUBE_MIND_LOG_LEVEL: \"x\" is not one of trace, debug, info, notice, warning, error, critical")
    ) {
      try load(environment: ["KUBE_MIND_LOG_LEVEL": "x"])
    }
    #expect(throws: ConfigurationError.self) { try load(environment: ["KUBE_MIND_LOGLEVEL": "info"]) }
    #expect(throws: Never.self) {
      try load(environment: ["KUBE_MIND_SERVICE_HOST": "10.0.0.1", "KUBE_MIND_PORT_80_TCP": "x"])
    }
    #expect(throws: ConfigurationError.self) { try load("a: [\n") }
  }

  @Test(arguments: [("1h30m", 5_400_000), ("800ms", 800), ("0s", 0), ("90s", 90_000), ("24h", 86_400_000)])
  func durations(text: String, milliseconds: Int) {
    #expect(Duration(written: text) == .milliseconds(milliseconds))
    #expect(Duration(written: Duration.milliseconds(milliseconds).written) == .milliseconds(milliseconds))
  }

  @Test(arguments: ["", "5", "s", "-5s", "5 s", "5x", "1.5h", "9999999999s", "5m3"])
  func noDurations(text: String) { #expect(Duration(written: text) == nil) }
}
