/// What a metric is: its help text and, for a distribution, its buckets. Metrics that nobody described are shown all the
/// same, without help and with the default buckets.
package struct MetricDescription: Sendable, Equatable {
  /// Prometheus' kinds, as far as they are used.
  package enum Kind: String, Sendable {
    case counter
    case gauge
    case histogram
  }

  /// Name as it is shown, e.g. `kube_mind_incidents_acknowledged_total`.
  package var name: String
  /// Kind. A handle of another kind by this name is not shown.
  package var kind: Kind
  /// One line for a person.
  package var help: String
  /// Upper bounds of a histogram's buckets, in its unit; `+Inf` is added.
  package var buckets: [Double]

  package init(_ name: String, _ kind: Kind, help: String, buckets: [Double] = MetricDescription.latencyBuckets) {
    self.name = PrometheusText.name(name)
    self.kind = kind
    self.help = help
    self.buckets = buckets.filter(\.isFinite).sorted()
  }

  /// Seconds: 1 ms, where a stage of the pipeline lies, to 30 s, the longest deadline, with the promised 1 s among them.
  package static let latencyBuckets: [Double] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
  ]
}
