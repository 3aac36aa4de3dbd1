internal import Incidents
internal import Logging
internal import Observer
internal import Redaction
internal import ServiceLifecycle
internal import Telemetry
internal import Time
internal import UnixSignals

/// Configuration that changes while `watch` runs: the file again, and under it the same environment and flags.
struct WatchReload: Sendable {
  /// The file; nil: only rule files can change.
  let file: String?
  /// What the program started with.
  let initial: ConfigurationLoader
  /// Reads everything anew.
  let load: @Sendable () throws -> ConfigurationLoader

  /// The service that looks for changes. Without a file, too: SIGHUP must not end the program, and reads rule files anew.
  func service(
    services: WatchServices, redactor: RedactorBox, logs: LogSetup, time: any TimeSource
  ) -> any Service {
    let files = file.map { [$0] } ?? []
    let rules = initial.configuration.redactionRules
    let pipeline = services.pipeline
    let (signals, bell) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let reload = ReloadService(
      initial: initial,
      ends: .init(
        stamps: { (files + rules).map { SystemStreams.stamp(of: $0) } }, load: load,
        apply: { configuration in
          redactor.current = try RedactionSetup(configuration).redactor()
          logs.level.level = configuration.logLevel
          services.select(configuration.labelSelector, configuration.fieldSelector)
          pipeline.reconfigure(
            debounce: configuration.debounce, storms: configuration.storms,
            concurrency: configuration.harvest.concurrency)
        }, signals: signals), logger: logs.logger("configuration"), time: time)
    return SignalledReload(reload: reload, bell: bell)
  }

  /// The service with SIGHUP, which would end the program otherwise.
  private struct SignalledReload: Service {
    let reload: ReloadService
    let bell: AsyncStream<Void>.Continuation

    func run() async {
      let hangUps = await UnixSignalsSequence(trapping: .sighup)
      await withTaskGroup { group in
        group.addTask { for await _ in hangUps { bell.yield() } }
        await reload.run()
        group.cancelAll()
      }
    }
  }
}
