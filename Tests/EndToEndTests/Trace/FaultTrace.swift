internal import FoundationEssentials
internal import Incidents
internal import Kubernetes
internal import KubernetesClient
internal import Logging
internal import Observer
internal import OrchestratorClient
internal import Redaction
internal import ServiceLifecycle
internal import Synchronization
internal import Testing
internal import Time

@testable internal import Simulation
@testable internal import kube_mind

/// The whole program against a simulated cluster behind a bad network, while faults are switched on in turn and pods fail under each.
struct FaultTrace: Sendable {
  /// How large, and how the server answers.
  struct Size: Sendable, CustomTestStringConvertible {
    var pods: Int
    var failures: Int
    var protobuf = false
    var streaming: SimulatedCluster.WatchListSupport

    var testDescription: String {
      "\(failures) failures over \(pods) pods, \(protobuf ? "protobuf" : "JSON"), streaming lists \(streaming)"
    }
  }

  /// What came of it.
  struct Outcome: Sendable {
    /// How often a failure of each pod was found, by uid.
    let found: [String: Int]
    /// uids of the pods that failed.
    let failed: Set<String>
    let counts: RunTally.Counts
    let received: [ReceivedIncident]
    /// Lists of pods that were asked for.
    let lists: Int
    /// Times that a watch or list broke.
    let interruptions: Int
    /// Faults that met nothing prove nothing.
    let isEachFaultMet: Bool
  }

  /// Five times as fast: backoff takes little, and what is limited in time still has some real tenths of a second.
  private static let speed = 5
  /// Beyond the trace, whose pods are to be told once.
  private static let window = Duration.seconds(36_000)

  /// After a fault: what it made the watcher wait is forgotten (`ReflectorBackoff.forgottenAfter`).
  private static let calm = Duration.seconds(125)

  private let size: Size
  private let time = FastTime(factor: Self.speed)
  private let cluster: SimulatedCluster
  private let uids: [String]
  private let found = FoundFailures()
  private let tally = RunTally()
  private let lines = LineCounts()
  private let tokens: TokenFile

  init(_ size: Size) throws {
    self.size = size
    var options = SimulatedCluster.Options()
    options.protobuf = size.protobuf
    options.watchList = size.streaming
    let cluster = SimulatedCluster(time: time, options: options)
    self.cluster = cluster
    uids = try (0..<size.pods).map { try cluster.create(.pod, TracePods.healthy($0)).uid }
    tokens = try TokenFile(cluster)
  }

  func run() async throws -> Outcome {
    defer { tokens.remove() }
    // Below the ports that a system gives out: no client may take it while the server is away.
    let port = try await cluster.start(port: Int.random(in: 20_000..<30_000))
    let orchestrator = try MockOrchestrator(time: time)
    try await ToxicProxy.running(to: port) { proxy in
      try await orchestrator.serving { url in
        let client = try APIClient(
          access: ClusterAccess(
            server: ServerURL(isTLS: false, host: "127.0.0.1", port: proxy.port), credential: .tokenFile(tokens.path),
            clusterName: "trace", source: "test"),
          logger: WholeProgram.logger, time: time)
        defer { client.shutdown() }
        var configuration = ObserverConfiguration()
        configuration.debounce.window = Self.window
        // A real time of some seconds, in which a loaded machine answers.
        configuration.harvest.deadline = .seconds(60)
        let services = WatchServices(
          configuration: configuration, client: client, endpoint: try OrchestratorEndpoint(url: url),
          cluster: ClusterIdentity(name: "trace", uid: "trace"), redactor: RedactorBox(try Redactor()),
          toolVersion: "test",
          logger: lines.logger, time: time,
          metrics: WatchMetrics(version: "test", time: time), streamsLists: true
        ) {
          tally.take($0)
          found.take($0)
        }
        let play = Play(trace: self, services: services, proxy: proxy, port: port)
        let group = ServiceGroupConfiguration(
          services: services.all.map { .init(service: $0) }
            + [.init(service: play, successTerminationBehavior: .gracefullyShutdownGroup)],
          logger: WholeProgram.logger)
        try await ServiceGroup(configuration: group).run()
      }
    }
    await cluster.stop()
    return Outcome(
      found: found.counts, failed: Set(uids.suffix(size.failures)), counts: tally.counts,
      received: orchestrator.receiver.incidents, lists: cluster.requestCount(.list),
      interruptions: lines["watch interrupted"], isEachFaultMet: cluster.access { $0.faults } == FaultPlan())
  }

