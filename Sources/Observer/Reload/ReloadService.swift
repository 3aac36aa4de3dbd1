package import Logging
internal import ServiceLifecycle
package import Time

/// Reads the configuration anew when its files change, and at a signal.
///
/// By looking, not by inotify: a look is one `stat` every five seconds, works on every file system and survives that the file is away
/// for a moment while it is swapped.
package struct ReloadService: Service {
  /// The outside of it.
  package struct Ends: Sendable {
    /// The files as they are now: nil for one that is not there.
    package var stamps: @Sendable () -> [FileStamp?]
    /// Reads everything anew. Throws with one line that names file, line and key.
    package var load: @Sendable () throws -> ConfigurationLoader
    /// Puts live settings into effect. Throws, with one line and nothing changed, where they cannot be (a rule file with a fault).
    package var apply: @Sendable (ObserverConfiguration) throws -> Void
    /// SIGHUP, each time.
    package var signals: AsyncStream<Void>

    package init(
      stamps: @escaping @Sendable () -> [FileStamp?], load: @escaping @Sendable () throws -> ConfigurationLoader,
      apply: @escaping @Sendable (ObserverConfiguration) throws -> Void, signals: AsyncStream<Void>
    ) {
      self.stamps = stamps
      self.load = load
      self.apply = apply
      self.signals = signals
    }
  }

  /// Between two looks: a kubelet needs about a minute to bring a changed ConfigMap, so five seconds more are little.
  package static let period: Duration = .seconds(5)

  private let initial: ConfigurationLoader
  private let ends: Ends
  private let logger: Logger
  private let time: any TimeSource

  /// `initial` is what the program runs with.
  package init(initial: ConfigurationLoader, ends: Ends, logger: Logger, time: any TimeSource) {
    self.initial = initial
    self.ends = ends
    self.logger = logger
    self.time = time
  }

  package func run() async {
    await cancelWhenGracefulShutdown {
      let (rings, bell) = AsyncStream<Bool>.makeStream(bufferingPolicy: .bufferingNewest(1))
      await withDiscardingTaskGroup { group in
        group.addTask {
          for await _ in ends.signals { bell.yield(true) }
        }
        group.addTask {
          while !Task.isCancelled {
            // Cancelled: the loop ends.
            try? await time.sleep(for: Self.period)
            bell.yield(false)
          }
        }
        var state = State(loader: initial, running: initial.configuration, stamps: ends.stamps())
        for await isForced in rings { look(&state, isForced: isForced) }
        group.cancelAll()
      }
    }
  }

  private struct State {
    var loader: ConfigurationLoader
    var running: ObserverConfiguration
    var stamps: [FileStamp?]
  }

  private func look(_ state: inout State, isForced: Bool) {
    let stamps = ends.stamps()
    // A file that is away for a moment is being swapped: the next look sees what came of it.
    guard isForced || (stamps != state.stamps && !stamps.contains(nil)) else { return }
    state.stamps = stamps
    do {
      let loader = try ends.load()
      let change = ConfigurationChange(from: state.loader, to: loader)
      let next = change.applied(to: state.running, from: loader)
      // Rule files may have changed without a change of the settings.
      try ends.apply(next)
      state.loader = loader
      state.running = next
      logger.notice("configuration read", metadata: ["changed": "\(change.live.joined(separator: ", "))"])
      for path in change.restart {
        logger.warning("setting changed, restart needed", metadata: ["setting": "\(path)"])
      }
    } catch {
      logger.error("configuration not taken, the old one stays", metadata: ["error": "\(error)"])
    }
  }
}
