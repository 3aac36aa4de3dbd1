internal import Incidents

/// What a changed configuration file means for a program that runs.
package struct ConfigurationChange: Sendable, Equatable {
  /// Paths of settings that take effect, in the order of the reference.
  package var live: [String] = []
  /// Paths of settings that need a restart.
  package var restart: [String] = []

  /// True if every setting means the same as before.
  package var isEmpty: Bool { live.isEmpty && restart.isEmpty }

  /// The difference of two loaded configurations. What is written in another way and means the same is none.
  package init(from old: ConfigurationLoader, to new: ConfigurationLoader) {
    for setting in Settings.all
    where old.given[setting.path] != new.given[setting.path]
      && Self.meaning(of: setting, in: old) != Self.meaning(of: setting, in: new)
    {
      if setting.isLive { live.append(setting.path) } else { restart.append(setting.path) }
    }
  }

  /// A configuration in which this setting alone is given.
  private static func meaning(of setting: Setting, in loader: ConfigurationLoader) -> ObserverConfiguration {
    var configuration = ObserverConfiguration()
    // It was taken once already, so it is right.
    if let texts = loader.given[setting.path] { try? setting.apply(&configuration, SettingValue(texts: texts)) }
    return configuration
  }

  /// The running configuration with the live settings of the new one. The others stay as they run.
  package func applied(to running: ObserverConfiguration, from new: ConfigurationLoader) -> ObserverConfiguration {
    var result = running
    let target = new.configuration
    for path in live {
      switch path {
      case "kubernetes.labelSelector": result.labelSelector = target.labelSelector
      case "kubernetes.fieldSelector": result.fieldSelector = target.fieldSelector
      case "log.level": result.logLevel = target.logLevel
      case "debounce.window": result.debounce.window = target.debounce.window
      case "harvest.concurrency": result.harvest.concurrency = target.harvest.concurrency
      case "redaction.rules": result.redactionRules = target.redactionRules
      case "redaction.keys": result.redactionKeys = target.redactionKeys
      default:
        let isGrouping = result.storms.isGrouping
        result.storms = target.storms
        result.storms.isGrouping = isGrouping
      }
    }
    return result
  }
}
