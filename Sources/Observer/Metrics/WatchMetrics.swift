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

  /// What one watch told.
  private struct WatchState {
    /// When the server last said anything.
    var lastEvent: MonotonicInstant?
    /// As above, failures included: what a loop that is alive does.
    var lastWord: MonotonicInstant?
    /// Pods that it knows of.
    var held = 0
  }

  /// By the number of the watch: one for each scope.
  private let watches = Mutex<[Int: WatchState]>([:])
  /// Made once: a list of ten thousand pods is counted pod by pod.
  private let applied: Counter
  private let isConnected = Mutex(false)

  /// Registers every metric of the catalogue, and the process's own.
  /// `parts` are what the program is built of, by the names of `build_info`'s labels.
  package init(version: String, parts: [(String, String)] = [], time: any TimeSource) {
    registry = PrometheusRegistry(MetricCatalog.all.map(\.description))
    self.time = time
    applied = Counter(
      label: MetricCatalog.watchEvents.name, dimensions: [("type", "applied")], factory: registry)
    ProcessMetrics.register(in: registry)
    startAtZero()
    registry.observe(MetricCatalog.build.description, labels: ([("version", version)] + parts).sorted { $0.0 < $1.0 }) {
      1
    }
    registry.observe(MetricCatalog.connected.description) { [weak self] in
      self.map { $0.isConnected.withLock { $0 } ? 1 : 0 }
    }
    registry.observe(MetricCatalog.watchAge.description) { [weak self] in
      self?.serverSilence?.seconds
    }
    registry.observe(MetricCatalog.watchObjects.description) { [weak self] in
      self.map { Double($0.watches.withLock { $0.values.reduce(0) { $0 + $1.held } }) }
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

  /// A watch says something. `watch` tells several from each other.
  package func watched(_ change: PodChange, by watch: Int = 0) {
    let now = time.monotonic
    watches.withLock { $0[watch, default: WatchState()].lastWord = now }
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
    watches.withLock { $0[watch, default: WatchState()].lastEvent = now }
  }

  /// So many pods are known to a watch.
  package func holds(_ pods: Int, watch: Int = 0) {
    watches.withLock { $0[watch, default: WatchState()].held = pods }
  }

  /// Time since the most silent watch told anything, a failure included; nil before any began.
  package var watchSilence: Duration? { longest(since: \.lastWord) }

  /// Time since the most silent watch heard of the server, a bookmark included; nil before any did.
  package var serverSilence: Duration? { longest(since: \.lastEvent) }

  private func longest(since instant: (WatchState) -> MonotonicInstant?) -> Duration? {
    let now = time.monotonic
    return watches.withLock { $0.values.compactMap(instant).min() }.map { $0.duration(to: now) }
  }

  /// The pipeline says what happened.
  package func record(_ event: PipelineEvent) {
    switch event {
    case .synced, .inherited: break
    case .referenced: count(MetricCatalog.references)
    case .countsLost(let lost): count(MetricCatalog.lostCounts, by: lost)
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

  /// Makes the series that alerts ask for, so that the first of its kind is a rise from 0 and not a series out of nothing.
  private func startAtZero() {
    for entry in [
      MetricCatalog.undelivered, MetricCatalog.released, MetricCatalog.disconnects, MetricCatalog.watchLists,
    ] {
      count(entry, by: 0)
    }
    for code in RedactionError.Code.allCases { count(MetricCatalog.withheld, [("reason", code.rawValue)], by: 0) }
    for failure in FailureClass.reported {
      count(MetricCatalog.detected, [("class", failure.rawValue)], by: 0)
      count(MetricCatalog.suppressed, [("class", failure.rawValue)], by: 0)
      for duplicate in ["true", "false"] {
        count(MetricCatalog.acknowledged, [("class", failure.rawValue), ("duplicate", duplicate)], by: 0)
      }
    }
    for code in ["401", "403", "429", "500", "503", "timeout", "tls", "unreachable"] {
      count(MetricCatalog.apiRequests, [("verb", "list"), ("resource", "pods"), ("code", code)], by: 0)
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

  /// Adds a gauge or counter of the catalogue that another part of the program knows; nil shows none.
  package func observe(_ entry: CatalogEntry, read: @escaping @Sendable () -> Double?) {
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
