package import Logging
internal import Synchronization

/// The level that all loggers of a program share, so that a changed configuration takes effect on the next line.
package final class LogLevelSwitch: Sendable {
  private let current: Mutex<Logger.Level>

  package init(_ level: Logger.Level = .info) {
    current = Mutex(level)
  }

  /// Lines below this level are dropped, except in a logger that was given a level of its own.
  package var level: Logger.Level {
    get { current.withLock { $0 } }
    set { current.withLock { $0 = newValue } }
  }
}
