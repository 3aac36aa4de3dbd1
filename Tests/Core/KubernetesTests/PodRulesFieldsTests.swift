import Testing
import Time

@testable import Kubernetes

/// What rules beyond the three in scope read of a pod.
@Suite("Fields for rules")
struct PodRulesFieldsTests {
  private func pod(_ spec: String, _ status: String) throws -> PodSnapshot {
    try PodSnapshot(json: Array(#"{"metadata":{"name":"p","uid":"u"},"spec":{\#(spec)},"status":{\#(status)}}"#.utf8))
  }

  @Test(
    "a pod is unschedulable while it is pending, and by the condition alone",
    arguments: [
      (
        #""phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/1 nodes","lastTransitionTime":"2026-01-01T00:00:01Z"}]"#,
        "0/1 nodes"
      ),
      (
        #""conditions":[{"type":"Ready","status":"False","reason":"Unschedulable"},{"type":"PodScheduled","status":"False","reason":"SchedulingGated"}],"phase":"Pending""#,
        nil
      ),
      (#""phase":"Pending","conditions":[{"type":"PodScheduled","status":"True"}]"#, nil),
      (#""phase":"Running","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable"}]"#, nil),
      (#""phase":"Pending","conditions":null"#, nil), (#""phase":"Pending""#, nil),
    ] as [(String, String?)])
  func unscheduled(status: String, message: String?) throws {
    let pod = try pod("", status)
    #expect(pod.unscheduled?.message == message)
    if message != nil { #expect(pod.unscheduled?.since == Timestamp(rfc3339: "2026-01-01T00:00:01Z")) }
  }

  @Test(
    "probes are read where a run ended as a probe ends one",
    arguments: [
      (#""livenessProbe":{"httpGet":{"path":"/"}}"#, 137, "Error", true),
      (#""startupProbe":{"exec":{}}"#, 143, "Error", true), (#""readinessProbe":{"exec":{}}"#, 137, "Error", false),
      (#""livenessProbe":null"#, 137, "Error", false), (#""livenessProbe":{}"#, 1, "Error", false),
      (#""livenessProbe":{}"#, 137, "OOMKilled", false),
    ])
  func probes(spec: String, code: Int, reason: String, isProbed: Bool) throws {
    let pod = try pod(
      #""containers":[{"name":"other"},{"name":"app","image":"i",\#(spec)}]"#,
      #""containerStatuses":[{"name":"app","image":"i","lastState":{"terminated":{"exitCode":\#(code),"reason":"\#(reason)"}}}]"#
    )
    #expect(pod.containers.map(\.isProbed) == [isProbed])
  }

  @Test func recordedProbeKills() throws {
    var decoder = WatchDecoder()
    var events: [WatchEvent] = []
    try decoder.receive(Fixture.bytes("pods.jsonl"), into: &events)
    let containers = events.flatMap { event in
      if case .modified(let pod) = event { pod.containers } else { [] as [ContainerSnapshot] }
    }
    let killed = containers.filter { $0.terminations.contains(where: \.mayBeProbeKill) }
    #expect(Set(killed.filter(\.isProbed).map(\.name)) == ["search"])
  }
}