  /// Plays the trace once the first list is in, and ends once all that was found has come to its end.
  private struct Play: Service {
    let trace: FaultTrace
    let services: WatchServices
    let proxy: ToxicProxy
    let port: Int

    func run() async throws {
      try await cancelWhenGracefulShutdown {
        while !services.readiness.isSynced { try await Task.sleep(for: .milliseconds(2)) }
        var failed = 0
        for (index, fault) in TraceFault.all.enumerated() {
          // Zero bytes inside a text of protobuf would change what it says: only TLS sees that.
          if trace.size.protobuf, case .network(.corrupt) = fault { continue }
          let until = trace.size.failures * (index + 1) / TraceFault.all.count
          let begin = failed
          failed = until
          let lists = trace.lines["listed again"]
          try await play(fault) {
            try trace.fail(begin..<until)
          } found: {
            try await trace.wait { trace.found.counts.count >= until }
          }
          // A list tells of failures before it is whole; what comes next may not let any list through.
          try await trace.wait { !fault.endsInList || trace.lines["listed again"] > lists }
          try await trace.wait { trace.tally.counts.open <= 0 }
          trace.time.leap(by: FaultTrace.calm)
        }
      }
    }

    /// Switches a fault on, lets pods fail, waits until they are found, and switches it off: while it lasts, where anything can pass.
    private func play(
      _ fault: TraceFault, fail: () throws -> Void, found: () async throws -> Void
    ) async throws {
      switch fault {
      case .nothing: try fail()
      case .server(let faults):
        // A server with streaming lists gets watches alone.
        let streams = trace.size.streaming == .supported
        for (fault, request) in faults { trace.cluster.inject(fault, on: streams ? .watch : request) }
        try fail()
      case .network(.refuse):
        await proxy.set(.refuse)
        try fail()
        try await trace.time.sleep(for: .seconds(4))
        await proxy.set(nil)
      case .network(let toxic):
        await proxy.set(toxic)
        try fail()
        try await found()
        await proxy.set(nil)
      case .cutAll:
        await proxy.cut()
        try fail()
      case .compaction:
        await proxy.set(.refuse)
        try fail()
        trace.cluster.compact()
        await proxy.set(nil)
      case .restart:
        await trace.cluster.stop()
        try fail()
        try await trace.time.sleep(for: .seconds(4))
        try await trace.cluster.start(port: port)
      case .clock(let jump):
        trace.time.jumpWall(by: jump)
        try fail()
      case .token(let isFileLate):
        let token = trace.tokens.change()
        if !isFileLate { try trace.tokens.write(token) }
        await proxy.cut()
        try fail()
        if isFileLate {
          try await trace.time.sleep(for: .seconds(4))
          try trace.tokens.write(token)
        }
      }
      try await found()
    }
  }

  /// From the end, so that a list that is cut off early has told of none of them.
  private func fail(_ numbers: Range<Int>) throws {
    for number in numbers.map({ size.pods - 1 - $0 }) {
      try cluster.update(.pod, TracePods.namespace, TracePods.name(number)) {
        TracePods.fail(&$0, number, at: cluster.time.wall)
      }
    }
  }

  private func wait(until condition: () -> Bool) async throws {
    while !condition() { try await Task.sleep(for: .milliseconds(2)) }
  }
}
