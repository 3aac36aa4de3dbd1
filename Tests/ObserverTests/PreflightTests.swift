import Incidents
import Kubernetes
import Testing
import Time

@testable import Observer

@Suite("Preflight")
struct PreflightTests {
  private let now = Timestamp(seconds: 1_795_000_000)

  @Test("the rights that the configuration needs, and no others")
  func needs() {
    var configuration = ObserverConfiguration()
    let all = PermissionNeed.all(of: configuration, lease: nil)
    #expect(all.filter(\.isRequired).map(\.text) == ["list pods in all namespaces", "watch pods in all namespaces"])
    #expect(all.contains { $0.text == "get pods/log in all namespaces" })
    #expect(all.contains { $0.text == "list apps/replicasets in all namespaces" })
    #expect(all.allSatisfy { ["get", "list", "watch"].contains($0.review.verb) && !$0.cost.isEmpty })

    configuration.namespaces = ["a", "b"]
    configuration.harvest.configMaps = false
    configuration.harvest.rolloutAge = .zero
    configuration.harvest.jobs = true
    configuration.clusterUID = "1"
    let narrow = PermissionNeed.all(of: configuration, lease: ("ops", "l"))
    #expect(narrow.filter { $0.review.namespace == "a" }.count == narrow.filter { $0.review.namespace == "b" }.count)
    #expect(!narrow.contains { $0.review.resource == "configmaps" || $0.text.hasPrefix("list apps/") })
    #expect(narrow.contains { $0.text == "get batch/jobs in a" })
    #expect(
      narrow.suffix(2).map(\.text) == [
        "get coordination.k8s.io/leases l in ops", "update coordination.k8s.io/leases l in ops",
      ])
  }

  @Test(
    "the clock, by a header of whole seconds",
    arguments: [(0, true), (5, true), (-5, true), (7, false), (-7, false), (3_600, false)])
  func clock(ahead: Int, isFine: Bool) {
    let finding = Preflight.clock(
      now.advanced(by: .seconds(-ahead)).httpDate, between: now, and: now.advanced(by: .milliseconds(40)))
    #expect((finding.status == .ok) == isFine)
    if !isFine { #expect(finding.detail.contains(ahead > 0 ? "ahead of" : "behind")) }
    #expect(Preflight.clock(nil, between: now, and: now).status == .unknown)
  }

  @Test("certificates", arguments: [(-1, "failed"), (13 * 86_400, "warning"), (15 * 86_400, "ok")])
  func certificate(left: Int, status: String) {
    #expect(Preflight.expiry("x", now.advanced(by: .seconds(left)), now: now).status.rawValue == status)
    #expect(Preflight.expiry("x", nil, now: now).status == .unknown)
  }

  @Test("what it comes to")
  func verdicts() {
    func verdict(_ findings: PreflightReport.Finding...) -> PreflightReport.Verdict {
      PreflightReport(findings: findings).verdict
    }
    let fine = PreflightReport.Finding("server", "s", .ok, isRequired: true)
    #expect(verdict(fine) == .ready)
    #expect(verdict(fine, .init("permission", "p", .missing)) == .incomplete)
    #expect(verdict(fine, .init("certificate", "c", .warning, isRequired: true)) == .incomplete)
    #expect(verdict(fine, .init("permission", "p", .missing, isRequired: true)) == .unusable)
    #expect(verdict(fine, .init("permission", "p", .unknown, isRequired: true)) == .unusable)
  }

  @Test("the report as JSON is one line, whatever a server said")
  func json() {
    let report = PreflightReport(findings: [
      .init("server", "https://a", .failed, isRequired: true, detail: "no \"route\"\n")
    ])
    #expect(
      report.json
        == #"{"verdict":"unusable","findings":[{"area":"server","check":"https://a","status":"failed","required":true,"detail":"no \"route\"\n"}]}"#
    )
  }
}
