internal import CoreMetrics
internal import Incidents
package import Kubernetes
internal import Redaction
internal import Synchronization
package import Telemetry
package import Time

/// Counts what the services of `watch` report. One for each process; safe to call from any task, and quick.
package final class WatchMetrics: Sendable {
  /// Where the numbers are shown.
  package let registry: PrometheusRegistry
  private let time: any TimeSource
  private let lastEvent: Mutex<MonotonicInstant?>
  /// Made once: a list of ten thousand pods is counted pod by pod.
  private let applied: Counter
  private let isConnected = Mutex(false)

  /// Registers every metric of the catalogue, and the process's own.
  package init(version: String, time: any TimeSource) {
    registry = PrometheusRegistry(MetricCatalog.all.map(\.description))
    self.time = time
    lastEvent = Mutex(nil)
    applied = Counter(
      label: MetricCatalog.watchEvents.name, dimensions: [("type", "applied")], factory: registry)
    ProcessMetrics.register(in: registry)
    registry.observe(MetricCatalog.build.description, labels: [("version", version)]) { 1 }
    registry.observe(MetricCatalog.connected.description) { [weak self] in
      self.map { $0.isConnected.withLock { $0 } ? 1 : 0 }
    }
    registry.observe(MetricCatalog.watchAge.description) { [weak self] in
      self?.lastEvent.withLock { $0 }.map { $0.duration(to: time.monotonic).seconds }
    }
  }

  /// A request to the API server is done.
  package func exchanged(_ exchange: APIExchange) {
    let what = [("verb", exchange.verb), ("resource", exchange.resource)]
    count(MetricCatalog.apiRequests, what + [("code", exchange.code)])
    record(MetricCatalog.apiDuration, exchange.took, what)
  }

  /// A request of a harvest is done.
  package func harvestExchanged(_ request: APIRequest, took: Duration) {
    record(
      MetricCatalog.harvestSource, took, [("source", APIExchange(request, code: "", took: took).resource)])
  }

  /// The watch of a scope says something.
  package func watched(_ change: PodChange) {
    switch change {
    case .applied: applied.increment()
    case .deleted: count(MetricCatalog.watchEvents, [("type", "deleted")])
    case .progressed: count(MetricCatalog.watchEvents, [("type", "bookmark")])
    case .skipped: count(MetricCatalog.watchEvents, [("type", "skipped")])
    case .synced: count(MetricCatalog.watchLists)
    case .failed(let error, _):
      count(MetricCatalog.watchRestarts, [("reason", error.code.label)])
      return
    case .watching: break
    }
    let now = time.monotonic
    lastEvent.withLock { $0 = now }
  }

  /// The pipeline says what happened.
  package func record(_ event: PipelineEvent) {
    switch event {
    case .synced: break
    case .detected(let job, _): count(MetricCatalog.detected, [("class", job.occurrence.failureClass)])
    case .suppressed(let occurrence): count(MetricCatalog.suppressed, [("class", occurrence.failureClass)])
    case .harvested(_, let took, let gaps):
      record(MetricCatalog.harvestDuration, took)
      for reason in gaps { count(MetricCatalog.harvestGaps, [("reason", reason.label)]) }
    case .sealed(let incident, let report, let took):
      record(MetricCatalog.redactionDuration, took)
      count(MetricCatalog.redactionBytes, by: incident.encoded.count)
      for (rule, number) in report.counts { count(MetricCatalog.findings, [("rule", rule)], by: number) }
    case .withheld(_, _, let error): count(MetricCatalog.withheld, [("reason", error.code.rawValue)])
    case .released: count(MetricCatalog.released)
    case .acknowledged(let acknowledgement): acknowledged(acknowledgement)
    case .rejected: count(MetricCatalog.undelivered)
    case .connected: isConnected.withLock { $0 = true }
    case .disconnected:
      isConnected.withLock { $0 = false }
      count(MetricCatalog.disconnects)
    }
  }

  private func acknowledged(_ acknowledgement: PipelineEvent.Acknowledgement) {
    let at = acknowledgement.acknowledgedAt
    let labels = [
      ("class", acknowledgement.headline.failureClass), ("duplicate", acknowledgement.isDuplicate ? "true" : "false"),
    ]
    count(MetricCatalog.acknowledged, labels)
    let exemplar = MetricExemplar(incidentID: acknowledgement.incidentID, time: at.doubleSeconds)
    registry.record(MetricCatalog.detectionLatency.name, acknowledgement.latency.seconds, exemplar: exemplar)
    guard let failedAt = acknowledgement.failedAt else { return }
    // Kubernetes cuts to whole seconds, and clocks differ: a failure is never later than its acknowledgement.
    let seconds = max(0, at.doubleSeconds - failedAt.doubleSeconds)
    registry.record(MetricCatalog.failureLatency.name, seconds, exemplar: exemplar)
  }

  /// Adds a gauge of the catalogue that another part of the program knows; nil shows none.
  package func gauge(_ entry: CatalogEntry, read: @escaping @Sendable () -> Double?) {
    registry.observe(entry.description, read: read)
  }

  private func count(_ entry: CatalogEntry, _ labels: [(String, String)] = [], by number: Int = 1) {
    Counter(label: entry.name, dimensions: labels, factory: registry).increment(by: number)
  }

  private func record(_ entry: CatalogEntry, _ took: Duration, _ labels: [(String, String)] = []) {
    registry.record(entry.name, took.seconds, labels: labels)
  }
}

extension Occurrence {
  fileprivate var failureClass: String { identity.failureClass.rawValue }
}

extension EvidenceGap.Reason {
  /// As a label's value: without the space of a sentence.
  fileprivate var label: String { self == .notFound ? "not_found" : rawValue }
}

extension Timestamp {
  /// Seconds since 1970 with their fraction.
  fileprivate var doubleSeconds: Double { Double(nanosecondsSinceEpoch) / 1_000_000_000 }
}

extension Duration {
  /// Prometheus' unit of time.
  fileprivate var seconds: Double { milliseconds / 1_000 }
}
