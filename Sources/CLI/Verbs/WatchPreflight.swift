internal import Kubernetes
internal import KubernetesClient
internal import Logging
internal import Observer
internal import OrchestratorClient
internal import Telemetry

/// `watch --preflight`: what works and what it costs that something does not, before anything fails.
struct WatchPreflight {
  let configuration: ObserverConfiguration
  let logger: Logger
  let asJSON: Bool

  func run() async throws {
    let client = try Cluster.client(
      kubeconfig: configuration.kubeconfig, context: configuration.context, logger: logger)
    defer { client.shutdown() }
    let settings = configuration.election
    var lease: (namespace: String, name: String)?
    if settings.isOn(inCluster: Cluster.isInside(client.access)) {
      lease = (try Cluster.leaseNamespace(settings, client.access), settings.name)
    }
    let report = await Preflight(
      configuration: configuration, client: client, endpoint: endpoint, lease: lease, time: SystemTime()
    ).run()
    try SystemStreams.writeOutput((asJSON ? report.json : table(report)) + "\n")
    switch report.verdict {
    case .ready: break
    case .incomplete: throw CommandFailure.silent(.incomplete)
    case .unusable: throw CommandFailure.silent(.failure)
    }
  }

  private var endpoint: Result<OrchestratorEndpoint, PreflightProblem> {
    do throws(CommandFailure) { return .success(try configuration.endpoint()) } catch {
      return .failure(PreflightProblem(error.message))
    }
  }

  private func table(_ report: PreflightReport) -> String {
    var table = TextTable([("area", .left), ("check", .left), ("result", .left), ("needed", .left), ("detail", .left)])
    for finding in report.findings {
      table.add(
        finding.area, TerminalText.safe(finding.check), finding.status.rawValue, finding.isRequired ? "yes" : "no",
        TerminalText.safe(finding.detail))
    }
    let verdict =
      switch report.verdict {
      case .ready: "ready: everything is there"
      case .incomplete: "incomplete: watch works, and lacks what is listed above"
      case .unusable: "unusable: watch would not work"
      }
    return (table.lines() + ["", verdict]).joined(separator: "\n")
  }
}
