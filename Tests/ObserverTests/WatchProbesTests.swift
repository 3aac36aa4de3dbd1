import Kubernetes
import Telemetry
import Testing

@testable import Observer

@Suite("Probes of watch")
struct WatchProbesTests {
  private static func complaints(_ change: (inout WatchProbes.Readings) -> Void) -> [String] {
    var readings = WatchProbes.Readings()
    change(&readings)
    let checks = WatchProbes { [readings] in readings }.checks
    func failed(_ probe: String, _ checks: [HealthCheck]) -> [String] {
      checks.compactMap { check in
        guard case .failed(let reason) = check.result() else { return nil }
        return "\(probe) \(check.name): \(reason)"
      }
    }
    return failed("live", checks.live) + failed("ready", checks.ready) + failed("startup", checks.startup)
  }

  @Test("what has nothing to say against it passes every check")
  func fine() {
    #expect(Self.complaints { _ in } == [])
    #expect(
      Self.complaints {
        $0.watchSilence = .seconds(900)
        $0.serverSilence = .seconds(180)
        $0.pipelineStall = .seconds(900)
        $0.deliveryWait = .seconds(300)
      } == [], "a limit is the longest that is fine")
  }

  @Test("each fault fails the probe that it belongs to, by its name and with its reason")
  func faults() {
    #expect(
      Self.complaints { $0.unsynced = "no list" } == ["ready synced: no list", "startup synced: no list"])
    #expect(
      Self.complaints { $0.watchSilence = .seconds(901) } == ["live watch: the watch has told nothing for 901 s"])
    #expect(
      Self.complaints { $0.serverSilence = .seconds(181) }
        == ["ready api-server: the API server has said nothing for 181 s"], "a restart would not bring it back")
    #expect(
      Self.complaints { $0.outboxHasRoom = false }
        == ["ready outbox: the outbox is full: the orchestrator is away, or the disk is full"])
    #expect(
      Self.complaints { $0.pipelineStall = .seconds(901) } == [
        "live pipeline: the pipeline has not gone on for 901 s"
      ])
    #expect(
      Self.complaints { $0.deliveryWait = .seconds(301) }
        == ["live delivery: an incident is on the wire for 301 s, and the stream was not given up"])
  }

  @Test("readiness names what is missing, and what the server said to it")
  func readiness() {
    let (a, b) = (PodScope(namespace: "a"), PodScope(namespace: "b", labelSelector: "x=y"))
    let readiness = Readiness(scopes: [a, b])
    #expect(readiness.complaint == "the first list of pods (a) is not complete")
    readiness.failed(b, "pods is forbidden")
    #expect(readiness.complaint == "the first list of pods (b) failed, and is tried again: pods is forbidden")
    // Another selection of the same namespace is the same scope.
    #expect(!readiness.synced(PodScope(namespace: "b")))
    #expect(!readiness.synced(b), "twice is once")
    #expect(readiness.complaint == "the first list of pods (a) is not complete")
    #expect(!readiness.isSynced)
    #expect(readiness.synced(a))
    readiness.failed(a, "later")
    #expect(readiness.isSynced && readiness.complaint == nil)
    #expect(
      Readiness(scopes: [PodScope(namespace: nil)]).complaint
        == "the first list of pods (all namespaces) is not complete")
  }
}
