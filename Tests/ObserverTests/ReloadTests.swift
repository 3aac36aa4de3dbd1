import Incidents
import Logging
import Synchronization
import Testing
import Time

@testable import Observer

private func loaded(_ text: String) throws -> ConfigurationLoader {
  var loader = ConfigurationLoader()
  try loader.apply(file: Array(text.utf8), name: "watch.yaml")
  _ = try loader.finished()
  return loader
}

@Suite("Reload")
struct ReloadTests {
  @Test(
    "what takes effect, what needs a restart, and what is only written in another way",
    arguments: [
      ("log: {level: info}", "log: {level: debug}", ["log.level"], []),
      ("debounce: {window: 5m}", "debounce: {window: 300s}", [], []),
      ("", "debounce: {window: 5m}", [], []),
      ("debounce: {window: 1m}", "", ["debounce.window"], []),
      (
        "", "{storms: {harvestBurst: 5}, kubernetes: {labelSelector: a=b, namespaces: [c]}, http: {address: ':1'}}",
        ["kubernetes.labelSelector", "storms.harvestBurst"], ["kubernetes.namespaces", "http.address"]
      ),
      ("redaction: {rules: [a.yaml]}", "redaction: {rules: [a.yaml, b.yaml]}", ["redaction.rules"], []),
    ] as [(String, String, [String], [String])])
  func changes(old: String, new: String, live: [String], restart: [String]) throws {
    let change = ConfigurationChange(from: try loaded(old), to: try loaded(new))
    #expect(change.live == live)
    #expect(change.restart == restart)
    #expect(change.isEmpty == (live + restart).isEmpty)
  }

  @Test("every setting that is marked live takes effect, and no other does")
  func everyLiveSettingIsApplied() throws {
    let samples = [
      "kubernetes.labelSelector": "a=b", "kubernetes.fieldSelector": "spec.nodeName=c", "log.level": "debug",
      "debounce.window": "7m", "harvest.concurrency": "3", "redaction.rules": "x.yaml",
      "redaction.keys": "A_*", "storms.harvestsPerSecond": "7", "storms.harvestBurst": "8",
      "storms.referencesPerSecond": "9", "storms.referenceBurst": "10",
    ]
    #expect(Set(Settings.all.filter(\.isLive).map(\.path)) == Set(samples.keys))
    for (path, value) in samples {
      var loader = ConfigurationLoader()
      try loader.apply(flag: "--set", path: path, values: [value])
      let change = ConfigurationChange(from: ConfigurationLoader(), to: loader)
      #expect(change.applied(to: ObserverConfiguration(), from: loader) == loader.configuration, "\(path)")
    }
    var loader = ConfigurationLoader()
    try loader.apply(flag: "--set", path: "storms.grouping", values: ["false"])
    try loader.apply(flag: "--set", path: "storms.harvestBurst", values: ["9"])
    let running = ConfigurationChange(from: ConfigurationLoader(), to: loader).applied(
      to: ObserverConfiguration(), from: loader)
    #expect(running.storms.isGrouping && running.storms.harvests.burst == 9)
  }

  @Test("settings that do not go together are refused with their names")
  func together() {
    #expect(throws: ConfigurationError("leaderElection: leaseDuration must be longer than renewDeadline")) {
      try loaded("leaderElection: {leaseDuration: 5s}")
    }
  }

  /// A file in memory, and what became of it.
  private final class World: Sendable {
    struct State {
      var text = "log: {level: info}"
      var stamp: Int64? = 1
      var applied: [String] = []
      var lines: [String] = []
      var looks = 0
    }

    let state = Mutex(State())
    let time = ManualTime()

    func service(signals: AsyncStream<Void>) throws -> ReloadService {
      ReloadService(
        initial: try loaded(state.withLock { $0.text }),
        ends: .init(
          stamps: {
            let stamp = self.state.withLock { state in
              state.looks += 1
              return state.stamp
            }
            return [stamp.map { FileStamp(device: 1, inode: 1, size: 0, modified: $0) }]
          },
          load: { try loaded(self.state.withLock { $0.text }) },
          apply: { configuration in self.state.withLock { $0.applied.append("\(configuration.logLevel)") } },
          signals: signals),
        logger: Logger(label: "test") { _ in Lines(world: self) }, time: time)
    }

    /// Lets the service look twice: when the second look begins, the first is over.
    func pass() async {
      for _ in 0..<2 {
        let before = state.withLock { $0.looks }
        await time.someoneSleeps()
        time.advance(by: ReloadService.period)
        while state.withLock({ $0.looks }) == before { await Task.yield() }
      }
    }
  }

  private struct Lines: LogHandler {
    let world: World
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    init(world: World) { self.world = world }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      world.state.withLock {
        $0.lines.append("\(event.message) \(event.metadata?["error"] ?? event.metadata?["setting"] ?? "")")
      }
    }
  }

  @Test("a changed file is read; one that is away or bad changes nothing; a signal needs no change")
  func service() async throws {
    let world = World()
    let (signals, bell) = AsyncStream<Void>.makeStream()
    let service = try world.service(signals: signals)
    let task = Task { await service.run() }
    await world.pass()
    #expect(world.state.withLock { $0.applied } == [])

    world.state.withLock {
      $0.text = "{log: {level: debug}, kubernetes: {namespaces: [a]}}"
      $0.stamp = 2
    }
    await world.pass()
    #expect(world.state.withLock { $0.applied } == ["debug"])
    #expect(world.state.withLock { $0.lines }.contains("setting changed, restart needed kubernetes.namespaces"))

    world.state.withLock { $0.stamp = nil }
    await world.pass()
    world.state.withLock {
      $0.text = "log:\n  level: loud"
      $0.stamp = 3
    }
    await world.pass()
    #expect(world.state.withLock { $0.applied } == ["debug"])
    #expect(world.state.withLock { $0.lines.last }?.contains("watch.yaml:2: log.level") == true)

    world.state.withLock { $0.text = "log: {level: error}" }
    bell.yield()
    while world.state.withLock({ $0.applied.count }) < 2 { await Task.yield() }
    #expect(world.state.withLock { $0.applied } == ["debug", "error"])
    task.cancel()
    await task.value
  }
}
