import CoreMetrics
import Testing

@testable import Telemetry

@Suite("Prometheus text")
struct PrometheusTests {
  private func text(_ registry: PrometheusRegistry) -> String { String(decoding: registry.text(), as: UTF8.self) }

  @Test func allKinds() {
    let registry = PrometheusRegistry([
      MetricDescription("km_seconds", .histogram, help: "Time\nof \\it.", buckets: [1, 0.5]),
      MetricDescription("km_total", .counter, help: "How many."), MetricDescription("unused", .gauge, help: "x"),
    ])
    registry.gauge("km_depth", help: "Depth.") { 7.5 }
    registry.gauge("km_absent", help: "None.") { nil }
    Counter(label: "km_total", dimensions: [("reason", "b"), ("class", "z\"\\\n")], factory: registry).increment()
    let counter = Counter(label: "km_total", dimensions: [("class", "a"), ("reason", "b")], factory: registry)
    counter.increment(by: 2)
    Counter(label: "km_total", dimensions: [("reason", "b"), ("class", "a")], factory: registry).increment()
    let timer = Timer(label: "km_seconds", factory: registry)
    for milliseconds in [100, 500, 900, 3000] as [Int64] { timer.recordMilliseconds(milliseconds) }
    Gauge(label: "km.gauge", factory: registry).record(3)
    Meter(label: "km_meter", factory: registry).decrement(by: 1.5)
    #expect(
      text(registry) == """
        # HELP km_depth Depth.
        # TYPE km_depth gauge
        km_depth 7.5
        # TYPE km_gauge gauge
        km_gauge 3
        # TYPE km_meter gauge
        km_meter -1.5
        # HELP km_seconds Time\\nof \\\\it.
        # TYPE km_seconds histogram
        km_seconds_bucket{le="0.5"} 2
        km_seconds_bucket{le="1"} 3
        km_seconds_bucket{le="+Inf"} 4
        km_seconds_sum 4.5
        km_seconds_count 4
        # HELP km_total How many.
        # TYPE km_total counter
        km_total{class="a",reason="b"} 3
        km_total{class="z\\"\\\\\\n",reason="b"} 1

        """)
  }

  @Test("labels without bound end in one series, metrics without bound are not shown")
  func bounds() {
    let registry = PrometheusRegistry()
    for index in 0..<1_000 { Counter(label: "c", dimensions: [("pod", "p\(index)")], factory: registry).increment() }
    let lines = text(registry).split(separator: "\n")
    #expect(lines.count == PrometheusRegistry.seriesLimit + 2)
    #expect(lines.contains(#"c{pod="other"} \#(1_000 - PrometheusRegistry.seriesLimit)"#))
    for index in 0..<2_000 { Counter(label: "m\(index)", factory: registry).increment() }
    #expect(
      text(registry).split(separator: "\n").filter { $0.hasPrefix("# TYPE") }.count == PrometheusRegistry.familyLimit)
  }

  @Test("a handle of another kind does not spoil the metric")
  func kinds() {
    let registry = PrometheusRegistry()
    Counter(label: "x", factory: registry).increment()
    Timer(label: "x", factory: registry).recordSeconds(1)
    #expect(text(registry) == "# TYPE x counter\nx 1\n")
  }

  @Test(arguments: [
    (1.0, "1"), (0.25, "0.25"), (-3, "-3"), (1e300, "1e+300"), (.infinity, "+Inf"), (.nan, "NaN"),
    (1e15, "1000000000000000"),
  ])
  func numbers(number: Double, text: String) {
    #expect(PrometheusText.number(number) == text)
  }

  @Test(arguments: [("a.b-c", "a_b_c"), ("9a", "_9a"), ("", "_"), ("a:b", "a:b"), ("\u{e9}", "__")])
  func names(text: String, name: String) {
    #expect(PrometheusText.name(text) == name)
  }

  @Test("counting from many tasks loses nothing")
  func concurrency() async {
    let registry = PrometheusRegistry()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<500 { Counter(label: "n", factory: registry).increment() }
        }
      }
    }
    #expect(text(registry).hasSuffix("n 4000\n"))
  }
}
