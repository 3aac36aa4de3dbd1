internal import Delivery
internal import FoundationEssentials
internal import Incidents
internal import Storage
internal import Time

/// Measures the outbox on the disk of the temporary folder: appends without a flush, and what a flush costs.
struct OutboxBench {
  let runs: Int

  /// Incidents of 64 KiB in a run without flushes: 128 MiB.
  private static let count = 2_000
  /// With a flush after each.
  private static let flushes = 100

  func run() throws(CommandFailure) -> [BenchResult] {
    do {
      let incidents = try DeliverBench.incidents(16)
      // One more than is measured.
      let rates = try (0...runs).map { _ in try rate(incidents) }.dropFirst()
      let costs = try (0...runs).map { _ in try flush(incidents) }.dropFirst()
      return [
        BenchResult(suite: "outbox", name: "append of 64 KiB, no flush", unit: "MB/s", values: Array(rates)),
        BenchResult(suite: "outbox", name: "append of 64 KiB and its flush", unit: "ms", values: Array(costs)),
      ]
    } catch { throw CommandFailure("bench outbox: \(error)") }
  }

  private func rate(_ incidents: [SealedIncident]) throws -> Double {
    try withLog(.never) { log in
      let seconds = try seconds { try append(Self.count, incidents, to: &log, isFlushed: false) }
      return Double(Self.count * incidents[0].encoded.count) / seconds / 1e6
    }
  }

  private func flush(_ incidents: [SealedIncident]) throws -> Double {
    try withLog(.always) { log in
      try seconds { try append(Self.flushes, incidents, to: &log, isFlushed: true) } / Double(Self.flushes) * 1_000
    }
  }

  private func append(
    _ count: Int, _ incidents: [SealedIncident], to log: inout OutboxLog, isFlushed: Bool
  ) throws {
    for number in 1...count {
      let incident = incidents[number % incidents.count]
      try log.append(
        incident, as: StoredIncident(sequence: UInt64(number), label: incident.label, enteredAt: Timestamp(seconds: 1)))
      if isFlushed { try log.sync() }
    }
  }

  private func withLog<Result>(_ policy: SyncPolicy, _ body: (inout OutboxLog) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kube-mind-bench-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    var log = try OutboxLog(folder: folder.path, policy: policy, files: SystemFiles(), newSalt: 1)
    defer { log.close() }
    return try body(&log)
  }

  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    try body()
    return Double((clock.now - start).wholeNanoseconds) / 1e9
  }
}
