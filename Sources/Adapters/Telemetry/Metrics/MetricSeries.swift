internal import CoreMetrics
internal import Synchronization

/// One series of a metric: a counter's or gauge's value, or a histogram's counts. It is all handles of swift-metrics at
/// once, so that a registry needs only one kind of object.
final class MetricSeries: Sendable {
  private struct Value: Sendable {
    var number = 0.0
    var counts: [UInt64]
    var count: UInt64 = 0
    /// The last one of each bucket, `+Inf` included; empty until there is one.
    var exemplars: [MetricExemplar?] = []
  }

  let kind: MetricDescription.Kind
  let labels: [(name: String, value: String)]
  let buckets: [Double]
  private let value: Mutex<Value>

  init(_ kind: MetricDescription.Kind, labels: [(name: String, value: String)], buckets: [Double]) {
    self.kind = kind
    self.labels = labels
    self.buckets = kind == .histogram ? buckets : []
    value = Mutex(Value(counts: Array(repeating: 0, count: self.buckets.count)))
  }

  func add(_ amount: Double) {
    value.withLock { $0.number += amount }
  }

  func store(_ number: Double) {
    value.withLock { $0.number = number }
  }

  /// Counts a value of a distribution.
  func observe(_ number: Double, exemplar: MetricExemplar? = nil) {
    guard number.isFinite else { return }
    let bucket = buckets.firstIndex { number <= $0 }
    let slot = bucket ?? buckets.count
    value.withLock { value in
      value.number += number
      value.count += 1
      if let bucket { value.counts[bucket] += 1 }
      guard var exemplar else { return }
      exemplar.value = number
      if value.exemplars.isEmpty { value.exemplars = Array(repeating: nil, count: buckets.count + 1) }
      value.exemplars[slot] = exemplar
    }
  }

  /// The last exemplar of each bucket, `+Inf` last; empty where there is none.
  var exemplars: [MetricExemplar?] { value.withLock { $0.exemplars } }

  /// The sum of a histogram or the number of the others; cumulative counts by bucket; count of all values.
  var snapshot: (number: Double, cumulative: [UInt64], count: UInt64) {
    value.withLock { value in
      var sum: UInt64 = 0
      return (
        value.number,
        value.counts.map { count in
          sum += count
          return sum
        }, value.count
      )
    }
  }
}

extension MetricSeries: CounterHandler, FloatingPointCounterHandler {
  func increment(by amount: Int64) { add(Double(amount)) }
  /// A negative amount is not counted: a counter never falls.
  func increment(by amount: Double) {
    if amount >= 0 || kind == .gauge { add(amount) }
  }
  func reset() { store(0) }
}

extension MetricSeries: MeterHandler {
  func set(_ number: Int64) { store(Double(number)) }
  func set(_ number: Double) { store(number) }
  func decrement(by amount: Double) { add(-amount) }
}

extension MetricSeries: RecorderHandler {
  func record(_ number: Int64) { record(Double(number)) }
  func record(_ number: Double) {
    if kind == .histogram { observe(number) } else { store(number) }
  }
}

extension MetricSeries: TimerHandler {
  /// Prometheus' unit of time is the second.
  func recordNanoseconds(_ duration: Int64) { observe(Double(duration) / 1_000_000_000) }
}
