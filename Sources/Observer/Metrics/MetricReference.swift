internal import Telemetry

extension MetricCatalog {
  /// The reference of all metrics as Markdown, for docs/metrics.md.
  package static var reference: String {
    var text = """
      # Metrics

      `kube-mind watch` serves them at `http.address` under `/metrics`: as OpenMetrics, with the incident's id as exemplar of a
      latency, where the scraper asks for it, else in Prometheus' text format. Times are in seconds, sizes in bytes. Label
      values are classes, reasons and codes, never names of objects; a metric has at most 200 series. This page is made by
      `make docs`.

      | Metric | Kind | Labels | Meaning |
      |---|---|---|---|

      """
    for entry in all { text += row(entry.description, labels: entry.labels) }
    text += """

      ## The process

      By the names that Prometheus' client libraries agree on.

      | Metric | Kind | Labels | Meaning |
      |---|---|---|---|

      """
    for description in ProcessMetrics.descriptions { text += row(description, labels: []) }
    return text
  }

  private static func row(_ description: MetricDescription, labels: [String]) -> String {
    let labels = labels.map { "`\($0)`" }.joined(separator: ", ")
    return "| `\(description.name)` | \(description.kind.rawValue) | \(labels) | \(description.help) |\n"
  }
}
