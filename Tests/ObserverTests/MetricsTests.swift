import Kubernetes
import Redaction
import Telemetry
import Testing
import Time

@testable import Incidents
@testable import Observer

@Suite("Metrics of watch")
struct MetricsTests {
  private let time = ManualTime()

  /// Every sample by name and labels.
  private func samples(_ metrics: WatchMetrics) -> [String: Double] {
    var values: [String: Double] = [:]
    for line in String(decoding: metrics.registry.text(), as: UTF8.self).split(separator: "\n")
    where line.hasPrefix("kube_mind_") {
      guard let space = line.lastIndex(of: " ") else { continue }
      values[String(line[..<space])] = Double(line[line.index(after: space)...])
    }
    return values
  }

  @Test("the catalogue keeps Prometheus' rules for names, and names nothing twice")
  func catalogue() {
    let names = MetricCatalog.all.map(\.name)
    #expect(Set(names).count == names.count)
    for entry in MetricCatalog.all {
      let name = entry.name
      #expect(name.allSatisfy { $0.isLowercase || $0 == "_" }, "\(name)")
      #expect((entry.description.kind == .counter) == name.hasSuffix("_total"), "\(name)")
      #expect(entry.description.kind != .histogram || name.hasSuffix("_seconds"), "\(name)")
      #expect(!entry.description.help.isEmpty && !entry.description.help.contains("|"), "\(name)")
      #expect(!entry.labels.contains("le"), "\(name)")
      #expect(MetricCatalog.reference.contains("| `\(name)` |"))
    }
  }

  @Test("what the pipeline says is counted by class, reason and rule")
  func pipeline() {
    let metrics = WatchMetrics(version: "1.2.3", time: time)
    metrics.record(.harvested(incidentID: "a", took: .milliseconds(20), gaps: [.notFound, .timeout, .notFound]))
    metrics.record(.connected)
    metrics.record(.rejected(incidentID: "a", podUID: "u", reason: "no"))
    metrics.record(
      .acknowledged(
        .init(
          headline: .init(namespace: "n", pod: "p", container: "c", failureClass: "OOMKilled", masked: 3),
          incidentID: "abc", podUID: "u", failedAt: Timestamp(seconds: 100), detectedAt: Timestamp(seconds: 101),
          acknowledgedAt: Timestamp(seconds: 102), latency: .milliseconds(40), isDuplicate: true)))
    let values = samples(metrics)
    #expect(values[#"kube_mind_build_info{version="1.2.3"}"#] == 1)
    #expect(values[#"kube_mind_harvest_gaps_total{reason="not_found"}"#] == 2)
    #expect(values[#"kube_mind_harvest_gaps_total{reason="timeout"}"#] == 1)
    #expect(values[#"kube_mind_harvest_duration_seconds_bucket{le="0.025"}"#] == 1)
    #expect(values["kube_mind_orchestrator_connected"] == 1)
    #expect(values["kube_mind_incidents_undelivered_total"] == 1)
    #expect(values[#"kube_mind_incidents_acknowledged_total{class="OOMKilled",duplicate="true"}"#] == 1)
    #expect(values["kube_mind_detection_to_acknowledgement_seconds_sum"] == 0.04)
    #expect(values["kube_mind_failure_to_acknowledgement_seconds_sum"] == 2)
    let open = String(decoding: metrics.registry.text(as: .openMetrics), as: UTF8.self)
    #expect(open.contains(#"# {incident_id="abc"} 0.04 102"#))

    metrics.record(.disconnected(reason: "x", retryIn: .seconds(1)))
    #expect(samples(metrics)["kube_mind_orchestrator_connected"] == 0)
    #expect(samples(metrics)["kube_mind_orchestrator_disconnects_total"] == 1)
  }

  @Test("the watch's age counts from the last word of the server, and a failure is none")
  func watch() {
    let metrics = WatchMetrics(version: "", time: time)
    #expect(samples(metrics)["kube_mind_watch_last_event_age_seconds"] == nil)
    metrics.watched(.progressed(resourceVersion: "7"))
    time.advance(by: .seconds(9))
    metrics.watched(.failed(APIError(.tooManyRequests(retryAfter: nil), "slow down"), retryIn: nil))
    let values = samples(metrics)
    #expect(values["kube_mind_watch_last_event_age_seconds"] == 9)
    #expect(values[#"kube_mind_watch_events_total{type="bookmark"}"#] == 1)
    #expect(values[#"kube_mind_watch_restarts_total{reason="429"}"#] == 1)
  }

  @Test("of several watches the most silent one is shown, and the pods of all")
  func watches() {
    let metrics = WatchMetrics(version: "", time: time)
    metrics.watched(.watching, by: 0)
    metrics.holds(10, watch: 0)
    time.advance(by: .seconds(5))
    metrics.watched(.watching, by: 1)
    metrics.holds(4, watch: 1)
    time.advance(by: .seconds(1))
    metrics.watched(.failed(APIError(.timeout, "late"), retryIn: nil), by: 0)
    #expect(samples(metrics)["kube_mind_watch_last_event_age_seconds"] == 6)
    #expect(samples(metrics)["kube_mind_watch_objects"] == 14)
    #expect(metrics.watchSilence == .seconds(1), "a failure is a sign of life")
    metrics.holds(0, watch: 1)
    #expect(samples(metrics)["kube_mind_watch_objects"] == 10)
  }

  @Test("what the program is built of is a label of build_info")
  func build() {
    let metrics = WatchMetrics(version: "1.2.3", parts: [("commit", "abc")], time: time)
    #expect(samples(metrics)[#"kube_mind_build_info{commit="abc",version="1.2.3"}"#] == 1)
  }

  @Test("requests are counted by verb, resource and code, harvests by source")
  func requests() {
    let metrics = WatchMetrics(version: "", time: time)
    let request = APIRequest(path: "/api/v1/namespaces/shop/pods/a/log")
    metrics.exchanged(APIExchange(request, code: "404", took: .milliseconds(2)))
    metrics.harvestExchanged(request, took: .milliseconds(2))
    let values = samples(metrics)
    #expect(values[#"kube_mind_api_requests_total{code="404",resource="pods/log",verb="get"}"#] == 1)
    #expect(values[#"kube_mind_harvest_source_duration_seconds_count{source="pods/log"}"#] == 1)
  }
}
