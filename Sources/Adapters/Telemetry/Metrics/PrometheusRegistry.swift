package import CoreMetrics
internal import Synchronization

/// Keeps what is measured through swift-metrics and shows it in Prometheus' text format.
///
/// Bounded: 1,000 metrics, 200 series each. A series beyond that is counted under the label value `other`, so that a
/// label taken from the cluster by mistake cannot fill the memory.
package final class PrometheusRegistry: MetricsFactory {
  /// Metrics of this program are some dozens.
  static let familyLimit = 1_000
  /// Ten reasons by twenty classes; a label with more values is none.
  static let seriesLimit = 200

  private struct Family: Sendable {
    var description: MetricDescription
    var series: [[String]: MetricSeries] = [:]
  }

  /// A value that is read at each scrape.
  private struct Observed: Sendable {
    var description: MetricDescription
    var labels: [(name: String, value: String)]
    var read: @Sendable () -> Double?
  }

  private struct State: Sendable {
    var families: [String: Family] = [:]
    var observed: [Observed] = []
  }

  private let state = Mutex(State())

  package init(_ descriptions: [MetricDescription] = []) {
    for description in descriptions { describe(description) }
  }

  /// Gives a metric its help text and buckets; before its first use.
  package func describe(_ description: MetricDescription) {
    state.withLock { state in
      if state.families[description.name] == nil, state.families.count < Self.familyLimit {
        state.families[description.name] = Family(description: description)
      }
    }
  }

  /// Adds a gauge or counter that is read at each scrape, e.g. the depth of a queue; nil shows none. `read` must not block.
  package func observe(
    _ description: MetricDescription, labels: [(name: String, value: String)] = [],
    read: @escaping @Sendable () -> Double?
  ) {
    state.withLock { state in
      guard state.observed.count < Self.familyLimit else { return }
      state.observed.append(Observed(description: description, labels: labels, read: read))
    }
  }

  /// Counts one value of a described histogram, in its unit. `exemplar` names the incident that it was measured on; only
  /// OpenMetrics shows it.
  package func record(
    _ name: String, _ value: Double, labels: [(String, String)] = [], exemplar: MetricExemplar? = nil
  ) {
    series(name, labels, .histogram).observe(value, exemplar: exemplar)
  }

  /// All metrics, ordered by name, then by labels.
  package func text(as format: MetricsFormat = .prometheus) -> [UInt8] {
    let (families, observed) = state.withLock { ($0.families, $0.observed) }
    var text = PrometheusText(format)
    var pages: [String: (description: MetricDescription, series: [MetricSeries])] = [:]
    for family in families.values where !family.series.isEmpty {
      let sorted = family.series.sorted { $0.key.lexicographicallyPrecedes($1.key) }
      pages[family.description.name] = (family.description, sorted.map(\.value))
    }
    for one in observed where families[one.description.name]?.series.isEmpty ?? true {
      guard let number = one.read() else { continue }
      let series = MetricSeries(one.description.kind, labels: one.labels, buckets: [])
      series.store(number)
      pages[one.description.name, default: (one.description, [])].series.append(series)
    }
    for (_, page) in pages.sorted(by: { $0.key < $1.key }) { text.append(page.description, page.series) }
    return text.finished()
  }

  private func series(
    _ label: String, _ dimensions: [(String, String)], _ kind: MetricDescription.Kind
  ) -> MetricSeries {
    let name = PrometheusText.name(label)
    let labels = dimensions.map { (name: PrometheusText.labelName($0.0), value: $0.1) }.sorted { $0.name < $1.name }
    return state.withLock { state in
      let key = labels.flatMap { [$0.name, $0.value] }
      var family = state.families[name] ?? Family(description: MetricDescription(name, kind, help: ""))
      let buckets = family.description.buckets
      if family.description.kind == kind, let held = family.series[key] { return held }
      // One that cannot be shown still counts, for whoever holds it: measuring never fails.
      guard family.description.kind == kind, state.families[name] != nil || state.families.count < Self.familyLimit
      else { return MetricSeries(kind, labels: labels, buckets: buckets) }
      var series = MetricSeries(kind, labels: labels, buckets: buckets)
      var place = key
      if family.series.count >= Self.seriesLimit {
        let other = labels.map { (name: $0.name, value: "other") }
        place = other.flatMap { [$0.name, $0.value] }
        series = family.series[place] ?? MetricSeries(kind, labels: other, buckets: buckets)
      }
      family.series[place] = series
      state.families[name] = family
      return series
    }
  }

  // MARK: MetricsFactory

  package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    series(label, dimensions, .counter)
  }

  package func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    series(label, dimensions, .counter)
  }

  package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    series(label, dimensions, .gauge)
  }

  package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    series(label, dimensions, aggregate ? .histogram : .gauge)
  }

  package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    series(label, dimensions, .histogram)
  }

  // Series are kept: a counter that starts anew at 0 would look like a restart of the program.
  package func destroyCounter(_ handler: any CounterHandler) {}
  package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
  package func destroyMeter(_ handler: any MeterHandler) {}
  package func destroyRecorder(_ handler: any RecorderHandler) {}
  package func destroyTimer(_ handler: any TimerHandler) {}
}
