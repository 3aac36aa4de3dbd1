/// One measured figure with its spread.
struct BenchResult: Sendable {
  /// The suite, e.g. "redact".
  let suite: String
  /// What was measured, e.g. "logs".
  let name: String
  /// Unit of the values, e.g. "MB/s" (10⁶ bytes a second), "events/s", "ms".
  let unit: String
  /// One value for each measured run; warm-up is not among them.
  let values: [Double]

  /// Half of the values are below it.
  var median: Double { Percentiles(values).value(0.5) ?? 0 }
  /// The least value.
  var minimum: Double { values.min() ?? 0 }
  /// The greatest value.
  var maximum: Double { values.max() ?? 0 }
}

/// A suite of `bench`.
enum BenchSuite: String, CaseIterable, Sendable {
  /// Redaction of logs and manifests.
  case redact
  /// Decoding of a recorded watch.
  case decode
  /// Watch event to acknowledgement, in the simulated cluster.
  case pipeline
  /// Incidents over TLS to an orchestrator in another process.
  case deliver
  /// The outbox on disk.
  case outbox
}
