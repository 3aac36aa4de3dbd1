internal import Delivery
internal import FoundationEssentials
internal import Incidents
internal import Logging
internal import OrchestratorClient
internal import Redaction
internal import Telemetry
internal import Time

/// Measures delivery over TLS to an orchestrator in another process: incidents of 64 KiB as many as go, and one at a time.
struct DeliverBench {
  let runs: Int

  /// Bytes of an incident.
  private static let size = 64 << 10
  /// Incidents of a run: a second's worth, and enough for a percentile.
  private static let count = 3_000
  private static let pings = 1_000
  /// Different incidents, which come again and again: the orchestrator keeps ids, not contents, to know them by.
  private static let variety = 128

  func run() async throws(CommandFailure) -> [BenchResult] {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kube-mind-bench-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let (certificate, key) = (folder.path + "/tls.crt", folder.path + "/tls.key")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let pair = try SelfSignedCertificate()
      try Data(pair.certificate).write(to: URL(filePath: certificate))
      try Data(pair.key).write(to: URL(filePath: key))
    } catch { throw CommandFailure("bench deliver: \(error)") }
    let server = try BenchServer(certificate: certificate, key: key)
    defer { server.stop() }
    do {
      return try await measure(
        OrchestratorEndpoint(url: server.url, tls: TLSFiles(authorities: certificate)), try Self.incidents())
    } catch { throw CommandFailure("bench deliver: \(error)") }
  }

  /// Incidents of the size, through redaction as all others.
  static func incidents(_ count: Int = variety) throws -> [SealedIncident] {
    let redactor = try Redactor()
    return try (0..<count).map { number in
      let digits = String(number, radix: 16)
      let id = String(repeating: "0", count: 32 - digits.utf8.count) + digits
      let line = "2026-11-23 12:00:00 INFO request \(number) served in 12 ms by worker-3 of shop/checkout\\n"
      let text = String(repeating: line, count: size / (line.utf8.count - 1))
      let json = """
        {"schemaVersion":2,"incidentId":"\(id)","workload":{"namespace":"shop","pod":"checkout","podUid":"bench"},
         "logs":[{"container":"app","text":"\(text)"}]}
        """
      return try redactor.redact(try Incident(json: Array(json.utf8))).sealed()
    }
  }

  private func measure(_ endpoint: OrchestratorEndpoint, _ incidents: [SealedIncident]) async throws -> [BenchResult] {
    let load = DeliverLoad(incidents)
    let logs = LogSetup(format: .text, level: LogLevelSwitch(.error), colour: false)
    let delivery = IncidentDelivery(endpoint: endpoint, logger: logs.logger("bench"), time: SystemTime()) {
      load.reported($0)
    }
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await delivery.run() }
      var (rates, costs, median, tail): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
      // One more than is measured: the first pages everything in, on both sides.
      for index in 0...runs {
        let clock = ContinuousClock()
        let (start, used) = (clock.now, ProcessTime.seconds)
        // Half of the different ones are on their way at most, so that none is while it is handed over again.
        _ = try await load.send(Self.count, atOnce: incidents.count / 2, over: delivery)
        let seconds = Double((clock.now - start).wholeNanoseconds) / 1e9
        let cost = (ProcessTime.seconds - used) / Double(Self.count) * 1e6
        let order = Percentiles(try await load.send(Self.pings, atOnce: 1, over: delivery))
        guard index > 0 else { continue }
        rates.append(Double(Self.count) / seconds)
        costs.append(cost)
        median.append(order.value(0.5) ?? 0)
        tail.append(order.value(0.99) ?? 0)
      }
      delivery.beginGracefulShutdown(drain: .seconds(2))
      try await group.waitForAll()
      return [
        BenchResult(suite: "deliver", name: "64 KiB over TLS", unit: "incidents/s", values: rates),
        BenchResult(suite: "deliver", name: "sender's processor time", unit: "ms per 1,000", values: costs),
        BenchResult(suite: "deliver", name: "one at a time: p50", unit: "ms", values: median),
        BenchResult(suite: "deliver", name: "one at a time: p99", unit: "ms", values: tail),
      ]
    }
  }
}
